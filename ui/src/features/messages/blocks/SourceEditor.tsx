/** The mail's MJML, with the number of each line. */
import { Textarea } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { Check } from "../types";
import classes from "./blocks.module.css";

interface Props {
  value: string;
  onChange: (value: string) => void;
  readOnly: boolean;
  checks: readonly Check[];
}

export function SourceEditor({ value, onChange, readOnly, checks }: Props) {
  const { t } = useTranslation("messages");
  const broken = new Set(
    checks.flatMap((one) => Number(/:(\d+)$/.exec(one.path)?.[1] ?? Number.NaN) || []),
  );
  return (
    <div className={classes.source}>
      <pre className={classes.lines} aria-hidden>
        {value.split("\n").map((_, index) => (
          <span key={index} data-broken={broken.has(index + 1) || undefined}>
            {index + 1}
            {"\n"}
          </span>
        ))}
      </pre>
      <Textarea
        className={classes.area}
        classNames={{ input: classes.code }}
        aria-label={t("mode.source")}
        value={value}
        readOnly={readOnly}
        autosize
        minRows={24}
        spellCheck={false}
        autoCapitalize="off"
        wrap="off"
        onChange={(event) => onChange(event.currentTarget.value)}
      />
    </div>
  );
}
