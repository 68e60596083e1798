/** What a definition is called, what it is for, and who is on its lists. */
import { Select, SimpleGrid, Textarea, TextInput } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { Section } from "@/design/Page";
import { useFormat } from "@/design/useFormat";
import { RuleWorkbench } from "@/features/rules";
import type { EditorProps } from "./DefinitionPage";
import classes from "./editor.module.css";

export function WhoEditor({ body, onChange, catalog, readOnly, faults }: EditorProps) {
  const { t } = useTranslation("definitions");
  const format = useFormat();
  return (
    <fieldset className={classes.plain} disabled={readOnly}>
      <Section title={t("section.who")}>
        <RuleWorkbench
          value={body.rule}
          onChange={(rule) => {
            if (!readOnly && JSON.stringify(rule) !== JSON.stringify(body.rule)) {
              onChange({ ...body, rule });
            }
          }}
          readOnly={readOnly}
          catalog={catalog}
          subject={body.subject}
          purpose={body.purpose ?? null}
          faults={faults.filter((fault) => /(^|\.)rule\b/.test(fault.path))}
        />
      </Section>
      <Section title={t("section.basic")}>
        <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="md">
          <TextInput
            label={t("basic.nameJa")}
            value={body.name.ja}
            onChange={(event) =>
              onChange({ ...body, name: { ...body.name, ja: event.currentTarget.value } })
            }
          />
          <TextInput
            label={t("basic.nameEn")}
            value={body.name.en}
            onChange={(event) =>
              onChange({ ...body, name: { ...body.name, en: event.currentTarget.value } })
            }
          />
          <Description body={body} onChange={onChange} language="ja" />
          <Description body={body} onChange={onChange} language="en" />
          <Select
            label={t("basic.purpose")}
            description={t("basic.purposeHelp")}
            clearable
            placeholder={t("basic.noPurpose")}
            value={body.purpose ?? null}
            data={catalog.purposes.map((one) => ({
              value: one.name,
              label: format.label(one.label),
            }))}
            onChange={(purpose) => onChange({ ...body, purpose })}
          />
          <TextInput
            label={t("basic.product")}
            description={t("basic.productHelp")}
            value={body.product ?? ""}
            onChange={(event) => onChange({ ...body, product: event.currentTarget.value || null })}
          />
        </SimpleGrid>
      </Section>
    </fieldset>
  );
}

function Description(props: Pick<EditorProps, "body" | "onChange"> & { language: "ja" | "en" }) {
  const { t } = useTranslation("definitions");
  const { body, onChange, language } = props;
  return (
    <Textarea
      label={t(language === "ja" ? "basic.descriptionJa" : "basic.descriptionEn")}
      autosize
      minRows={2}
      value={body.description?.[language] ?? ""}
      onChange={(event) => {
        const text = event.currentTarget.value;
        const other = language === "ja" ? "en" : "ja";
        const rest = body.description?.[other] ?? "";
        const words = { [language]: text, [other]: rest === "" ? text : rest } as {
          ja: string;
          en: string;
        };
        onChange({ ...body, description: text === "" && rest === "" ? null : words });
      }}
    />
  );
}
