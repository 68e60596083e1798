/** The board of a list: a fast table, its people at the side, one member's detail on the right. */
import { Button, Menu } from "@mantine/core";
import {
  IconDotsVertical,
  IconDownload,
  IconInfoCircle,
  IconLock,
  IconRefresh,
  IconShare,
} from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { useMay, useSession } from "@/app/session";
import { call, download } from "@/client/http";
import { TextLink } from "@/design/Link";
import { MainAction, Page } from "@/design/Page";
import { Alarm } from "@/design/StatusBadge";
import { ErrorState, Loading, LongWork } from "@/design/states";
import { told } from "@/design/undo";
import { useFormat } from "@/design/useFormat";
import { AboutPanel } from "./AboutPanel";
import { isBuilding, listQuery } from "./api";
import { Board } from "./Board";
import { ListStateBadge } from "./badges";
import { ChangesPanel } from "./ChangesPanel";
import { ClosePanel } from "./ClosePanel";
import classes from "./lists.module.css";
import { MemberPanel } from "./MemberPanel";
import { SharesPanel } from "./SharesPanel";
import type { Build, ListDetail } from "./types";

export const BOARD = "/frame/lists/$id" as const;

export function BoardPage() {
  const { t } = useTranslation("lists");
  const { id } = useParams({ from: BOARD });
  const query = useQuery(listQuery(id));
  if (query.error && !query.data) {
    return (
      <Page title={t("title")}>
        <ErrorState error={query.error} onRetry={() => void query.refetch()} />
      </Page>
    );
  }
  if (!query.data) {
    return (
      <Page title={t("title")}>
        <Loading lines={[30, 60, 100, 100, 100]} height={24} />
      </Page>
    );
  }
  return <Loaded list={query.data} />;
}

/** Changes a part of the board's URL. */
export function useBoardSearch() {
  const search = useSearch({ from: BOARD });
  const navigate = useNavigate({ from: "/lists/$id" });
  return {
    search,
    set: (part: Partial<typeof search>, replace = false) =>
      void navigate({ search: (before) => ({ ...before, ...part }), replace }),
  };
}

function Loaded({ list }: { list: ListDetail }) {
  const { t } = useTranslation("lists");
  const { search, set } = useBoardSearch();
  const navigate = useNavigate();
  const canWork = list.can_work && list.state === "open" && list.total > 0;
  const closePanel = () => set({ panel: undefined, member: undefined });
  return (
    <Page
      title={list.name}
      above={<TextLink to="/lists">{t("title")}</TextLink>}
      lead={<Lead list={list} />}
      fill
      action={
        canWork && (
          <MainAction
            onClick={() => void navigate({ to: "/lists/$id/work", params: { id: list.id } })}
          >
            {t("action.work")}
          </MainAction>
        )
      }
      others={<Others list={list} />}
    >
      <BuildStrip list={list} />
      {/* While its first build runs, a list has nobody yet. */}
      {list.state !== "building" && <Board list={list} />}
      {search.member !== undefined && (
        <MemberPanel key={search.member} list={list} member={search.member} onClose={closePanel} />
      )}
      {search.panel === "changes" && <ChangesPanel list={list} onClose={closePanel} />}
      {search.panel === "shares" && <SharesPanel list={list} onClose={closePanel} />}
      {search.panel === "close" && list.can_manage && list.state !== "closed" && (
        <ClosePanel list={list} onClose={closePanel} />
      )}
      {search.panel === "about" && <AboutPanel list={list} onClose={closePanel} />}
    </Page>
  );
}

function Lead({ list }: { list: ListDetail }) {
  const { t } = useTranslation("lists");
  const format = useFormat();
  const today = useSession()?.workspace.today ?? "";
  const finished = list.done + list.dropped;
  return (
    <>
      <ListStateBadge state={list.state} />{" "}
      {t("board.lead", {
        finished: format.number(finished),
        total: format.count(list.total, "people"),
        left: format.count(list.open + list.working, "people"),
      })}
      {list.due && (
        <>
          {" · "}
          <span className={list.due < today && list.state === "open" ? classes.late : undefined}>
            {t("board.due", { date: format.date(list.due) })}
          </span>
        </>
      )}
    </>
  );
}

function Others({ list }: { list: ListDetail }) {
  const { t } = useTranslation("lists");
  const may = useMay();
  const navigate = useNavigate();
  const { set } = useBoardSearch();
  const client = useQueryClient();
  const again = () => client.invalidateQueries({ queryKey: ["list", list.id] });
  const refresh = useMutation({
    mutationFn: () => call<Build>("POST", `/api/lists/${list.id}/refresh`),
    onSuccess: again,
  });
  const save = useMutation({
    mutationFn: (format: "csv_utf8" | "csv_cp932" | "xlsx") =>
      download("POST", `/api/lists/${list.id}/export`, { body: { format } }),
    onSuccess: () => told(t("done.exported")),
  });
  const icon = { size: 14, "aria-hidden": true } as const;
  const error = refresh.error ?? save.error;
  return (
    <>
      {error ? <ErrorState error={error} inline /> : null}
      <Button
        variant="default"
        onClick={() => void navigate({ to: "/lists/$id/tracking", params: { id: list.id } })}
      >
        {t("action.tracking")}
      </Button>
      {list.can_manage && list.state === "open" && (
        <Button
          variant="default"
          leftSection={<IconRefresh {...icon} />}
          loading={refresh.isPending || isBuilding(list.build)}
          onClick={() => refresh.mutate()}
        >
          {t("action.refresh")}
        </Button>
      )}
      <Menu position="bottom-end">
        <Menu.Target>
          <Button variant="default" px={8} aria-label={t("action.more")}>
            <IconDotsVertical size={16} aria-hidden />
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item
            leftSection={<IconInfoCircle {...icon} />}
            onClick={() => set({ panel: "about", member: undefined })}
          >
            {t("action.about")}
          </Menu.Item>
          {list.can_manage && (
            <Menu.Item
              leftSection={<IconShare {...icon} />}
              onClick={() => set({ panel: "shares", member: undefined })}
            >
              {t("action.share")}
            </Menu.Item>
          )}
          {may("lists.export") && (
            <>
              <Menu.Divider />
              <Menu.Label>{t("export.title")}</Menu.Label>
              {(["csv_utf8", "csv_cp932", "xlsx"] as const).map((format) => (
                <Menu.Item
                  key={format}
                  leftSection={<IconDownload {...icon} />}
                  onClick={() => save.mutate(format)}
                >
                  {t(`export.${format}`)}
                </Menu.Item>
              ))}
            </>
          )}
          {list.can_manage && list.state !== "closed" && (
            <>
              <Menu.Divider />
              <Menu.Item
                leftSection={<IconLock {...icon} />}
                onClick={() => set({ panel: "close", member: undefined })}
              >
                {t("action.close")}
              </Menu.Item>
            </>
          )}
        </Menu.Dropdown>
      </Menu>
    </>
  );
}

/** What the newest build is doing, or what it changed: shown before everything else. */
function BuildStrip({ list }: { list: ListDetail }) {
  const { t } = useTranslation("lists");
  const format = useFormat();
  const { set } = useBoardSearch();
  const { build } = list;
  if (!build) return null;
  if (isBuilding(build)) {
    return (
      <LongWork label={t(`building.${build.state}`)} done={build.written} total={build.found} />
    );
  }
  if (build.state === "failed") {
    return <Alarm title={t("building.failed")}>{build.message}</Alarm>;
  }
  const any = build.added + build.left + build.changed > 0;
  if (build.number <= 1 || !any) return null;
  return (
    <div className={classes.strip}>
      <span>
        {t("changes.since", { when: format.relative(build.ended_at ?? build.requested_at) })}
      </span>
      {(["added", "left", "changed"] as const).map(
        (kind) =>
          build[kind] > 0 && (
            <span key={kind}>
              {t(`changes.${kind}`, { people: format.count(build[kind], "people") })}
            </span>
          ),
      )}
      <Button
        variant="subtle"
        size="compact-sm"
        onClick={() => set({ panel: "changes", member: undefined })}
      >
        {t("changes.open")}
      </Button>
    </div>
  );
}
