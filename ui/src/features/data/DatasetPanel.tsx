import { Anchor, TextInput } from "@mantine/core";
import { IconArrowRight, IconArrowsRight, IconSearch } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Facts } from "@/design/Facts";
import { RightPanel } from "@/design/RightPanel";
import { Remark, StatusBadge } from "@/design/StatusBadge";
import { Empty } from "@/design/states";
import { useFormat } from "@/design/useFormat";
import { Freshness } from "./Datasets";
import {
  type CatalogInfo,
  type DatasetInfo,
  datasetsQuery,
  type FieldInfo,
  loadsQuery,
} from "./data";
import styles from "./data.module.css";

interface DatasetPanelProps {
  catalog: CatalogInfo;
  name: string;
  onOpen: (dataset: string) => void;
  onOpenLoad: (load: string) => void;
  onClose: () => void;
}

export function DatasetPanel({ catalog, name, onOpen, onOpenLoad, onClose }: DatasetPanelProps) {
  const { t } = useTranslation("data");
  const format = useFormat();
  const states = useQuery(datasetsQuery);
  const loads = useQuery(loadsQuery);
  const dataset = catalog.datasets.find((one) => one.name === name);
  if (!dataset) {
    return (
      <RightPanel title={name} onClose={onClose}>
        <Empty title={t("unknown")} />
      </RightPanel>
    );
  }
  const state = states.data?.find((one) => one.name === name);
  const last = loads.data?.find((one) => one.dataset === name);
  return (
    <RightPanel
      title={dataset.label}
      lead={`${dataset.name} · ${t(`kinds.${dataset.kind}`)}`}
      onClose={onClose}
      width={600}
    >
      <Facts
        facts={[
          { label: t("rows"), value: format.number(state?.rows) },
          { label: t("freshness"), value: <Freshness state={state} /> },
          { label: t("key"), value: dataset.key.join(", ") },
          ...(last
            ? [
                {
                  label: t("lastLoad"),
                  value: (
                    <Anchor
                      component="button"
                      type="button"
                      size="sm"
                      onClick={() => onOpenLoad(last.id)}
                    >
                      {format.dateTime(last.started_at)}
                    </Anchor>
                  ),
                  note:
                    last.dead > 0 ? t("deadCount", { dead: format.number(last.dead) }) : undefined,
                },
              ]
            : []),
        ]}
      />
      {state && state.stale.length > 0 && (
        <Remark tone="warn">{t("stale", { names: state.stale.join(", ") })}</Remark>
      )}
      <p className={styles.kindText}>{t(`kindText.${dataset.kind}`)}</p>
      <Fields dataset={dataset} catalog={catalog} />
      <RelationList dataset={dataset} catalog={catalog} onOpen={onOpen} />
    </RightPanel>
  );
}

function Fields({ dataset, catalog }: { dataset: DatasetInfo; catalog: CatalogInfo }) {
  const { t } = useTranslation("data");
  const [wanted, setWanted] = useState("");
  const find = wanted.trim().toLowerCase();
  const shown = dataset.fields.filter((field) =>
    `${field.name} ${field.label}`.toLowerCase().includes(find),
  );
  return (
    <>
      <h3 className={styles.part}>{t("fields")}</h3>
      {dataset.fields.length > 8 && (
        <TextInput
          mb="xs"
          aria-label={t("findField")}
          placeholder={t("findField")}
          leftSection={<IconSearch size={15} />}
          value={wanted}
          onChange={(event) => setWanted(event.currentTarget.value)}
        />
      )}
      <ul className={styles.fields}>
        {shown.map((field) => (
          <FieldRow
            key={field.name}
            field={field}
            catalog={catalog}
            isKey={dataset.key.includes(field.name)}
          />
        ))}
      </ul>
    </>
  );
}

interface FieldRowProps {
  field: FieldInfo;
  catalog: CatalogInfo;
  isKey: boolean;
}

function FieldRow({ field, catalog, isKey }: FieldRowProps) {
  const { t } = useTranslation("data");
  const purpose = (name: string) =>
    catalog.purposes.find((one) => one.name === name)?.label ?? name;
  return (
    <li className={styles.field}>
      <div className={styles.fieldName}>
        <span>{field.label}</span>
        <code>{field.name}</code>
      </div>
      <div className={styles.fieldTags}>
        <span>{t(`types.${field.type}`, { defaultValue: field.type })}</span>
        {isKey && <span>{t("key")}</span>}
        {field.meaning && (
          <span>{t(`meanings.${field.meaning}`, { defaultValue: field.meaning })}</span>
        )}
        {field.derived && <span>{t("derived")}</span>}
        {field.pii !== "none" && (
          <StatusBadge tone={field.pii === "high" ? "warn" : "neutral"}>
            {t(`pii.${field.pii}`)}
          </StatusBadge>
        )}
        {field.purposes && (
          <span className={styles.purposes}>
            {t("purposes", {
              purposes: field.purposes.length
                ? field.purposes.map(purpose).join(t("comma"))
                : t("noPurpose"),
            })}
          </span>
        )}
        {field.consent_purposes && field.consent_purposes.length > 0 && (
          <span className={styles.purposes}>
            {t("withConsent", { purposes: field.consent_purposes.map(purpose).join(t("comma")) })}
          </span>
        )}
      </div>
    </li>
  );
}

interface RelationListProps {
  dataset: DatasetInfo;
  catalog: CatalogInfo;
  onOpen: (dataset: string) => void;
}

function RelationList({ dataset, catalog, onOpen }: RelationListProps) {
  const { t } = useTranslation("data");
  const relations = dataset.relations ?? [];
  if (relations.length === 0) return null;
  const label = (name: string) => catalog.datasets.find((one) => one.name === name)?.label ?? name;
  return (
    <>
      <h3 className={styles.part}>{t("relations")}</h3>
      <ul className={styles.fields}>
        {relations.map((relation) => (
          <li key={relation.name} className={styles.relation}>
            {relation.many ? (
              <IconArrowsRight size={16} aria-label={t("toMany")} />
            ) : (
              <IconArrowRight size={16} aria-label={t("toOne")} />
            )}
            <span>{relation.label}</span>
            <code>{relation.name}</code>
            <Anchor
              component="button"
              type="button"
              size="sm"
              onClick={() => onOpen(relation.target)}
            >
              {label(relation.target)}
            </Anchor>
          </li>
        ))}
      </ul>
    </>
  );
}
