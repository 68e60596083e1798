import { Button, Checkbox, MultiSelect, Stack, TextInput } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { call } from "@/client/http";
import { TextLink } from "@/design/Link";
import { RightPanel } from "@/design/RightPanel";
import { Remark } from "@/design/StatusBadge";
import { ErrorState } from "@/design/states";
import { Copied } from "./Copied";
import {
  CROSSINGS,
  type CrossingEvent,
  liveSegmentsQuery,
  type Webhook,
  type WebhookWithSecret,
  webhooksQuery,
} from "./data";

export interface WebhookDraft {
  name: string;
  url: string;
  segments: string[];
  events: CrossingEvent[];
}

export function draftOf(webhook: Webhook): WebhookDraft {
  return {
    name: webhook.name,
    url: webhook.url,
    segments: webhook.segments.map((one) => one.slug),
    events: [...webhook.events],
  };
}

export function isWhole(draft: WebhookDraft): boolean {
  return Boolean(
    draft.name.trim() && draft.url.trim() && draft.segments.length && draft.events.length,
  );
}

interface WebhookFieldsProps {
  draft: WebhookDraft;
  onChange: (draft: WebhookDraft) => void;
}

/** What is told to whom. */
export function WebhookFields({ draft, onChange }: WebhookFieldsProps) {
  const { t } = useTranslation("events");
  const segments = useQuery(liveSegmentsQuery);
  const live = (segments.data ?? []).map((one) => ({
    value: one.slug,
    label: one.name,
  }));
  return (
    <Stack gap="md">
      <TextInput
        label={t("webhooks.name")}
        placeholder={t("webhooks.nameExample")}
        maxLength={200}
        value={draft.name}
        onChange={(event) => onChange({ ...draft, name: event.currentTarget.value })}
      />
      <TextInput
        label={t("webhooks.url")}
        description={t("webhooks.urlText")}
        placeholder={t("webhooks.urlExample")}
        type="url"
        value={draft.url}
        onChange={(event) => onChange({ ...draft, url: event.currentTarget.value })}
      />
      <MultiSelect
        label={t("webhooks.segments")}
        description={t("webhooks.segmentsText")}
        placeholder={draft.segments.length ? undefined : t("webhooks.choose")}
        data={live}
        searchable
        value={draft.segments}
        onChange={(value) => onChange({ ...draft, segments: value })}
      />
      {segments.data?.length === 0 && (
        <Remark>
          {t("webhooks.noLive")} <TextLink to="/segments">{t("webhooks.toSegments")}</TextLink>
        </Remark>
      )}
      <Checkbox.Group
        label={t("webhooks.events")}
        value={draft.events}
        onChange={(value) => onChange({ ...draft, events: value as CrossingEvent[] })}
      >
        <Stack gap="xs" mt={6}>
          {CROSSINGS.map((one) => (
            <Checkbox key={one} value={one} label={t(`crossing.${one}`)} />
          ))}
        </Stack>
      </Checkbox.Group>
    </Stack>
  );
}

/** A new webhook; its secret is shown here and never again. */
export function NewWebhookPanel({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation("events");
  const client = useQueryClient();
  const [draft, setDraft] = useState<WebhookDraft>({
    name: "",
    url: "",
    segments: [],
    events: [...CROSSINGS],
  });
  const make = useMutation({
    mutationFn: () =>
      call<WebhookWithSecret>("POST", "/api/webhooks", {
        body: { ...draft, name: draft.name.trim(), url: draft.url.trim() },
      }),
    onSuccess: () => client.invalidateQueries({ queryKey: webhooksQuery.queryKey }),
  });
  if (make.data) {
    return (
      <RightPanel title={t("webhooks.made", { name: make.data.webhook.name })} onClose={onClose}>
        <SecretOnce secret={make.data.secret} />
      </RightPanel>
    );
  }
  return (
    <RightPanel
      title={t("webhooks.make")}
      lead={t("webhooks.makeLead")}
      onClose={onClose}
      footer={
        <Button type="submit" form="webhook" loading={make.isPending} disabled={!isWhole(draft)}>
          {t("webhooks.create")}
        </Button>
      }
    >
      <form
        id="webhook"
        onSubmit={(event) => {
          event.preventDefault();
          make.mutate();
        }}
      >
        <Stack gap="md">
          <WebhookFields draft={draft} onChange={setDraft} />
          {make.error && <ErrorState error={make.error} inline />}
        </Stack>
      </form>
    </RightPanel>
  );
}

/** The secret with which a receiver checks signatures. */
export function SecretOnce({ secret }: { secret: string }) {
  const { t } = useTranslation("events");
  return (
    <Stack gap="md">
      <Remark tone="warn">{t("webhooks.once")}</Remark>
      <Copied label={t("webhooks.secret")} text={secret} />
      <p className="muted">{t("webhooks.verify")}</p>
    </Stack>
  );
}
