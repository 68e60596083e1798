/** A send that has not gone: its form, and beside it what it would do now. */
import { Button } from "@mantine/core";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useMay } from "@/app/session";
import { isApiError } from "@/client/errors";
import { TextLink } from "@/design/Link";
import { MainAction, Page } from "@/design/Page";
import { Alarm } from "@/design/StatusBadge";
import { ErrorState } from "@/design/states";
import { told } from "@/design/undo";
import { useFormat } from "@/design/useFormat";
import { SendBadge } from "./badges";
import { DispatchPanel } from "./DispatchPanel";
import { missing, written } from "./draft";
import { HeldNotice } from "./HeldNotice";
import { MoreMenu } from "./MoreMenu";
import { PreviewPart } from "./PreviewPart";
import type { SendSearch } from "./routes";
import { SendForm } from "./SendForm";
import classes from "./sends.module.css";
import type { SendDetail } from "./types";
import { usePreview } from "./usePreview";

export function DraftPage({ send }: { send: SendDetail }) {
  const { t } = useTranslation("sends");
  const may = useMay();
  const search = useSearch({ from: "/frame/messages/sends/$slug" });
  const navigate = useNavigate({ from: "/messages/sends/$slug" });
  const { name, setName, body, setBody, taken } = useForm(send);
  const preview = usePreview(send, name, body);
  const { seen, standing, dirty, save, look } = preview;
  const open = (part: SendSearch["open"]) =>
    void navigate({ search: (old: SendSearch) => ({ ...old, open: part }) });
  const lacking = missing(name, body);
  const error = look.error ?? save.error;
  const faults = isApiError(error) ? error.body.faults : [];
  const main =
    standing === "fresh" && !dirty ? (
      <MainAction disabled={seen?.preview.to_send === 0} onClick={() => open("dispatch")}>
        {t("draft.proceed")}
      </MainAction>
    ) : (
      <MainAction
        disabled={lacking !== null}
        loading={look.isPending}
        onClick={() => {
          save.reset();
          look.mutate();
        }}
      >
        {t(dirty ? "draft.saveAndLook" : "draft.look")}
      </MainAction>
    );
  return (
    <>
      <Page
        title={send.name}
        above={<TextLink to="/messages/sends">{t("messages:tabs.sends")}</TextLink>}
        lead={
          <span className={classes.lead}>
            <SendBadge state={send.state} plain />
            <span>{lacking ? t(`form.missing.${lacking}`) : t("draft.lead")}</span>
          </span>
        }
        action={send.may_dispatch && main}
        others={
          <>
            {send.editable && (
              <Button
                variant="default"
                disabled={!dirty || lacking !== null}
                loading={save.isPending}
                onClick={() => {
                  look.reset();
                  save.mutate(undefined, { onSuccess: () => told(t("draft.saved")) });
                }}
              >
                {t(dirty ? "draft.save" : "draft.kept")}
              </Button>
            )}
            <MoreMenu send={send} />
          </>
        }
      >
        <HeldNotice />
        {send.not_begun && <NotBegun told={send.not_begun} />}
        {error && <ErrorState error={error} inline />}
        <div className={classes.draft}>
          <div className={classes.form}>
            <SendForm
              key={taken}
              name={name}
              onName={setName}
              body={body}
              onBody={setBody}
              faults={faults}
              readOnly={!send.editable}
            />
          </div>
          <div className={classes.aside}>
            <PreviewPart
              seen={seen}
              standing={standing}
              busy={look.isPending}
              may={may("messages.send")}
            />
          </div>
        </div>
      </Page>
      {search.open === "dispatch" && send.may_dispatch && (
        <DispatchPanel
          send={send}
          preview={preview}
          ready={!dirty}
          onClose={() => open(undefined)}
        />
      )}
    </>
  );
}

/** What is typed. Where nothing is, what somebody else has saved meanwhile is taken over: `taken`
 * counts how often, as the rule builder begins anew with each. */
function useForm(send: SendDetail) {
  const [name, setName] = useState(send.name);
  const [body, setBody] = useState(send.body);
  const [base, setBase] = useState({ name: send.name, body: send.body, taken: 0 });
  if (send.name !== base.name || written(send.body) !== written(base.body)) {
    const untouched = name === base.name && written(body) === written(base.body);
    if (untouched) {
      setName(send.name);
      setBody(send.body);
    }
    setBase({ name: send.name, body: send.body, taken: base.taken + (untouched ? 1 : 0) });
  }
  return { name, setName, body, setBody, taken: base.taken };
}

/** It was let go, and came back: the audience had moved away from what was previewed. */
function NotBegun({ told: why }: { told: NonNullable<SendDetail["not_begun"]> }) {
  const { t } = useTranslation("sends");
  const format = useFormat();
  return (
    <Alarm title={t("draft.notBegun")}>
      {why.sentence}
      {why.previewed !== null && why.found !== null && (
        <>
          {" "}
          {t("draft.moved", {
            previewed: format.count(why.previewed, "people"),
            found: format.count(why.found, "people"),
          })}
        </>
      )}
    </Alarm>
  );
}
