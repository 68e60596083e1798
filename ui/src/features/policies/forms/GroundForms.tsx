/** The ground: classes of purposes, and what holds and refusals answer. */
import { Select } from "@mantine/core";
import { useTranslation } from "react-i18next";
import classes from "../policies.module.css";
import { type BodyOf, type ByClass, CLASSES, HOLDS, STOPPING, type Stopping } from "../types";
import { useNamedPurposes } from "./AppliesForm";
import { RoleSelect } from "./shared";

interface Props<B> {
  body: B;
  onChange: (body: B) => void;
}

export function ClassesForm({ body, onChange }: Props<BodyOf<"classes">>) {
  const { t } = useTranslation("policies");
  const purposes = useNamedPurposes();
  return (
    <table className={classes.table}>
      <thead>
        <tr>
          <th scope="col">{t("form.purpose")}</th>
          <th scope="col">{t("form.class")}</th>
        </tr>
      </thead>
      <tbody>
        {purposes.map((purpose) => (
          <tr key={purpose.value}>
            <th scope="row">{purpose.label}</th>
            <td>
              <Select
                size="xs"
                aria-label={purpose.label}
                value={body.purposes?.[purpose.value] ?? ""}
                allowDeselect={false}
                data={[
                  { value: "", label: t("form.usual") },
                  ...CLASSES.map((one) => ({
                    value: one as string,
                    label: t(`gate:class.${one}`),
                  })),
                ]}
                onChange={(chosen) => {
                  const { [purpose.value]: _old, ...rest } = body.purposes ?? {};
                  onChange({
                    ...body,
                    purposes: chosen
                      ? { ...rest, [purpose.value]: chosen as (typeof CLASSES)[number] }
                      : rest,
                  });
                }}
              />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

export function HoldsForm({ body, onChange }: Props<BodyOf<"holds">>) {
  const { t } = useTranslation("policies");
  return (
    <>
      <AnswerTable
        rows={HOLDS.map((hold) => ({
          id: hold,
          label: t(`hold.${hold}`),
          value: body[hold],
          onChange: (value) => onChange({ ...body, [hold]: value }),
        }))}
      />
      <RoleSelect value={body.by} onChange={(by) => onChange({ ...body, by })} />
    </>
  );
}

const REFUSALS = ["product", "everything", "do_not_contact"] as const;

export function RefusalsForm({ body, onChange }: Props<BodyOf<"refusals">>) {
  const { t } = useTranslation("policies");
  return (
    <>
      <AnswerTable
        rows={REFUSALS.map((one) => ({
          id: one,
          label: t(`refusal.${one}`),
          value: body[one],
          onChange: (value) => onChange({ ...body, [one]: value }),
        }))}
      />
      <RoleSelect value={body.by} onChange={(by) => onChange({ ...body, by })} />
    </>
  );
}

interface Row {
  id: string;
  label: string;
  value: ByClass | undefined;
  onChange: (value: ByClass) => void;
}

/** The shipped answers, for what a stored policy leaves unsaid. */
const USUAL: Required<ByClass> = { promotion: "deny", service: "deny", transactional: "allow" };

function AnswerTable({ rows }: { rows: readonly Row[] }) {
  const { t } = useTranslation("policies");
  return (
    <section className={classes.scroll} tabIndex={0} aria-label={t("form.answers")}>
      <table className={classes.table}>
        <thead>
          <tr>
            <th scope="col">{t("form.stop")}</th>
            {CLASSES.map((one) => (
              <th key={one} scope="col">
                {t(`gate:class.${one}`)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.id}>
              <th scope="row">{row.label}</th>
              {CLASSES.map((one) => (
                <td key={one}>
                  <Select
                    size="xs"
                    w={120}
                    aria-label={t("form.answerOf", {
                      stop: row.label,
                      of: t(`gate:class.${one}`),
                    })}
                    allowDeselect={false}
                    value={row.value?.[one] ?? USUAL[one]}
                    data={STOPPING.map((answer) => ({
                      value: answer,
                      label: t(`gate:answer.${answer}`),
                    }))}
                    onChange={(answer) =>
                      row.onChange({ ...USUAL, ...row.value, [one]: answer as Stopping })
                    }
                  />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
