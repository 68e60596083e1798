/** Every wording of the journey, and what two of them differ in. */
import { Group, Select } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { Section } from "@/design/Page";
import { Ready } from "@/design/states";
import { useFormat } from "@/design/useFormat";
import { diffQuery } from "./api";
import { VersionState } from "./badges";
import styles from "./journeys.module.css";
import type { Diff, Journey, Version } from "./types";
import { useJourneySearch } from "./useJourneySearch";

export function VersionsTab({ journey }: { journey: Journey }) {
  const { t } = useTranslation("journeys");
  const numbers = journey.versions.map((one) => one.number);
  return (
    <>
      <Section title={t("tab.versions")}>
        <ul className={styles.versions}>
          {journey.versions.map((one) => (
            <VersionLine key={one.number} version={one} />
          ))}
        </ul>
      </Section>
      {numbers.length > 1 && <Compare journey={journey} numbers={numbers} />}
    </>
  );
}

function VersionLine({ version }: { version: Version }) {
  const { t } = useTranslation("journeys");
  const format = useFormat();
  const deeds = [
    t("versions.made", { name: version.created_by.name, at: format.dateTime(version.created_at) }),
    version.submitted_by &&
      t("versions.submitted", {
        name: version.submitted_by.name,
        at: format.dateTime(version.submitted_at),
      }),
    version.live_by &&
      t("versions.live", { name: version.live_by.name, at: format.dateTime(version.live_at) }),
    version.replaced_at && t("versions.replaced", { at: format.dateTime(version.replaced_at) }),
  ].filter(Boolean);
  return (
    <li>
      <span>{t("version", { version: version.number })}</span>
      <VersionState state={version.state} />
      {version.inside !== null && version.inside > 0 && (
        <span>{t("inside", { people: format.count(version.inside, "people") })}</span>
      )}
      <span className={styles.deeds}>{deeds.join(t("dot"))}</span>
      {version.note && <p className={styles.noteLine}>{version.note}</p>}
    </li>
  );
}

function Compare({ journey, numbers }: { journey: Journey; numbers: readonly number[] }) {
  const { t } = useTranslation("journeys");
  const { search, set } = useJourneySearch();
  const b = search.b ?? numbers[0] ?? 1;
  const a = search.a ?? numbers.find((one) => one < b) ?? b;
  const diff = useQuery(diffQuery(journey.slug, a, b));
  const data = numbers.map((one) => ({
    value: String(one),
    label: t("version", { version: one }),
  }));
  return (
    <Section
      title={t("diff.title")}
      aside={
        <Group gap={8}>
          <Select
            size="xs"
            w={120}
            allowDeselect={false}
            aria-label={t("diff.a")}
            value={String(a)}
            data={data}
            onChange={(value) => value && set({ a: Number(value) }, true)}
          />
          <span aria-hidden>→</span>
          <Select
            size="xs"
            w={120}
            allowDeselect={false}
            aria-label={t("diff.b")}
            value={String(b)}
            data={data}
            onChange={(value) => value && set({ b: Number(value) }, true)}
          />
        </Group>
      }
    >
      <Ready query={diff} lines={[80, 90]}>
        {(found) => <DiffTable diff={found} />}
      </Ready>
    </Section>
  );
}

function DiffTable({ diff }: { diff: Diff }) {
  const { t } = useTranslation("journeys");
  if (diff.rows.length === 0) return <p className={styles.hint}>{t("diff.none")}</p>;
  return (
    <div className={styles.scroll} tabIndex={0} role="region" aria-label={t("diff.title")}>
      <table className={`${styles.table} ${styles.diff}`}>
        <thead>
          <tr>
            <th scope="col">{t("diff.what")}</th>
            <th scope="col">{t("diff.before")}</th>
            <th scope="col">{t("diff.after")}</th>
          </tr>
        </thead>
        <tbody>
          {diff.rows.map((row) => (
            <tr key={row.path} data-kind={row.kind}>
              <th scope="row">
                <span className={styles.diffKind} data-kind={row.kind}>
                  {t(`diff.${row.kind}`)}
                </span>
                {row.what}
              </th>
              <td className={styles.before} data-label={t("diff.before")}>
                {row.before}
              </td>
              <td className={styles.after} data-label={t("diff.after")}>
                {row.after}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
