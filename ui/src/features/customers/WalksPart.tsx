/** The journeys somebody is in: on her page, and beside the work that a journey asks for. */
import { Anchor } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useMay } from "@/app/session";
import { TextLink } from "@/design/Link";
import { Section } from "@/design/Page";
import { Remark, StatusBadge } from "@/design/StatusBadge";
import { Ready } from "@/design/states";
import styles from "./customer.module.css";
import { walksQuery } from "./data";
import type { Walk } from "./types";

export function WalksPart({ id }: { id: string }) {
  const { t } = useTranslation("customers");
  const may = useMay();
  const walks = useQuery({ ...walksQuery(id), enabled: may("journeys.read") });
  const [past, setPast] = useState(false);
  if (!may("journeys.read")) return null;
  return (
    <Section title={t("walks.title")}>
      <Ready query={walks} lines={[80, 60]}>
        {(found) => {
          const inside = found.filter((one) => one.state !== "ended");
          const left = found.length - inside.length;
          return (
            <>
              {inside.length === 0 && <p className={styles.quiet}>{t("walks.none")}</p>}
              <ul className={styles.lists}>
                {(past ? found : inside).map((one) => (
                  <WalkLine key={one.enrollment} walk={one} />
                ))}
              </ul>
              {left > 0 && (
                <Anchor component="button" type="button" size="sm" onClick={() => setPast(!past)}>
                  {past ? t("fewer") : t("walks.past", { count: left })}
                </Anchor>
              )}
            </>
          );
        }}
      </Ready>
    </Section>
  );
}

function WalkLine({ walk }: { walk: Walk }) {
  const { t } = useTranslation("customers");
  return (
    <li>
      <div className={styles.listHead}>
        <TextLink
          to={`/journeys/${walk.journey}?tab=people&walk=${walk.enrollment}` as string}
          size="sm"
        >
          {walk.journey_name}
        </TextLink>
        {walk.state === "held" && (
          <StatusBadge tone="warn" plain>
            {t("walks.held")}
          </StatusBadge>
        )}
      </div>
      <div className={styles.quiet}>
        {walk.state !== "ended" && walk.step_title
          ? t("walks.at", { step: walk.step_title, standing: walk.standing })
          : walk.standing}
      </div>
    </li>
  );
}

/** In work mode: what a journey asks to be done with her on this list. Quiet while it loads. */
export function AskedBy({ personId, list }: { personId: string; list: string }) {
  const { t } = useTranslation("customers");
  const may = useMay();
  const walks = useQuery({ ...walksQuery(personId), enabled: may("journeys.read") });
  const asking = (walks.data ?? []).filter((one) => one.asked?.list === list);
  if (asking.length === 0) return null;
  return (
    <div className={styles.asked}>
      {asking.map(
        ({ asked, enrollment, journey_name }) =>
          asked && (
            <Remark key={enrollment}>
              {t("walks.asked", { journey: journey_name, way: asked.way })}
              {[asked.text, asked.what, asked.why]
                .filter((line, place, all) => line && all.indexOf(line) === place)
                .map((line) => (
                  <div key={line}>{line}</div>
                ))}
            </Remark>
          ),
      )}
    </div>
  );
}
