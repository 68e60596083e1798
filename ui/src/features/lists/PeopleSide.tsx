/** Progress per person; a click shows that person's members. */
import { UnstyledButton } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { useFormat } from "@/design/useFormat";
import { useBoardSearch } from "./BoardPage";
import { ProgressBar } from "./badges";
import classes from "./lists.module.css";
import type { ListDetail } from "./types";

export function PeopleSide({ list }: { list: ListDetail }) {
  const { t } = useTranslation("lists");
  const format = useFormat();
  const { search, set } = useBoardSearch();
  return (
    <aside className={classes.people} aria-label={t("people.title")}>
      <h2 className={classes.peopleTitle}>{t("people.title")}</h2>
      <UnstyledButton
        className={classes.person}
        data-here={search.assignee === undefined || undefined}
        onClick={() => set({ assignee: undefined })}
      >
        <span className={classes.personLine}>
          <span>{t("people.all")}</span>
          <span className="tabular">{format.count(list.total, "people")}</span>
        </span>
        <ProgressBar {...list} />
      </UnstyledButton>
      {list.assignees.map((one) => {
        const key = one.user?.id ?? "none";
        return (
          <UnstyledButton
            key={key}
            className={classes.person}
            data-here={search.assignee === key || undefined}
            onClick={() => set({ assignee: search.assignee === key ? undefined : key })}
          >
            <span className={classes.personLine}>
              <span className={one.user ? undefined : "muted"}>
                {one.user?.name ?? t("board.unassigned")}
              </span>
              <span className="tabular">
                {t("people.share", {
                  done: format.number(one.done),
                  total: format.number(one.members),
                })}
              </span>
            </span>
            <ProgressBar total={one.members} done={one.done} working={0} dropped={0} />
          </UnstyledButton>
        );
      })}
    </aside>
  );
}
