import {
  Button,
  Collapse,
  Group,
  SegmentedControl,
  Stack,
  Textarea,
  TextInput,
} from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useMay } from "@/app/session";
import { call } from "@/client/http";
import { ErrorState, Ready } from "@/design/states";
import { told } from "@/design/undo";
import { Copied } from "./Copied";
import { type Notice, noticeQuery, type Source } from "./data";
import classes from "./events.module.css";

/** The 外部送信 notice: what visitors are to be told of what the snippet sends. */
export function NoticePart({ source }: { source: Source }) {
  const { t, i18n } = useTranslation("events");
  const may = useMay();
  const notice = useQuery(noticeQuery(source.id));
  const [locale, setLocale] = useState<"ja" | "en">(i18n.language === "en" ? "en" : "ja");
  const [editing, setEditing] = useState(false);
  return (
    <section className={classes.part}>
      <h3 className={classes.heading}>{t("notice.title")}</h3>
      <p className="muted">{t("notice.text")}</p>
      <Group gap="sm">
        <SegmentedControl
          size="xs"
          aria-label={t("notice.language")}
          value={locale}
          data={[
            { value: "ja", label: t("notice.ja") },
            { value: "en", label: t("notice.en") },
          ]}
          onChange={(value) => setLocale(value as "ja" | "en")}
        />
        {may("events.write") && (
          <Button variant="default" size="xs" onClick={() => setEditing(!editing)}>
            {t("notice.edit")}
          </Button>
        )}
      </Group>
      <Ready query={notice} lines={[100, 100, 90, 100]}>
        {(found) => (
          <>
            <Collapse expanded={editing}>
              <Editor source={source} notice={found} onSaved={() => setEditing(false)} />
            </Collapse>
            <Preview notice={found} locale={locale} />
            <Copied label={t("notice.html")} text={found.html[locale]} />
          </>
        )}
      </Ready>
    </section>
  );
}

/** The notice as its readers will see it, drawn from its parts and not from the HTML. */
function Preview({ notice, locale }: { notice: Notice; locale: "ja" | "en" }) {
  const { i18n } = useTranslation("events");
  const t = i18n.getFixedT(locale, "events");
  return (
    <div className={classes.notice} lang={locale}>
      <h4>{t("notice.what")}</h4>
      <dl>
        {notice.items.map((item) => (
          <div key={item.label.en}>
            <dt>{item.label[locale]}</dt>
            <dd>{item.detail[locale]}</dd>
          </div>
        ))}
      </dl>
      <h4>{t("notice.who")}</h4>
      <p>{notice.recipient[locale]}</p>
      <h4>{t("notice.why")}</h4>
      <p>{notice.purpose[locale]}</p>
      {notice.contact && (
        <>
          <h4>{t("notice.contact")}</h4>
          <p>{notice.contact}</p>
        </>
      )}
    </div>
  );
}

interface EditorProps {
  source: Source;
  notice: Notice;
  onSaved: () => void;
}

function Editor({ source, notice, onSaved }: EditorProps) {
  const { t } = useTranslation("events");
  const client = useQueryClient();
  const [draft, setDraft] = useState({
    recipient_ja: notice.recipient.ja,
    recipient_en: notice.recipient.en,
    purpose_ja: notice.purpose.ja,
    purpose_en: notice.purpose.en,
    contact: notice.contact,
  });
  const save = useMutation({
    mutationFn: () =>
      call<Notice>("PUT", `/api/events/sources/${source.id}/notice`, { body: draft }),
    onSuccess: async (found) => {
      client.setQueryData(noticeQuery(source.id).queryKey, found);
      told(t("notice.saved"));
      onSaved();
    },
  });
  const put = (name: keyof typeof draft) => (event: { currentTarget: { value: string } }) =>
    setDraft({ ...draft, [name]: event.currentTarget.value });
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate();
      }}
    >
      <Stack gap="sm">
        <TextInput
          label={t("notice.recipientJa")}
          value={draft.recipient_ja}
          onChange={put("recipient_ja")}
        />
        <TextInput
          label={t("notice.recipientEn")}
          value={draft.recipient_en}
          onChange={put("recipient_en")}
        />
        <Textarea
          label={t("notice.purposeJa")}
          autosize
          value={draft.purpose_ja}
          onChange={put("purpose_ja")}
        />
        <Textarea
          label={t("notice.purposeEn")}
          autosize
          value={draft.purpose_en}
          onChange={put("purpose_en")}
        />
        <TextInput
          label={t("notice.contact")}
          placeholder={t("notice.contactExample")}
          value={draft.contact}
          onChange={put("contact")}
        />
        {save.error && <ErrorState error={save.error} inline />}
        <Group>
          <Button type="submit" variant="default" loading={save.isPending}>
            {t("save")}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
