/** How far an erasure is, what it has removed, and which files it could not mend. */
import { Button } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { useMay } from "@/app/session";
import { call } from "@/client/http";
import { ErrorState, LongWork, Partial } from "@/design/states";
import { useFormat } from "@/design/useFormat";
import type { Erasure } from "./data";
import styles from "./privacy.module.css";

export function ErasureSection({ erasure, requestId }: { erasure: Erasure; requestId: string }) {
  const { t } = useTranslation("privacy");
  const may = useMay();
  const client = useQueryClient();
  const again = useMutation({
    mutationFn: () => call<Erasure>("POST", `/api/privacy/erasures/${erasure.id}/again`),
    onSuccess: () => client.invalidateQueries({ queryKey: ["privacy", "request", requestId] }),
  });
  const stuck = erasure.state === "failed" || erasure.state === "waiting";
  return (
    <section className={styles.next}>
      <h3 className={styles.part}>{t(`erasure.${erasure.state}`)}</h3>
      {erasure.state === "done" ? (
        <p className={styles.note}>{t("erasure.gone")}</p>
      ) : (
        <LongWork label={t(`step.${erasure.step}`)} done={erasure.done} total={erasure.steps} />
      )}
      {erasure.state === "failed" && <Partial>{erasure.message}</Partial>}
      {erasure.files.length > 0 && (
        <>
          <p className={styles.note}>{t("erasure.filesLead")}</p>
          <ul className={styles.history}>
            {erasure.files.map((file) => (
              <li key={file.file}>
                <span>{file.file}</span>
                <span className="muted">{t(`erasure.why.${file.why}`)}</span>
              </li>
            ))}
          </ul>
        </>
      )}
      <Counts counts={erasure.counts} />
      {stuck && may("privacy.write") && (
        <Button variant="default" loading={again.isPending} onClick={() => again.mutate()}>
          {t("erasure.again")}
        </Button>
      )}
      {again.error && <ErrorState error={again.error} inline />}
    </section>
  );
}

function Counts({ counts }: { counts: Record<string, number> }) {
  const { t } = useTranslation("privacy");
  const format = useFormat();
  const rows = Object.entries(counts).sort(([a], [b]) => a.localeCompare(b));
  if (rows.length === 0) return null;
  return (
    <dl className={styles.counts}>
      {rows.map(([name, number]) => (
        <div key={name}>
          <dt>{t(`kept.${name.replaceAll(".", "_")}`, { defaultValue: name })}</dt>
          <dd className="tabular">{format.count(number, "rows")}</dd>
        </div>
      ))}
    </dl>
  );
}
