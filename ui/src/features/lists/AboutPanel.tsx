/** What a list is: who is on it and why, how it is ordered, who may see it; its name and due date. */

import { Button, Stack, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { call } from "@/client/http";
import { DayInput } from "@/design/DayInput";
import { TextLink } from "@/design/Link";
import { RightPanel } from "@/design/RightPanel";
import { ErrorState } from "@/design/states";
import { told } from "@/design/undo";
import { useFormat } from "@/design/useFormat";
import { listQuery } from "./api";
import { Block } from "./Brief";
import classes from "./lists.module.css";
import type { ListDetail } from "./types";

export function AboutPanel({ list, onClose }: { list: ListDetail; onClose: () => void }) {
  const { t } = useTranslation("lists");
  const format = useFormat();
  return (
    <RightPanel title={t("about.title")} lead={list.name} onClose={onClose}>
      <Block title={t("about.who")}>
        <p>{list.sentence}</p>
      </Block>
      <Block title={t("about.facts")}>
        <dl className={classes.facts}>
          <dt>{t("column.definition")}</dt>
          <dd>
            <TextLink to="/definitions/$id" params={{ id: list.definition_id }}>
              {list.definition_name}
            </TextLink>
          </dd>
          <dt>{t("about.made")}</dt>
          <dd>
            {format.dateTime(list.created_at)} {list.created_by?.name}
          </dd>
          <dt>{t("column.refreshed")}</dt>
          <dd>{format.dateTime(list.refreshed_at)}</dd>
          <dt>{t("column.priority")}</dt>
          <dd>
            {list.priority.kind === "fixed"
              ? t(`priority.${list.priority.level}`)
              : t("about.score", {
                  parts: list.priority.parts
                    .map((part) => format.label(part.label))
                    .join(t("comma")),
                })}
          </dd>
          {list.top_n !== null && (
            <>
              <dt>{t("create.topN")}</dt>
              <dd>{format.count(list.top_n, "people")}</dd>
            </>
          )}
          <dt>{t("column.assignee")}</dt>
          <dd>{t(`assignment.${list.assignment.kind}`)}</dd>
        </dl>
      </Block>
      {list.can_manage && list.state !== "closed" && <Rename list={list} />}
    </RightPanel>
  );
}

function Rename({ list }: { list: ListDetail }) {
  const { t } = useTranslation("lists");
  const client = useQueryClient();
  const [name, setName] = useState(list.name);
  const [due, setDue] = useState(list.due);
  const save = useMutation({
    mutationFn: () =>
      call<ListDetail>("PATCH", `/api/lists/${list.id}`, {
        body: { name, ...(due ? { due } : { clear_due: true }) },
      }),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: listQuery(list.id).queryKey });
      await client.invalidateQueries({ queryKey: ["lists"] });
      told(t("done.saved"));
    },
  });
  const same = name === list.name && due === list.due;
  return (
    <Block title={t("about.edit")}>
      <Stack gap="sm">
        <TextInput
          label={t("create.name")}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <DayInput label={t("create.due")} placeholder={t("noDue")} value={due} onChange={setDue} />
        {save.error && <ErrorState error={save.error} inline />}
        <Button
          variant="light"
          disabled={same || name.trim() === ""}
          loading={save.isPending}
          onClick={() => save.mutate()}
        >
          {t("about.save")}
        </Button>
      </Stack>
    </Block>
  );
}
