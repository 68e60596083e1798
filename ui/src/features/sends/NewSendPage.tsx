/** A new send: written here, then previewed and let go on its own page. */
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { isApiError } from "@/client/errors";
import { call } from "@/client/http";
import { TextLink } from "@/design/Link";
import { MainAction, Page } from "@/design/Page";
import { Empty, ErrorState } from "@/design/states";
import { missing, NOBODY, stored } from "./draft";
import { SendForm } from "./SendForm";
import type { SendDetail } from "./types";
import { useChoices } from "./useChoices";

export function NewSendPage() {
  const { t } = useTranslation("sends");
  const search = useSearch({ from: "/frame/messages/sends/new" });
  const navigate = useNavigate();
  const client = useQueryClient();
  const [name, setName] = useState("");
  const [body, setBody] = useState({ ...NOBODY, template: search.template ?? "" });
  const { templates, loaded } = useChoices();
  const make = useMutation({
    mutationFn: () =>
      call<SendDetail>("POST", "/api/sends", { body: { name: name.trim(), body: stored(body) } }),
    onSuccess: async (made) => {
      await client.invalidateQueries({ queryKey: ["sends"] });
      await navigate({ to: "/messages/sends/$slug", params: { slug: made.slug } });
    },
  });
  const lacking = missing(name, body);
  const faults = isApiError(make.error) ? make.error.body.faults : [];
  return (
    <Page
      title={t("new.title")}
      lead={lacking ? t(`form.missing.${lacking}`) : t("new.lead")}
      above={<TextLink to="/messages/sends">{t("messages:tabs.sends")}</TextLink>}
      width="read"
      action={
        <MainAction
          disabled={lacking !== null}
          loading={make.isPending}
          onClick={() => make.mutate()}
        >
          {t("new.make")}
        </MainAction>
      }
    >
      {make.error && <ErrorState error={make.error} inline />}
      {loaded && templates.length === 0 ? (
        <Empty
          title={t("new.noTemplate")}
          action={<TextLink to="/messages">{t("new.toTemplates")}</TextLink>}
        >
          {t("new.noTemplateText")}
        </Empty>
      ) : (
        <SendForm name={name} onName={setName} body={body} onBody={setBody} faults={faults} />
      )}
    </Page>
  );
}
