/** A message that is no mail, as its reader would roughly see it. */
import { IconBell, IconPhoto, IconUserCheck } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import type { Channel } from "../model/body";
import { bubblesOf } from "../model/flex";
import { FlexView } from "./FlexView";
import classes from "./preview.module.css";

/** How a webhook is handed over. */
const METHOD = "POST";

interface Props {
  channel: Exclude<Channel, "email">;
  title: string;
  text: string;
  payload: unknown;
  url: string;
}

export function PayloadLook({ channel, title, text, payload, url }: Props) {
  const { t } = useTranslation("messages");
  switch (channel) {
    case "sms":
      return (
        <Telephone>
          <div className={classes.bubble}>{text}</div>
        </Telephone>
      );
    case "line":
      return (
        <Telephone line>
          {linesOf(payload).map((one, index) => (
            <LineBubble key={index} message={one} />
          ))}
        </Telephone>
      );
    case "push":
      return (
        <Telephone>
          <div className={classes.push}>
            <IconBell size={18} stroke={1.6} aria-hidden />
            <div>
              <div className={classes.pushTitle}>{title}</div>
              <div>{text}</div>
              {url && <div className={classes.pushUrl}>{url}</div>}
            </div>
          </div>
        </Telephone>
      );
    case "webhook":
      return (
        <div className={classes.request}>
          {url && (
            <div className={classes.address}>
              <b>{METHOD}</b> {url}
            </div>
          )}
          <pre
            className={classes.json}
            tabIndex={0}
            role="region"
            aria-label={t("preview.payload")}
          >
            {typeof payload === "string" ? payload : JSON.stringify(payload, null, 2)}
          </pre>
        </div>
      );
    case "person":
      return (
        <div className={classes.task}>
          <div className={classes.taskTitle}>
            <IconUserCheck size={18} stroke={1.6} aria-hidden />
            {title}
          </div>
          <div className={classes.taskText}>{text}</div>
        </div>
      );
  }
}

function Telephone({ children, line }: { children: React.ReactNode; line?: boolean }) {
  return (
    <div className={classes.telephone} data-line={line || undefined}>
      {children}
    </div>
  );
}

type LineMessage = Record<string, unknown>;

function linesOf(payload: unknown): LineMessage[] {
  const found = Array.isArray(payload)
    ? payload
    : ((payload as { messages?: unknown } | null)?.messages ?? []);
  return Array.isArray(found) ? (found as LineMessage[]) : [];
}

/** One message as LINE takes it, or as a template holds it. */
function LineBubble({ message }: { message: LineMessage }) {
  const { t } = useTranslation("messages");
  const kind = message.type ?? message.kind;
  if (kind === "flex") {
    const bubbles = bubblesOf(message.contents);
    return bubbles.length > 0 ? (
      <FlexView bubbles={bubbles} />
    ) : (
      <div className={classes.bubble}>{String(message.altText ?? message.alt ?? "")}</div>
    );
  }
  if (kind === "image") {
    return (
      <div className={classes.picture}>
        <IconPhoto size={28} stroke={1.3} aria-label={t("block.image")} role="img" />
      </div>
    );
  }
  return <div className={classes.bubble}>{String(message.text ?? "")}</div>;
}
