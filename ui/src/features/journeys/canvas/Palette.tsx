/** The kinds of steps beside the canvas: dragged onto it, or put in after the chosen step. */
import { IconRoute } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { STEP_ICONS, STEP_TONES } from "../icons";
import { STEP_GROUPS, type StepKind } from "../model/graph";
import styles from "./canvas.module.css";

export const STEP_DATA = "application/x-enishi-step";

interface Props {
  onAdd: (kind: StepKind) => void;
  onFlow: () => void;
}

export function Palette({ onAdd, onFlow }: Props) {
  const { t } = useTranslation("journeys");
  return (
    <nav className={styles.palette} aria-label={t("palette.title")}>
      {Object.entries(STEP_GROUPS).map(([group, kinds]) => (
        <div key={group} role="group" aria-label={t(`palette.${group}`)}>
          <div className={styles.paletteHead}>{t(`palette.${group}`)}</div>
          {kinds.map((kind) => {
            const Icon = STEP_ICONS[kind];
            return (
              <button
                key={kind}
                type="button"
                draggable
                className={styles.paletteItem}
                data-tone={STEP_TONES[kind]}
                title={t(`help.${kind}`)}
                onClick={() => onAdd(kind)}
                onDragStart={(event) => {
                  event.dataTransfer.setData(STEP_DATA, kind);
                  event.dataTransfer.effectAllowed = "copy";
                }}
              >
                <Icon size={16} stroke={1.6} aria-hidden />
                {t(`kind.${kind}`)}
              </button>
            );
          })}
        </div>
      ))}
      <div role="group" aria-label={t("palette.flow")} className={styles.paletteFlow}>
        <button type="button" className={styles.paletteItem} data-plain onClick={onFlow}>
          <IconRoute size={16} stroke={1.6} aria-hidden />
          {t("insertFlow.open")}
        </button>
      </div>
    </nav>
  );
}
