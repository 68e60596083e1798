/** Builder left; right what it selects, and beside that why, or what has changed. */
import { useCallback, useState } from "react";
import { useTranslation } from "react-i18next";
import { RightPanel } from "@/design/RightPanel";
import { RuleBuilder, type RuleBuilderProps } from "./builder/RuleBuilder";
import type { NamedPerson } from "./data";
import type { JsonObject } from "./model/json";
import { PreviewPanel } from "./preview/PreviewPanel";
import { RuleCompare } from "./preview/RuleCompare";
import { WhyPanel } from "./preview/WhyPanel";
import { useLiveRule } from "./useLiveRule";
import classes from "./workbench.module.css";

type Props = Omit<RuleBuilderProps, "faults" | "onCompare"> & {
  /** Faults found elsewhere (on save), shown beside those of the preview. */
  faults?: RuleBuilderProps["faults"];
};

type Aside =
  | { kind: "why"; person: NamedPerson }
  | { kind: "compare"; before: JsonObject; now: JsonObject }
  | null;

export function RuleWorkbench(props: Props) {
  const { t } = useTranslation("rules");
  const purpose = props.purpose ?? null;
  const live = useLiveRule(
    props.value,
    props.subject,
    purpose,
    (props.userFields?.length ?? 0) > 0,
  );
  const [aside, setAside] = useState<Aside>(null);
  const close = useCallback(() => setAside(null), []);
  const onWhy = useCallback((person: NamedPerson) => setAside({ kind: "why", person }), []);
  const faults = [...live.faults, ...(props.faults ?? [])];
  return (
    <div className={classes.bench}>
      <div className={classes.left}>
        <RuleBuilder
          {...props}
          faults={faults}
          onCompare={(before, now) => setAside({ kind: "compare", before, now })}
        />
      </div>
      <aside className={classes.right} aria-label={t("preview.title")}>
        <PreviewPanel
          live={live}
          catalog={props.catalog}
          subject={props.subject}
          purpose={purpose}
          onWhy={onWhy}
          asked={aside?.kind === "why" ? aside.person.id : null}
        />
      </aside>
      {aside?.kind === "why" && (
        <WhyPanel
          key={aside.person.id}
          person={aside.person}
          envelope={live.envelope}
          catalog={props.catalog}
          onClose={close}
        />
      )}
      {aside?.kind === "compare" && (
        <RightPanel title={t("compare.title")} onClose={close} width={640}>
          <RuleCompare
            titles={{ a: t("compare.before"), b: t("compare.now") }}
            a={aside.before}
            b={aside.now}
            subject={props.subject}
            purpose={purpose}
          />
        </RightPanel>
      )}
    </div>
  );
}
