import { useTranslation } from "react-i18next";
import { Section } from "@/design/Page";
import { StatusBadge, type Tone } from "@/design/StatusBadge";
import { useFormat } from "@/design/useFormat";
import classes from "./policies.module.css";
import type { Version } from "./types";

const TONES: Record<Version["state"], Tone> = {
  draft: "draft",
  published: "good",
  replaced: "neutral",
};

/** Who wrote what Enishi begins with. */
const SYSTEM = "system";

/** Every wording the policy has had, with when it counted and who published it. */
export function VersionsSection({ versions }: { versions: readonly Version[] }) {
  const { t } = useTranslation("policies");
  const format = useFormat();
  const nameOf = (user: Version["created_by"]) => (user.id === SYSTEM ? t("system") : user.name);
  return (
    <Section title={t("section.versions")}>
      <ul className={classes.versions}>
        {versions.map((one) => (
          <li key={one.id}>
            <span>{t("version", { version: one.number })}</span>
            <StatusBadge tone={TONES[one.state]} plain>
              {t(`state.${one.state}`)}
            </StatusBadge>
            <span>{one.sentence}</span>
            <span className="muted">
              {[
                nameOf(one.published_by ?? one.created_by),
                one.published_at
                  ? `${format.dateTime(one.published_at)}${
                      one.replaced_at ? ` – ${format.dateTime(one.replaced_at)}` : ""
                    }`
                  : format.dateTime(one.created_at),
              ]
                .filter(Boolean)
                .join(t("dot"))}
            </span>
          </li>
        ))}
      </ul>
    </Section>
  );
}
