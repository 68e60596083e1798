/** One template: written, looked at as anybody, checked, given to another person, compared. */
import { Tabs } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { IconBan } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useBlocker, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { useMay } from "@/app/session";
import { TextLink } from "@/design/Link";
import { Page } from "@/design/Page";
import { ErrorState, Ready } from "@/design/states";
import { catalogQuery } from "@/features/rules";
import { ChannelMark, TemplateState } from "./badges";
import { templateQuery, usePreview } from "./data";
import classes from "./messages.module.css";
import { TEMPLATE_TABS, type TemplateSearch, type TemplateTab } from "./routes";
import { ChecksTab } from "./template/ChecksTab";
import { ContentTab } from "./template/ContentTab";
import type { EditorProps } from "./template/context";
import { Deciding } from "./template/Deciding";
import { MainDeed, OtherDeeds } from "./template/Deeds";
import { FieldsTab } from "./template/FieldsTab";
import { ReturnPanel } from "./template/ReturnPanel";
import { SettingsPanel } from "./template/SettingsPanel";
import { useDeeds } from "./template/useDeeds";
import { useDraft } from "./template/useDraft";
import { VersionsTab } from "./template/VersionsTab";
import type { Check, Template } from "./types";

/** ms without a keystroke before the message is drawn again. */
const SETTLED = 350;

export function TemplatePage() {
  const { t } = useTranslation("messages");
  const { slug } = useParams({ from: "/frame/messages/templates/$slug" });
  const template = useQuery(templateQuery(slug));
  if (template.data) return <Editor key={slug} template={template.data} />;
  return (
    <Page title={t("title")} above={<TextLink to="/messages">{t("title")}</TextLink>}>
      <Ready query={template} lines={[40, 90, 90, 70]}>
        {() => null}
      </Ready>
    </Page>
  );
}

function Editor({ template }: { template: Template }) {
  const { t } = useTranslation("messages");
  const may = useMay();
  const search = useSearch({ from: "/frame/messages/templates/$slug" });
  const navigate = useNavigate({ from: "/messages/templates/$slug" });
  const shown = template.work_version ?? template.approved_version;
  const draft = useDraft(shown?.body ?? { kind: template.channel }, t("addressing.unknownNameJa"));
  const deeds = useDeeds(template, draft);
  const catalog = useQuery(catalogQuery);
  const look = useLook(template, draft.written, search.as ?? "");
  const [jump, setJump] = useState<{ path: string } | null>(null);
  const readOnly =
    !may("messages.write") ||
    template.archived_at !== null ||
    template.work_version?.state === "review";
  useUnsaved(draft.dirty && !deeds.discard.isPending, t("deciding.leaving"));
  const change = (part: TemplateSearch, replace = false) =>
    void navigate({ search: (old: TemplateSearch) => ({ ...old, ...part }), replace });
  const checks = useMemo(
    () => (look.preview?.checks ?? shown?.checks ?? []).map(plainPath),
    [look.preview, shown],
  );
  const tab = search.tab ?? "content";
  const props: EditorProps = { template, draft, look, checks, catalog: catalog.data, readOnly };
  return (
    <Page
      title={template.name}
      above={<TextLink to="/messages">{t("title")}</TextLink>}
      lead={
        <span className={classes.lead}>
          <ChannelMark channel={template.channel} />
          <span>{template.purpose_label}</span>
          <TemplateState template={template} />
        </span>
      }
      tabs={
        <TemplateTabs
          tab={tab}
          checks={checks.length}
          refused={checks.some((one) => one.level === "refuse")}
          onTab={(next) => change({ tab: next === "content" ? undefined : next })}
        />
      }
      action={<MainDeed {...props} deeds={deeds} />}
      fill={tab === "content" && template.channel === "email"}
      others={
        <OtherDeeds {...props} deeds={deeds} as={search.as} onOpen={(open) => change({ open })} />
      }
    >
      <div className={classes.notices}>
        {deeds.error ? <ErrorState error={deeds.error} inline /> : null}
        <Deciding template={template} dirty={draft.dirty} />
      </div>
      {tab === "content" && (
        <ContentTab
          {...props}
          jump={jump}
          search={search}
          onSearch={(part) => change(part, true)}
        />
      )}
      {tab === "fields" && <FieldsTab {...props} jump={jump} />}
      {tab === "checks" && (
        <ChecksTab
          {...props}
          onJump={(path) => {
            setJump({ path });
            change({ tab: path.startsWith("fields") ? "fields" : undefined });
          }}
        />
      )}
      {tab === "versions" && (
        <VersionsTab
          template={template}
          before={search.before}
          after={search.after}
          onCompare={(before, after) => change({ before, after }, true)}
        />
      )}
      {search.open === "return" && template.work_version?.state === "review" && (
        <ReturnPanel deeds={deeds} onClose={() => change({ open: undefined })} />
      )}
      {search.open === "settings" && (
        <SettingsPanel template={template} onClose={() => change({ open: undefined })} />
      )}
    </Page>
  );
}

/** The API's paths begin at `$`; the editor's at the body. */
function plainPath(check: Check): Check {
  return { ...check, path: check.path.replace(/^\$\.?/, "") };
}

function TemplateTabs(props: {
  tab: TemplateTab;
  checks: number;
  /** Something keeps it from being sent. */
  refused: boolean;
  onTab: (tab: TemplateTab) => void;
}) {
  const { t } = useTranslation("messages");
  return (
    <Tabs value={props.tab} onChange={(next) => props.onTab(next as TemplateTab)}>
      <Tabs.List>
        {TEMPLATE_TABS.map((one) => (
          <Tabs.Tab
            key={one}
            value={one}
            rightSection={
              one === "checks" &&
              props.refused && (
                <IconBan
                  size={15}
                  className={classes.refused}
                  role="img"
                  aria-label={t("level.refuse")}
                />
              )
            }
          >
            {one === "checks" && props.checks > 0
              ? t("tab.checksOf", { number: props.checks })
              : t(`tab.${one}`)}
          </Tabs.Tab>
        ))}
      </Tabs.List>
    </Tabs>
  );
}

function useLook(template: Template, body: Record<string, unknown>, person: string) {
  const { purpose, product } = template;
  const written = JSON.stringify({ body, purpose, product, person });
  const [asked] = useDebouncedValue(written, SETTLED);
  const found = usePreview(asked);
  return {
    preview: found.data,
    error: found.error,
    stale: written !== asked || found.isFetching,
  };
}

/** Asks before what is not saved is thrown away: by leaving the template, or the whole page. */
function useUnsaved(dirty: boolean, leaving: string) {
  useBlocker({
    disabled: !dirty,
    enableBeforeUnload: dirty,
    shouldBlockFn: ({ current, next }) =>
      current.pathname !== next.pathname && !window.confirm(leaving),
  });
}
