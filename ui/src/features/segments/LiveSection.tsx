/** A live segment: since when, who comes and goes now, and whether the nightly check agreed. */
import { Switch } from "@mantine/core";
import { IconBolt } from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { useMay } from "@/app/session";
import { call } from "@/client/http";
import { Facts } from "@/design/Facts";
import { TextLink } from "@/design/Link";
import { Section } from "@/design/Page";
import { StatusBadge } from "@/design/StatusBadge";
import { ErrorState, Ready } from "@/design/states";
import { told } from "@/design/undo";
import { useFormat } from "@/design/useFormat";
import { segmentQuery } from "./api";
import classes from "./segments.module.css";
import type { Segment } from "./types";
import { type Crossing, useCrossings } from "./useCrossings";

export function LiveBadge() {
  const { t } = useTranslation("segments");
  return (
    <span className={classes.live}>
      <IconBolt size={13} stroke={2} aria-hidden="true" />
      {t("live.badge")}
    </span>
  );
}

export function LiveSection({ segment }: { segment: Segment }) {
  const { t } = useTranslation("segments");
  const able = segment.kind === "dynamic" && segment.archived_at === null;
  if (!segment.live && !(able && segment.may.write)) return null;
  return (
    <Section
      title={t("live.title")}
      aside={able && segment.may.write && <Toggle segment={segment} />}
    >
      {segment.live ? (
        <Following segment={segment} />
      ) : (
        <p className={classes.help}>{t("live.off")}</p>
      )}
    </Section>
  );
}

function Toggle({ segment }: { segment: Segment }) {
  const { t } = useTranslation("segments");
  const client = useQueryClient();
  const change = useMutation({
    mutationFn: (live: boolean) =>
      call<Segment>("PATCH", `/api/segments/${segment.slug}`, { body: { live } }),
    onSuccess: async (_, live) => {
      told(t(live ? "live.didStart" : "live.didEnd"));
      await client.invalidateQueries({ queryKey: segmentQuery(segment.slug).queryKey });
      await client.invalidateQueries({ queryKey: ["segments"] });
    },
  });
  return (
    <div>
      <Switch
        label={t("live.switch")}
        checked={change.isPending ? change.variables : segment.live}
        onChange={(event) => change.mutate(event.currentTarget.checked)}
      />
      {change.error && <ErrorState error={change.error} inline />}
    </div>
  );
}

function Following({ segment }: { segment: Segment }) {
  const { t } = useTranslation("segments");
  const format = useFormat();
  const { query, following } = useCrossings(segment);
  const found = segment.live_differences;
  return (
    <>
      <Facts
        facts={[
          {
            label: t("live.since"),
            value: segment.live_since ? format.dateTime(segment.live_since) : t("live.starting"),
          },
          {
            label: t("live.check"),
            value:
              found === null ? (
                t("live.notChecked")
              ) : (
                <StatusBadge plain tone={found === 0 ? "good" : "warn"}>
                  {found === 0
                    ? t("live.agreed")
                    : t("live.differed", { people: format.count(found, "people") })}
                </StatusBadge>
              ),
          },
        ]}
      />
      <div className={classes.feedHead}>
        <h3>{t("live.feed")}</h3>
        <StatusBadge plain tone={following ? "working" : "neutral"}>
          {t(following ? "live.following" : "live.notFollowing")}
        </StatusBadge>
      </div>
      <Ready query={query} lines={[100, 100, 100]}>
        {({ items }) =>
          items.length === 0 ? (
            <p className={classes.help}>{t("live.nobody")}</p>
          ) : (
            <ul className={classes.feed} aria-live="off">
              {items.map((one) => (
                <Row key={one.crossing_id} crossing={one} />
              ))}
            </ul>
          )
        }
      </Ready>
    </>
  );
}

function Row({ crossing }: { crossing: Crossing }) {
  const { t } = useTranslation("segments");
  const format = useFormat();
  const may = useMay();
  const name = crossing.display ?? crossing.key ?? crossing.id;
  const entered = crossing.event === "segment_entered";
  return (
    <li>
      <span className={classes.crossed} data-entered={entered || undefined}>
        {t(entered ? "live.entered" : "live.left")}
      </span>
      <span className={classes.whoCrossed}>
        {may("customers.read") ? (
          <TextLink to="/customers/$customerId" params={{ customerId: crossing.id }}>
            {name}
          </TextLink>
        ) : (
          name
        )}
        <span className="muted"> {t(`live.cause_${crossing.cause}`)}</span>
      </span>
      <span className={classes.crossedAt}>{format.relative(crossing.at)}</span>
    </li>
  );
}
