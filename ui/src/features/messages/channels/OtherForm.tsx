/** What a message says that is no mail. */
import { useTranslation } from "react-i18next";
import { AssetPicker } from "../assets/AssetPicker";
import { HTTPS, TextEditor } from "../blocks/TextEditor";
import type { Body, PersonBody, PushBody, SmsBody } from "../model/body";
import type { EditorProps } from "../template/context";
import { LineForm } from "./LineForm";
import { SmsCount } from "./SmsCount";
import { WebhookForm } from "./WebhookForm";

export interface ChannelFormProps<B extends Body> {
  body: B;
  /** Edits with one mark in succession are one step of the history. */
  onChange: (body: B, mark: string) => void;
  readOnly: boolean;
}

export function OtherForm({ draft, look, readOnly }: EditorProps) {
  const { body } = draft;
  const onChange = (next: Body, mark: string) => draft.change(() => next, mark);
  switch (body.kind) {
    case "sms":
      return (
        <SmsForm body={body} onChange={onChange} readOnly={readOnly} sent={look.preview?.text} />
      );
    case "line":
      return <LineForm body={body} onChange={onChange} readOnly={readOnly} />;
    case "push":
      return <PushForm body={body} onChange={onChange} readOnly={readOnly} />;
    case "webhook":
      return <WebhookForm body={body} onChange={onChange} readOnly={readOnly} />;
    case "person":
      return <PersonForm body={body} onChange={onChange} readOnly={readOnly} />;
    case "email":
      return null; // has its own editor
  }
}

function SmsForm({
  body,
  onChange,
  readOnly,
  sent,
}: ChannelFormProps<SmsBody> & { sent: string | undefined }) {
  const { t } = useTranslation("messages");
  return (
    <>
      <TextEditor
        label={t("sms.text")}
        description={t("sms.textText")}
        value={body.text}
        rows={6}
        readOnly={readOnly}
        maxLength={2000}
        onChange={(text) => onChange({ ...body, text }, "text")}
      />
      <SmsCount written={body.text} sent={sent} />
    </>
  );
}

function PushForm({ body, onChange, readOnly }: ChannelFormProps<PushBody>) {
  const { t } = useTranslation("messages");
  return (
    <>
      <TextEditor
        label={t("push.title")}
        value={body.title}
        readOnly={readOnly}
        maxLength={400}
        onChange={(title) => onChange({ ...body, title }, "title")}
      />
      <TextEditor
        label={t("push.body")}
        value={body.body}
        rows={3}
        readOnly={readOnly}
        maxLength={1000}
        onChange={(text) => onChange({ ...body, body: text }, "body")}
      />
      <TextEditor
        label={t("push.url")}
        placeholder={HTTPS}
        value={body.url}
        readOnly={readOnly}
        maxLength={2000}
        onChange={(url) => onChange({ ...body, url }, "url")}
      />
      <AssetPicker
        label={t("push.icon")}
        value={body.icon}
        readOnly={readOnly}
        onPick={(asset) => onChange({ ...body, icon: asset.id }, "icon")}
      />
    </>
  );
}

function PersonForm({ body, onChange, readOnly }: ChannelFormProps<PersonBody>) {
  const { t } = useTranslation("messages");
  return (
    <>
      <TextEditor
        label={t("person.title")}
        description={t("person.titleText")}
        value={body.title}
        readOnly={readOnly}
        maxLength={400}
        onChange={(title) => onChange({ ...body, title }, "title")}
      />
      <TextEditor
        label={t("person.text")}
        description={t("person.textText")}
        value={body.text}
        rows={8}
        readOnly={readOnly}
        maxLength={20_000}
        onChange={(text) => onChange({ ...body, text }, "text")}
      />
    </>
  );
}
