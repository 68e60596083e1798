import { Button, Stack, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { call } from "@/client/http";
import { Facts } from "@/design/Facts";
import { RightPanel } from "@/design/RightPanel";
import { ErrorState } from "@/design/states";
import { told } from "@/design/undo";
import { useFormat } from "@/design/useFormat";
import { templateQuery } from "../data";
import type { Template } from "../types";

/** The template's name, and what never changes about it. */
export function SettingsPanel({ template, onClose }: { template: Template; onClose: () => void }) {
  const { t } = useTranslation("messages");
  const format = useFormat();
  const client = useQueryClient();
  const [name, setName] = useState(template.name);
  const rename = useMutation({
    mutationFn: () =>
      call<Template>("PATCH", `/api/templates/${template.slug}`, { body: { name: name.trim() } }),
    onSuccess: async (next) => {
      client.setQueryData(templateQuery(template.slug).queryKey, next);
      await client.invalidateQueries({ queryKey: ["templates", "rows"] });
      told(t("done.renamed"));
      onClose();
    },
  });
  return (
    <RightPanel
      title={t("deed.rename")}
      onClose={onClose}
      footer={
        <Button
          disabled={name.trim() === "" || name.trim() === template.name}
          loading={rename.isPending}
          onClick={() => rename.mutate()}
        >
          {t("deed.save")}
        </Button>
      }
    >
      <Stack>
        <TextInput
          label={t("new.name")}
          maxLength={200}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <Facts
          facts={[
            { label: t("new.slug"), value: template.slug },
            { label: t("list.channel"), value: t(`channel.${template.channel}`) },
            { label: t("list.purpose"), value: template.purpose_label },
            { label: t("list.owner"), value: template.owner.name },
            { label: t("list.made"), value: format.dateTime(template.created_at) },
          ]}
        />
        {rename.error && <ErrorState error={rename.error} inline />}
      </Stack>
    </RightPanel>
  );
}
