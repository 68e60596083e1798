import { useTranslation } from "react-i18next";
import { StatusBadge, type Tone } from "@/design/StatusBadge";
import { useFormat } from "@/design/useFormat";
import type { DatasetState, DefinitionState } from "../lists/types";

const TONES: Record<DefinitionState, Tone> = { draft: "draft", active: "good", retired: "neutral" };

export function StateBadge({ state }: { state: DefinitionState }) {
  const { t } = useTranslation("definitions");
  return (
    <StatusBadge plain tone={TONES[state]}>
      {t(`state.${state}`)}
    </StatusBadge>
  );
}

/** How fresh the curated dataset is, or what is happening to it. */
export function DatasetBadge({ dataset }: { dataset: DatasetState }) {
  const { t } = useTranslation("definitions");
  const format = useFormat();
  switch (dataset.state) {
    case "none":
      return <span className="muted">{t("dataset.none")}</span>;
    case "queued":
    case "building":
      return (
        <StatusBadge plain tone="working">
          {t("dataset.building")}
        </StatusBadge>
      );
    case "failed":
      return (
        <StatusBadge plain tone="alarm" title={dataset.message}>
          {t("dataset.failed")}
        </StatusBadge>
      );
    case "ready": {
      const age = t("dataset.asOf", { at: format.dateTime(dataset.as_of) });
      return dataset.old ? (
        <StatusBadge plain tone="warn" title={t("dataset.old")}>
          {age}
        </StatusBadge>
      ) : (
        <span className="tabular">{age}</span>
      );
    }
  }
}
