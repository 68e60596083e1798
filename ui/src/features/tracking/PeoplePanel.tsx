/** The people behind a number of the tracking page. */
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { call } from "@/client/http";
import type { Paged } from "@/client/pages";
import { TextLink } from "@/design/Link";
import { RightPanel } from "@/design/RightPanel";
import { Ready } from "@/design/states";
import { useFormat } from "@/design/useFormat";
import type { Member, Stage, Tracking } from "../lists/types";
import classes from "./tracking.module.css";

interface Props {
  list: string;
  by: Tracking["by"];
  stage: Stage;
  rowKey: string | undefined;
  label: string | undefined;
  onClose: () => void;
}

const LIMIT = 200;

export function PeoplePanel({ list, by, stage, rowKey, label, onClose }: Props) {
  const { t } = useTranslation("tracking");
  const format = useFormat();
  const query = useQuery({
    queryKey: ["tracking-members", list, by, stage, rowKey],
    queryFn: ({ signal }) =>
      call<Paged<Member>>("GET", `/api/lists/${list}/tracking/members`, {
        query: { stage, by: rowKey === undefined ? undefined : by, key: rowKey, limit: LIMIT },
        signal,
      }),
  });
  return (
    <RightPanel
      title={`${label ?? t("total")} · ${t(`stage.${stage}`)}`}
      lead={query.data && format.count(query.data.total, "people")}
      onClose={onClose}
    >
      <Ready query={query}>
        {(page) => (
          <>
            <ul className={classes.people}>
              {page.items.map((member) => (
                <li key={member.id}>
                  <TextLink to="/lists/$id" params={{ id: list }} search={{ member: member.id }}>
                    {member.display}
                  </TextLink>
                  <span className="muted">
                    {member.assignee?.name}{" "}
                    {member.last_contact_at && format.dateTime(member.last_contact_at)}
                  </span>
                </li>
              ))}
            </ul>
            {page.total > page.items.length && (
              <p className="muted">
                {t("more", { people: format.count(page.total - page.items.length, "people") })}
              </p>
            )}
          </>
        )}
      </Ready>
    </RightPanel>
  );
}
