/** 今日: what each role should do next. */
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { useMe, useSession } from "@/app/session";
import { call } from "@/client/http";
import { MainAction, Page } from "@/design/Page";
import { Partial, Ready } from "@/design/states";
import { useFormat } from "@/design/useFormat";
import { ApprovalsSection } from "@/features/gate";
import { isBuilding, listsQuery } from "../lists/api";
import type { Today } from "../lists/types";
import { ManagerToday } from "./ManagerToday";
import { NextSteps } from "./NextSteps";
import { WorkToday } from "./WorkToday";

export function TodayPage() {
  const { t } = useTranslation("today");
  const format = useFormat();
  const me = useMe();
  const session = useSession();
  const navigate = useNavigate();
  const works = me.permissions.includes("lists.work");
  const manages = me.permissions.includes("lists.write");
  const query = useQuery({
    queryKey: ["today"],
    queryFn: ({ signal }) => call<Today>("GET", "/api/today", { signal }),
    refetchInterval: (found) => (found.state.data?.builds.some(isBuilding) ? 2_000 : 60_000),
  });
  const first = query.data?.follow_ups[0] ?? query.data?.tasks[0];
  return (
    <Page
      title={t("title")}
      lead={t("greeting", { date: format.date(session?.workspace.today), name: me.name })}
      action={
        works && first ? (
          <MainAction
            onClick={() =>
              void navigate({
                to: "/lists/$id/work",
                params: { id: first.member.list_id },
                search: { member: first.member.id },
              })
            }
          >
            {t("start")}
          </MainAction>
        ) : (
          manages && (
            <MainAction onClick={() => void navigate({ to: "/lists/new" as string })}>
              {t("makeList")}
            </MainAction>
          )
        )
      }
    >
      {works || manages ? (
        <Ready query={query} lines={[50, 90, 90, 90]}>
          {(today) => (
            <>
              {query.error && <Partial onRetry={() => void query.refetch()}>{t("stale")}</Partial>}
              <ApprovalsSection />
              {me.role === "administrator" && <NextSteps lists={[]} />}
              {manages && <ManagerToday today={today} />}
              {works && <WorkToday today={today} quiet={manages} />}
            </>
          )}
        </Ready>
      ) : (
        <Others />
      )}
    </Page>
  );
}

function Others() {
  const me = useMe();
  const lists = useQuery({
    ...listsQuery({ state: "open", limit: 5 }),
    enabled: me.permissions.includes("lists.read"),
  });
  return <NextSteps lists={lists.data?.items ?? []} />;
}
