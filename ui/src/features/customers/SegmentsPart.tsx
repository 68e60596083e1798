import { Anchor, UnstyledButton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useMay } from "@/app/session";
import { TextLink } from "@/design/Link";
import { Section } from "@/design/Page";
import { RightPanel } from "@/design/RightPanel";
import { StatusBadge } from "@/design/StatusBadge";
import { Ready } from "@/design/states";
import { useFormat } from "@/design/useFormat";
import { catalogQuery, type Explained, WhyTree } from "@/features/rules";
import styles from "./customer.module.css";
import { segmentsQuery, whyQuery } from "./data";
import type { Stay } from "./types";

interface Props {
  id: string;
  onOpen: (slug: string) => void;
}

/** The segments somebody is in; those of before on demand. Each tells why. */
export function SegmentsPart({ id, onOpen }: Props) {
  const { t } = useTranslation("customers");
  const segments = useQuery(segmentsQuery(id));
  const [past, setPast] = useState(false);
  return (
    <Section title={t("segments.title")}>
      <Ready query={segments} lines={[80, 60]}>
        {(found) => {
          const inside = found.filter((one) => one.inside);
          const left = found.filter((one) => !one.inside);
          return (
            <>
              {inside.length === 0 && <p className={styles.quiet}>{t("segments.none")}</p>}
              <Stays items={inside} onOpen={onOpen} />
              {past && <Stays items={left} onOpen={onOpen} />}
              {left.length > 0 && (
                <Anchor component="button" type="button" size="sm" onClick={() => setPast(!past)}>
                  {past ? t("fewer") : t("segments.past", { count: left.length })}
                </Anchor>
              )}
            </>
          );
        }}
      </Ready>
    </Section>
  );
}

function Stays({ items, onOpen }: { items: Stay[]; onOpen: (slug: string) => void }) {
  const { t } = useTranslation("customers");
  const format = useFormat();
  return (
    <ul className={styles.rows}>
      {items.map((one) => (
        <li key={one.slug}>
          <UnstyledButton className={styles.rowButton} onClick={() => onOpen(one.slug)}>
            <span className={styles.rowName}>{one.name}</span>
            <span className={styles.rowNote}>
              {one.inside
                ? t("segments.since", { at: format.date(one.entered_at) })
                : t("segments.until", { at: format.date(one.left_at) })}
            </span>
          </UnstyledButton>
        </li>
      ))}
    </ul>
  );
}

interface WhyProps {
  id: string;
  slug: string;
  onClose: () => void;
}

/** Why somebody is in a segment, or is not. */
export function SegmentPanel({ id, slug, onClose }: WhyProps) {
  const { t } = useTranslation("customers");
  const may = useMay();
  const format = useFormat();
  const segments = useQuery(segmentsQuery(id));
  const catalog = useQuery(catalogQuery);
  const why = useQuery(whyQuery(id, slug));
  const stay = segments.data?.find((one) => one.slug === slug);
  return (
    <RightPanel
      title={stay?.name ?? t("segments.title")}
      lead={
        stay && (
          <>
            <StatusBadge plain tone={stay.inside ? "good" : "neutral"}>
              {t(stay.inside ? "segments.inside" : "segments.outside")}
            </StatusBadge>{" "}
            {stay.inside
              ? t("segments.since", { at: format.dateTime(stay.entered_at) })
              : t("segments.until", { at: format.dateTime(stay.left_at) })}
          </>
        )
      }
      onClose={onClose}
      footer={
        may("segments.read") && (
          <TextLink to="/segments/$slug" params={{ slug }} size="sm">
            {t("segments.open")}
          </TextLink>
        )
      }
    >
      {stay?.description && <p className={styles.description}>{stay.description}</p>}
      <h3 className={styles.panelHead}>{t("segments.why")}</h3>
      <Ready query={why} lines={[90, 70, 80]}>
        {(told) => {
          const node = (told.explanation as { node: Explained | null } | null)?.node ?? null;
          return (
            <>
              <p className={styles.description}>
                <StatusBadge plain tone={told.truth ? "good" : "neutral"}>
                  {t(told.truth ? "segments.fits" : "segments.fitsNot")}
                </StatusBadge>{" "}
                <span className="muted">
                  {t("segments.asOf", { at: format.dateTime(told.as_of) })}
                </span>
              </p>
              {stay && told.truth !== stay.inside && (
                <p className={styles.description}>{t("segments.differs")}</p>
              )}
              {node && catalog.data ? (
                <WhyTree node={node} catalog={catalog.data} />
              ) : (
                <p className={styles.description}>{told.sentence}</p>
              )}
            </>
          );
        }}
      </Ready>
    </RightPanel>
  );
}
