/** A text with names in it: plain or rich (bold, links, lists), one line or many. */
import { ActionIcon, Button, Menu, Textarea, TextInput } from "@mantine/core";
import { IconBold, IconBraces, IconLink, IconList } from "@tabler/icons-react";
import { createContext, useContext, useRef } from "react";
import { useTranslation } from "react-i18next";
import * as liquid from "../model/liquid";
import classes from "./blocks.module.css";

/** How an address begins. */
export const HTTPS = "https://";

export interface NameOption {
  name: string;
  label: string;
}

/** What may be put into a text: the template's own fields, and the names that are always there. */
export const NamesContext = createContext<{
  fields: readonly NameOption[];
  always: readonly NameOption[];
}>({ fields: [], always: [] });

interface Props {
  label: string;
  description?: string;
  placeholder?: string;
  value: string;
  onChange: (value: string) => void;
  readOnly: boolean;
  /** Many lines; absent: one. */
  rows?: number;
  /** With bold, links and lists. */
  rich?: boolean;
  mono?: boolean;
  maxLength?: number;
  /** Takes no names. */
  plain?: boolean;
}

type Box = HTMLTextAreaElement & HTMLInputElement;

export function TextEditor(props: Props) {
  const { t } = useTranslation("messages");
  const box = useRef<Box>(null);
  const { value, onChange, readOnly, rows } = props;
  const put = (next: { text: string; from?: number; to?: number; caret?: number }) => {
    onChange(next.text);
    requestAnimationFrame(() => {
      box.current?.focus();
      box.current?.setSelectionRange(next.from ?? next.caret ?? 0, next.to ?? next.caret ?? 0);
    });
  };
  const selected = (): [number, number] => [
    box.current?.selectionStart ?? value.length,
    box.current?.selectionEnd ?? value.length,
  ];
  const unknown = useUnknown(props.plain ? "" : value);
  const shared = {
    ref: box,
    label: props.label,
    description: props.description,
    placeholder: props.placeholder,
    value,
    readOnly,
    maxLength: props.maxLength,
    error: unknown.length > 0 ? t("text.unknown", { names: unknown.join(t("comma")) }) : undefined,
    onChange: (event: { currentTarget: { value: string } }) => onChange(event.currentTarget.value),
  };
  return (
    <div className={classes.editor}>
      {!readOnly && !props.plain && (
        <div
          className={classes.tools}
          role="toolbar"
          aria-label={t("text.tools", { label: props.label })}
        >
          {props.rich && (
            <>
              <Tool
                label={t("text.bold")}
                icon={IconBold}
                onClick={() => put(liquid.wrapped(value, ...selected(), "**"))}
              />
              <Tool
                label={t("text.list")}
                icon={IconList}
                onClick={() => put(liquid.listed(value, ...selected()))}
              />
              <Tool
                label={t("text.link")}
                icon={IconLink}
                onClick={() => put(linked(value, ...selected(), t("text.linkWord")))}
              />
            </>
          )}
          <InsertMenu
            onPick={(name) => put(liquid.inserted(value, ...selected(), liquid.mark(name)))}
          />
        </div>
      )}
      {rows === undefined ? (
        <TextInput {...shared} classNames={props.mono ? { input: classes.mono } : undefined} />
      ) : (
        <Textarea
          {...shared}
          autosize
          minRows={rows}
          maxRows={24}
          classNames={props.mono ? { input: classes.mono } : undefined}
        />
      )}
    </div>
  );
}

function linked(text: string, from: number, to: number, word: string) {
  const label = text.slice(from, to) || word;
  const next = liquid.inserted(text, from, to, `[${label}](https://)`);
  return { text: next.text, from: next.caret - 1, to: next.caret - 1 };
}

function Tool(props: { label: string; icon: typeof IconBold; onClick: () => void }) {
  return (
    <ActionIcon
      size={24}
      aria-label={props.label}
      title={props.label}
      onMouseDown={(event) => event.preventDefault()}
      onClick={props.onClick}
    >
      <props.icon size={15} aria-hidden />
    </ActionIcon>
  );
}

export function InsertMenu({ onPick }: { onPick: (name: string) => void }) {
  const { t } = useTranslation("messages");
  const { fields, always } = useContext(NamesContext);
  return (
    <Menu position="bottom-end" width={300}>
      <Menu.Target>
        <Button
          size="compact-xs"
          variant="subtle"
          leftSection={<IconBraces size={14} aria-hidden />}
          onMouseDown={(event) => event.preventDefault()}
        >
          {t("text.insert")}
        </Button>
      </Menu.Target>
      <Menu.Dropdown mah={380} className={classes.scrolls}>
        <Menu.Label>{t("text.fields")}</Menu.Label>
        {fields.length === 0 && <div className={classes.none}>{t("text.noFields")}</div>}
        {fields.map((one) => (
          <Item key={one.name} {...one} onPick={onPick} />
        ))}
        <Menu.Label>{t("text.always")}</Menu.Label>
        {always.map((one) => (
          <Item key={one.name} {...one} onPick={onPick} />
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

function Item({ name, label, onPick }: NameOption & { onPick: (name: string) => void }) {
  return (
    <Menu.Item onClick={() => onPick(name)}>
      <span className={classes.option}>
        <span>{label || name}</span>
        <code>{name}</code>
      </span>
    </Menu.Item>
  );
}

/** Names in a text that nothing gives. */
export function useUnknown(text: string): string[] {
  const { fields, always } = useContext(NamesContext);
  if (always.length === 0) return []; // not known yet
  return liquid.unknownNames(
    text,
    [...fields, ...always].map((one) => one.name.split(".")[0] ?? ""),
  );
}
