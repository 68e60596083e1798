/** What a journey brought about: first a sentence, then the picture, then the table. */
import { Button, SegmentedControl } from "@mantine/core";
import { IconRefresh } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { Remark } from "@/design/StatusBadge";
import { Empty, Ready } from "@/design/states";
import { useFormat } from "@/design/useFormat";
import type { Journey } from "../types";
import { useJourneySearch } from "../useJourneySearch";
import { AimsPanel } from "./AimsPanel";
import { countAnew, type Proof, proofQuery, readBehind } from "./api";
import { BehindPanel } from "./BehindPanel";
import { Pictures } from "./Pictures";
import { ProofTable } from "./ProofTable";
import styles from "./proof.module.css";

export function EffectTab({ journey }: { journey: Journey }) {
  const proof = useQuery(proofQuery(journey.slug));
  return (
    <Ready query={proof} lines={[70, 40, 90, 90, 90]}>
      {(found) => <Told journey={journey} proof={found} />}
    </Ready>
  );
}

function Told({ journey, proof }: { journey: Journey; proof: Proof }) {
  const { t } = useTranslation("journeys");
  const { search, set } = useJourneySearch();
  const aim = Math.min(search.aim ?? 0, Math.max(0, proof.aims.length - 1));
  const behind = readBehind(search.behind);
  const nobody = proof.counted && proof.entered === 0;
  return (
    <div className={styles.page}>
      <Head journey={journey} proof={proof} aim={aim} />
      {proof.scoped && proof.counted && <Remark>{t("proof.scoped")}</Remark>}
      {proof.aims.map(
        (one) =>
          one.fault && <Remark key={one.name} tone="warn">{`${one.name}: ${one.fault}`}</Remark>,
      )}
      {nobody ? (
        <Empty title={t("proof.nobody")}>{t("proof.nobodyText")}</Empty>
      ) : (
        proof.counted && (
          <>
            <Pictures proof={proof} aim={aim} />
            <ProofTable proof={proof} aim={aim} />
          </>
        )
      )}
      {search.panel === "aims" && (
        <AimsPanel journey={journey} onClose={() => set({ panel: undefined })} />
      )}
      {behind && search.walk === undefined && search.panel === undefined && (
        <BehindPanel
          key={search.behind}
          journey={journey}
          proof={proof}
          behind={behind}
          aim={aim}
        />
      )}
    </div>
  );
}

function Head({ journey, proof, aim }: { journey: Journey; proof: Proof; aim: number }) {
  const { t } = useTranslation("journeys");
  const format = useFormat();
  const { set } = useJourneySearch();
  const client = useQueryClient();
  const anew = useMutation({
    mutationFn: () => countAnew(journey.slug),
    onSuccess: (found) => client.setQueryData(proofQuery(journey.slug).queryKey, found),
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
          onClick={() => set({ panel: "aims", behind: undefined })}
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
