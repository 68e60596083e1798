/** What a person has agreed to, what she has withdrawn, and how we know. */
import { Anchor, Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useMay } from "@/app/session";
import { Section } from "@/design/Page";
import { StatusBadge, type Tone } from "@/design/StatusBadge";
import { Ready } from "@/design/states";
import { useFormat } from "@/design/useFormat";
import { alike } from "./alike";
import { ConsentForm } from "./ConsentForm";
import { consentsQuery } from "./data";
import classes from "./gate.module.css";
import type { Consent, Consents, Standing } from "./types";
import { VoidForm } from "./VoidForm";

const FEW = 5;

export function ConsentPanel({ personId }: { personId: string }) {
  const { t } = useTranslation("gate");
  const may = useMay();
  const consents = useQuery({ ...consentsQuery(personId), enabled: may("gate.read") });
  const [recording, setRecording] = useState(false);
  const [voiding, setVoiding] = useState<Consent | null>(null);
  if (!may("gate.read")) return null;
  return (
    <Section
      title={t("consent.title")}
      aside={
        may("gate.consent") && (
          <Button variant="default" size="compact-sm" onClick={() => setRecording(true)}>
            {t("consent.record")}
          </Button>
        )
      }
    >
      <Ready query={consents} lines={[80, 60]}>
        {(found) => (
          <>
            <Stands standing={found.standing} />
            <Statements
              consents={found}
              onVoid={may("gate.consent") ? (one) => setVoiding(one) : undefined}
            />
          </>
        )}
      </Ready>
      {recording && <ConsentForm personId={personId} onClose={() => setRecording(false)} />}
      {voiding && (
        <VoidForm personId={personId} consent={voiding} onClose={() => setVoiding(null)} />
      )}
    </Section>
  );
}

const TONES: Record<Standing["state"], Tone> = {
  given: "good",
  withdrawn: "alarm",
  missing: "warn",
  not_needed: "neutral",
};

/** How consent stands where it bears on something; purposes that stand alike share a line. */
function Stands({ standing }: { standing: readonly Standing[] }) {
  const { t } = useTranslation("gate");
  const shown = standing.filter((one) => one.state !== "not_needed");
  if (shown.length === 0) return <p className={classes.quiet}>{t("consent.notNeeded")}</p>;
  return (
    <ul className={classes.stands}>
      {alike(shown).map((group) => (
        <li key={`${group.state}:${group.channels.join()}`}>
          <StatusBadge tone={TONES[group.state]} plain>
            {t(`consent.state.${group.state}`)}
          </StatusBadge>
          <span>
            {group.channels.map((channel) => t(`channel.${channel}`)).join(t("comma"))}
            <span className={classes.about}>{group.purposes.join(t("comma"))}</span>
          </span>
        </li>
      ))}
    </ul>
  );
}

function Statements({
  consents,
  onVoid,
}: {
  consents: Consents;
  onVoid?: (consent: Consent) => void;
}) {
  const { t } = useTranslation("gate");
  const [all, setAll] = useState(false);
  const { items } = consents;
  if (items.length === 0) return <p className={classes.quiet}>{t("consent.none")}</p>;
  return (
    <>
      <ul className={classes.statements}>
        {(all ? items : items.slice(0, FEW)).map((one) => (
          <Statement key={one.id} consent={one} onVoid={onVoid} />
        ))}
      </ul>
      {items.length > FEW && (
        <Anchor component="button" type="button" size="sm" onClick={() => setAll(!all)}>
          {all ? t("fewer") : t("consent.all", { count: items.length })}
        </Anchor>
      )}
    </>
  );
}

function Statement({ consent, onVoid }: { consent: Consent; onVoid?: (consent: Consent) => void }) {
  const { t } = useTranslation("gate");
  const format = useFormat();
  const what = [
    consent.purpose_label ?? t("everyPurpose"),
    consent.channel ? t(`channel.${consent.channel}`) : t("everyChannel"),
  ].join(t("dot"));
  const evidence = [
    consent.how && t(`how.${consent.how}`),
    consent.origin === "catalog" ? t("consent.fromData") : consent.by?.name,
    consent.evidence,
  ].filter(Boolean);
  return (
    <li data-voided={consent.voided_at ? true : undefined}>
      <div className={classes.statementHead}>
        <StatusBadge tone={consent.given ? "good" : "alarm"} plain>
          {t(consent.given ? "consent.given" : "consent.withdrawn")}
        </StatusBadge>
        <span>{what}</span>
        <span className="muted">{format.date(consent.at)}</span>
        {onVoid && consent.origin !== "catalog" && !consent.voided_at && (
          <Button
            variant="subtle"
            color="gray"
            size="compact-xs"
            className={classes.end}
            onClick={() => onVoid(consent)}
          >
            {t("consent.void")}
          </Button>
        )}
      </div>
      {consent.wording && <blockquote className={classes.wording}>{consent.wording}</blockquote>}
      <div className={classes.quiet}>
        {evidence.join(t("dot"))}
        {consent.until && t("consent.until", { until: format.date(consent.until) })}
      </div>
      {consent.voided_at && (
        <div className={classes.quiet}>
          {t("consent.voided", {
            at: format.date(consent.voided_at),
            name: consent.voided_by?.name ?? "",
            reason: consent.void_reason ?? "",
          })}
        </div>
      )}
    </li>
  );
}
