/** Above the cards: how the rule is shown, undo and redo, the keys, and what has changed. */
import { ActionIcon, Button, Popover, SegmentedControl, Tooltip } from "@mantine/core";
import {
  IconArrowBackUp,
  IconArrowForwardUp,
  IconGitCompare,
  IconKeyboard,
} from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import classes from "./builder.module.css";
import type { Tree } from "./useTree";

export type BuilderView = "form" | "json" | "yaml";
const VIEWS: readonly BuilderView[] = ["form", "json", "yaml"];

interface Props {
  view: BuilderView;
  onView: (view: BuilderView) => void;
  tree: Tree;
  onCompare: (() => void) | undefined;
}

export function Toolbar({ view, onView, tree, onCompare }: Props) {
  const { t } = useTranslation("rules");
  return (
    <div className={classes.tools}>
      <SegmentedControl
        size="xs"
        aria-label={t("builder.view")}
        value={view}
        data={VIEWS.map((one) => ({ value: one, label: t(`builder.views.${one}`) }))}
        onChange={(next) => onView(next as BuilderView)}
      />
      <span className={classes.spring} />
      {onCompare && tree.canUndo && (
        <Button
          variant="subtle"
          color="gray"
          size="compact-sm"
          leftSection={<IconGitCompare size={14} aria-hidden />}
          onClick={onCompare}
        >
          {t("compare.open")}
        </Button>
      )}
      <Tooltip label={t("builder.undo")}>
        <ActionIcon aria-label={t("builder.undo")} disabled={!tree.canUndo} onClick={tree.undo}>
          <IconArrowBackUp size={16} aria-hidden />
        </ActionIcon>
      </Tooltip>
      <Tooltip label={t("builder.redo")}>
        <ActionIcon aria-label={t("builder.redo")} disabled={!tree.canRedo} onClick={tree.redo}>
          <IconArrowForwardUp size={16} aria-hidden />
        </ActionIcon>
      </Tooltip>
      <KeyHelp />
    </div>
  );
}

/** The keys, by what they do. */
const KEYS = [
  ["select", ["↑", "↓"]],
  ["move", ["Alt", "↑", "↓"]],
  ["moveIn", ["Alt", "→"]],
  ["moveOut", ["Alt", "←"]],
  ["edit", ["Enter"]],
  ["back", ["Esc"]],
  ["add", ["A"]],
  ["negate", ["N"]],
  ["group", ["G"]],
  ["ungroup", ["⇧", "G"]],
  ["duplicate", ["D"]],
  ["remove", ["Del"]],
  ["undo", ["⌘", "Z"]],
  ["redo", ["⌘", "⇧", "Z"]],
] as const;

function KeyHelp() {
  const { t } = useTranslation("rules");
  return (
    <Popover position="bottom-end" width={320} withinPortal trapFocus>
      <Popover.Target>
        <ActionIcon aria-label={t("keys.title")}>
          <IconKeyboard size={16} aria-hidden />
        </ActionIcon>
      </Popover.Target>
      <Popover.Dropdown>
        <h3 className={classes.helpTitle}>{t("keys.title")}</h3>
        <p className={classes.empty}>{t("keys.lead")}</p>
        <dl className={classes.keyList}>
          {KEYS.map(([name, keys]) => (
            <div key={name}>
              <dt>
                {keys.map((key) => (
                  <kbd key={key} className={classes.kbd}>
                    {key}
                  </kbd>
                ))}
              </dt>
              <dd>{t(`keys.${name}`)}</dd>
            </div>
          ))}
        </dl>
      </Popover.Dropdown>
    </Popover>
  );
}
