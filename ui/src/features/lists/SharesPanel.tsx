/** With whom a list is shared, and how far. */
import { ActionIcon, Button, SegmentedControl, Select, Stack } from "@mantine/core";
import { IconTrash } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { call } from "@/client/http";
import { RightPanel } from "@/design/RightPanel";
import { ErrorState } from "@/design/states";
import { told } from "@/design/undo";
import { useFormat } from "@/design/useFormat";
import { listQuery, workersQuery } from "./api";
import classes from "./lists.module.css";
import type { ListDetail, Share } from "./types";

export function SharesPanel({ list, onClose }: { list: ListDetail; onClose: () => void }) {
  const { t } = useTranslation("lists");
  const format = useFormat();
  const client = useQueryClient();
  const workers = useQuery(workersQuery);
  const [user, setUser] = useState<string | null>(null);
  const [level, setLevel] = useState<Share["level"]>("work");
  const again = () => client.invalidateQueries({ queryKey: listQuery(list.id).queryKey });
  const share = useMutation({
    mutationFn: (body: { user: string; level: Share["level"] }) =>
      call<Share>("POST", `/api/lists/${list.id}/shares`, { body }),
    onSuccess: async (made) => {
      setUser(null);
      await again();
      told(t("share.done", { name: made.user.name }));
    },
  });
  const end = useMutation({
    mutationFn: (one: Share) => call<undefined>("DELETE", `/api/lists/${list.id}/shares/${one.id}`),
    onSuccess: async (_, one) => {
      await again();
      told(t("share.ended", { name: one.user.name }), () =>
        share.mutate({ user: one.user.id, level: one.level }),
      );
    },
  });
  const already = new Set(list.shares.map((one) => one.user.id));
  return (
    <RightPanel title={t("share.title")} lead={t("share.lead")} onClose={onClose}>
      <Stack gap="sm" mb="lg">
        <Select
          label={t("share.user")}
          placeholder={t("assignment.choose")}
          searchable
          value={user}
          data={(workers.data ?? [])
            .filter((one) => !already.has(one.id))
            .map((one) => ({ value: one.id, label: one.name }))}
          nothingFoundMessage={t("assignment.nobody")}
          onChange={setUser}
        />
        <SegmentedControl
          aria-label={t("share.level")}
          value={level}
          data={(["work", "view"] as const).map((one) => ({
            value: one,
            label: t(`share.${one}`),
          }))}
          onChange={(next) => setLevel(next as Share["level"])}
        />
        <Button
          variant="light"
          disabled={user === null}
          loading={share.isPending}
          onClick={() => user && share.mutate({ user, level })}
        >
          {t("share.submit")}
        </Button>
        {(share.error ?? end.error) && <ErrorState error={share.error ?? end.error} inline />}
      </Stack>
      <ul className={classes.plainList}>
        {list.shares.length === 0 && <li className="muted">{t("share.none")}</li>}
        {list.shares.map((one) => (
          <li key={one.id}>
            <div className={classes.contactHead}>
              <span>
                {one.user.name} · {t(`share.${one.level}`)}
              </span>
              <ActionIcon
                aria-label={t("share.end", { name: one.user.name })}
                onClick={() => end.mutate(one)}
              >
                <IconTrash size={14} aria-hidden />
              </ActionIcon>
            </div>
            <div className="muted">
              {t("share.by", { by: one.by?.name ?? "", at: format.dateTime(one.at) })}
            </div>
          </li>
        ))}
      </ul>
    </RightPanel>
  );
}
