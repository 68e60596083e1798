/** One condition or group as a card: grip, sentence, menu, and the faults that belong to it. */
import { ActionIcon, Code, Menu, UnstyledButton } from "@mantine/core";
import {
  IconAlertTriangle,
  IconArrowDown,
  IconArrowUp,
  IconBan,
  IconBoxMultiple,
  IconCopy,
  IconDots,
  IconGripVertical,
  IconTrash,
} from "@tabler/icons-react";
import { type KeyboardEvent, useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import type { Block } from "../model/blocks";
import type { Scope } from "../model/catalog";
import { neighbour } from "../model/edit";
import classes from "./builder.module.css";
import { useBuilder } from "./context";
import { DRAG_TYPE, GroupBody } from "./GroupBody";
import { TestSentence } from "./TestSentence";

interface Props {
  block: Block;
  scope: Scope;
  depth: number;
}

export function BlockCard({ block, scope, depth }: Props) {
  const { t } = useTranslation("rules");
  const { actions, faults, selected, root } = useBuilder();
  const card = useRef<HTMLFieldSetElement>(null);
  const mine = faults.get(block.id) ?? [];
  const isSelected = selected === block.id;

  useEffect(() => {
    const inside = card.current?.contains(document.activeElement) ?? false;
    const builder = card.current?.closest("[data-rule-builder]");
    const within = builder?.contains(document.activeElement) ?? false;
    if (isSelected && !inside && within) card.current?.focus();
  }, [isSelected]);

  function onKeyDown(event: KeyboardEvent<HTMLFieldSetElement>) {
    if (event.target !== event.currentTarget) return;
    const step = event.key === "ArrowUp" ? -1 : event.key === "ArrowDown" ? 1 : null;
    const command = event.metaKey || event.ctrlKey;
    if (step !== null && event.altKey) actions.moveBy(block.id, step);
    else if (step !== null) {
      const next = neighbour(root, block.id, step);
      if (next) actions.select(next);
    } else if (event.key === "Delete" || event.key === "Backspace") actions.remove(block.id);
    else if (command && event.key.toLowerCase() === "d") actions.duplicate(block.id);
    else if (event.key === "Enter") {
      card.current
        ?.querySelector<HTMLElement>("[data-sentence] button, [data-sentence] input")
        ?.focus();
    } else return;
    event.preventDefault();
    event.stopPropagation();
  }

  return (
    <fieldset
      ref={card}
      className={classes.card}
      data-kind={block.kind}
      data-not={block.not || undefined}
      data-faulty={mine.length > 0 || undefined}
      tabIndex={isSelected ? 0 : -1}
      aria-label={t("builder.menu")}
      onFocus={(event) => {
        if (event.target === event.currentTarget) actions.select(block.id);
      }}
      onKeyDown={onKeyDown}
    >
      <div className={classes.line}>
        <UnstyledButton
          className={classes.grip}
          draggable
          aria-label={t("builder.drag")}
          onClick={() => card.current?.focus()}
          onDragStart={(event) => {
            event.dataTransfer.setData(DRAG_TYPE, block.id);
            event.dataTransfer.effectAllowed = "move";
            if (card.current) event.dataTransfer.setDragImage(card.current, 12, 12);
          }}
        >
          <IconGripVertical size={16} aria-hidden />
        </UnstyledButton>
        <div className={classes.content} data-sentence>
          {block.not && (
            <div className={classes.not}>
              <IconBan size={14} aria-hidden />
              {t("builder.notHere")}
            </div>
          )}
          {block.kind === "test" && <TestSentence test={block} scope={scope} depth={depth} />}
          {block.kind === "group" && <GroupBody group={block} scope={scope} depth={depth + 1} />}
          {block.kind === "raw" && (
            <>
              <p className={classes.empty}>{t("builder.raw")}</p>
              <Code block>{JSON.stringify(block.json, null, 2)}</Code>
            </>
          )}
        </div>
        <BlockMenu block={block} />
      </div>
      {mine.map((fault) => (
        <div key={fault.path + fault.message} className={classes.fault} role="alert">
          <IconAlertTriangle size={14} aria-hidden />
          <span>
            {fault.message}
            {fault.remedy ? ` ${fault.remedy}` : ""}
          </span>
        </div>
      ))}
    </fieldset>
  );
}

function BlockMenu({ block }: { block: Block }) {
  const { t } = useTranslation("rules");
  const { actions } = useBuilder();
  const icon = { size: 14, "aria-hidden": true } as const;
  return (
    <Menu position="bottom-end" width={220}>
      <Menu.Target>
        <ActionIcon size="sm" className={classes.menu} aria-label={t("builder.menu")}>
          <IconDots size={16} aria-hidden />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item
          leftSection={<IconBan {...icon} />}
          onClick={() => actions.change({ ...block, not: !block.not })}
        >
          {t(block.not ? "builder.unnegate" : "builder.negate")}
        </Menu.Item>
        <Menu.Item leftSection={<IconCopy {...icon} />} onClick={() => actions.duplicate(block.id)}>
          {t("builder.duplicate")}
        </Menu.Item>
        <Menu.Item
          leftSection={<IconBoxMultiple {...icon} />}
          onClick={() => actions.wrap(block.id)}
        >
          {t("builder.wrap")}
        </Menu.Item>
        {block.kind === "group" && (
          <Menu.Item
            leftSection={<IconBoxMultiple {...icon} />}
            onClick={() => actions.unwrap(block.id)}
          >
            {t("builder.unwrap")}
          </Menu.Item>
        )}
        <Menu.Item
          leftSection={<IconArrowUp {...icon} />}
          onClick={() => actions.moveBy(block.id, -1)}
        >
          {t("builder.moveUp")}
        </Menu.Item>
        <Menu.Item
          leftSection={<IconArrowDown {...icon} />}
          onClick={() => actions.moveBy(block.id, 1)}
        >
          {t("builder.moveDown")}
        </Menu.Item>
        <Menu.Divider />
        <Menu.Item leftSection={<IconTrash {...icon} />} onClick={() => actions.remove(block.id)}>
          {t("builder.delete")}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
