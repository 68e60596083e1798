/** Who was found different by the last full refresh, and for what cause. */
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { RightPanel } from "@/design/RightPanel";
import { StatusBadge } from "@/design/StatusBadge";
import { Ready } from "@/design/states";
import { useFormat } from "@/design/useFormat";
import { differencesQuery } from "./api";
import classes from "./segments.module.css";
import type { Segment } from "./types";
import { useSegmentSearch } from "./useSegmentSearch";

interface Props {
  segment: Segment;
  differences: NonNullable<Segment["differences"]>;
  onClose: () => void;
}

export function DifferencesPanel({ segment, differences, onClose }: Props) {
  const { t } = useTranslation("segments");
  const format = useFormat();
  const { set } = useSegmentSearch();
  const query = useQuery(differencesQuery(segment.slug, differences.refresh));
  return (
    <RightPanel
      title={t("differences.title")}
      lead={format.dateTime(differences.as_of)}
      onClose={onClose}
    >
      <p className="muted">{t("differences.help")}</p>
      <Ready query={query}>
        {(page) => (
          <>
            {page.total === 0 && <p className="muted">{t("differences.nobody")}</p>}
            <ul className={classes.lines}>
              {page.items.map((one) => (
                <li key={one.id}>
                  <span className={classes.lineWords}>
                    <button
                      type="button"
                      className={classes.openPerson}
                      onClick={() => set({ member: one.id, panel: undefined })}
                    >
                      {one.display ?? one.key}
                    </button>
                    <span className="muted">
                      {" "}
                      {t(one.was_in ? "differences.out" : "differences.in")}
                    </span>
                  </span>
                  <StatusBadge plain tone={one.cause === "missed" ? "warn" : "neutral"}>
                    {t(`differences.${one.cause}`)}
                  </StatusBadge>
                </li>
              ))}
            </ul>
            {page.total > page.items.length && (
              <p className="muted">
                {t("differences.more", {
                  people: format.count(page.total - page.items.length, "people"),
                })}
              </p>
            )}
          </>
        )}
      </Ready>
    </RightPanel>
  );
}
