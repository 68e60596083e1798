/** Everything that waits for an approval, and what was decided before. */
import { Tabs } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { Page, Section } from "@/design/Page";
import { Empty, Ready } from "@/design/states";
import { approvalsQuery } from "./data";
import { Requests } from "./Requests";
import { APPROVAL_TABS, type ApprovalTab } from "./routes";

export function ApprovalsPage() {
  const { t } = useTranslation("gate");
  const { state = "waiting" } = useSearch({ from: "/frame/approvals" });
  const navigate = useNavigate({ from: "/approvals" });
  const requests = useQuery(approvalsQuery(state));
  return (
    <Page
      title={t("approvals.title")}
      lead={t("approvals.lead")}
      width="read"
      tabs={
        <Tabs
          value={state}
          onChange={(next) =>
            void navigate({ search: { state: (next as ApprovalTab | null) ?? undefined } })
          }
        >
          <Tabs.List>
            {APPROVAL_TABS.map((tab) => (
              <Tabs.Tab key={tab} value={tab}>
                {t(`approvals.tab.${tab}`)}
              </Tabs.Tab>
            ))}
          </Tabs.List>
        </Tabs>
      }
    >
      <Section>
        <Ready query={requests} lines={[60, 90, 60, 90]}>
          {(found) =>
            found.items.length === 0 ? (
              <Empty title={t(`approvals.none.${state}`)}>{t("approvals.noneText")}</Empty>
            ) : (
              <Requests items={found.items} />
            )
          }
        </Ready>
      </Section>
    </Page>
  );
}
