import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { rowsOf } from "@/client/pages";
import { type Column, DataTable } from "@/design/DataTable";
import { Empty, Ready } from "@/design/states";
import { useFormat } from "@/design/useFormat";
import { type Retention, retentionQuery } from "./data";
import styles from "./privacy.module.css";

type Row = Retention["items"][number];

/** How long each dataset and the log are kept, and what has gone because its time was over. */
export function RetentionSection() {
  const { t } = useTranslation("privacy");
  const format = useFormat();
  const query = useQuery(retentionQuery);
  const columns: Column<Row>[] = [
    { id: "label", header: t("retention.what"), cell: (row) => row.label, width: 260 },
    {
      id: "keep",
      header: t("retention.keep"),
      cell: (row) => row.keep ?? <span className="muted">{t("retention.forever")}</span>,
      width: 140,
    },
    {
      id: "removed",
      header: t("retention.removed"),
      align: "end",
      cell: (row) => format.number(row.removed),
      width: 130,
    },
    {
      id: "last",
      header: t("retention.last"),
      cell: (row) => format.relative(row.last_run),
      width: 150,
    },
  ];
  return (
    <Ready query={query}>
      {(found) => (
        <>
          <p className={styles.note}>
            {t("retention.lead", {
              people: format.count(found.erased_people, "people"),
              stones: format.count(found.tombstones, "items"),
              late: format.count(found.late, "items"),
            })}
          </p>
          <DataTable
            label={t("view.retention")}
            source={rowsOf(found.items)}
            columns={columns}
            rowId={(row) => row.dataset}
            empty={<Empty title={t("retention.none")}>{t("retention.noneText")}</Empty>}
          />
        </>
      )}
    </Ready>
  );
}
