/** What the last refresh changed: who came, who left, whose values moved. */
import { Tabs } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { RightPanel } from "@/design/RightPanel";
import { StatusBadge } from "@/design/StatusBadge";
import { Ready } from "@/design/states";
import { useFormat } from "@/design/useFormat";
import { changesQuery } from "./api";
import { useBoardSearch } from "./BoardPage";
import classes from "./lists.module.css";
import type { Change, ListDetail } from "./types";

const KINDS = ["added", "left", "changed"] as const;

export function ChangesPanel({ list, onClose }: { list: ListDetail; onClose: () => void }) {
  const { t } = useTranslation("lists");
  const format = useFormat();
  const { build } = list;
  const first = build ? (KINDS.find((kind) => build[kind] > 0) ?? "added") : "added";
  const [kind, setKind] = useState<Change["kind"]>(first);
  if (!build) return null;
  return (
    <RightPanel
      title={t("changes.title")}
      lead={format.dateTime(build.ended_at ?? build.requested_at)}
      onClose={onClose}
    >
      <Tabs value={kind} onChange={(next) => setKind(next as Change["kind"])}>
        <Tabs.List mb="sm">
          {KINDS.map((one) => (
            <Tabs.Tab key={one} value={one}>
              {t(`changes.kind.${one}`)} {format.number(build[one])}
            </Tabs.Tab>
          ))}
        </Tabs.List>
      </Tabs>
      <p className="muted">{t(`changes.help.${kind}`)}</p>
      <Rows list={list} build={build.id} kind={kind} />
    </RightPanel>
  );
}

function Rows(props: { list: ListDetail; build: string; kind: Change["kind"] }) {
  const { t } = useTranslation("lists");
  const { set } = useBoardSearch();
  const query = useQuery(changesQuery(props.list.id, props.build, props.kind));
  return (
    <Ready query={query}>
      {(page) => (
        <ul className={classes.plainList}>
          {page.items.length === 0 && <li className="muted">{t("changes.none")}</li>}
          {page.items.map((change) => (
            <li key={`${change.kind}:${change.member_id}`}>
              <div className={classes.contactHead}>
                <button
                  type="button"
                  className={classes.openPerson}
                  onClick={() => set({ member: change.member_id, panel: undefined })}
                >
                  {change.display}
                </button>
                {change.has_work && (
                  <StatusBadge plain tone="working">
                    {t("changes.hasWork")}
                  </StatusBadge>
                )}
              </div>
              {change.fields.length > 0 && (
                <div className="muted">{change.fields.join(t("comma"))}</div>
              )}
            </li>
          ))}
        </ul>
      )}
    </Ready>
  );
}
