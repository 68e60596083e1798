/** A request to another system: where it goes, and the JSON it carries. */
import { Switch, Textarea } from "@mantine/core";
import { useRef } from "react";
import { useTranslation } from "react-i18next";
import { HTTPS, InsertMenu, TextEditor } from "../blocks/TextEditor";
import type { WebhookBody } from "../model/body";
import { readJson } from "../model/flex";
import { inserted, mark } from "../model/liquid";
import classes from "./channels.module.css";
import type { ChannelFormProps } from "./OtherForm";

export function WebhookForm({ body, onChange, readOnly }: ChannelFormProps<WebhookBody>) {
  const { t } = useTranslation("messages");
  const box = useRef<HTMLTextAreaElement>(null);
  const read = readJson(body.json);
  const put = (name: string) => {
    const at = box.current?.selectionStart ?? body.json.length;
    const next = inserted(body.json, at, box.current?.selectionEnd ?? at, `"${mark(name)}"`);
    onChange({ ...body, json: next.text }, "json");
  };
  return (
    <>
      <TextEditor
        label={t("webhook.url")}
        description={t("webhook.urlText")}
        placeholder={HTTPS}
        value={body.url}
        readOnly={readOnly}
        maxLength={2000}
        onChange={(url) => onChange({ ...body, url }, "url")}
      />
      <Switch
        label={t("webhook.personLinks")}
        description={t("webhook.personLinksText")}
        disabled={readOnly}
        checked={body.person_links === true}
        onChange={(event) =>
          onChange({ ...body, person_links: event.currentTarget.checked }, "person_links")
        }
      />
      <div className={classes.jsonBox}>
        {!readOnly && (
          <div className={classes.jsonTools}>
            <InsertMenu onPick={put} />
          </div>
        )}
        <Textarea
          ref={box}
          label={t("webhook.json")}
          description={t("webhook.jsonText", { mark: mark("balance") })}
          classNames={{ input: classes.mono }}
          autosize
          minRows={10}
          maxRows={30}
          spellCheck={false}
          readOnly={readOnly}
          value={body.json}
          error={"reason" in read && t("line.broken", { reason: read.reason })}
          onChange={(event) => onChange({ ...body, json: event.currentTarget.value }, "json")}
        />
      </div>
    </>
  );
}
