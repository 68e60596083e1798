import { Button, Select, TextInput } from "@mantine/core";
import { DatePickerInput } from "@mantine/dates";
import { useDebouncedCallback } from "@mantine/hooks";
import { IconSearch } from "@tabler/icons-react";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { SettingsTabs } from "@/app/SettingsTabs";
import { useMay } from "@/app/session";
import { ApiError } from "@/client/errors";
import { call } from "@/client/http";
import { type Column, DataTable } from "@/design/DataTable";
import { Filters } from "@/design/Filters";
import { MainAction, Page } from "@/design/Page";
import { StatusBadge } from "@/design/StatusBadge";
import { Empty, ErrorState } from "@/design/states";
import { useFormat } from "@/design/useFormat";
import { usersQuery } from "@/features/users/data";
import { AuditPanel } from "./AuditPanel";
import styles from "./audit.module.css";
import { type AuditRow, GROUPS, useAudit, type Verification } from "./data";
import type { AuditSearch } from "./routes";
import { useActionWords } from "./words";

export function AuditPage() {
  const { t } = useTranslation("audit");
  const search = useSearch({ from: "/frame/settings/audit" });
  const navigate = useNavigate({ from: "/settings/audit" });
  const format = useFormat();
  const words = useActionWords();
  const rows = useAudit(search);
  const change = (part: AuditSearch) =>
    void navigate({ search: (old: AuditSearch) => ({ ...old, ...part }), replace: true });
  const columns: Column<AuditRow>[] = [
    { id: "at", header: t("at"), cell: (row) => format.dateTime(row.at), width: 190 },
    {
      id: "actor",
      header: t("actor"),
      width: 200,
      cell: (row) => (
        <>
          {row.actor_name || t(row.role === "none" ? "signedOut" : "nobody")}
          {row.role !== "none" && (
            <span className="muted"> {t(`app:role.${row.role}`, row.role)}</span>
          )}
        </>
      ),
    },
    { id: "action", header: t("action"), cell: (row) => words.action(row.action), width: 220 },
    {
      id: "object",
      header: t("object"),
      width: 280,
      cell: (row) => (
        <>
          {words.object(row.object_type)} <span className="muted">{row.object_id}</span>
        </>
      ),
    },
    {
      id: "subjects",
      header: t("subjects"),
      align: "end",
      width: 90,
      cell: (row) => (row.subjects.length ? format.count(row.subjects.length, "people") : ""),
    },
    { id: "seq", header: t("seq"), align: "end", cell: (row) => format.number(row.seq), width: 90 },
  ];
  const open = findOpen(rows, search.row);
  return (
    <Page
      title={t("title")}
      lead={t("lead")}
      tabs={<SettingsTabs value="audit" />}
      action={<Verify />}
    >
      <AuditFilters search={search} onChange={change} total={rows.total} />
      <DataTable
        label={t("title")}
        source={rows}
        columns={columns}
        rowId={(row) => String(row.seq)}
        activeId={search.row === undefined ? undefined : String(search.row)}
        onOpen={(row) => change({ row: row.seq })}
        empty={<Empty title={t("none")}>{t("noneText")}</Empty>}
      />
      {search.row !== undefined && open && (
        <AuditPanel row={open} onClose={() => change({ row: undefined })} onFilter={change} />
      )}
    </Page>
  );
}

/** Rows come newest first, so a number tells about where its row is. */
function findOpen(
  rows: { total: number; rowAt: (index: number) => AuditRow | undefined },
  seq: number | undefined,
): AuditRow | undefined {
  if (seq === undefined) return undefined;
  for (let index = 0; index < Math.min(rows.total, 5_000); index += 1) {
    const row = rows.rowAt(index);
    if (row?.seq === seq) return row;
  }
  return undefined;
}

interface FiltersProps {
  search: AuditSearch;
  onChange: (part: AuditSearch) => void;
  total: number;
}

function AuditFilters({ search, onChange, total }: FiltersProps) {
  const { t } = useTranslation("audit");
  const format = useFormat();
  const may = useMay();
  const words = useActionWords();
  const users = useQuery({ ...usersQuery, enabled: may("users.read") });
  const [text, setText] = useState(search.subject ?? search.object_id ?? "");
  const find = useDebouncedCallback((value: string) => {
    const id = value.trim();
    // Enishi ids of customers are a letter and hex digits; everything else has a prefix and `_`.
    const isSubject = /^[a-z][0-9a-f]{24}$/.test(id);
    onChange({
      subject: isSubject ? id : undefined,
      object_id: isSubject ? undefined : id || undefined,
    });
  }, 300);
  return (
    <Filters aside={t("total", { total: format.number(total) })}>
      <TextInput
        aria-label={t("find")}
        placeholder={t("find")}
        leftSection={<IconSearch size={15} />}
        value={text}
        onChange={(event) => {
          setText(event.currentTarget.value);
          find(event.currentTarget.value);
        }}
      />
      <Select
        aria-label={t("actor")}
        placeholder={t("anyone")}
        clearable
        searchable
        value={search.actor ?? null}
        data={(users.data?.items ?? []).map((user) => ({
          value: user.id,
          label: user.name || user.email,
        }))}
        onChange={(value) => onChange({ actor: value ?? undefined })}
      />
      <Select
        aria-label={t("action")}
        placeholder={t("anything")}
        clearable
        value={search.action ?? null}
        data={GROUPS.map((group) => ({ value: group, label: words.group(group) }))}
        onChange={(value) => onChange({ action: value ?? undefined })}
      />
      <DatePickerInput
        type="range"
        aria-label={t("when")}
        placeholder={t("anyTime")}
        clearable
        valueFormat="YYYY/MM/DD"
        w={230}
        value={[search.from ?? null, search.to ?? null]}
        onChange={([from, to]) => onChange({ from: from ?? undefined, to: to ?? undefined })}
      />
    </Filters>
  );
}

/** Checks the chain; what it found stays in sight. */
function Verify() {
  const { t } = useTranslation("audit");
  const format = useFormat();
  const verify = useMutation({
    mutationFn: () => call<Verification>("POST", "/api/audit/verify"),
  });
  const found = verify.data;
  return (
    <div className={styles.verify}>
      <MainAction loading={verify.isPending} onClick={() => verify.mutate()}>
        {t("verify.open")}
      </MainAction>
      {found?.ok && (
        <div className={styles.verdict} role="status">
          <StatusBadge tone="good">{t("verify.ok")}</StatusBadge>
          {t("verify.checked", { checked: format.number(found.checked) })}
        </div>
      )}
      {found && !found.ok && (
        <div className={styles.verdict}>
          <ErrorState
            error={
              new ApiError(409, {
                code: "chain_broken",
                message: t("verify.broken", { checked: format.number(found.checked) }),
                remedy: t("verify.remedy"),
                faults: found.faults,
                detail: {},
              })
            }
          />
          <Button variant="default" size="compact-sm" onClick={() => verify.reset()}>
            {t("design:close")}
          </Button>
        </div>
      )}
      {verify.error && <ErrorState error={verify.error} inline />}
    </div>
  );
}
