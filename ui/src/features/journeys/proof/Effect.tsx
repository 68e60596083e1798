/** What a journey or a send brought about: first a sentence, then the picture, then the table. */
import { Button, SegmentedControl } from "@mantine/core";
import { IconRefresh } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { Remark } from "@/design/StatusBadge";
import { Empty, Ready } from "@/design/states";
import { useFormat } from "@/design/useFormat";
import { AimsPanel } from "./AimsPanel";
import { countAnew, type Proof, proofQuery, readBehind } from "./api";
import { BehindPanel } from "./BehindPanel";
import { Pictures } from "./Pictures";
import { ProofTable } from "./ProofTable";
import { useProofPage } from "./page";
import styles from "./proof.module.css";

/** Stands inside a `ProofPageProvider`. */
export function Effect() {
  const proof = useQuery(proofQuery(useProofPage()));
  return (
    <Ready query={proof} lines={[70, 40, 90, 90, 90]}>
      {(found) => <Told proof={found} />}
    </Ready>
  );
}

function Told({ proof }: { proof: Proof }) {
  const { t } = useTranslation("journeys");
  const { search, set, of, person } = useProofPage();
  const aim = Math.min(search.aim ?? 0, Math.max(0, proof.aims.length - 1));
  const behind = readBehind(search.behind);
  const intended = proof.steps.reduce((sum, one) => sum + (one.contact?.intended ?? 0), 0);
  const nobody = proof.counted && (of === "send" ? intended : proof.entered) === 0;
  return (
    <div className={styles.page}>
      <Head proof={proof} aim={aim} />
      {proof.scoped && proof.counted && <Remark>{t("proof.scoped")}</Remark>}
      {proof.aims.map(
        (one) =>
          one.fault && <Remark key={one.name} tone="warn">{`${one.name}: ${one.fault}`}</Remark>,
      )}
      {nobody ? (
        <Empty title={t(of === "send" ? "proof.nobodySend" : "proof.nobody")}>
          {t(of === "send" ? "proof.nobodySendText" : "proof.nobodyText")}
        </Empty>
      ) : (
        proof.counted && (
          <>
            <Pictures proof={proof} aim={aim} />
            <ProofTable proof={proof} aim={aim} />
          </>
        )
      )}
      {search.choosing && <AimsPanel onClose={() => set({ choosing: undefined })} />}
      {behind && person === undefined && !search.choosing && (
        <BehindPanel key={search.behind} proof={proof} behind={behind} aim={aim} />
      )}
    </div>
  );
}

function Head({ proof, aim }: { proof: Proof; aim: number }) {
  const { t } = useTranslation("journeys");
  const format = useFormat();
  const page = useProofPage();
  const { set } = page;
  const client = useQueryClient();
  const anew = useMutation({
    mutationFn: () => countAnew(page),
    onSuccess: (found) => client.setQueryData(proofQuery(page).queryKey, found),
  });
  const one = proof.aims[aim];
  return (
    <header className={styles.head}>
      <p className={styles.sentence}>{one?.sentence || proof.sentence}</p>
      <div className={styles.line}>
        {proof.aims.length > 1 && (
          <SegmentedControl
            aria-label={t("proof.success")}
            value={String(aim)}
            data={proof.aims.map((each, at) => ({ value: String(at), label: each.name }))}
            onChange={(next) => set({ aim: Number(next) || undefined }, true)}
          />
        )}
        {one && (
          <span className="muted">
            {t("proof.aim", { name: one.name, window: one.window_label })}
          </span>
        )}
        <Button
          variant="default"
          size="xs"
          onClick={() => set({ choosing: true, behind: undefined })}
        >
          {t(proof.may_change ? "proof.choose" : "proof.look")}
        </Button>
        <span className={styles.asOf}>
          {t("proof.asOf", { at: format.dateTime(proof.as_of) })}
          <Button
            variant="subtle"
            size="compact-xs"
            leftSection={<IconRefresh size={13} aria-hidden />}
            loading={anew.isPending}
            onClick={() => anew.mutate()}
          >
            {t("proof.anew")}
          </Button>
        </span>
      </div>
    </header>
  );
}
