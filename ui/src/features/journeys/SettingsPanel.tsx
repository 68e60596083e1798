/** Its name, and which journey goes first where only one message is allowed. */
import { Button, NumberInput, Stack, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { call } from "@/client/http";
import { RightPanel } from "@/design/RightPanel";
import { ErrorState } from "@/design/states";
import { told } from "@/design/undo";
import { journeyQuery, path } from "./api";
import type { Journey } from "./types";

export function SettingsPanel({ journey, onClose }: { journey: Journey; onClose: () => void }) {
  const { t } = useTranslation("journeys");
  const client = useQueryClient();
  const [name, setName] = useState(journey.name);
  const [priority, setPriority] = useState(journey.priority);
  const save = useMutation({
    mutationFn: () =>
      call<Journey>("PATCH", path(journey.slug), { body: { name: name.trim(), priority } }),
    onSuccess: async (next) => {
      client.setQueryData(journeyQuery(journey.slug).queryKey, next);
      await client.invalidateQueries({ queryKey: ["journeys"] });
      told(t("done.settings", { name: next.name }));
      onClose();
    },
  });
  return (
    <RightPanel
      title={t("deed.settings")}
      onClose={onClose}
      footer={
        <Button
          disabled={name.trim() === ""}
          loading={save.isPending}
          onClick={() => save.mutate()}
        >
          {t("save")}
        </Button>
      }
    >
      <Stack gap="md">
        {save.error && <ErrorState error={save.error} inline />}
        <TextInput
          label={t("create.name")}
          maxLength={200}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <NumberInput
          w={200}
          label={t("priority")}
          description={t("priorityHelp")}
          min={-1000}
          max={1000}
          allowDecimal={false}
          value={priority}
          onChange={(value) => setPriority(Number(value) || 0)}
        />
      </Stack>
    </RightPanel>
  );
}
