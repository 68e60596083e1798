import { Button, Stack, Text } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useMay, useMe } from "@/app/session";
import { call } from "@/client/http";
import { TextLink } from "@/design/Link";
import { RightPanel } from "@/design/RightPanel";
import { Remark } from "@/design/StatusBadge";
import { Empty, ErrorState } from "@/design/states";
import { told } from "@/design/undo";
import { type Invited, readAttributes, type UserRow, usersQuery, writeAttributes } from "./data";
import { HandOver } from "./HandOver";
import { type UserDraft, UserForm } from "./UserForm";

interface UserPanelProps {
  user: UserRow | undefined;
  onClose: () => void;
}

export function UserPanel({ user, onClose }: UserPanelProps) {
  const { t } = useTranslation("users");
  if (!user) {
    return (
      <RightPanel title={t("title")} onClose={onClose}>
        <Empty title={t("none")}>{t("noneText")}</Empty>
      </RightPanel>
    );
  }
  return <Loaded user={user} onClose={onClose} />;
}

function Loaded({ user, onClose }: { user: UserRow; onClose: () => void }) {
  const { t } = useTranslation("users");
  const me = useMe();
  const may = useMay();
  const client = useQueryClient();
  const [draft, setDraft] = useState<UserDraft>({
    name: user.name,
    role: user.role,
    attributes: writeAttributes(user.attributes),
  });
  const attributes = readAttributes(draft.attributes);
  const write = async (body: Partial<UserRow>) => {
    await call("PATCH", `/api/users/${user.id}`, { body });
    await client.invalidateQueries({ queryKey: usersQuery.queryKey });
  };
  const save = useMutation({
    mutationFn: () =>
      write({ name: draft.name.trim(), role: draft.role, attributes: attributes ?? {} }),
    onSuccess: () => told(t("saved", { name: user.name || user.email })),
  });
  const activate = useMutation({
    mutationFn: (is_active: boolean) => write({ is_active }),
    onSuccess: (_, is_active) =>
      told(t(is_active ? "activated" : "deactivated", { name: user.name || user.email }), () =>
        write({ is_active: !is_active }),
      ),
  });
  const link = useMutation({
    mutationFn: async () => {
      if (user.joined_at) {
        const made = await call<{ url: string }>("POST", `/api/users/${user.id}/reset`);
        return made.url;
      }
      const made = await call<Invited>("POST", `/api/users/${user.id}/invite`);
      await client.invalidateQueries({ queryKey: usersQuery.queryKey });
      return made.invitation_url;
    },
  });
  const unlock = useMutation({
    mutationFn: async () => {
      await call("POST", `/api/users/${user.id}/totp/reset`);
      await client.invalidateQueries({ queryKey: usersQuery.queryKey });
    },
    onSuccess: () => told(t("totp.done", { name: user.name || user.email })),
  });
  const writable = may("users.write");
  const self = me.id === user.id;
  return (
    <RightPanel
      title={user.name || user.email}
      lead={`${user.email} · ${t(`standings.${user.state}`)}`}
      onClose={onClose}
      footer={
        writable && (
          <>
            {!self && (
              <Button
                variant="default"
                loading={activate.isPending}
                onClick={() => activate.mutate(!user.is_active)}
              >
                {user.is_active ? t("deactivate") : t("activate")}
              </Button>
            )}
            <Button
              loading={save.isPending}
              disabled={attributes === null}
              onClick={() => save.mutate()}
            >
              {t("save")}
            </Button>
          </>
        )
      }
    >
      <Stack gap="md">
        {self && writable && <Remark>{t("self")}</Remark>}
        <UserForm draft={draft} onChange={setDraft} disabled={!writable} />
        {may("audit.read") && (
          <TextLink to="/settings/audit" search={{ actor: user.id }} size="sm">
            {t("audit")}
          </TextLink>
        )}
        {writable && user.is_active && !link.data && (
          <div>
            <Button variant="default" loading={link.isPending} onClick={() => link.mutate()}>
              {user.joined_at ? t("link.reset") : t("link.invite")}
            </Button>
          </div>
        )}
        {link.data && <HandOver url={link.data} />}
        {writable && !self && user.totp && (
          <div>
            <Button variant="default" loading={unlock.isPending} onClick={() => unlock.mutate()}>
              {t("totp.reset")}
            </Button>
            <Text size="sm" c="dimmed" mt={4}>
              {t("totp.text")}
            </Text>
          </div>
        )}
        {unlock.error && <ErrorState error={unlock.error} inline />}
        {link.error && <ErrorState error={link.error} inline />}
        {save.error && <ErrorState error={save.error} inline />}
        {activate.error && <ErrorState error={activate.error} inline />}
      </Stack>
    </RightPanel>
  );
}
