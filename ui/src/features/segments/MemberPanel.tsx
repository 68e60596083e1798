/** One person of a segment: when they came and left, and why they are in or not. */
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { useMay } from "@/app/session";
import { call, type Schemas } from "@/client/http";
import { TextLink } from "@/design/Link";
import { RightPanel } from "@/design/RightPanel";
import { StatusBadge } from "@/design/StatusBadge";
import { ErrorState, Loading, Ready } from "@/design/states";
import { useFormat } from "@/design/useFormat";
import { type Catalog, type Explained, WhyTree } from "@/features/rules";
import { memberQuery } from "./api";
import classes from "./segments.module.css";
import type { MemberDetail, Segment } from "./types";

interface Props {
  segment: Segment;
  catalog: Catalog;
  member: string;
  onClose: () => void;
}

export function MemberPanel({ segment, catalog, member, onClose }: Props) {
  const { t } = useTranslation("segments");
  const may = useMay();
  const query = useQuery(memberQuery(segment.slug, member));
  const found = query.data;
  return (
    <RightPanel
      title={
        found ? (found.display ?? found.key) : t(query.error ? "member.who" : "member.loading")
      }
      lead={
        found && (
          <>
            <StatusBadge plain tone={found.inside ? "good" : "neutral"}>
              {t(found.inside ? "member.inside" : "member.outside")}
            </StatusBadge>
            <span className={classes.leadWords}>{found.key}</span>
          </>
        )
      }
      onClose={onClose}
      footer={
        found &&
        may("customers.read") && (
          <TextLink to="/customers/$customerId" params={{ customerId: found.id }} size="sm">
            {t("member.customer")}
          </TextLink>
        )
      }
    >
      {query.error ? (
        <ErrorState error={query.error} onRetry={() => void query.refetch()} inline />
      ) : found ? (
        <>
          <Stays member={found} />
          {may("rules.preview") && <Why member={found} segment={segment} catalog={catalog} />}
        </>
      ) : (
        <Loading lines={[90, 70, 80, 60]} />
      )}
    </RightPanel>
  );
}

function Stays({ member }: { member: MemberDetail }) {
  const { t } = useTranslation("segments");
  const format = useFormat();
  return (
    <section className={classes.block}>
      <h3>{t("member.stays")}</h3>
      {member.stays.length === 0 && <p className="muted">{t("member.never")}</p>}
      <ol className={classes.lines}>
        {member.stays.map((stay) => (
          <li key={stay.entered_at}>
            <span className={classes.lineWords}>
              {t("member.entered", { at: format.dateTime(stay.entered_at) })}
            </span>
            <span className={classes.lineEnd}>
              {stay.left_at
                ? t("member.left", { at: format.dateTime(stay.left_at) })
                : t("member.still")}
            </span>
          </li>
        ))}
      </ol>
    </section>
  );
}

function Why(props: { member: MemberDetail; segment: Segment; catalog: Catalog }) {
  const { member, segment, catalog } = props;
  const { t } = useTranslation("segments");
  const format = useFormat();
  const query = useQuery({
    queryKey: ["segment", segment.slug, "why", member.id, segment.as_of, segment.version],
    queryFn: ({ signal }) =>
      call<Schemas["WhyOut"]>("POST", "/api/rules/why", {
        body: { rule: member.rule, person: member.id },
        signal,
      }),
    retry: false,
  });
  return (
    <section className={classes.block}>
      <h3>{t("member.why")}</h3>
      <Ready query={query} lines={[80, 60, 70]}>
        {(why) => {
          const node = (why.explanation as { node: Explained | null } | null)?.node ?? null;
          return (
            <>
              <p>
                <StatusBadge plain tone={why.truth ? "good" : "neutral"}>
                  {t(why.truth ? "member.fits" : "member.fitsNot")}
                </StatusBadge>
                <span className={`muted ${classes.leadWords}`}>
                  {t("member.asOf", { at: format.dateTime(why.as_of) })}
                </span>
              </p>
              {why.truth !== member.inside && <p>{t("member.differs")}</p>}
              {segment.rank && <p className="muted">{t("member.ranked")}</p>}
              {node && <WhyTree node={node} catalog={catalog} />}
              {why.as_known_today.length > 0 && (
                <p className={classes.help}>
                  {t("fresh.knownToday", { datasets: why.as_known_today.join(t("comma")) })}
                </p>
              )}
            </>
          );
        }}
      </Ready>
    </section>
  );
}
