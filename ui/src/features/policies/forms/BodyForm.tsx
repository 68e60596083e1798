/** The form of a policy, by its kind. */
import { SimpleGrid, Stack, Textarea, TextInput } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { Fault } from "@/features/rules";
import classes from "../policies.module.css";
import type { Body } from "../types";
import { ClassesForm, HoldsForm, RefusalsForm } from "./GroundForms";
import { AddressForm, AgeForm, ConsentNeededForm, RuleForm } from "./PersonForms";
import { BusinessHoursForm, CapForm, QuietHoursForm } from "./TimeForms";

interface Props {
  body: Body;
  onChange: (body: Body) => void;
  readOnly: boolean;
  /** Of the rule, of a policy that has one. */
  faults: readonly Fault[];
}

export function BodyForm({ body, onChange, readOnly, faults }: Props) {
  const { t } = useTranslation("policies");
  const name = (part: Partial<Body["name"]>) =>
    onChange({ ...body, name: { ...body.name, ...part } });
  const description = (part: Partial<Body["name"]>) => {
    const next = { ja: "", en: "", ...body.description, ...part };
    onChange({ ...body, description: next.ja || next.en ? next : null });
  };
  return (
    <fieldset className={classes.plain} disabled={readOnly}>
      <Stack gap="md">
        <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="sm">
          <TextInput
            label={t("form.nameJa")}
            required
            maxLength={400}
            value={body.name.ja}
            onChange={(event) => name({ ja: event.currentTarget.value })}
          />
          <TextInput
            label={t("form.nameEn")}
            required
            maxLength={400}
            value={body.name.en}
            onChange={(event) => name({ en: event.currentTarget.value })}
          />
        </SimpleGrid>
        <OfKind body={body} onChange={onChange} readOnly={readOnly} faults={faults} />
        <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="sm">
          <Textarea
            label={t("form.textJa")}
            autosize
            minRows={1}
            maxLength={400}
            value={body.description?.ja ?? ""}
            onChange={(event) => description({ ja: event.currentTarget.value })}
          />
          <Textarea
            label={t("form.textEn")}
            autosize
            minRows={1}
            maxLength={400}
            value={body.description?.en ?? ""}
            onChange={(event) => description({ en: event.currentTarget.value })}
          />
        </SimpleGrid>
      </Stack>
    </fieldset>
  );
}

function OfKind({ body, onChange, readOnly, faults }: Props) {
  switch (body.kind) {
    case "classes":
      return <ClassesForm body={body} onChange={onChange} />;
    case "holds":
      return <HoldsForm body={body} onChange={onChange} />;
    case "refusals":
      return <RefusalsForm body={body} onChange={onChange} />;
    case "consent":
      return <ConsentNeededForm body={body} onChange={onChange} />;
    case "cap":
      return <CapForm body={body} onChange={onChange} />;
    case "quiet_hours":
      return <QuietHoursForm body={body} onChange={onChange} />;
    case "business_hours":
      return <BusinessHoursForm body={body} onChange={onChange} />;
    case "address":
      return <AddressForm body={body} onChange={onChange} />;
    case "age":
      return <AgeForm body={body} onChange={onChange} />;
    case "rule":
      return <RuleForm body={body} onChange={onChange} faults={faults} readOnly={readOnly} />;
  }
}
