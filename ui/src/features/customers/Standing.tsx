import { Anchor } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { useMay } from "@/app/session";
import { Section } from "@/design/Page";
import { StatusBadge, type Tone } from "@/design/StatusBadge";
import { Ready } from "@/design/states";
import styles from "./customer.module.css";
import { listsQuery } from "./data";
import type { OnList } from "./types";

const TONES: Record<OnList["meaning"], Tone> = {
  open: "neutral",
  working: "working",
  done: "good",
  dropped: "draft",
};

/** The lists the person stands on, and who has them. */
export function Standing({ id }: { id: string }) {
  const { t } = useTranslation("customers");
  const may = useMay();
  const lists = useQuery({ ...listsQuery(id), enabled: may("lists.read") });
  if (!may("lists.read")) return null;
  return (
    <Section title={t("lists.title")}>
      <Ready query={lists} lines={[80, 60]}>
        {(found) =>
          found.length === 0 ? (
            <p className={styles.quiet}>{t("lists.none")}</p>
          ) : (
            <ul className={styles.lists}>
              {found.map((one) => (
                <li key={one.member_id}>
                  <div className={styles.listHead}>
                    <Anchor component={Link} to={`/lists/${one.list_id}`} size="sm">
                      {one.list_name}
                    </Anchor>
                    <StatusBadge tone={TONES[one.meaning]} plain>
                      {one.status}
                    </StatusBadge>
                  </div>
                  <div className={styles.quiet}>
                    {[
                      one.assignee ? t("lists.by", { name: one.assignee.name }) : t("lists.nobody"),
                      one.last_contact,
                    ]
                      .filter(Boolean)
                      .join(" · ")}
                  </div>
                </li>
              ))}
            </ul>
          )
        }
      </Ready>
    </Section>
  );
}
