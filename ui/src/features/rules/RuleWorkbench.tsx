/** Builder left, live preview right. */
import { useTranslation } from "react-i18next";
import { PreviewPanel } from "./builder/PreviewPanel";
import { RuleBuilder, type RuleBuilderProps } from "./builder/RuleBuilder";
import { useLiveRule } from "./useLiveRule";
import classes from "./workbench.module.css";

type Props = Omit<RuleBuilderProps, "faults"> & {
  /** Faults found elsewhere (on save), shown beside those of the preview. */
  faults?: RuleBuilderProps["faults"];
};

export function RuleWorkbench(props: Props) {
  const { t } = useTranslation("rules");
  const live = useLiveRule(props.value, props.subject, props.purpose ?? null);
  const faults = [...live.faults, ...(props.faults ?? [])];
  const waiting =
    live.waiting === "empty"
      ? t("preview.waiting")
      : live.waiting === "unfinished"
        ? t("preview.unfinished")
        : live.faults.length > 0
          ? t("preview.faultCount", { count: live.faults.length })
          : null;
  return (
    <div className={classes.bench}>
      <div className={classes.left}>
        <RuleBuilder {...props} faults={faults} />
      </div>
      <aside className={classes.right} aria-label={t("preview.title")}>
        <PreviewPanel
          preview={live.preview}
          catalog={props.catalog}
          waiting={waiting}
          busy={live.busy}
          error={live.error}
          onRetry={live.retry}
        />
      </aside>
    </div>
  );
}
