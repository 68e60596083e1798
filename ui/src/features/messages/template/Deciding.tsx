/** How the version stands with those who decide, and why one cannot decide oneself. */
import { Stack } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { useMay } from "@/app/session";
import { Remark } from "@/design/StatusBadge";
import { useFormat } from "@/design/useFormat";
import type { Template } from "../types";

/** Findings that say to whom a message goes without consent: told beside the decision itself. */
const BEYOND_CONSENT = ["not_promotion", "promotion_words"];

export function Deciding({ template, dirty }: { template: Template; dirty: boolean }) {
  const { t } = useTranslation("messages");
  const may = useMay();
  const format = useFormat();
  const work = template.work_version;
  if (template.archived_at) return <Remark>{t("deciding.archived")}</Remark>;
  if (work?.state === "review") {
    const asked = t("deciding.asked", {
      name: work.submitted_by?.name ?? "",
      at: format.dateTime(work.submitted_at),
    });
    return (
      <Stack id="deciding" gap="xs">
        {may("messages.approve") && work.own_work ? (
          <Remark tone="warn">
            {asked} {t("deciding.ownWork")}
          </Remark>
        ) : (
          <Remark>
            {asked} {t(work.approvable ? "deciding.yours" : "deciding.others")}
            {work.note && ` ${t("deciding.note", { note: work.note })}`}
          </Remark>
        )}
        {work.checks
          .filter((one) => BEYOND_CONSENT.includes(one.code))
          .map((one) => (
            <Remark key={one.code} tone="warn">
              <strong>{one.message}</strong> {one.remedy}
            </Remark>
          ))}
      </Stack>
    );
  }
  if (work?.decision_note) {
    return (
      <Remark tone="warn">
        {t("deciding.returned", {
          name: work.decided_by?.name ?? "",
          at: format.dateTime(work.decided_at),
          note: work.decision_note,
        })}
      </Remark>
    );
  }
  if (!work && template.approved && may("messages.write")) {
    return (
      <Remark>
        {t(dirty ? "deciding.becomesDraft" : "deciding.approvedShown", {
          number: template.approved.number,
          next: template.approved.number + 1,
        })}
      </Remark>
    );
  }
  return null;
}
