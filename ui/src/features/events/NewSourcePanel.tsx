import { Button, Radio, Stack, Textarea, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { call } from "@/client/http";
import { RightPanel } from "@/design/RightPanel";
import { Remark } from "@/design/StatusBadge";
import { ErrorState } from "@/design/states";
import { Copied } from "./Copied";
import { KINDS, type SourceKind, type SourceWithKey, serverCode, sourcesQuery } from "./data";

interface NewSourcePanelProps {
  url: string;
  onClose: () => void;
  onMade: (id: string) => void;
}

/** A new event source. A server's key is shown here and never again. */
export function NewSourcePanel({ url, onClose, onMade }: NewSourcePanelProps) {
  const { t } = useTranslation("events");
  const client = useQueryClient();
  const [name, setName] = useState("");
  const [kind, setKind] = useState<SourceKind>("web");
  const [origins, setOrigins] = useState("");
  const make = useMutation({
    mutationFn: () =>
      call<SourceWithKey>("POST", "/api/events/sources", {
        body: {
          name: name.trim(),
          kind,
          origins: kind === "web" ? origins.split(/\s+/).filter(Boolean) : [],
        },
      }),
    onSuccess: async ({ source }) => {
      await client.invalidateQueries({ queryKey: sourcesQuery.queryKey });
      if (source.kind !== "server") onMade(source.id);
    },
  });
  if (make.data?.source.kind === "server") {
    return <KeyOnce made={make.data} url={url} onClose={onClose} />;
  }
  return (
    <RightPanel
      title={t("sources.make")}
      onClose={onClose}
      footer={
        <Button type="submit" form="source" loading={make.isPending} disabled={!name.trim()}>
          {t("sources.create")}
        </Button>
      }
    >
      <form
        id="source"
        onSubmit={(event) => {
          event.preventDefault();
          make.mutate();
        }}
      >
        <Stack gap="md">
          <TextInput
            label={t("sources.name")}
            placeholder={t("sources.nameExample")}
            required
            withAsterisk={false}
            autoFocus
            maxLength={100}
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
          />
          <Radio.Group
            label={t("sources.kind")}
            value={kind}
            onChange={(value) => setKind(value as SourceKind)}
          >
            <Stack gap="xs" mt={6}>
              {KINDS.map((one) => (
                <Radio
                  key={one}
                  value={one}
                  label={t(`kind.${one}`)}
                  description={t(`kindText.${one}`)}
                />
              ))}
            </Stack>
          </Radio.Group>
          {kind === "web" && (
            <Textarea
              label={t("sources.origins")}
              description={t("sources.originsText")}
              placeholder={t("sources.originsExample")}
              autosize
              minRows={2}
              value={origins}
              onChange={(event) => setOrigins(event.currentTarget.value)}
            />
          )}
          {make.error && <ErrorState error={make.error} inline />}
        </Stack>
      </form>
    </RightPanel>
  );
}

function KeyOnce({
  made,
  url,
  onClose,
}: {
  made: SourceWithKey;
  url: string;
  onClose: () => void;
}) {
  const { t } = useTranslation("events");
  return (
    <RightPanel title={t("sources.made", { name: made.source.name })} onClose={onClose}>
      <Stack gap="md">
        <Remark tone="warn">{t("sources.once")}</Remark>
        <Copied label={t("sources.key")} text={made.key} />
        <Copied label={t("sources.example")} text={serverCode(url, made.key)} />
      </Stack>
    </RightPanel>
  );
}
