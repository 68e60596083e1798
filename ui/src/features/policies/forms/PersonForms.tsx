/** Policies about the person: consent, address, age, any rule. */
import { Group, NumberInput, SegmentedControl, Select, SimpleGrid, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { Ready } from "@/design/states";
import { catalogQuery, type Fault, type JsonObject, RuleBuilder } from "@/features/rules";
import classes from "../policies.module.css";
import { type BodyOf, STOPPING, type Stopping } from "../types";
import { AppliesForm } from "./AppliesForm";
import { Labelled } from "./Labelled";
import { AnotherSwitch, RoleSelect } from "./shared";

interface Props<B> {
  body: B;
  onChange: (body: B) => void;
}

export function ConsentNeededForm({ body, onChange }: Props<BodyOf<"consent">>) {
  const { t } = useTranslation("policies");
  return (
    <>
      <SegmentedControl
        aria-label={t("consent.mode")}
        w="fit-content"
        value={body.mode}
        data={[
          { value: "opt_in", label: t("consent.opt_in") },
          { value: "opt_out", label: t("consent.opt_out") },
        ]}
        onChange={(mode) => onChange({ ...body, mode: mode as "opt_in" | "opt_out" })}
      />
      <p className={classes.hint}>{t(`consent.text.${body.mode}`)}</p>
      <Labelled label={t("form.applies")}>
        <AppliesForm
          value={body.applies ?? {}}
          onChange={(applies) => onChange({ ...body, applies })}
        />
      </Labelled>
    </>
  );
}

export function AddressForm({ body, onChange }: Props<BodyOf<"address">>) {
  const { t } = useTranslation("policies");
  return (
    <Labelled label={t("form.applies")}>
      <AppliesForm
        value={body.applies ?? {}}
        onChange={(applies) => onChange({ ...body, applies })}
      />
    </Labelled>
  );
}

export function AgeForm({ body, onChange }: Props<BodyOf<"age">>) {
  const { t } = useTranslation("policies");
  return (
    <>
      <Labelled label={t("form.applies")}>
        <AppliesForm
          value={body.applies ?? {}}
          onChange={(applies) => onChange({ ...body, applies })}
        />
      </Labelled>
      <Group gap="sm" align="end">
        <NumberInput
          label={t("age.from")}
          w={130}
          min={0}
          max={150}
          allowDecimal={false}
          value={body.from_age}
          onChange={(age) => onChange({ ...body, from_age: Number(age) })}
        />
        <NumberInput
          label={t("age.to")}
          placeholder={t("age.noEnd")}
          w={150}
          min={1}
          max={151}
          allowDecimal={false}
          value={body.to_age ?? ""}
          onChange={(age) => onChange({ ...body, to_age: age === "" ? null : Number(age) })}
        />
        <AnswerSelect
          value={body.answer ?? "needs_approval"}
          options={["needs_approval", "deny"]}
          onChange={(answer) => onChange({ ...body, answer: answer as typeof body.answer })}
        />
        <Select
          label={t("age.unknown")}
          w={180}
          allowDeselect={false}
          value={body.unknown ?? "allow"}
          data={STOPPING.map((one) => ({ value: one, label: t(`gate:answer.${one}`) }))}
          onChange={(unknown) => onChange({ ...body, unknown: unknown as Stopping })}
        />
      </Group>
      {body.answer !== "deny" && <Approval body={body} onChange={onChange} />}
    </>
  );
}

function Approval<B extends BodyOf<"age"> | BodyOf<"rule">>({ body, onChange }: Props<B>) {
  return (
    <>
      <RoleSelect value={body.by} onChange={(by) => onChange({ ...body, by })} />
      <AnotherSwitch value={body.another} onChange={(another) => onChange({ ...body, another })} />
    </>
  );
}

function AnswerSelect({
  value,
  options,
  onChange,
}: {
  value: string;
  options: readonly ("defer" | "needs_approval" | "deny")[];
  onChange: (value: string) => void;
}) {
  const { t } = useTranslation("policies");
  return (
    <Select
      label={t("form.answer")}
      w={150}
      allowDeselect={false}
      value={value}
      data={options.map((one) => ({ value: one as string, label: t(`gate:answer.${one}`) }))}
      onChange={(answer) => answer && onChange(answer)}
    />
  );
}

export function RuleForm({
  body,
  onChange,
  faults,
  readOnly,
}: Props<BodyOf<"rule">> & { faults: readonly Fault[]; readOnly: boolean }) {
  const { t } = useTranslation("policies");
  const catalog = useQuery(catalogQuery);
  const say = (part: Partial<typeof body.say>) =>
    onChange({ ...body, say: { ...body.say, ...part } });
  return (
    <>
      <Labelled label={t("form.applies")}>
        <AppliesForm
          value={body.applies ?? {}}
          onChange={(applies) => onChange({ ...body, applies })}
        />
      </Labelled>
      <Labelled label={t("rule.who")}>
        <Ready query={catalog} lines={[60, 90]}>
          {(found) => (
            <RuleBuilder
              value={body.rule as JsonObject}
              onChange={(rule) => onChange({ ...body, rule })}
              catalog={found}
              subject={null}
              faults={faults}
              readOnly={readOnly}
            />
          )}
        </Ready>
      </Labelled>
      <p className={classes.hint}>{t("rule.hint")}</p>
      <Group gap="sm" align="end">
        <AnswerSelect
          value={body.answer ?? "deny"}
          options={["defer", "needs_approval", "deny"]}
          onChange={(answer) => onChange({ ...body, answer: answer as typeof body.answer })}
        />
        {body.answer === "defer" && (
          <NumberInput
            label={t("rule.hours")}
            w={160}
            min={1}
            max={24 * 90}
            allowDecimal={false}
            value={body.hours ?? 24}
            onChange={(hours) => onChange({ ...body, hours: Number(hours) })}
          />
        )}
      </Group>
      {body.answer === "needs_approval" && <Approval body={body} onChange={onChange} />}
      <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="sm">
        <TextInput
          label={t("rule.sayJa")}
          required
          maxLength={400}
          value={body.say.ja}
          onChange={(event) => say({ ja: event.currentTarget.value })}
        />
        <TextInput
          label={t("rule.sayEn")}
          required
          maxLength={400}
          value={body.say.en}
          onChange={(event) => say({ en: event.currentTarget.value })}
        />
      </SimpleGrid>
    </>
  );
}
