/** The mail around its content: subject, who it comes from, how it is written. */
import { SegmentedControl, Switch, TextInput } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { EmailBody } from "../model/body";
import { Labelled } from "./BlockForm";
import { TextEditor } from "./TextEditor";

interface Props {
  body: EmailBody;
  onChange: (body: EmailBody, mark: string) => void;
  readOnly: boolean;
}

export function MailForm({ body, onChange, readOnly }: Props) {
  const { t } = useTranslation("messages");
  return (
    <>
      <TextEditor
        label={t("mail.subject")}
        value={body.subject}
        readOnly={readOnly}
        maxLength={400}
        onChange={(subject) => onChange({ ...body, subject }, "subject")}
      />
      <TextEditor
        label={t("mail.preheader")}
        description={t("mail.preheaderText")}
        value={body.preheader}
        readOnly={readOnly}
        maxLength={400}
        onChange={(preheader) => onChange({ ...body, preheader }, "preheader")}
      />
      <TextEditor
        label={t("mail.senderName")}
        description={t("mail.senderNameText")}
        value={body.sender_name}
        readOnly={readOnly}
        maxLength={400}
        onChange={(sender_name) => onChange({ ...body, sender_name }, "sender_name")}
      />
      <TextInput
        label={t("mail.replyTo")}
        description={t("mail.replyToText")}
        readOnly={readOnly}
        maxLength={400}
        value={body.reply_to}
        onChange={(event) => onChange({ ...body, reply_to: event.currentTarget.value }, "reply_to")}
      />
      <Labelled label={t("mail.charset")}>
        <SegmentedControl
          fullWidth
          size="xs"
          aria-label={t("mail.charset")}
          readOnly={readOnly}
          value={body.charset}
          data={[
            { value: "utf-8", label: "UTF-8" },
            { value: "iso-2022-jp", label: "ISO-2022-JP" },
          ]}
          onChange={(charset) =>
            onChange({ ...body, charset: charset as EmailBody["charset"] }, "charset")
          }
        />
      </Labelled>
      <Switch
        label={t("mail.ownText")}
        description={t("mail.ownTextText")}
        disabled={readOnly}
        checked={body.text !== null}
        onChange={(event) =>
          onChange({ ...body, text: event.currentTarget.checked ? "" : null }, "text-on")
        }
      />
      {body.text !== null && (
        <TextEditor
          label={t("mail.text")}
          value={body.text}
          rows={8}
          mono
          readOnly={readOnly}
          maxLength={20_000}
          onChange={(text) => onChange({ ...body, text }, "text")}
        />
      )}
    </>
  );
}
