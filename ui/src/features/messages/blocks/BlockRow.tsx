/** One block as a line: a handle to move it, its words, and what else may be done with it. */
import { ActionIcon, Menu, UnstyledButton } from "@mantine/core";
import {
  IconAlertTriangle,
  IconArrowDown,
  IconArrowUp,
  IconBan,
  IconCopy,
  IconDots,
  IconEyeQuestion,
  IconGripVertical,
  IconTrash,
} from "@tabler/icons-react";
import { type KeyboardEvent, useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import type { Block } from "../model/body";
import { neighbour } from "../model/tree";
import { Inside, type RowShared } from "./BlockList";
import classes from "./blocks.module.css";
import { BLOCK_ICONS, wordsOfBlock } from "./names";

type Props = RowShared & { block: Block };

export function BlockRow(props: Props) {
  const { t } = useTranslation("messages");
  const { block, blocks, dragging, findings, readOnly, grab } = props;
  const row = useRef<HTMLButtonElement>(null);
  const handle = useRef<HTMLButtonElement>(null);
  const { focus } = blocks;
  const mine = focus?.key === block.key ? focus : null;
  useEffect(() => {
    if (mine) (mine.on === "handle" ? handle : row).current?.focus();
  }, [mine]);
  const Icon = BLOCK_ICONS[block.kind];
  const words = wordsOfBlock(block);
  const name = words
    ? t("blocks.named", { kind: t(`block.${block.kind}`), words })
    : t(`block.${block.kind}`);
  const finding = findings.get(block.key);
  const lifted = blocks.lifted === block.key;
  return (
    <div
      className={classes.block}
      data-on={blocks.picked === block.key || undefined}
      data-dragged={dragging?.key === block.key || undefined}
      data-lifted={lifted || undefined}
    >
      <div className={classes.row}>
        {!readOnly && (
          <UnstyledButton
            ref={handle}
            className={classes.handle}
            aria-label={t(lifted ? "blocks.held" : "blocks.hold", { name })}
            aria-pressed={lifted}
            onPointerDown={(event) => grab(event, { key: block.key, kind: block.kind })}
            onKeyDown={(event) => carry(event, block, props)}
          >
            <IconGripVertical size={15} aria-hidden />
          </UnstyledButton>
        )}
        <UnstyledButton
          ref={row}
          className={classes.words}
          aria-label={name}
          aria-pressed={blocks.picked === block.key}
          onClick={() => blocks.pick(block.key)}
          onKeyDown={(event) => press(event, block, props)}
        >
          <Icon size={16} stroke={1.6} aria-hidden />
          <span className={classes.text}>
            {words || <span className="muted">{t(`block.${block.kind}`)}</span>}
          </span>
          {block.when && <IconEyeQuestion size={14} aria-hidden className={classes.when} />}
          {finding && (
            <span className={classes.finding} data-level={finding} title={t(`level.${finding}`)}>
              {finding === "refuse" ? <IconBan size={14} /> : <IconAlertTriangle size={14} />}
            </span>
          )}
        </UnstyledButton>
        {!readOnly && <RowMenu {...props} name={name} />}
      </div>
      {block.kind === "columns" && (
        <div className={classes.columns}>
          {block.columns.map((column, index) => (
            <Inside
              key={index}
              {...props}
              inside={column.blocks}
              parent={block.key}
              column={index}
            />
          ))}
        </div>
      )}
    </div>
  );
}

function RowMenu({ block, blocks, name }: Props & { name: string }) {
  const { t } = useTranslation("messages");
  return (
    <Menu position="bottom-end" width={220}>
      <Menu.Target>
        <ActionIcon size={26} className={classes.menu} aria-label={t("blocks.menu", { name })}>
          <IconDots size={15} aria-hidden />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item
          leftSection={<IconArrowUp size={15} />}
          onClick={() => blocks.step(block.key, -1)}
        >
          {t("blocks.up")}
        </Menu.Item>
        <Menu.Item
          leftSection={<IconArrowDown size={15} />}
          onClick={() => blocks.step(block.key, 1)}
        >
          {t("blocks.down")}
        </Menu.Item>
        <Menu.Item leftSection={<IconCopy size={15} />} onClick={() => blocks.duplicate(block.key)}>
          {t("blocks.duplicate")}
        </Menu.Item>
        <Menu.Item leftSection={<IconTrash size={15} />} onClick={() => blocks.remove(block.key)}>
          {t("blocks.remove")}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

/** Keys on the handle: lifted by space, carried by arrows, put down by space, back by Escape. */
function carry(event: KeyboardEvent, block: Block, { blocks }: Props) {
  const lifted = blocks.lifted === block.key;
  if (event.key === " " || event.key === "Enter") {
    if (lifted) blocks.drop();
    else blocks.lift(block.key);
  } else if (lifted && (event.key === "ArrowUp" || event.key === "ArrowDown")) {
    blocks.step(block.key, event.key === "ArrowUp" ? -1 : 1, "handle");
  } else if (lifted && event.key === "Escape") blocks.cancel();
  else return;
  event.preventDefault();
  event.stopPropagation();
}

/** Keys on a row: arrows go to the next one, with Alt they move it. */
function press(event: KeyboardEvent, block: Block, { blocks, readOnly }: Props) {
  const { key } = block;
  const by = event.key === "ArrowUp" ? -1 : event.key === "ArrowDown" ? 1 : 0;
  if (by !== 0 && event.altKey) {
    if (!readOnly) blocks.step(key, by);
  } else if (by !== 0) {
    const next = neighbour(blocks.blocks, key, by);
    if (next) blocks.goTo(next);
  } else if (!readOnly && (event.key === "Delete" || event.key === "Backspace")) {
    blocks.remove(key);
  } else if (!readOnly && event.key.toLowerCase() === "d" && (event.metaKey || event.ctrlKey)) {
    blocks.duplicate(key);
  } else return;
  event.preventDefault();
  event.stopPropagation();
}
