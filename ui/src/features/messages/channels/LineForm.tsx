/** Up to five messages of LINE, one after the other: texts, Flex messages, pictures. */
import { ActionIcon, Button, Textarea } from "@mantine/core";
import { IconArrowDown, IconArrowUp, IconPlus, IconTrash } from "@tabler/icons-react";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import type { JsonObject } from "@/features/rules";
import { AssetPicker } from "../assets/AssetPicker";
import { TextEditor } from "../blocks/TextEditor";
import type { LineBody, LineMessage } from "../model/body";
import { readJson } from "../model/flex";
import classes from "./channels.module.css";
import type { ChannelFormProps } from "./OtherForm";

const MOST = 5;
const KINDS: readonly LineMessage["kind"][] = ["text", "flex", "image"];

function fresh(kind: LineMessage["kind"]): LineMessage {
  if (kind === "text") return { kind, text: "" };
  if (kind === "image") return { kind, asset: "" };
  const body = {
    type: "box",
    layout: "vertical",
    contents: [{ type: "text", text: "", wrap: true }],
  };
  return { kind, alt: "", contents: { type: "bubble", body } };
}

export function LineForm({ body, onChange, readOnly }: ChannelFormProps<LineBody>) {
  const { t } = useTranslation("messages");
  const { messages } = body;
  const put = (next: readonly LineMessage[], mark: string) =>
    onChange({ ...body, messages: next }, mark);
  const swap = (index: number, by: number) => {
    const next = [...messages];
    const [one] = next.splice(index, 1);
    if (one) next.splice(index + by, 0, one);
    put(next, `swap:${index}`);
  };
  return (
    <>
      <ol className={classes.messages}>
        {messages.map((message, index) => (
          <li key={index} className={classes.message}>
            <div className={classes.messageHead}>
              <span>
                {t("line.message", { number: index + 1, kind: t(`line.${message.kind}`) })}
              </span>
              {!readOnly && (
                <span>
                  <ActionIcon
                    size="sm"
                    aria-label={t("line.up", { number: index + 1 })}
                    disabled={index === 0}
                    onClick={() => swap(index, -1)}
                  >
                    <IconArrowUp size={14} aria-hidden />
                  </ActionIcon>
                  <ActionIcon
                    size="sm"
                    aria-label={t("line.down", { number: index + 1 })}
                    disabled={index === messages.length - 1}
                    onClick={() => swap(index, 1)}
                  >
                    <IconArrowDown size={14} aria-hidden />
                  </ActionIcon>
                  <ActionIcon
                    size="sm"
                    aria-label={t("line.remove", { number: index + 1 })}
                    disabled={messages.length === 1}
                    onClick={() =>
                      put(
                        messages.filter((_, at) => at !== index),
                        `remove:${index}`,
                      )
                    }
                  >
                    <IconTrash size={14} aria-hidden />
                  </ActionIcon>
                </span>
              )}
            </div>
            <MessageForm
              message={message}
              readOnly={readOnly}
              onChange={(next) =>
                put(
                  messages.map((one, at) => (at === index ? next : one)),
                  `message:${index}`,
                )
              }
            />
          </li>
        ))}
      </ol>
      {!readOnly && messages.length < MOST && (
        <div className={classes.adders}>
          {KINDS.map((kind) => (
            <Button
              key={kind}
              size="compact-sm"
              variant="light"
              leftSection={<IconPlus size={14} aria-hidden />}
              onClick={() => put([...messages, fresh(kind)], `add:${messages.length}`)}
            >
              {t(`line.${kind}`)}
            </Button>
          ))}
        </div>
      )}
    </>
  );
}

interface MessageProps {
  message: LineMessage;
  onChange: (message: LineMessage) => void;
  readOnly: boolean;
}

function MessageForm({ message, onChange, readOnly }: MessageProps) {
  const { t } = useTranslation("messages");
  switch (message.kind) {
    case "text":
      return (
        <TextEditor
          label={t("line.text")}
          value={message.text}
          rows={4}
          readOnly={readOnly}
          maxLength={5000}
          onChange={(text) => onChange({ ...message, text })}
        />
      );
    case "image":
      return (
        <AssetPicker
          label={t("line.image")}
          value={message.asset}
          readOnly={readOnly}
          onPick={(asset) => onChange({ ...message, asset: asset.id })}
        />
      );
    case "flex":
      return (
        <>
          <TextEditor
            label={t("line.alt")}
            description={t("line.altText")}
            value={message.alt}
            readOnly={readOnly}
            maxLength={400}
            onChange={(alt) => onChange({ ...message, alt })}
          />
          <JsonArea
            label={t("line.contents")}
            value={message.contents}
            readOnly={readOnly}
            onChange={(contents) => onChange({ ...message, contents })}
          />
        </>
      );
  }
}

interface JsonAreaProps {
  label: string;
  value: JsonObject;
  onChange: (value: JsonObject) => void;
  readOnly: boolean;
}

/** JSON as text: taken as soon as it can be read, and kept as typed until then. */
function JsonArea({ label, value, onChange, readOnly }: JsonAreaProps) {
  const { t } = useTranslation("messages");
  const written = JSON.stringify(value, null, 2);
  const [text, setText] = useState(written);
  const read = readJson(text);
  useEffect(() => {
    // Changed from outside (undo): what is typed stands for something else now.
    setText((old) => {
      const found = readJson(old);
      return "value" in found && JSON.stringify(found.value, null, 2) === written ? old : written;
    });
  }, [written]);
  return (
    <Textarea
      label={label}
      classNames={{ input: classes.mono }}
      autosize
      minRows={10}
      maxRows={30}
      spellCheck={false}
      readOnly={readOnly}
      value={text}
      error={"reason" in read && t("line.broken", { reason: read.reason })}
      onChange={(event) => {
        const next = event.currentTarget.value;
        setText(next);
        const found = readJson(next);
        if ("value" in found && typeof found.value === "object" && found.value !== null) {
          onChange(found.value as JsonObject);
        }
      }}
    />
  );
}
