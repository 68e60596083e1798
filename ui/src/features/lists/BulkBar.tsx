/** What can be done to the chosen members, or to all that the filters show. */
import { Anchor, Button, Menu } from "@mantine/core";
import { IconChevronDown } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { ErrorState } from "@/design/states";
import { useFormat } from "@/design/useFormat";
import { workersQuery } from "./api";
import { type Bulk, useBulk } from "./bulk";
import classes from "./lists.module.css";
import type { ListDetail } from "./types";

interface Props {
  list: ListDetail;
  selected: ReadonlySet<string>;
  query: Record<string, string | undefined>;
  total: number;
  onDone: () => void;
}

export function BulkBar({ list, selected, query, total, onDone }: Props) {
  const { t } = useTranslation("lists");
  const format = useFormat();
  const workers = useQuery(workersQuery);
  const bulk = useBulk(list.id, onDone);
  const [everyone, setEveryone] = useState(false);
  const count = everyone ? total : selected.size;
  const whom = everyone ? { filter: query } : { ids: [...selected].map(Number) };
  const act = (what: Omit<Bulk, "ids" | "filter">) => bulk.mutate({ ...what, ...whom });
  const people = workers.data ?? [];
  return (
    <div className={classes.bulk} role="toolbar" aria-label={t("bulk.label")}>
      <span className="tabular">{t("bulk.count", { people: format.count(count, "people") })}</span>
      {!everyone && total > selected.size && (
        <Anchor component="button" type="button" size="sm" onClick={() => setEveryone(true)}>
          {t("bulk.everyone", { people: format.count(total, "people") })}
        </Anchor>
      )}
      <Choice label={t("bulk.assign")} busy={bulk.isPending}>
        {people.length > 1 && (
          <Menu.Item
            onClick={() => act({ action: "assign", assignees: people.map((one) => one.id) })}
          >
            {t("bulk.spread")}
          </Menu.Item>
        )}
        <Menu.Item onClick={() => act({ action: "assign", assignee: null })}>
          {t("board.unassign")}
        </Menu.Item>
        <Menu.Divider />
        {people.map((one) => (
          <Menu.Item key={one.id} onClick={() => act({ action: "assign", assignee: one.id })}>
            {one.name}
          </Menu.Item>
        ))}
      </Choice>
      <Choice label={t("bulk.status")} busy={bulk.isPending}>
        {list.statuses.map((one) => (
          <Menu.Item key={one.code} onClick={() => act({ action: "status", status: one.code })}>
            {one.label}
          </Menu.Item>
        ))}
      </Choice>
      <Choice label={t("bulk.priority")} busy={bulk.isPending}>
        {(["high", "medium", "low"] as const).map((priority) => (
          <Menu.Item key={priority} onClick={() => act({ action: "priority", priority })}>
            {t(`priority.${priority}`)}
          </Menu.Item>
        ))}
      </Choice>
      <Button variant="subtle" color="gray" size="compact-sm" onClick={onDone}>
        {t("bulk.clear")}
      </Button>
      {bulk.error && <ErrorState error={bulk.error} inline />}
    </div>
  );
}

function Choice(props: { label: string; busy: boolean; children: React.ReactNode }) {
  return (
    <Menu position="bottom-start">
      <Menu.Target>
        <Button
          variant="default"
          size="compact-sm"
          loading={props.busy}
          rightSection={<IconChevronDown size={12} aria-hidden />}
        >
          {props.label}
        </Button>
      </Menu.Target>
      <Menu.Dropdown mah={320} style={{ overflowY: "auto" }}>
        {props.children}
      </Menu.Dropdown>
    </Menu>
  );
}
