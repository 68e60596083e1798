import { Button, Group, Stack } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useMay } from "@/app/session";
import { call } from "@/client/http";
import { Facts } from "@/design/Facts";
import { RightPanel } from "@/design/RightPanel";
import { Remark, StatusBadge } from "@/design/StatusBadge";
import { Empty, ErrorState } from "@/design/states";
import { told } from "@/design/undo";
import { useFormat } from "@/design/useFormat";
import { Deliveries } from "./Deliveries";
import { type Webhook, type WebhookWithSecret, webhooksQuery } from "./data";
import classes from "./events.module.css";
import { draftOf, isWhole, SecretOnce, WebhookFields } from "./WebhookForm";
import { TONES } from "./WebhooksPage";

interface WebhookPanelProps {
  webhook: Webhook | undefined;
  onClose: () => void;
}

/** One webhook: how it stands, what it was told, and what can be done about it. */
export function WebhookPanel({ webhook, onClose }: WebhookPanelProps) {
  const { t } = useTranslation("events");
  const may = useMay();
  const [secret, setSecret] = useState<string | null>(null);
  const [editing, setEditing] = useState(false);
  if (!webhook) {
    return (
      <RightPanel title={t("webhooks.gone")} onClose={onClose}>
        <Empty title={t("webhooks.gone")} />
      </RightPanel>
    );
  }
  return (
    <RightPanel
      title={webhook.name}
      lead={
        <StatusBadge tone={TONES[webhook.state]} plain>
          {t(`state.${webhook.state}`)}
        </StatusBadge>
      }
      onClose={onClose}
      width={560}
    >
      <Stack gap="lg">
        {secret && <SecretOnce secret={secret} />}
        {webhook.message && <Remark tone="warn">{webhook.message}</Remark>}
        {editing ? (
          <Edit webhook={webhook} onDone={() => setEditing(false)} />
        ) : (
          <Standing webhook={webhook} />
        )}
        {may("webhooks.write") && !editing && (
          <Actions
            webhook={webhook}
            onEdit={() => setEditing(true)}
            onSecret={setSecret}
            onRemoved={onClose}
          />
        )}
        <Deliveries webhook={webhook} />
      </Stack>
    </RightPanel>
  );
}

function Standing({ webhook }: { webhook: Webhook }) {
  const { t } = useTranslation("events");
  const format = useFormat();
  return (
    <Facts
      facts={[
        { label: t("webhooks.url"), value: <span className={classes.address}>{webhook.url}</span> },
        {
          label: t("webhooks.segments"),
          value: webhook.segments
            .map((one) => (one.live ? one.name : t("webhooks.notLive", { name: one.name })))
            .join(t("webhooks.and")),
        },
        {
          label: t("webhooks.events"),
          value: webhook.events.map((one) => t(`crossing.${one}`)).join(t("webhooks.and")),
        },
        { label: t("webhooks.last"), value: format.dateTime(webhook.delivered_at) },
        ...(webhook.due_at && webhook.failing_since
          ? [{ label: t("webhooks.next"), value: format.dateTime(webhook.due_at) }]
          : []),
      ]}
    />
  );
}

function Edit({ webhook, onDone }: { webhook: Webhook; onDone: () => void }) {
  const { t } = useTranslation("events");
  const client = useQueryClient();
  const [draft, setDraft] = useState(() => draftOf(webhook));
  const save = useMutation({
    mutationFn: () => call<Webhook>("PATCH", `/api/webhooks/${webhook.id}`, { body: draft }),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: webhooksQuery.queryKey });
      told(t("webhooks.saved"));
      onDone();
    },
  });
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate();
      }}
    >
      <Stack gap="md">
        <WebhookFields draft={draft} onChange={setDraft} />
        {save.error && <ErrorState error={save.error} inline />}
        <Group>
          <Button type="submit" loading={save.isPending} disabled={!isWhole(draft)}>
            {t("save")}
          </Button>
          <Button variant="default" onClick={onDone}>
            {t("cancel")}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

interface ActionsProps {
  webhook: Webhook;
  onEdit: () => void;
  onSecret: (secret: string) => void;
  onRemoved: () => void;
}

function Actions({ webhook, onEdit, onSecret, onRemoved }: ActionsProps) {
  const { t } = useTranslation("events");
  const client = useQueryClient();
  const [removing, setRemoving] = useState(false);
  const refresh = () => client.invalidateQueries({ queryKey: webhooksQuery.queryKey });
  const path = `/api/webhooks/${webhook.id}`;
  const state = useMutation({
    mutationFn: (wanted: "active" | "paused") => call("PATCH", path, { body: { state: wanted } }),
    onSuccess: refresh,
  });
  const ping = useMutation({
    mutationFn: () => call("POST", `${path}/ping`),
    onSuccess: async () => {
      told(t("webhooks.pinged"));
      await refresh();
    },
  });
  const renew = useMutation({
    mutationFn: () => call<WebhookWithSecret>("POST", `${path}/secret`),
    onSuccess: (made) => onSecret(made.secret),
  });
  const remove = useMutation({
    mutationFn: () => call("DELETE", path),
    onSuccess: async () => {
      told(t("webhooks.removed", { name: webhook.name }));
      onRemoved();
      await refresh();
    },
  });
  const problem = state.error ?? ping.error ?? renew.error ?? remove.error;
  const active = webhook.state === "active";
  return (
    <Stack gap="sm">
      <Group gap="sm">
        <Button variant="default" onClick={() => state.mutate(active ? "paused" : "active")}>
          {active ? t("webhooks.pause") : t("webhooks.start")}
        </Button>
        {active && (
          <Button variant="default" loading={ping.isPending} onClick={() => ping.mutate()}>
            {t("webhooks.ping")}
          </Button>
        )}
        <Button variant="default" onClick={onEdit}>
          {t("webhooks.edit")}
        </Button>
        <Button variant="default" loading={renew.isPending} onClick={() => renew.mutate()}>
          {t("webhooks.renew")}
        </Button>
        <Button variant="default" onClick={() => setRemoving(!removing)}>
          {t("webhooks.remove")}
        </Button>
      </Group>
      {removing && (
        <Remark tone="warn">
          {t("webhooks.removeText", { count: webhook.waiting })}
          <Group gap="sm" mt={8}>
            <Button size="xs" loading={remove.isPending} onClick={() => remove.mutate()}>
              {t("webhooks.removeNow")}
            </Button>
            <Button size="xs" variant="default" onClick={() => setRemoving(false)}>
              {t("cancel")}
            </Button>
          </Group>
        </Remark>
      )}
      {problem && <ErrorState error={problem} inline />}
    </Stack>
  );
}
