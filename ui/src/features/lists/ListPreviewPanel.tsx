/** Beside the wizard: how many would be on the list, how many are blocked, who some of them are. */
import { IconBan } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { Remark } from "@/design/StatusBadge";
import { ErrorState, Loading } from "@/design/states";
import { useFormat } from "@/design/useFormat";
import { Count } from "@/features/rules";
import { PriorityMark } from "./badges";
import type { Missing } from "./draft";
import classes from "./lists.module.css";
import type { ListPreview, SampleRow } from "./types";

interface Props {
  preview: ListPreview | undefined;
  busy: boolean;
  error: unknown;
  onRetry: () => void;
  lacks: readonly Missing[];
}

export function ListPreviewPanel({ preview, busy, error, onRetry, lacks }: Props) {
  const { t } = useTranslation("lists");
  const format = useFormat();
  if (error && !busy) return <ErrorState error={error} onRetry={onRetry} inline />;
  if (!preview) return <Loading lines={[40, 90, 70]} height={18} />;
  return (
    <div aria-live="polite" aria-busy={busy} style={{ opacity: busy ? 0.6 : 1 }}>
      <Count value={preview.members} />
      {lacks.map((one) => (
        <Remark key={one}>{t(`create.missing.${one}`)}</Remark>
      ))}
      <dl className={classes.figures}>
        {preview.members !== preview.count && (
          <>
            <dt>{t("preview.matching")}</dt>
            <dd>{format.count(preview.count, "people")}</dd>
          </>
        )}
        <dt>{t("preview.blocked")}</dt>
        <dd data-warn={preview.blocked > 0 || undefined}>
          {format.count(preview.blocked, "people")}
        </dd>
        <dt>{t("preview.otherLists")}</dt>
        <dd>{format.count(preview.on_other_lists, "people")}</dd>
      </dl>
      {preview.blocked > 0 && <p className="muted">{t("preview.blockedHelp")}</p>}
      <p>{preview.sentence}</p>
      {preview.warnings.map((warning) => (
        <Remark key={warning} tone="warn">
          {warning}
        </Remark>
      ))}
      {preview.sample.length > 0 && (
        <>
          <h3 className={classes.peopleTitle}>{t("preview.sample")}</h3>
          {preview.sample.slice(0, 8).map((row) => (
            <Sample key={row.id} row={row} />
          ))}
        </>
      )}
      <p className="muted">{t("preview.took", { ms: Math.round(preview.ms) })}</p>
    </div>
  );
}

function Sample({ row }: { row: SampleRow }) {
  const { t } = useTranslation("lists");
  const format = useFormat();
  const remarks = [
    ...(row.score === null ? [] : row.reasons),
    ...(row.other_lists > 0
      ? [t("preview.onOthers", { lists: format.count(row.other_lists, "lists") })]
      : []),
  ];
  return (
    <div className={classes.sampleRow}>
      <span className={classes.sampleLine}>
        <span className={classes.name}>
          {row.blocked && (
            <IconBan size={14} className={classes.blockedMark} aria-label={row.blocked} />
          )}
          <span>{row.display}</span>
        </span>
        <PriorityMark priority={row.priority} score={row.score} />
      </span>
      {row.blocked && <span className="muted">{row.blocked}</span>}
      {remarks.length > 0 && <span className="muted">{remarks.join(t("comma"))}</span>}
    </div>
  );
}
