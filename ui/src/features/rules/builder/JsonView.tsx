/** The rule as JSON: to read, to copy, to change. */
import { Button, JsonInput, Group as Row, Stack } from "@mantine/core";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { isObject, type JsonObject } from "../model/json";

interface Props {
  json: JsonObject;
  onApply: (json: JsonObject) => void;
}

export function JsonView({ json, onApply }: Props) {
  const { t } = useTranslation("rules");
  const written = JSON.stringify(json, null, 2);
  const [text, setText] = useState(written);
  const [error, setError] = useState<string | null>(null);
  useEffect(() => setText(written), [written]);

  function apply() {
    try {
      const read: unknown = JSON.parse(text);
      if (!isObject(read)) {
        setError(t("builder.jsonNotObject"));
        return;
      }
      setError(null);
      onApply(isObject(read.rule) && "version" in read ? read.rule : read);
    } catch (fault) {
      setError(t("builder.jsonInvalid", { reason: fault instanceof Error ? fault.message : "" }));
    }
  }

  return (
    <Stack gap="xs">
      <JsonInput
        aria-label={t("builder.jsonLabel")}
        value={text}
        onChange={setText}
        error={error}
        autosize
        minRows={10}
        maxRows={30}
        spellCheck={false}
        styles={{ input: { fontFamily: "var(--mantine-font-family-monospace)", fontSize: 13 } }}
      />
      <Row justify="flex-end">
        <Button variant="light" size="compact-sm" disabled={text === written} onClick={apply}>
          {t("builder.jsonApply")}
        </Button>
      </Row>
    </Stack>
  );
}
