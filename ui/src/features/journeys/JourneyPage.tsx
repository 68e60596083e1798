/** One journey: its picture, its people, its planning sheet and its versions. */
import { Button, Tabs } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { TextLink } from "@/design/Link";
import { Page, Section } from "@/design/Page";
import { Remark } from "@/design/StatusBadge";
import { ErrorState, Loading } from "@/design/states";
import { useFormat } from "@/design/useFormat";
import { HeldNotice } from "@/features/sends/HeldNotice";
import { journeyQuery } from "./api";
import { JourneyState, VersionState } from "./badges";
import { DeedPanel } from "./DeedPanel";
import { FlowTab } from "./FlowTab";
import { GoLivePanel } from "./GoLivePanel";
import { MainDeed, MoreDeeds } from "./Head";
import { InsertFlowPanel } from "./InsertFlowPanel";
import styles from "./journeys.module.css";
import { PeopleTab } from "./PeopleTab";
import { EffectTab } from "./proof/EffectTab";
import { TABS, type Tab } from "./routes";
import { SettingsPanel } from "./SettingsPanel";
import { SheetForm, SheetView } from "./SheetView";
import { StoryPanel } from "./StoryPanel";
import type { Journey } from "./types";
import { type Draft, useDraft } from "./useDraft";
import { JOURNEY, useJourneySearch } from "./useJourneySearch";
import { VersionsTab } from "./VersionsTab";

export function JourneyPage() {
  const { t } = useTranslation("journeys");
  const { slug } = useParams({ from: JOURNEY });
  const journey = useQuery(journeyQuery(slug));
  if (journey.data) return <Loaded key={slug} journey={journey.data} />;
  return (
    <Page title={t("title")} above={<TextLink to="/journeys">{t("title")}</TextLink>}>
      {journey.error ? (
        <ErrorState error={journey.error} onRetry={() => void journey.refetch()} />
      ) : (
        <Loading lines={[30, 90, 90, 60]} height={20} />
      )}
    </Page>
  );
}

/** Whether what is shown may be drawn on now. */
export function isWriting(journey: Journey, edit: boolean): boolean {
  if (!journey.may.write || journey.archived_at !== null) return false;
  return journey.draft === "draft" || (journey.draft === null && edit);
}

function Loaded({ journey }: { journey: Journey }) {
  const { t } = useTranslation("journeys");
  const { search, set } = useJourneySearch();
  const tab = search.tab ?? "flow";
  const writing = isWriting(journey, search.edit ?? false);
  const draft = useDraft(journey, !writing);
  return (
    <Page
      title={journey.name}
      above={<TextLink to="/journeys">{t("title")}</TextLink>}
      lead={<Lead journey={journey} draft={draft} writing={writing} />}
      fill={tab === "flow" || tab === "people"}
      action={<MainDeed journey={journey} draft={draft} writing={writing} />}
      others={<MoreDeeds journey={journey} />}
      tabs={
        <Tabs
          value={tab}
          onChange={(next) => set({ tab: next === "flow" ? undefined : (next as Tab) })}
        >
          <Tabs.List className={styles.tabs}>
            {TABS.map((name) => (
              <Tabs.Tab key={name} value={name}>
                {t(`tab.${name}`)}
              </Tabs.Tab>
            ))}
          </Tabs.List>
        </Tabs>
      }
    >
      <HeldNotice />
      <Standing journey={journey} draft={draft} />
      {tab === "flow" && <FlowTab journey={journey} draft={draft} writing={writing} />}
      {tab === "people" && <PeopleTab journey={journey} />}
      {tab === "effect" && <EffectTab journey={journey} />}
      {tab === "sheet" && (
        <Section title={t("sheet.title")}>
          {writing ? (
            <SheetForm body={draft.body} change={draft.change} />
          ) : (
            <SheetView sheet={draft.body.sheet} />
          )}
        </Section>
      )}
      {tab === "versions" && <VersionsTab journey={journey} />}
      <Panels journey={journey} draft={draft} writing={writing} />
    </Page>
  );
}

function Panels(props: { journey: Journey; draft: Draft; writing: boolean }) {
  const { journey, draft, writing } = props;
  const { search, set } = useJourneySearch();
  const close = () => set({ panel: undefined });
  if (search.walk !== undefined) {
    return (
      <StoryPanel
        journey={journey}
        enrollment={search.walk}
        onClose={() => set({ walk: undefined })}
      />
    );
  }
  switch (search.panel) {
    case "live":
      return <GoLivePanel journey={journey} onClose={close} />;
    case "flow":
      return writing ? <InsertFlowPanel draft={draft} /> : null;
    case "settings":
      return <SettingsPanel journey={journey} onClose={close} />;
    case "return":
    case "pause":
    case "close":
    case "end":
    case "discard":
      return <DeedPanel journey={journey} deed={search.panel} draft={draft} onClose={close} />;
    default:
      return null;
  }
}

function Lead(props: { journey: Journey; draft: Draft; writing: boolean }) {
  const { journey, draft, writing } = props;
  const { t } = useTranslation("journeys");
  const format = useFormat();
  const words = [
    journey.purpose_label || t("noPurpose"),
    t("version", { version: journey.shown.number }),
    journey.inside !== null && journey.state !== "draft"
      ? t("inside", { people: format.count(journey.inside, "people") })
      : null,
    journey.live_since ? t("liveSince", { at: format.date(journey.live_since) }) : null,
    journey.scoped ? t("scoped") : null,
  ].filter((word) => word !== null);
  return (
    <span className={styles.leadLine}>
      <JourneyState state={journey.state} plain />
      {journey.draft && journey.state !== "draft" && <VersionState state={journey.draft} />}
      {journey.draft === "review" && journey.state === "draft" && <VersionState state="review" />}
      <span>{words.join(t("dot"))}</span>
      {writing && (
        <span className={styles.saved} role="status">
          {journey.draft === null && draft.state === "saved"
            ? t("saved.firstEdit", { version: journey.shown.number + 1 })
            : t(`saved.${draft.state}`)}
        </span>
      )}
    </span>
  );
}

/** What keeps it from going on: a save that failed, an approval that is not one's own. */
function Standing({ journey, draft }: { journey: Journey; draft: Draft }) {
  const { t } = useTranslation("journeys");
  const format = useFormat();
  const code = (draft.error as { code?: string } | null)?.code;
  return (
    <div className={styles.notes}>
      {draft.error !== null && (
        <div className={styles.standing}>
          <ErrorState error={draft.error} inline />
          <Button size="compact-sm" variant="default" onClick={() => void draft.reload()}>
            {t(code === "draft_changed" ? "saved.readOther" : "saved.readAgain")}
          </Button>
        </div>
      )}
      {journey.archived_at && (
        <Remark>{t("archivedNote", { at: format.dateTime(journey.archived_at) })}</Remark>
      )}
      {journey.state === "paused" && (
        <Remark tone="warn">{t("pausedNote", { at: format.dateTime(journey.state_since) })}</Remark>
      )}
      {journey.draft === "review" && (
        <Remark>
          {t(
            journey.may.approve
              ? "review.yours"
              : journey.may.approve_refused === "own_work"
                ? "review.ownWork"
                : "review.waits",
          )}
        </Remark>
      )}
    </div>
  );
}
