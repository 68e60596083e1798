/** One send: while it is a draft what it says and would do; then how far it is and what came of it. */
import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { TextLink } from "@/design/Link";
import { Page } from "@/design/Page";
import { Ready } from "@/design/states";
import { DraftPage } from "./DraftPage";
import { sendQuery } from "./data";
import { RunningPage } from "./RunningPage";

export function SendPage() {
  const { t } = useTranslation("sends");
  const { slug } = useParams({ from: "/frame/messages/sends/$slug" });
  const send = useQuery(sendQuery(slug));
  if (send.data?.state === "draft") return <DraftPage key={send.data.id} send={send.data} />;
  if (send.data) return <RunningPage key={send.data.id} send={send.data} />;
  return (
    <Page
      title={t("messages:tabs.sends")}
      above={<TextLink to="/messages/sends">{t("messages:tabs.sends")}</TextLink>}
    >
      <Ready query={send} lines={[40, 80, 80]}>
        {() => null}
      </Ready>
    </Page>
  );
}
