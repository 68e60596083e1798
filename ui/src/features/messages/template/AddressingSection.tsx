/** 宛名 and 敬称: how the person is called, and what stands behind the name. */
import { ActionIcon, Select, SimpleGrid, TextInput } from "@mantine/core";
import { IconX } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { Section } from "@/design/Page";
import { Remark } from "@/design/StatusBadge";
import { useFormat } from "@/design/useFormat";
import { type Catalog, FindButton } from "@/features/rules";
import type { Addressing } from "../model/body";
import { SUBJECT, valueWords } from "../model/fields";
import { mark } from "../model/liquid";
import type { EditorProps } from "./context";
import classes from "./template.module.css";

const PARTS = ["company", "department", "name"] as const;

export function AddressingSection(props: EditorProps & { catalog: Catalog }) {
  const { t } = useTranslation("messages");
  const format = useFormat();
  const { template, draft, catalog, readOnly } = props;
  const { addressing } = draft.body;
  const put = (part: Partial<Addressing>, mark: string) =>
    draft.change(
      (body) => ({ ...body, addressing: { ...body.addressing, ...part } }),
      `addressing:${mark}`,
    );
  const honorifics = [
    { value: "auto", label: t("addressing.auto") },
    { value: t("addressing.samaJa"), label: t("addressing.sama") },
    { value: t("addressing.kanaJa"), label: t("addressing.kana") },
    { value: "none", label: t("addressing.none") },
  ];
  return (
    <Section title={t("addressing.title")} aside={<code>{mark("salutation")}</code>}>
      <Remark>{t("addressing.text")}</Remark>
      <SimpleGrid cols={{ base: 1, sm: 3 }} spacing="md" mt="md">
        {PARTS.map((part) => {
          const value = addressing[part];
          return (
            <div key={part}>
              <p className={classes.label}>{t(`addressing.${part}`)}</p>
              <div className={classes.chosen}>
                {value ? (
                  <span className={classes.part}>
                    {format.label(valueWords(catalog, value)?.label) || JSON.stringify(value)}
                    {!readOnly && (
                      <ActionIcon
                        size="sm"
                        aria-label={t("addressing.clear", { part: t(`addressing.${part}`) })}
                        onClick={() => put({ [part]: null }, part)}
                      >
                        <IconX size={14} aria-hidden />
                      </ActionIcon>
                    )}
                  </span>
                ) : (
                  <span className="muted">
                    {t(part === "name" ? "addressing.ownName" : "addressing.nothing")}
                  </span>
                )}
                {!readOnly && (
                  <FindButton
                    label={t("addressing.choose")}
                    catalog={catalog}
                    subject={SUBJECT}
                    purpose={template.purpose}
                    onFind={(found) => put({ [part]: found }, part)}
                  />
                )}
              </div>
            </div>
          );
        })}
      </SimpleGrid>
      <SimpleGrid cols={{ base: 1, sm: 3 }} spacing="md" mt="md">
        <Select
          label={t("addressing.honorific")}
          allowDeselect={false}
          readOnly={readOnly}
          value={addressing.honorific}
          data={honorifics}
          onChange={(honorific) => put({ honorific: honorific ?? "auto" }, "honorific")}
        />
        <TextInput
          label={t("addressing.unknown")}
          description={t("addressing.unknownText")}
          inputWrapperOrder={["label", "input", "description", "error"]}
          readOnly={readOnly}
          maxLength={400}
          value={addressing.unknown}
          onChange={(event) => put({ unknown: event.currentTarget.value }, "unknown")}
        />
        <Select
          label={t("addressing.language")}
          description={t("addressing.languageText")}
          inputWrapperOrder={["label", "input", "description", "error"]}
          allowDeselect={false}
          readOnly={readOnly}
          value={draft.body.language}
          data={[
            { value: "ja", label: t("addressing.ja") },
            { value: "en", label: t("addressing.en") },
          ]}
          onChange={(next) =>
            draft.change((body) => ({ ...body, language: next === "en" ? "en" : "ja" }))
          }
        />
      </SimpleGrid>
    </Section>
  );
}
