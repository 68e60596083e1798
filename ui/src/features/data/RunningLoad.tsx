import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { Section } from "@/design/Page";
import { LongWork } from "@/design/states";
import { useFormat } from "@/design/useFormat";
import { catalogQuery, loadsQuery, runningQuery } from "./data";

/** The load that runs now, wherever it was begun; it goes on when the page is left. */
export function RunningLoad() {
  const { t } = useTranslation("data");
  const format = useFormat();
  const client = useQueryClient();
  const running = useQuery(runningQuery);
  const catalog = useQuery(catalogQuery);
  const runs = running.data?.running ?? false;
  const ran = useRef(false);
  useEffect(() => {
    if (ran.current && !runs) void client.invalidateQueries({ queryKey: ["data"] });
    ran.current = runs;
  }, [runs, client]);
  const asked = running.dataUpdatedAt;
  useEffect(() => {
    if (runs && asked) void client.invalidateQueries({ queryKey: loadsQuery.queryKey });
  }, [runs, asked, client]);
  if (!running.data || !runs) return null;
  const label = (name: string) =>
    catalog.data?.datasets.find((one) => one.name === name)?.label ?? name;
  const { progress, total } = running.data;
  const done = progress.reduce((sum, one) => sum + one.part, 0);
  const dead = progress.reduce((sum, one) => sum + one.dead, 0);
  const here = progress.find((one) => one.part < 1) ?? progress.at(-1);
  return (
    <Section title={t("load.running")}>
      <LongWork
        label={[
          here && `${label(here.dataset)} ${format.count(here.rows, "rows")}`,
          dead > 0 && t("load.dead", { dead: format.number(dead) }),
        ]
          .filter(Boolean)
          .join(" · ")}
        done={Math.floor(done)}
        total={total > 1 ? total : null}
      />
    </Section>
  );
}
