/** Above the canvas: what is laid over it, picture or text, and the tools of drawing. */
import { ActionIcon, Button, SegmentedControl, Tooltip } from "@mantine/core";
import { IconArrowBackUp, IconArrowForwardUp, IconLayoutGrid, IconPlus } from "@tabler/icons-react";
import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import { AddMenu } from "./canvas/AddMenu";
import styles from "./flow.module.css";
import type { StepKind } from "./model/graph";
import type { Mode } from "./routes";
import type { Draft } from "./useDraft";

interface Props {
  modes: readonly Mode[];
  mode: Mode;
  onMode: (mode: Mode) => void;
  as: "text" | "picture";
  onAs: (as: "text" | "picture") => void;
  draft: Draft;
  readOnly: boolean;
  onArrange: () => void;
  onAdd: (kind: StepKind) => void;
  onFlow: () => void;
  /** There is no palette beside the canvas: a button opens the kinds. */
  palette: boolean;
  /** At the right end. */
  children?: ReactNode;
}

export function Toolbar(props: Props) {
  const { draft, readOnly } = props;
  const { t } = useTranslation("journeys");
  const [adding, setAdding] = useState<{ x: number; y: number } | null>(null);
  return (
    <div className={styles.toolbar} role="toolbar" aria-label={t("toolbar.title")}>
      {props.modes.length > 1 && (
        <SegmentedControl
          size="xs"
          aria-label={t("toolbar.mode")}
          value={props.mode}
          data={props.modes.map((mode) => ({ value: mode, label: t(`mode.${mode}`) }))}
          onChange={(mode) => props.onMode(mode as Mode)}
        />
      )}
      <SegmentedControl
        size="xs"
        aria-label={t("toolbar.as")}
        value={props.as}
        data={(["picture", "text"] as const).map((as) => ({ value: as, label: t(`as.${as}`) }))}
        onChange={(as) => props.onAs(as as Props["as"])}
      />
      {!readOnly && (
        <>
          <span className={styles.tools}>
            <Tooltip label={t("toolbar.undo")}>
              <ActionIcon
                aria-label={t("toolbar.undo")}
                disabled={!draft.canUndo}
                onClick={draft.undo}
              >
                <IconArrowBackUp size={17} aria-hidden />
              </ActionIcon>
            </Tooltip>
            <Tooltip label={t("toolbar.redo")}>
              <ActionIcon
                aria-label={t("toolbar.redo")}
                disabled={!draft.canRedo}
                onClick={draft.redo}
              >
                <IconArrowForwardUp size={17} aria-hidden />
              </ActionIcon>
            </Tooltip>
            {props.as === "picture" && (
              <Tooltip label={t("toolbar.arrange")}>
                <ActionIcon
                  aria-label={t("toolbar.arrange")}
                  disabled={Object.keys(draft.body.layout).length === 0}
                  onClick={props.onArrange}
                >
                  <IconLayoutGrid size={17} aria-hidden />
                </ActionIcon>
              </Tooltip>
            )}
          </span>
          {props.palette && (
            <Button
              size="xs"
              variant="light"
              leftSection={<IconPlus size={14} aria-hidden />}
              onClick={(event) => {
                const box = event.currentTarget.getBoundingClientRect();
                setAdding({ x: box.left, y: box.bottom + 4 });
              }}
            >
              {t("toolbar.add")}
            </Button>
          )}
          <AddMenu
            at={adding}
            onClose={() => setAdding(null)}
            onPick={(kind) => {
              props.onAdd(kind);
              setAdding(null);
            }}
            onFlow={props.onFlow}
          />
        </>
      )}
      {props.children && <span className={styles.toolbarEnd}>{props.children}</span>}
    </div>
  );
}
