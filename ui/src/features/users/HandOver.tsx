import { Button, Code, CopyButton, Stack, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";

/** A secret link, shown once, to be handed to its owner. */
export function HandOver({ url }: { url: string }) {
  const { t } = useTranslation("users");
  return (
    <Stack gap="sm" align="flex-start">
      <Text size="sm">{t("link.hand")}</Text>
      <Code block style={{ width: "100%", whiteSpace: "pre-wrap", wordBreak: "break-all" }}>
        {url}
      </Code>
      <CopyButton value={url}>
        {({ copied, copy }) => (
          <Button variant="default" onClick={copy}>
            {copied ? t("link.copied") : t("link.copy")}
          </Button>
        )}
      </CopyButton>
    </Stack>
  );
}
