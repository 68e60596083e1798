/** One column or filter: a line that opens to its detail, with its place in the order. */
import { ActionIcon, UnstyledButton } from "@mantine/core";
import {
  IconArrowDown,
  IconArrowUp,
  IconChevronDown,
  IconChevronRight,
  IconTrash,
} from "@tabler/icons-react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import classes from "./editor.module.css";

interface Props {
  title: string;
  words: string;
  note: string;
  open: boolean;
  onToggle: () => void;
  onMove: (step: -1 | 1) => void;
  onRemove: () => void;
  first: boolean;
  last: boolean;
  readOnly: boolean;
  children: ReactNode;
}

export function ItemCard(props: Props) {
  const { t } = useTranslation("definitions");
  return (
    <li className={classes.item}>
      <div className={classes.head}>
        <UnstyledButton
          className={classes.opener}
          aria-expanded={props.open}
          onClick={props.onToggle}
        >
          {props.open ? (
            <IconChevronDown size={14} aria-hidden />
          ) : (
            <IconChevronRight size={14} aria-hidden />
          )}
          <span>{props.title}</span>
          <span className={classes.words}>{props.words}</span>
          <span className={classes.format}>{props.note}</span>
        </UnstyledButton>
        {!props.readOnly && (
          <>
            <ActionIcon
              size="sm"
              disabled={props.first}
              aria-label={t("item.up", { name: props.title })}
              onClick={() => props.onMove(-1)}
            >
              <IconArrowUp size={14} aria-hidden />
            </ActionIcon>
            <ActionIcon
              size="sm"
              disabled={props.last}
              aria-label={t("item.down", { name: props.title })}
              onClick={() => props.onMove(1)}
            >
              <IconArrowDown size={14} aria-hidden />
            </ActionIcon>
            <ActionIcon
              size="sm"
              aria-label={t("item.remove", { name: props.title })}
              onClick={props.onRemove}
            >
              <IconTrash size={14} aria-hidden />
            </ActionIcon>
          </>
        )}
      </div>
      {props.open && (
        <fieldset className={classes.detail} disabled={props.readOnly}>
          {props.children}
        </fieldset>
      )}
    </li>
  );
}

/** Moves one item of a list by a step. */
export function moved<T>(items: readonly T[], index: number, step: -1 | 1): T[] {
  const next = [...items];
  const [item] = next.splice(index, 1);
  if (item !== undefined) next.splice(index + step, 0, item);
  return next;
}
