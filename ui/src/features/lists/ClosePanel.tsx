/** Asks once before a list ends: whom it leaves, and what stays. */
import { Button } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { call } from "@/client/http";
import { RightPanel } from "@/design/RightPanel";
import { ErrorState } from "@/design/states";
import { told } from "@/design/undo";
import { useFormat } from "@/design/useFormat";
import { listQuery } from "./api";
import classes from "./lists.module.css";
import type { ListDetail } from "./types";

export function ClosePanel({ list, onClose }: { list: ListDetail; onClose: () => void }) {
  const { t } = useTranslation("lists");
  const format = useFormat();
  const client = useQueryClient();
  const left = list.open + list.working;
  const close = useMutation({
    mutationFn: () => call<ListDetail>("POST", `/api/lists/${list.id}/close`),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: listQuery(list.id).queryKey });
      await client.invalidateQueries({ queryKey: ["lists"] });
      told(t("done.closed", { name: list.name }));
      onClose();
    },
  });
  const people = format.count(left, "people");
  return (
    <RightPanel
      title={t("close.title")}
      lead={list.name}
      onClose={onClose}
      footer={
        <>
          <Button variant="default" onClick={onClose}>
            {t("close.cancel")}
          </Button>
          <Button ml="sm" color="shu" loading={close.isPending} onClick={() => close.mutate()}>
            {left > 0 ? t("close.submitLeft", { people }) : t("close.submit")}
          </Button>
        </>
      }
    >
      <ul className={classes.plainList}>
        {left > 0 && <li>{t("close.left", { people })}</li>}
        {list.shares.length > 0 && (
          <li>{t("close.shares", { people: format.count(list.shares.length, "people") })}</li>
        )}
        <li>{t("close.access")}</li>
        <li>{t("close.kept")}</li>
      </ul>
      {close.error && <ErrorState error={close.error} inline />}
    </RightPanel>
  );
}
