/** Every version of a definition, newest first. */
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { TextLink } from "@/design/Link";
import { Section } from "@/design/Page";
import { Ready } from "@/design/states";
import { useFormat } from "@/design/useFormat";
import { definitionsQuery } from "../lists/api";
import type { Definition } from "../lists/types";
import { StateBadge } from "./badges";
import classes from "./editor.module.css";

export function VersionsTab({ definition }: { definition: Definition }) {
  const { t } = useTranslation("definitions");
  const format = useFormat();
  const query = useQuery(definitionsQuery());
  return (
    <Section title={t("section.versions")}>
      <Ready query={query}>
        {(page) => (
          <ul className={classes.versions}>
            {page.items
              .filter((one) => one.slug === definition.slug)
              .sort((a, b) => b.version - a.version)
              .map((one) => (
                <li key={one.id}>
                  <TextLink to="/definitions/$id" params={{ id: one.id }} search={{ tab: "who" }}>
                    {t("version", { version: one.version })}
                  </TextLink>
                  <StateBadge state={one.state} />
                  <span>{one.sentence}</span>
                  <span className="muted">
                    {t("versions.made", {
                      at: format.dateTime(one.created_at),
                      by: one.created_by?.name ?? t("versions.system"),
                    })}
                    {one.activated_at &&
                      ` · ${t("versions.activated", { at: format.dateTime(one.activated_at) })}`}
                    {one.retired_at &&
                      ` · ${t("versions.retired", { at: format.dateTime(one.retired_at) })}`}
                  </span>
                </li>
              ))}
          </ul>
        )}
      </Ready>
    </Section>
  );
}
