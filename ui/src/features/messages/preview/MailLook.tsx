/** A mail as its reader opens it: who it comes from, what it is about, and what it says. */
import { useTranslation } from "react-i18next";
import { Remark } from "@/design/StatusBadge";
import { knowsDark } from "../model/mailHtml";
import { type Device, MailFrame } from "./MailFrame";
import classes from "./preview.module.css";

interface Mail {
  subject: string;
  preheader?: string;
  sender_name?: string;
  html: string;
  text: string;
}

interface Props {
  mail: Mail;
  device: Device;
  dark: boolean;
  /** The plain part instead of the drawn one. */
  text: boolean;
  onBlock?: (path: string) => void;
}

export function MailLook({ mail, device, dark, text, onBlock }: Props) {
  const { t } = useTranslation("messages");
  return (
    <>
      {dark && !text && !knowsDark(mail.html) && <Remark>{t("preview.turned")}</Remark>}
      <article
        className={classes.device}
        data-device={text ? "desktop" : device}
        data-dark={(dark && !text) || undefined}
      >
        <header className={classes.head}>
          <span className={classes.sender}>{mail.sender_name || t("preview.sender")}</span>
          <span className={classes.subject}>{mail.subject || t("preview.noSubject")}</span>
          {mail.preheader && <span className={classes.preheader}>{mail.preheader}</span>}
        </header>
        {text || !mail.html ? (
          <pre className={classes.plain}>{mail.text}</pre>
        ) : (
          <MailFrame
            html={mail.html}
            title={t("preview.mail")}
            device={device}
            dark={dark}
            onBlock={onBlock}
          />
        )}
      </article>
    </>
  );
}
