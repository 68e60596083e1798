/** What leans on the segment: other segments, lists, definitions, the scopes of roles. */
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { TextLink } from "@/design/Link";
import { Section } from "@/design/Page";
import { Empty, Ready } from "@/design/states";
import { usesQuery } from "./api";
import classes from "./segments.module.css";
import type { Segment, Use } from "./types";

const KINDS = ["segment", "list", "definition", "journey", "scope"] as const;

export function UsesTab({ segment }: { segment: Segment }) {
  const { t } = useTranslation("segments");
  const query = useQuery(usesQuery(segment.slug));
  return (
    <Ready query={query}>
      {(uses) =>
        uses.length === 0 ? (
          <Empty title={t("uses.none")}>{t("uses.noneText")}</Empty>
        ) : (
          KINDS.map((kind) => {
            const found = uses.filter((one) => one.kind === kind);
            if (found.length === 0) return null;
            return (
              <Section key={kind} title={t(`uses.kind_${kind}`)}>
                <ul className={classes.lines}>
                  {found.map((one) => (
                    <li key={one.id}>
                      <UseLink use={one} />
                    </li>
                  ))}
                </ul>
              </Section>
            );
          })
        )
      }
    </Ready>
  );
}

function UseLink({ use }: { use: Use }) {
  switch (use.kind) {
    case "segment":
      return (
        <TextLink to="/segments/$slug" params={{ slug: use.id }}>
          {use.name}
        </TextLink>
      );
    case "list":
      return (
        <TextLink to="/lists/$id" params={{ id: use.id }}>
          {use.name}
        </TextLink>
      );
    case "journey":
      return (
        <TextLink to="/journeys/$slug" params={{ slug: use.id }}>
          {use.name}
        </TextLink>
      );
    case "definition":
      return (
        <TextLink to="/definitions/$id" params={{ id: use.id }}>
          {use.name}
        </TextLink>
      );
    default:
      return <TextLink to="/settings/roles">{use.name}</TextLink>;
  }
}
