import { Anchor, Code } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { useMay } from "@/app/session";
import { Facts } from "@/design/Facts";
import { RightPanel } from "@/design/RightPanel";
import { useFormat } from "@/design/useFormat";
import styles from "./audit.module.css";
import type { AuditRow } from "./data";
import type { AuditSearch } from "./routes";
import { useActionWords } from "./words";

interface AuditPanelProps {
  row: AuditRow;
  onClose: () => void;
  onFilter: (part: AuditSearch) => void;
}

export function AuditPanel({ row, onClose, onFilter }: AuditPanelProps) {
  const { t } = useTranslation("audit");
  const format = useFormat();
  const may = useMay();
  const words = useActionWords();
  return (
    <RightPanel
      title={words.action(row.action)}
      lead={`${format.dateTime(row.at)} · ${row.actor_name || t(row.role === "none" ? "signedOut" : "nobody")}`}
      onClose={onClose}
    >
      <Facts
        facts={[
          { label: t("seq"), value: format.number(row.seq) },
          { label: t("code"), value: <Code>{row.action}</Code> },
          { label: t("object"), value: `${words.object(row.object_type)} ${row.object_id}` },
          { label: t("actor"), value: row.actor },
          { label: t("hash"), value: <span className={styles.hash}>{row.hash}</span> },
        ]}
      />
      <Anchor
        component="button"
        type="button"
        size="sm"
        onClick={() => onFilter({ object_id: row.object_id, row: undefined })}
      >
        {t("sameObject")}
      </Anchor>
      {Object.keys(row.detail).length > 0 && (
        <>
          <h3 className={styles.part}>{t("detail")}</h3>
          <Code block>{JSON.stringify(row.detail, null, 2)}</Code>
        </>
      )}
      {row.subjects.length > 0 && (
        <>
          <h3 className={styles.part}>
            {t("subjects")} {format.count(row.subjects.length, "people")}
          </h3>
          <ul className={styles.subjects}>
            {row.subjects.map((subject) => (
              <li key={subject}>
                {may("customers.read") ? (
                  <Anchor component={Link} to={`/customers/${subject}`} size="sm">
                    {subject}
                  </Anchor>
                ) : (
                  subject
                )}
              </li>
            ))}
          </ul>
        </>
      )}
    </RightPanel>
  );
}
