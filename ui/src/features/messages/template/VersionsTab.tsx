/** Every version, and what two of them say differently. */
import { Radio } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { Section } from "@/design/Page";
import { StatusBadge } from "@/design/StatusBadge";
import { Empty, Ready } from "@/design/states";
import { useFormat } from "@/design/useFormat";
import { STATE_TONES } from "../badges";
import { diffQuery, versionsQuery } from "../data";
import type { FieldChange, Template, VersionBrief } from "../types";
import { DiffLines } from "./DiffLines";
import classes from "./template.module.css";

interface Props {
  template: Template;
  before: string | undefined;
  after: string | undefined;
  onCompare: (before: string, after: string) => void;
}

export function VersionsTab({ template, onCompare, ...asked }: Props) {
  const { t } = useTranslation("messages");
  const versions = useQuery(versionsQuery(template.slug));
  return (
    <Ready query={versions} lines={[90, 90, 90]}>
      {(items) => {
        const known = (id: string | undefined) => items.find((one) => one.id === id)?.id;
        const after = known(asked.after) ?? items[0]?.id ?? "";
        const before = known(asked.before) ?? items[1]?.id ?? "";
        return (
          <div className={classes.versions}>
            <Section title={t("versions.title")}>
              <VersionTable items={items} before={before} after={after} onCompare={onCompare} />
            </Section>
            <Section title={t("versions.diff")}>
              {before && before !== after ? (
                <Difference slug={template.slug} before={before} after={after} />
              ) : (
                <Empty title={t("versions.one")}>{t("versions.oneText")}</Empty>
              )}
            </Section>
          </div>
        );
      }}
    </Ready>
  );
}

interface TableProps {
  items: readonly VersionBrief[];
  before: string;
  after: string;
  onCompare: (before: string, after: string) => void;
}

function VersionTable({ items, before, after, onCompare }: TableProps) {
  const { t } = useTranslation("messages");
  const format = useFormat();
  return (
    <table className={classes.table}>
      <thead>
        <tr>
          <th scope="col">{t("versions.before")}</th>
          <th scope="col">{t("versions.after")}</th>
          <th scope="col">{t("versions.version")}</th>
          <th scope="col">{t("versions.who")}</th>
        </tr>
      </thead>
      <tbody>
        {items.map((one) => {
          const name = t("versions.number", { number: one.number });
          return (
            <tr key={one.id}>
              <td>
                <Radio
                  name="before"
                  aria-label={t("versions.beforeOf", { version: name })}
                  checked={before === one.id}
                  disabled={items.length < 2}
                  onChange={() => onCompare(one.id, after)}
                />
              </td>
              <td>
                <Radio
                  name="after"
                  aria-label={t("versions.afterOf", { version: name })}
                  checked={after === one.id}
                  disabled={items.length < 2}
                  onChange={() => onCompare(before, one.id)}
                />
              </td>
              <td>
                <span className={classes.versionName}>{name}</span>
                <StatusBadge tone={STATE_TONES[one.state]} plain>
                  {t(`state.${one.state}`)}
                </StatusBadge>
              </td>
              <td>
                <div>
                  {t("versions.wrote", {
                    name: (one.changed_by ?? one.created_by).name,
                    at: format.dateTime(one.changed_at ?? one.created_at),
                  })}
                </div>
                {one.decided_by && (
                  <div className="muted">
                    {t(one.state === "draft" ? "versions.gaveBack" : "versions.approved", {
                      name: one.decided_by.name,
                      at: format.dateTime(one.decided_at),
                    })}
                  </div>
                )}
                {one.decision_note && <div className="muted">{one.decision_note}</div>}
              </td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}

function Difference(props: { slug: string; before: string; after: string }) {
  const { t } = useTranslation("messages");
  const diff = useQuery(diffQuery(props.slug, props.before, props.after));
  return (
    <Ready query={diff} lines={[70, 90, 80]}>
      {(found) =>
        found.changes.length === 0 ? (
          <Empty title={t("versions.same")} />
        ) : (
          <div className={classes.changes}>
            {found.changes.map((change) => (
              <Change key={change.path} change={change} />
            ))}
            {found.text.some((line) => line.op !== "same") && (
              <details className={classes.change}>
                <summary>{t("versions.plain")}</summary>
                <DiffLines lines={found.text} />
              </details>
            )}
          </div>
        )
      }
    </Ready>
  );
}

const TONES = { added: "good", removed: "warn", changed: "working" } as const;

function Change({ change }: { change: FieldChange }) {
  const { t } = useTranslation("messages");
  return (
    <div className={classes.change}>
      <div className={classes.changeHead}>
        <StatusBadge tone={TONES[change.what]} plain>
          {t(`versions.${change.what}`)}
        </StatusBadge>
        <code>{change.path}</code>
      </div>
      {change.lines.length > 0 ? (
        <DiffLines lines={change.lines} />
      ) : (
        <DiffLines
          lines={[
            ...(change.before ? [{ op: "removed" as const, text: change.before }] : []),
            ...(change.after ? [{ op: "added" as const, text: change.after }] : []),
          ]}
        />
      )}
    </div>
  );
}
