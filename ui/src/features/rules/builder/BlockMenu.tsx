/** What can be done with a block, each with its key. */
import { ActionIcon, Menu } from "@mantine/core";
import {
  IconArrowBarLeft,
  IconArrowBarRight,
  IconArrowDown,
  IconArrowUp,
  IconBan,
  IconBoxMultiple,
  IconCopy,
  IconDots,
  IconLetterCase,
  IconTrash,
} from "@tabler/icons-react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { Block, Test } from "../model/blocks";
import { mayUnwrap } from "../model/edit";
import classes from "./builder.module.css";
import { useBuilder } from "./context";

const ICON = { size: 14, "aria-hidden": true } as const;

/** The operators on text, which fold what they compare unless they are told not to. */
const FOLDING = new Set([
  "eq",
  "ne",
  "in",
  "not_in",
  "contains",
  "not_contains",
  "starts_with",
  "ends_with",
  "has",
  "has_any",
  "has_all",
  "has_none",
]);

function mayBeExact(test: Test): boolean {
  const { operand } = test;
  const texts =
    operand.kind === "many"
      ? operand.values.some((value) => typeof value === "string")
      : operand.kind === "one" && typeof operand.value === "string";
  return FOLDING.has(test.op ?? "") && texts;
}

export function BlockMenu({ block }: { block: Block }) {
  const { t } = useTranslation("rules");
  const { actions } = useBuilder();
  const { id } = block;
  return (
    <Menu position="bottom-end" width={280}>
      <Menu.Target>
        <ActionIcon size="sm" className={classes.menu} aria-label={t("builder.menu")}>
          <IconDots size={16} aria-hidden />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Item icon={<IconBan {...ICON} />} keys="N" onClick={() => actions.negate(id)}>
          {t(block.not ? "builder.unnegate" : "builder.negate")}
        </Item>
        {block.kind === "test" && mayBeExact(block) && (
          <Item
            icon={<IconLetterCase {...ICON} />}
            onClick={() => actions.change({ ...block, exact: block.exact ? null : true })}
          >
            {t(block.exact ? "builder.fold" : "builder.exact")}
          </Item>
        )}
        <Item icon={<IconCopy {...ICON} />} keys="D" onClick={() => actions.duplicate(id)}>
          {t("builder.duplicate")}
        </Item>
        <Item icon={<IconBoxMultiple {...ICON} />} keys="G" onClick={() => actions.wrap(id)}>
          {t("builder.wrap")}
        </Item>
        {block.kind === "group" && (
          <Item
            icon={<IconBoxMultiple {...ICON} />}
            keys="⇧G"
            disabled={!mayUnwrap(block)}
            onClick={() => actions.unwrap(id)}
          >
            {t("builder.unwrap")}
          </Item>
        )}
        <Menu.Divider />
        <Item icon={<IconArrowUp {...ICON} />} keys="Alt ↑" onClick={() => actions.moveBy(id, -1)}>
          {t("builder.moveUp")}
        </Item>
        <Item icon={<IconArrowDown {...ICON} />} keys="Alt ↓" onClick={() => actions.moveBy(id, 1)}>
          {t("builder.moveDown")}
        </Item>
        <Item
          icon={<IconArrowBarRight {...ICON} />}
          keys="Alt →"
          onClick={() => actions.moveIn(id)}
        >
          {t("builder.moveIn")}
        </Item>
        <Item
          icon={<IconArrowBarLeft {...ICON} />}
          keys="Alt ←"
          onClick={() => actions.moveOut(id)}
        >
          {t("builder.moveOut")}
        </Item>
        <Menu.Divider />
        <Item icon={<IconTrash {...ICON} />} keys="Del" onClick={() => actions.remove(id)}>
          {t("builder.delete")}
        </Item>
      </Menu.Dropdown>
    </Menu>
  );
}

function Item(props: {
  icon: ReactNode;
  keys?: string;
  disabled?: boolean;
  onClick: () => void;
  children: ReactNode;
}) {
  return (
    <Menu.Item
      leftSection={props.icon}
      rightSection={props.keys ? <kbd className={classes.kbd}>{props.keys}</kbd> : null}
      disabled={props.disabled ?? false}
      onClick={props.onClick}
    >
      {props.children}
    </Menu.Item>
  );
}
