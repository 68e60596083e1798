/** The people behind a number; each opens her story. */
import { useTranslation } from "react-i18next";
import { usePages } from "@/client/pages";
import { DataTable } from "@/design/DataTable";
import { RightPanel } from "@/design/RightPanel";
import { Empty } from "@/design/states";
import { useFormat } from "@/design/useFormat";
import { type Behind, behindQuery, fetchBehind, type Proof, type ProofPerson } from "./api";
import { useProofPage } from "./page";

interface Props {
  proof: Proof;
  behind: Behind;
  aim: number;
}

export function BehindPanel({ proof, behind, aim }: Props) {
  const { t } = useTranslation("journeys");
  const format = useFormat();
  const page = useProofPage();
  const { set, person } = page;
  const query = behindQuery(behind, aim);
  const source = usePages<ProofPerson>(
    [...page.key, "proof-people", query],
    (offset, limit, signal) => fetchBehind(page, { ...query, offset, limit }, signal),
  );
  const step = [...proof.steps].find((one) => one.step === behind.step);
  const reason = step?.contact?.reasons.find((one) => one.code === behind.reason);
  const name = behind.kind === "group" ? "success" : behind.name;
  const arm = behind.name === "treated" || behind.name === "control";
  const words = [
    behind.kind === "group" && arm ? t(`proof.arm.${behind.name}`) : step?.title || page.name,
    arm && behind.kind === "what" ? t(`proof.arm.${behind.name}`) : t(`proof.${name}`),
    behind.kind === "group" ? proof.aims[aim]?.name : reason?.sentence,
  ];
  return (
    <RightPanel
      title={words.filter(Boolean).join(t("dot"))}
      lead={source.loading ? undefined : format.count(source.total, "people")}
      onClose={() => set({ behind: undefined })}
    >
      <DataTable
        label={t("proof.people")}
        source={source}
        height={560}
        rowId={(row) => `${row.person}:${row.enrollment ?? ""}:${row.at}`}
        activeId={person === undefined ? undefined : String(person)}
        {...(page.onPerson && {
          onOpen: (row: ProofPerson) => row.enrollment !== null && page.onPerson?.(row.enrollment),
        })}
        columns={[
          {
            id: "name",
            header: t("people.name"),
            width: 180,
            always: true,
            cell: (r) => r.display,
          },
          {
            id: "at",
            header: t("proof.when"),
            cell: (row) => (row.at ? format.dateTime(row.at) : t("people.hidden")),
          },
        ]}
        empty={<Empty title={t("people.none")}>{t("people.noneText")}</Empty>}
      />
    </RightPanel>
  );
}
