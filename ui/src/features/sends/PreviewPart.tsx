/** What a send would do now: how many, who not and why, and a few of them as they would get it. */
import { useTranslation } from "react-i18next";
import { TextLink } from "@/design/Link";
import { Section } from "@/design/Page";
import { Remark, StatusBadge } from "@/design/StatusBadge";
import { Empty, Loading } from "@/design/states";
import { useFormat } from "@/design/useFormat";
import type { Seen } from "./data";
import classes from "./sends.module.css";
import type { Preview, PreviewPerson } from "./types";
import type { Standing } from "./usePreview";

interface Props {
  seen: Seen | null;
  standing: Standing;
  busy: boolean;
  may: boolean;
}

export function PreviewPart({ seen, standing, busy, may }: Props) {
  const { t } = useTranslation("sends");
  if (!seen) {
    return (
      <Section title={t("preview.title")}>
        {busy ? (
          <Loading lines={[40, 80, 80, 80]} />
        ) : (
          <Empty title={t("preview.none")}>
            {t(may ? "preview.noneText" : "preview.notYours")}
          </Empty>
        )}
      </Section>
    );
  }
  const held = standing === "changed" || standing === "old" || busy;
  return (
    <>
      {!busy && (standing === "changed" || standing === "old") && (
        <Remark tone="warn">{t(`preview.${standing}`)}</Remark>
      )}
      {seen.preview.within && <Remark>{seen.preview.within}</Remark>}
      <div className={classes.seen} data-old={held || undefined} aria-busy={busy}>
        <Figures preview={seen.preview} />
        <Sample preview={seen.preview} />
      </div>
    </>
  );
}

function Figures({ preview }: { preview: Preview }) {
  const { t } = useTranslation("sends");
  const format = useFormat();
  const exact = preview.stopped.every((one) => !one.estimated);
  const about = (people: number, estimated: boolean) =>
    estimated
      ? t("about", { people: format.count(people, "people") })
      : format.count(people, "people");
  const less = [
    { id: "excluded", label: t("preview.excluded"), people: preview.excluded, estimated: false },
    { id: "heldOut", label: t("preview.heldOut"), people: preview.held_out, estimated: false },
    {
      id: "noAddress",
      label: t("preview.noAddress"),
      people: preview.no_address,
      estimated: false,
    },
    { id: "same", label: t("preview.sameAddress"), people: preview.same_address, estimated: false },
    ...preview.stopped
      .filter((one) => one.code !== "defer")
      .map((one) => ({
        id: one.code,
        label: one.sentence,
        people: one.people,
        estimated: one.estimated,
      })),
  ].filter((one) => one.people > 0);
  const waits = preview.stopped.find((one) => one.code === "defer");
  return (
    <Section
      title={t("preview.title")}
      aside={
        <span className="muted">
          {t("preview.until", { at: format.time(preview.token_until) })}
        </span>
      }
    >
      <p className={classes.big} role="status">
        <span className={classes.bigNumber}>{about(preview.to_send, !exact)}</span>
        <span>{t("preview.toSend")}</span>
      </p>
      {preview.warnings.length > 0 && (
        <div className={classes.notices}>
          {preview.warnings.map((one) => (
            <Remark key={one.code} tone="warn">
              {one.code === "sender_missing" ? t("preview.noSender") : one.sentence}
            </Remark>
          ))}
        </div>
      )}
      <dl className={classes.sum}>
        <div>
          <dt>{t("preview.intended")}</dt>
          <dd>{format.count(preview.people, "people")}</dd>
        </div>
        {less.map((one) => (
          <div key={one.id} data-less>
            <dt>{one.label}</dt>
            <dd>{t("preview.less", { people: about(one.people, one.estimated) })}</dd>
          </div>
        ))}
        <div data-total>
          <dt>{t("preview.total")}</dt>
          <dd>{about(preview.to_send, !exact)}</dd>
        </div>
      </dl>
      {waits && waits.people > 0 && (
        <p className={classes.hint}>
          {t("preview.waits", {
            sentence: waits.sentence,
            people: about(waits.people, waits.estimated),
          })}
        </p>
      )}
      {!exact && (
        <p className={classes.hint}>
          {t("preview.sampled", { people: format.count(preview.sampled, "people") })}
        </p>
      )}
      {preview.hours !== null && (
        <p className={classes.hint}>
          {t("preview.hours", { time: format.duration(Math.ceil(preview.hours * 60) * 60) })}
        </p>
      )}
      {preview.segments.length > 0 && (
        <>
          <h3 className={classes.small}>{t("preview.segments")}</h3>
          <dl className={classes.sum}>
            {preview.segments.map((one) => (
              <div key={one.slug}>
                <dt>
                  <TextLink to="/segments/$slug" params={{ slug: one.slug }}>
                    {one.name}
                  </TextLink>
                </dt>
                <dd>{format.count(one.people, "people")}</dd>
              </div>
            ))}
            {preview.segments.length > 1 && (
              <div data-less>
                <dt>{t("preview.inSeveral")}</dt>
                <dd>{format.count(preview.in_several, "people")}</dd>
              </div>
            )}
          </dl>
        </>
      )}
    </Section>
  );
}

function Sample({ preview }: { preview: Preview }) {
  const { t } = useTranslation("sends");
  if (preview.sample.length === 0) return null;
  const masked = preview.sample.every((one) => one.text === "" && one.missing.length === 0);
  return (
    <Section title={t("preview.sample")}>
      {masked && <p className={classes.masked}>{t("preview.masked")}</p>}
      <ul className={classes.sample}>
        {preview.sample.map((one) => (
          <Person key={one.person} person={one} />
        ))}
      </ul>
    </Section>
  );
}

const ANSWERS = {
  allow: "good",
  defer: "working",
  needs_approval: "warn",
  deny: "neutral",
} as const;

function Person({ person }: { person: PreviewPerson }) {
  const { t } = useTranslation("sends");
  const answer = Object.keys(ANSWERS).find((one) => one === person.answer) as
    | keyof typeof ANSWERS
    | undefined;
  return (
    <li>
      <div className={classes.sampleHead}>
        <TextLink to="/customers/$customerId" params={{ customerId: person.person }}>
          {person.name}
        </TextLink>
        {answer && (
          <StatusBadge tone={ANSWERS[answer]} plain>
            {t(`answer.${answer}`)}
          </StatusBadge>
        )}
      </div>
      {person.reasons.map((one) => (
        <div key={one.code + one.policy} className={classes.quiet}>
          {one.sentence}
        </div>
      ))}
      {person.missing.length > 0 && (
        <Remark tone="warn">
          {t("preview.missing", { fields: person.missing.join(t("comma")) })}
        </Remark>
      )}
      {person.text !== "" && (
        <details className={classes.text}>
          <summary>{person.subject || t("preview.text")}</summary>
          <pre tabIndex={0}>{person.text}</pre>
        </details>
      )}
    </li>
  );
}
