/** "This person on this day: not to be called because …": what a version has to answer. */
import { Button, UnstyledButton } from "@mantine/core";
import { IconChevronDown, IconChevronRight, IconPlus } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Section } from "@/design/Page";
import { StatusBadge } from "@/design/StatusBadge";
import { Empty } from "@/design/states";
import { useFormat } from "@/design/useFormat";
import { AnswerMark } from "@/features/gate/AnswerMark";
import { ExampleForm } from "./ExampleForm";
import { usePurposes } from "./forms/AppliesForm";
import { freshExample } from "./model/fresh";
import classes from "./policies.module.css";
import type { Body, Example, Kind, Outcome } from "./types";

interface Props {
  body: Body;
  examples: readonly Example[];
  outcomes: readonly Outcome[] | undefined;
  onChange: (examples: Example[]) => void;
  readOnly: boolean;
}

export function ExamplesSection({ body, examples, outcomes, onChange, readOnly }: Props) {
  const { t, i18n } = useTranslation("policies");
  const [open, setOpen] = useState<number | null>(null);
  const purposes = usePurposes();
  const failing = outcomes?.filter((one) => !one.passed).length ?? 0;
  const add = () => {
    const name = (locale: "ja" | "en") =>
      i18n.getFixedT(locale, "policies")("example.number", { number: examples.length + 1 });
    const applies = "applies" in body ? body.applies : undefined;
    const fresh = freshExample(
      new Date().toISOString(),
      { ja: name("ja"), en: name("en") },
      {
        channel: applies?.channels?.[0] ?? "phone",
        purpose: applies?.purposes?.[0] ?? purposes[0]?.value ?? "service",
      },
    );
    onChange([...examples, fresh]);
    setOpen(examples.length);
  };
  return (
    <Section
      title={t("section.examples")}
      aside={
        outcomes &&
        examples.length > 0 && (
          <StatusBadge tone={failing === 0 ? "good" : "alarm"} plain>
            {failing === 0
              ? t("example.allPass", { count: examples.length })
              : t("example.fail", { count: failing })}
          </StatusBadge>
        )
      }
    >
      <p className={classes.hint}>{t("example.lead")}</p>
      {examples.length === 0 && <Empty title={t("example.none")}>{t("example.noneText")}</Empty>}
      <ul className={classes.items}>
        {examples.map((example, at) => (
          <ExampleCard
            key={at}
            example={example}
            outcome={outcomes?.[at]}
            kind={body.kind}
            open={open === at}
            onToggle={() => setOpen(open === at ? null : at)}
            onChange={(next) => onChange(examples.map((one, i) => (i === at ? next : one)))}
            onRemove={() => {
              onChange(examples.filter((_, i) => i !== at));
              setOpen(null);
            }}
            readOnly={readOnly}
          />
        ))}
      </ul>
      {!readOnly && (
        <Button variant="default" size="xs" leftSection={<IconPlus size={14} />} onClick={add}>
          {t("example.add")}
        </Button>
      )}
    </Section>
  );
}

interface CardProps {
  example: Example;
  outcome: Outcome | undefined;
  kind: Kind;
  open: boolean;
  onToggle: () => void;
  onChange: (example: Example) => void;
  onRemove: () => void;
  readOnly: boolean;
}

function ExampleCard(props: CardProps) {
  const { t } = useTranslation("policies");
  const format = useFormat();
  const { example, outcome, open } = props;
  return (
    <li className={classes.item} data-failed={outcome && !outcome.passed ? true : undefined}>
      <UnstyledButton className={classes.opener} aria-expanded={open} onClick={props.onToggle}>
        {open ? (
          <IconChevronDown size={14} aria-hidden />
        ) : (
          <IconChevronRight size={14} aria-hidden />
        )}
        <span className={classes.exampleName}>{format.label(example.name)}</span>
        <span className="muted">{format.dateTime(example.at)}</span>
        <span className={classes.expected}>
          <AnswerMark decision={{ answer: example.answer, until: example.until ?? null }} />
          {outcome && (
            <StatusBadge tone={outcome.passed ? "good" : "alarm"} plain>
              {t(outcome.passed ? "example.pass" : "example.miss")}
            </StatusBadge>
          )}
        </span>
      </UnstyledButton>
      {outcome && !outcome.passed && (
        <div className={classes.miss}>
          {t("example.instead")}{" "}
          <AnswerMark decision={{ answer: outcome.answer, until: outcome.until }} />{" "}
          {outcome.sentence}
        </div>
      )}
      {open && (
        <ExampleForm
          example={example}
          outcome={outcome}
          kind={props.kind}
          onChange={props.onChange}
          onRemove={props.onRemove}
          readOnly={props.readOnly}
        />
      )}
    </li>
  );
}
