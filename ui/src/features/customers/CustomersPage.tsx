import { SegmentedControl, TextInput } from "@mantine/core";
import { useDebouncedCallback } from "@mantine/hooks";
import { IconSearch } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { type Column, DataTable } from "@/design/DataTable";
import { Filters } from "@/design/Filters";
import { Page } from "@/design/Page";
import { Empty } from "@/design/states";
import { useFormat } from "@/design/useFormat";
import { catalogQuery } from "@/features/data/data";
import { useCustomers } from "./data";
import type { CustomersSearch } from "./routes";
import type { CustomerRow, ToldField } from "./types";
import { useValue } from "./useValue";

/** Finding somebody by name, kana, phone or number. */
export function CustomersPage() {
  const { t } = useTranslation("customers");
  const format = useFormat();
  const search = useSearch({ from: "/frame/customers" });
  const navigate = useNavigate();
  const [text, setText] = useState(search.q ?? "");
  const catalog = useQuery(catalogQuery);
  const rows = useCustomers(search);
  const change = (part: CustomersSearch) =>
    void navigate({
      to: "/customers",
      search: (old: CustomersSearch) => ({ ...old, ...part }),
      replace: true,
    });
  const find = useDebouncedCallback((q: string) => change({ q: q.trim() || undefined }), 200);
  const subjects = (catalog.data?.datasets ?? []).filter((one) => one.subject !== null);
  const first = subjects.find((one) => one.subject === "person") ?? subjects[0];
  const columns = useColumns(rows.rowAt(0));
  return (
    <Page title={t("title")} lead={t("lead")}>
      <Filters
        aside={rows.loading ? null : t("found", { count: format.count(rows.total, "people") })}
      >
        <TextInput
          aria-label={t("find")}
          placeholder={t("find")}
          leftSection={<IconSearch size={15} />}
          autoFocus
          value={text}
          onChange={(event) => {
            setText(event.currentTarget.value);
            find(event.currentTarget.value);
          }}
        />
        {subjects.length > 1 && (
          <SegmentedControl
            aria-label={t("subject")}
            value={search.subject ?? first?.subject ?? ""}
            data={subjects.map((one) => ({ value: one.subject ?? "", label: one.label }))}
            onChange={(subject) =>
              change({ subject: subject === first?.subject ? undefined : subject })
            }
          />
        )}
      </Filters>
      <DataTable
        label={t("title")}
        source={rows}
        columns={columns}
        rowId={(row) => row.id}
        onOpen={(row) => {
          // Words just typed go into the URL now: later they would lead back from the customer.
          find.flush();
          void navigate({ to: "/customers/$customerId", params: { customerId: row.id } });
        }}
        empty={<Empty title={t("none")}>{t("noneText")}</Empty>}
      />
    </Page>
  );
}

/** The name and the number, then whatever tells people apart in this catalog. */
function useColumns(sample: CustomerRow | undefined): Column<CustomerRow>[] {
  const { t } = useTranslation("customers");
  const format = useFormat();
  const write = useValue();
  const field = (row: CustomerRow, name: string): ToldField | undefined =>
    row.fields.find((one) => one.name === name);
  const named = sample?.fields.find((one) => one.value === sample.display)?.name;
  const others = (sample?.fields ?? []).filter((one) => one.name !== named);
  return [
    { id: "name", header: t("name"), width: 200, cell: (row) => row.display ?? row.key },
    { id: "key", header: t("key"), width: 120, cell: (row) => row.key },
    ...others.map(
      (one): Column<CustomerRow> => ({
        id: one.name,
        header: format.label(one.label),
        width: one.meaning === "address" ? 280 : one.meaning === "birth_date" ? 190 : 160,
        cell: (row) => {
          const told = field(row, one.name);
          const text = told ? write(told, told.value) : null;
          return told?.masked ? <span className="muted">{text}</span> : text;
        },
      }),
    ),
  ];
}
