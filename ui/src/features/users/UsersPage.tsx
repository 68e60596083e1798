import { Select, TextInput } from "@mantine/core";
import { IconSearch } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { SettingsTabs } from "@/app/SettingsTabs";
import { useMay } from "@/app/session";
import { rowsOf } from "@/client/pages";
import { type Column, DataTable } from "@/design/DataTable";
import { Filters } from "@/design/Filters";
import { MainAction, Page } from "@/design/Page";
import { StatusBadge, type Tone } from "@/design/StatusBadge";
import { Empty, Ready } from "@/design/states";
import { useFormat } from "@/design/useFormat";
import { ROLES, type RoleName, type Standing, type UserRow, usersQuery } from "./data";
import { InvitePanel } from "./InvitePanel";
import type { UsersSearch } from "./routes";
import { UserPanel } from "./UserPanel";

const TONES: Record<Standing, Tone> = {
  active: "good",
  invited: "draft",
  expired: "warn",
  inactive: "neutral",
};

export function UsersPage() {
  const { t } = useTranslation("users");
  const may = useMay();
  const search = useSearch({ from: "/frame/settings/users" });
  const navigate = useNavigate({ from: "/settings/users" });
  const users = useQuery(usersQuery);
  const change = (part: UsersSearch) =>
    void navigate({
      search: (old: UsersSearch) => ({ ...old, ...part }),
      replace: !("open" in part),
    });
  const wanted = (user: UserRow) => {
    const q = search.q?.toLowerCase() ?? "";
    const text = `${user.name} ${user.name_kana ?? ""} ${user.email} ${Object.values(user.attributes).join(" ")}`;
    return text.toLowerCase().includes(q) && (!search.role || user.role === search.role);
  };
  return (
    <Page
      title={t("title")}
      lead={t("lead")}
      tabs={<SettingsTabs value="users" />}
      action={
        may("users.write") && (
          <MainAction onClick={() => change({ open: "new" })}>{t("invite.open")}</MainAction>
        )
      }
    >
      <Filters>
        <TextInput
          aria-label={t("find")}
          placeholder={t("find")}
          leftSection={<IconSearch size={15} />}
          value={search.q ?? ""}
          onChange={(event) => change({ q: event.currentTarget.value || undefined })}
        />
        <Select
          aria-label={t("role")}
          placeholder={t("anyRole")}
          clearable
          value={search.role ?? null}
          data={ROLES.map((role) => ({ value: role, label: t(`app:role.${role}`) }))}
          onChange={(value) => change({ role: (value as RoleName | null) ?? undefined })}
        />
      </Filters>
      <Ready query={users}>
        {(found) => (
          <Table
            users={found.items.filter(wanted)}
            active={search.open}
            onOpen={(user) => change({ open: user.id })}
          />
        )}
      </Ready>
      {search.open === "new" && <InvitePanel onClose={() => change({ open: undefined })} />}
      {search.open && search.open !== "new" && (
        <UserPanel
          key={search.open}
          user={users.data?.items.find((one) => one.id === search.open)}
          onClose={() => change({ open: undefined })}
        />
      )}
    </Page>
  );
}

interface TableProps {
  users: UserRow[];
  active?: string;
  onOpen: (user: UserRow) => void;
}

function Table({ users, active, onOpen }: TableProps) {
  const { t } = useTranslation("users");
  const format = useFormat();
  const columns: Column<UserRow>[] = [
    { id: "name", header: t("name"), cell: (user) => user.name || t("unnamed"), width: 180 },
    { id: "email", header: t("email"), cell: (user) => user.email, width: 260 },
    { id: "role", header: t("role"), cell: (user) => t(`app:role.${user.role}`), width: 140 },
    {
      id: "attributes",
      header: t("attributes"),
      cell: (user) => (
        <span className="muted">
          {Object.entries(user.attributes)
            .map(([name, value]) => `${name}: ${value}`)
            .join("  ")}
        </span>
      ),
      width: 240,
    },
    {
      id: "standing",
      header: t("standing"),
      cell: (user) => (
        <StatusBadge tone={TONES[user.state]} plain>
          {t(`standings.${user.state}`)}
        </StatusBadge>
      ),
      width: 120,
    },
    {
      id: "seen",
      header: t("seen"),
      cell: (user) => format.relative(user.last_sign_in_at),
      width: 140,
    },
  ];
  return (
    <DataTable
      label={t("title")}
      source={rowsOf(users)}
      columns={columns}
      rowId={(user) => user.id}
      activeId={active}
      onOpen={onOpen}
      empty={<Empty title={t("none")}>{t("noneText")}</Empty>}
    />
  );
}
