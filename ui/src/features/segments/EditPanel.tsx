/** What a segment is called, what it is for, and how often it is refreshed. */
import { Button, Stack, Textarea, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { call } from "@/client/http";
import { RightPanel } from "@/design/RightPanel";
import { ErrorState } from "@/design/states";
import { told } from "@/design/undo";
import { segmentQuery } from "./api";
import { EverySelect } from "./EverySelect";
import type { Segment } from "./types";

interface Words {
  name: string;
  name_en: string;
  description: string;
  refresh_every: string;
}

function wordsOf(segment: Segment): Words {
  return {
    name: segment.names.ja,
    name_en: segment.names.en,
    description: segment.description,
    refresh_every: segment.refresh_every ?? "",
  };
}

export function EditPanel({ segment, onClose }: { segment: Segment; onClose: () => void }) {
  const { t } = useTranslation("segments");
  const client = useQueryClient();
  const before = wordsOf(segment);
  const [words, setWords] = useState(before);
  const send = (body: Words) => call<Segment>("PATCH", `/api/segments/${segment.slug}`, { body });
  const again = async () => {
    await client.invalidateQueries({ queryKey: segmentQuery(segment.slug).queryKey });
    await client.invalidateQueries({ queryKey: ["segments"] });
  };
  const save = useMutation({
    mutationFn: () => send(words),
    onSuccess: async () => {
      await again();
      onClose();
      told(t("edit.done"), async () => {
        await send(before);
        await again();
      });
    },
  });
  const change = (part: Partial<Words>) => setWords((old) => ({ ...old, ...part }));
  return (
    <RightPanel
      title={t("edit.title")}
      lead={segment.name}
      onClose={onClose}
      footer={
        <Button
          loading={save.isPending}
          disabled={words.name.trim() === "" || JSON.stringify(words) === JSON.stringify(before)}
          onClick={() => save.mutate()}
        >
          {t("edit.save")}
        </Button>
      }
    >
      <Stack gap="md">
        {save.error && <ErrorState error={save.error} inline />}
        <TextInput
          label={t("field.name")}
          required
          maxLength={200}
          value={words.name}
          onChange={(event) => change({ name: event.currentTarget.value })}
        />
        <TextInput
          label={t("field.nameEn")}
          maxLength={200}
          value={words.name_en}
          onChange={(event) => change({ name_en: event.currentTarget.value })}
        />
        <Textarea
          label={t("field.description")}
          autosize
          minRows={2}
          maxRows={8}
          maxLength={4000}
          value={words.description}
          onChange={(event) => change({ description: event.currentTarget.value })}
        />
        {segment.kind !== "snapshot" && (
          <EverySelect
            value={words.refresh_every || null}
            onChange={(every) => change({ refresh_every: every ?? "" })}
          />
        )}
      </Stack>
    </RightPanel>
  );
}
