import { Button, Code, CopyButton } from "@mantine/core";
import { useTranslation } from "react-i18next";
import classes from "./events.module.css";

/** A text to be taken elsewhere: shown whole, copied by one click. */
export function Copied({ text, label }: { text: string; label: string }) {
  const { t } = useTranslation("events");
  return (
    <div className={classes.copied}>
      <Code block className={classes.code} tabIndex={0} role="group" aria-label={label}>
        {text}
      </Code>
      <CopyButton value={text}>
        {({ copied, copy }) => (
          <Button variant="default" size="xs" onClick={copy}>
            {copied ? t("copied") : t("copy", { what: label })}
          </Button>
        )}
      </CopyButton>
    </div>
  );
}
