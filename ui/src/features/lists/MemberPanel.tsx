import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { TextLink } from "@/design/Link";
import { RightPanel } from "@/design/RightPanel";
import { ErrorState, Loading } from "@/design/states";
import { memberQuery } from "./api";
import { Brief } from "./Brief";
import { PriorityMark } from "./badges";
import type { ListDetail } from "./types";

interface Props {
  list: ListDetail;
  member: number;
  onClose: () => void;
}

export function MemberPanel({ list, member, onClose }: Props) {
  const { t } = useTranslation("lists");
  const query = useQuery(memberQuery(list.id, member));
  const found = query.data;
  return (
    <RightPanel
      title={found?.display ?? t("member.loading")}
      lead={
        found && (
          <>
            <PriorityMark priority={found.priority} score={found.score} /> ·{" "}
            {list.statuses.find((one) => one.code === found.status)?.label} ·{" "}
            {found.assignee?.name ?? t("board.unassigned")}
          </>
        )
      }
      onClose={onClose}
      footer={
        found && (
          <>
            {list.can_work && list.state === "open" && (
              <TextLink
                to="/lists/$id/work"
                params={{ id: list.id }}
                search={{ member: found.id }}
                size="sm"
              >
                {t("member.work")}
              </TextLink>
            )}
            {!found.masked && (
              <TextLink to={`/customers/${found.person_id}` as string} size="sm" ml="md">
                {t("member.customer")}
              </TextLink>
            )}
          </>
        )
      }
    >
      {query.error ? (
        <ErrorState error={query.error} onRetry={() => void query.refetch()} inline />
      ) : found ? (
        <Brief member={found} kinds={list.kinds} />
      ) : (
        <Loading lines={[90, 70, 80, 60]} />
      )}
    </RightPanel>
  );
}
