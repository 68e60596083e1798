/** What a send says: with which template, to whom, when and how fast. */
import {
  Button,
  MultiSelect,
  NumberInput,
  Select,
  SimpleGrid,
  Stack,
  TextInput,
} from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Fault } from "@/client/errors";
import { MomentInput } from "@/design/DayInput";
import { TextLink } from "@/design/Link";
import { Section } from "@/design/Page";
import { Remark } from "@/design/StatusBadge";
import { useFormat } from "@/design/useFormat";
import { localOf } from "@/features/policies/model/instant";
import { catalogQuery, RuleBuilder } from "@/features/rules";
import { instantOf } from "@/features/work/next";
import { ruleOf } from "./draft";
import classes from "./sends.module.css";
import type { SendBody } from "./types";
import { useChoices } from "./useChoices";

/** A send goes to people. */
const SUBJECT = "person";

interface Props {
  name: string;
  onName: (name: string) => void;
  body: SendBody;
  onBody: (body: SendBody) => void;
  /** What the server found wrong with the rule. */
  faults?: readonly Fault[];
  readOnly?: boolean;
}

export function SendForm(props: Props) {
  return (
    <>
      <What {...props} />
      <Whom {...props} />
      <When {...props} />
    </>
  );
}

function What({ name, onName, body, onBody, readOnly }: Props) {
  const { t } = useTranslation("sends");
  const { templates, loaded } = useChoices();
  const chosen = templates.find((one) => one.slug === body.template);
  const gone = loaded && body.template !== "" && chosen === undefined;
  return (
    <Section title={t("form.what")}>
      <Stack gap="md">
        <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="md">
          <TextInput
            label={t("form.name")}
            maxLength={200}
            value={name}
            readOnly={readOnly}
            onChange={(event) => onName(event.currentTarget.value)}
          />
          <Select
            label={t("form.template")}
            description={t("form.templateText")}
            inputWrapperOrder={["label", "input", "description", "error"]}
            searchable
            allowDeselect={false}
            readOnly={readOnly}
            nothingFoundMessage={t("form.noTemplate")}
            value={body.template || null}
            data={[
              ...templates
                .filter((one) => one.channel !== "person") // humans are asked by lists and journeys
                .map((one) => ({
                  value: one.slug,
                  label: t("form.templateOf", {
                    name: one.name,
                    channel: t(`messages:channel.${one.channel}`),
                  }),
                })),
              ...(gone ? [{ value: body.template, label: body.template }] : []),
            ]}
            onChange={(template) => template && onBody({ ...body, template, sender: "" })}
          />
        </SimpleGrid>
        {gone && <Remark tone="warn">{t("form.templateGone")}</Remark>}
        {chosen && (
          <p className={classes.about}>
            {chosen.subject && <span>{t("form.subject", { subject: chosen.subject })}</span>}
            <span>{t("form.purpose", { purpose: chosen.purpose_label })}</span>
            <TextLink to="/messages/templates/$slug" params={{ slug: chosen.slug }}>
              {t("form.openTemplate", { number: chosen.approved?.number ?? 0 })}
            </TextLink>
          </p>
        )}
      </Stack>
    </Section>
  );
}

function Whom({ body, onBody, faults, readOnly }: Props) {
  const { t } = useTranslation("sends");
  const format = useFormat();
  const { segments, templates } = useChoices();
  const catalog = useQuery(catalogQuery);
  const [withRule, setWithRule] = useState(ruleOf(body) !== null);
  const purpose = templates.find((one) => one.slug === body.template)?.purpose ?? null;
  const named = segments
    .filter((one) => one.subject === SUBJECT)
    .map((one) => ({
      value: one.slug,
      label: t("form.segmentOf", { name: one.name, people: format.count(one.size, "people") }),
    }));
  const data = (slugs: readonly string[]) => [
    ...named,
    ...slugs
      .filter((slug) => !named.some((one) => one.value === slug))
      .map((slug) => ({ value: slug, label: slug })),
  ];
  return (
    <Section title={t("form.whom")}>
      <Stack gap="md">
        <MultiSelect
          label={t("form.segments")}
          description={t("form.segmentsText")}
          placeholder={body.segments.length === 0 ? t("form.pickSegments") : undefined}
          searchable
          readOnly={readOnly}
          value={body.segments}
          data={data(body.segments)}
          maxValues={50}
          onChange={(chosen) => onBody({ ...body, segments: chosen })}
        />
        <MultiSelect
          label={t("form.exclude")}
          placeholder={body.exclude.length === 0 ? t("form.pickNone") : undefined}
          searchable
          readOnly={readOnly}
          value={body.exclude}
          data={data(body.exclude)}
          maxValues={50}
          onChange={(exclude) => onBody({ ...body, exclude })}
        />
        {withRule && catalog.data ? (
          <div>
            <div className={classes.ruleHead}>
              <span>{t("form.rule")}</span>
              {!readOnly && (
                <Button
                  variant="subtle"
                  size="compact-sm"
                  onClick={() => {
                    setWithRule(false);
                    onBody({ ...body, rule: null });
                  }}
                >
                  {t("form.dropRule")}
                </Button>
              )}
            </div>
            <p className={classes.hint}>
              {t(body.segments.length > 0 ? "form.ruleText" : "form.ruleAlone")}
            </p>
            <div className={classes.rule}>
              <RuleBuilder
                value={ruleOf(body)}
                catalog={catalog.data}
                subject={SUBJECT}
                purpose={purpose}
                faults={faults ?? []}
                readOnly={readOnly}
                onChange={(rule) => {
                  if (!readOnly) onBody({ ...body, rule });
                }}
              />
            </div>
          </div>
        ) : (
          !readOnly && (
            <div>
              <Button variant="default" size="xs" onClick={() => setWithRule(true)}>
                {t("form.addRule")}
              </Button>
            </div>
          )
        )}
        <NumberInput
          className={classes.short}
          label={t("form.holdout")}
          description={t("form.holdoutText")}
          inputWrapperOrder={["label", "input", "description", "error"]}
          suffix=" %"
          min={0}
          max={90}
          decimalScale={2}
          readOnly={readOnly}
          value={body.holdout?.percent ?? ""}
          placeholder={t("form.noHoldout")}
          onChange={(value) => {
            const percent = Number(value);
            const salt = body.holdout?.salt ?? "";
            onBody({
              ...body,
              holdout: value !== "" && percent >= 0.01 ? { percent, salt } : null,
            });
          }}
        />
      </Stack>
    </Section>
  );
}

function When({ body, onBody, readOnly }: Props) {
  const { t } = useTranslation("sends");
  const format = useFormat();
  const { templates, senders } = useChoices();
  const channel = templates.find((one) => one.slug === body.template)?.channel;
  const offered = senders.filter((one) => one.channel === channel);
  return (
    <Section title={t("form.when")}>
      <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="md" verticalSpacing="md">
        {readOnly ? (
          <TextInput
            label={t("form.at")}
            readOnly
            value={body.at ? format.dateTime(body.at) : t("form.atOnce")}
          />
        ) : (
          <MomentInput
            label={t("form.at")}
            placeholder={t("form.atOnce")}
            value={body.at ? localOf(body.at, format.timeZone) : null}
            onChange={(at) => onBody({ ...body, at: at && instantOf(at, format.timeZone) })}
          />
        )}
        <NumberInput
          label={t("form.perHour")}
          description={t("form.perHourText")}
          inputWrapperOrder={["label", "input", "description", "error"]}
          placeholder={t("form.asFast")}
          thousandSeparator=","
          min={1}
          max={10_000_000}
          allowDecimal={false}
          readOnly={readOnly}
          value={body.per_hour ?? ""}
          onChange={(value) =>
            onBody({ ...body, per_hour: value === "" ? null : Number(value) || null })
          }
        />
        <NumberInput
          label={t("form.drift")}
          description={t("form.driftText")}
          inputWrapperOrder={["label", "input", "description", "error"]}
          suffix=" %"
          min={0}
          max={100}
          decimalScale={1}
          readOnly={readOnly}
          value={body.drift}
          onChange={(value) => value !== "" && onBody({ ...body, drift: Number(value) })}
        />
        {(offered.length > 1 || body.sender !== "") && (
          <Select
            label={t("form.sender")}
            readOnly={readOnly}
            allowDeselect={false}
            value={body.sender}
            data={[
              { value: "", label: t("form.mainSender") },
              ...offered.map((one) => ({ value: one.slug, label: one.name })),
            ]}
            onChange={(sender) => onBody({ ...body, sender: sender ?? "" })}
          />
        )}
      </SimpleGrid>
    </Section>
  );
}
