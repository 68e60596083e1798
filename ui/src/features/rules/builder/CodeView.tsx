/** The rule as JSON or YAML: to read, to copy, to change. */
import { Button, CopyButton, Textarea } from "@mantine/core";
import { IconAlertTriangle, IconCheck, IconCopy } from "@tabler/icons-react";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { type Language, lineOf, readCode, writeCode } from "../model/code";
import type { Fault, JsonObject } from "../model/json";
import classes from "./code.module.css";

interface Props {
  language: Language;
  json: JsonObject;
  readOnly: boolean;
  faults: readonly Fault[];
  onApply: (json: JsonObject) => void;
}

export function CodeView({ language, json, readOnly, faults, onApply }: Props) {
  const { t } = useTranslation("rules");
  const written = writeCode(json, language);
  const [text, setText] = useState(written);
  const area = useRef<HTMLTextAreaElement>(null);
  useEffect(() => setText(written), [written]);
  const read = readCode(text, language);
  const broken = "line" in read ? read : null;
  const changed = text !== written;

  function goTo(line: number) {
    const start =
      text
        .split("\n")
        .slice(0, line - 1)
        .join("\n").length + (line > 1 ? 1 : 0);
    const end = text.indexOf("\n", start);
    area.current?.focus();
    area.current?.setSelectionRange(start, end < 0 ? text.length : end);
  }

  return (
    <div className={classes.view}>
      <div className={classes.frame}>
        <pre className={classes.lines} aria-hidden>
          {text.split("\n").map((_, index) => (
            <span key={index} data-broken={broken?.line === index + 1 || undefined}>
              {index + 1}
              {"\n"}
            </span>
          ))}
        </pre>
        <Textarea
          ref={area}
          className={classes.area}
          classNames={{ input: classes.input }}
          aria-label={t(`code.label.${language}`)}
          aria-invalid={broken !== null}
          value={text}
          readOnly={readOnly}
          autosize
          minRows={10}
          spellCheck={false}
          autoCapitalize="off"
          wrap="off"
          onChange={(event) => setText(event.currentTarget.value)}
        />
      </div>
      <div className={classes.foot}>
        <div className={classes.messages} role="status">
          {broken && (
            <Problem line={broken.line} onGo={() => goTo(broken.line)}>
              {broken.reason === null
                ? t("code.notObject")
                : t("code.invalid", { reason: broken.reason })}
            </Problem>
          )}
          {!broken &&
            !changed &&
            faults.map((fault) => (
              <Problem
                key={fault.path + fault.message}
                line={lineOf(text, fault.path)}
                onGo={() => goTo(lineOf(text, fault.path))}
              >
                {fault.message} {fault.remedy}
              </Problem>
            ))}
          {!broken && changed && <span className="muted">{t("code.changed")}</span>}
        </div>
        <CopyButton value={text}>
          {({ copied, copy }) => (
            <Button
              variant="subtle"
              color="gray"
              size="compact-sm"
              leftSection={
                copied ? <IconCheck size={14} aria-hidden /> : <IconCopy size={14} aria-hidden />
              }
              onClick={copy}
            >
              {t(copied ? "code.copied" : "code.copy")}
            </Button>
          )}
        </CopyButton>
        {!readOnly && (
          <Button
            variant="light"
            size="compact-sm"
            disabled={!changed || broken !== null}
            onClick={() => "rule" in read && onApply(read.rule)}
          >
            {t("code.apply")}
          </Button>
        )}
      </div>
    </div>
  );
}

function Problem(props: { line: number; onGo: () => void; children: React.ReactNode }) {
  const { t } = useTranslation("rules");
  return (
    <div className={classes.problem}>
      <IconAlertTriangle size={14} aria-hidden />
      <button type="button" className={classes.go} onClick={props.onGo}>
        {t("code.line", { line: props.line })}
      </button>
      <span>{props.children}</span>
    </div>
  );
}
