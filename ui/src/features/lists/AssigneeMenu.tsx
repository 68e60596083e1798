/** Changes the assignee in its cell. */
import { Menu, UnstyledButton } from "@mantine/core";
import { IconChevronDown } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { workersQuery } from "./api";
import { useBulk } from "./bulk";
import classes from "./lists.module.css";
import type { ListDetail, Member } from "./types";

export function AssigneeMenu({ list, member }: { list: ListDetail; member: Member }) {
  const { t } = useTranslation("lists");
  const workers = useQuery(workersQuery);
  const bulk = useBulk(list.id);
  const assign = (assignee: string | null) =>
    bulk.mutate({ action: "assign", ids: [member.id], assignee });
  return (
    <Menu position="bottom-start">
      <Menu.Target>
        <UnstyledButton
          className={classes.assignee}
          aria-label={t("board.assign", { name: member.display })}
          onClick={(event) => event.stopPropagation()}
        >
          <span className={member.assignee ? undefined : "muted"}>
            {member.assignee?.name ?? t("board.unassigned")}
          </span>
          <IconChevronDown size={12} aria-hidden />
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown
        mah={320}
        style={{ overflowY: "auto" }}
        onClick={(event) => event.stopPropagation()}
      >
        <Menu.Item disabled={member.assignee === null} onClick={() => assign(null)}>
          {t("board.unassign")}
        </Menu.Item>
        <Menu.Divider />
        {(workers.data ?? []).map((one) => (
          <Menu.Item
            key={one.id}
            disabled={one.id === member.assignee?.id}
            onClick={() => assign(one.id)}
          >
            {one.name}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
