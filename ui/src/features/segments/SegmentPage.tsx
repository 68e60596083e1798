/** One segment: what it says, who is in it, how it moves, and how fresh that is. */
import { Button, Tabs } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { TextLink } from "@/design/Link";
import { MainAction, Page } from "@/design/Page";
import { Alarm, Remark } from "@/design/StatusBadge";
import { ErrorState, Loading, LongWork } from "@/design/states";
import { useFormat } from "@/design/useFormat";
import { type Catalog, catalogQuery, type JsonObject } from "@/features/rules";
import { segmentQuery } from "./api";
import { SegmentState } from "./badges";
import { CompositionTab } from "./CompositionTab";
import { DifferencesPanel } from "./DifferencesPanel";
import { EditPanel } from "./EditPanel";
import { HistoryTab } from "./HistoryTab";
import { LiveBadge } from "./LiveSection";
import { MemberPanel } from "./MemberPanel";
import { MoreMenu, useMore } from "./MoreMenu";
import { type Edited, rankDraft } from "./model/draft";
import { OverlapTab } from "./OverlapTab";
import { OverviewTab } from "./OverviewTab";
import { PeopleTab } from "./PeopleTab";
import { RuleTab, useSaveVersion } from "./RuleTab";
import { TABS, type Tab } from "./routes";
import { SaveVersion } from "./SaveVersion";
import classes from "./segments.module.css";
import type { Segment } from "./types";
import { UsesTab } from "./UsesTab";
import { useRefresh } from "./useRefresh";
import { SEGMENT, useSegmentSearch } from "./useSegmentSearch";

export function SegmentPage() {
  const { t } = useTranslation("segments");
  const { slug } = useParams({ from: SEGMENT });
  const segment = useQuery(segmentQuery(slug));
  const catalog = useQuery(catalogQuery);
  const error = segment.error ?? catalog.error;
  if (segment.data && catalog.data) {
    return <Loaded key={slug} segment={segment.data} catalog={catalog.data} />;
  }
  return (
    <Page title={t("title")} above={<TextLink to="/segments">{t("title")}</TextLink>}>
      {error ? (
        <ErrorState error={error} onRetry={() => void segment.refetch()} />
      ) : (
        <Loading lines={[30, 90, 90, 60]} height={20} />
      )}
    </Page>
  );
}

interface LoadedProps {
  segment: Segment;
  catalog: Catalog;
}

function Loaded({ segment, catalog }: LoadedProps) {
  const { t } = useTranslation("segments");
  const { search, set } = useSegmentSearch();
  const tab = search.tab ?? "overview";
  // What is edited is kept while the reader looks at the other tabs.
  const stored: Edited = {
    rule: segment.rule as JsonObject,
    rank: rankDraft(segment.rank),
  };
  const [edited, setEdited] = useState<Edited>(stored);
  const version = segment.version;
  // A version saved by somebody else, or our own, becomes what is edited from here on.
  // biome-ignore lint/correctness/useExhaustiveDependencies: only a new version replaces the draft
  useEffect(() => setEdited(stored), [version]);
  const dirty = JSON.stringify(edited) !== JSON.stringify(stored);
  const saving = useSaveVersion(segment, edited);
  const refresh = useRefresh(segment);
  const more = useMore(segment);
  const writing = tab === "rule" && dirty && segment.may.write && segment.archived_at === null;
  const closePanel = () => set({ panel: undefined, member: undefined });
  return (
    <Page
      title={segment.name}
      above={<TextLink to="/segments">{t("title")}</TextLink>}
      lead={<Lead segment={segment} />}
      action={
        writing ? (
          <SaveVersion
            saving={saving}
            kind={segment.kind}
            edited={edited}
            onDiscard={() => setEdited(stored)}
          />
        ) : segment.may.write && segment.archived_at === null && !segment.failure ? (
          <MainAction
            loading={refresh.start.isPending}
            disabled={segment.refresh !== null}
            onClick={() => refresh.start.mutate("full")}
          >
            {t(segment.kind === "snapshot" ? "refresh.again" : "refresh.now")}
          </MainAction>
        ) : null
      }
      others={<MoreMenu segment={segment} more={more} />}
    >
      <Standing segment={segment} refresh={refresh} more={more} />
      <Tabs
        value={tab}
        onChange={(next) => set({ tab: next === "overview" ? undefined : (next as Tab) })}
        keepMounted={false}
      >
        <Tabs.List mb="md">
          {TABS.map((name) => (
            <Tabs.Tab key={name} value={name}>
              {t(`tab.${name}`)}
              {name === "rule" && dirty && ` ${t("tab.edited")}`}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Tabs.Panel value="overview">
          <OverviewTab segment={segment} />
        </Tabs.Panel>
        <Tabs.Panel value="people">
          <PeopleTab segment={segment} />
        </Tabs.Panel>
        <Tabs.Panel value="composition">
          <CompositionTab segment={segment} catalog={catalog} />
        </Tabs.Panel>
        <Tabs.Panel value="overlap">
          <OverlapTab segment={segment} />
        </Tabs.Panel>
        <Tabs.Panel value="rule">
          <RuleTab
            segment={segment}
            catalog={catalog}
            edited={edited}
            onEdit={setEdited}
            error={saving.error}
          />
        </Tabs.Panel>
        <Tabs.Panel value="history">
          <HistoryTab segment={segment} refresh={refresh} />
        </Tabs.Panel>
        <Tabs.Panel value="uses">
          <UsesTab segment={segment} />
        </Tabs.Panel>
      </Tabs>
      {search.member !== undefined ? (
        <MemberPanel
          segment={segment}
          catalog={catalog}
          member={search.member}
          onClose={closePanel}
        />
      ) : search.panel === "edit" && segment.may.write ? (
        <EditPanel segment={segment} onClose={closePanel} />
      ) : search.panel === "differences" && segment.differences ? (
        <DifferencesPanel
          segment={segment}
          differences={segment.differences}
          onClose={closePanel}
        />
      ) : null}
    </Page>
  );
}

function Lead({ segment }: { segment: Segment }) {
  const { t } = useTranslation("segments");
  const words = [
    t(`kind.${segment.kind}`),
    segment.purpose_label ?? t("noPurpose"),
    segment.owner ? t("ownedBy", { name: segment.owner.name }) : null,
    t("version", { version: segment.version }),
  ].filter((word) => word !== null);
  return (
    <>
      <SegmentState state={segment.state} /> {segment.live && <LiveBadge />}
      <span className={classes.leadWords}>{words.join(" · ")}</span>
    </>
  );
}

/** What is going on with it: a refresh under way, a failure, an archived segment. */
function Standing(props: {
  segment: Segment;
  refresh: ReturnType<typeof useRefresh>;
  more: ReturnType<typeof useMore>;
}) {
  const { segment, refresh, more } = props;
  const { t } = useTranslation("segments");
  const format = useFormat();
  const failure = segment.failure;
  const error = refresh.start.error ?? refresh.cancel.error ?? more.error;
  return (
    <div className={classes.standing}>
      {error && <ErrorState error={error} inline />}
      {segment.archived_at && (
        <Remark>
          {t("archivedNote", { at: format.dateTime(segment.archived_at) })}{" "}
          {segment.may.write && (
            <Button
              variant="subtle"
              size="compact-xs"
              loading={more.restore.isPending}
              onClick={() => more.restore.mutate()}
            >
              {t("more.restore")}
            </Button>
          )}
        </Remark>
      )}
      {failure && segment.archived_at === null && (
        <Alarm
          title={t("failure.title", { at: format.dateTime(failure.at) })}
          action={
            segment.may.write && (
              <Button
                variant="default"
                size="compact-sm"
                loading={refresh.start.isPending}
                disabled={segment.refresh?.state === "running"}
                onClick={() => refresh.start.mutate("full")}
              >
                {t("failure.retry")}
              </Button>
            )
          }
        >
          {failure.message} {failure.remedy}{" "}
          {segment.as_of && t("failure.kept", { at: format.dateTime(segment.as_of) })}{" "}
          {failure.next_try &&
            t("failure.nextTry", {
              at: format.dateTime(failure.next_try),
              count: failure.attempts,
            })}
        </Alarm>
      )}
      {segment.refresh && segment.refresh.state === "running" && (
        <LongWork
          label={t(`refresh.running_${segment.refresh.mode}`)}
          done={null}
          total={null}
          onCancel={segment.may.write ? () => refresh.cancel.mutate() : undefined}
        />
      )}
    </div>
  );
}
