/** What can be done with a journey: one main deed by how it stands, the others in a menu. */
import { ActionIcon, Button, Menu } from "@mantine/core";
import {
  IconArchive,
  IconArchiveOff,
  IconDoorOff,
  IconDots,
  IconPlayerPause,
  IconPlayerStop,
  IconSettings,
  IconTrash,
} from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { call } from "@/client/http";
import { MainAction } from "@/design/Page";
import { useErrorWords } from "@/design/states";
import { told } from "@/design/undo";
import { journeyQuery, path } from "./api";
import type { Journey } from "./types";
import type { Draft } from "./useDraft";
import { useJourneySearch } from "./useJourneySearch";

/** A deed that takes nothing but the journey: resume, archive, restore. */
export function useDeed(journey: Journey) {
  const { t } = useTranslation("journeys");
  const client = useQueryClient();
  const errors = useErrorWords();
  return useMutation({
    mutationFn: ({ deed, body }: { deed: string; body?: unknown }) =>
      call<Journey>("POST", `${path(journey.slug)}/${deed}`, { body }),
    onSuccess: async (next, { deed }) => {
      client.setQueryData(journeyQuery(journey.slug).queryKey, next);
      await client.invalidateQueries({ queryKey: ["journeys"] });
      await client.invalidateQueries({ queryKey: ["journey", journey.slug] });
      told(t(`done.${deed}`, { name: next.name }));
    },
    onError: (error) => {
      const { message, remedy, faults } = errors(error);
      told([message, ...faults.slice(0, 3).map((fault) => fault.message), remedy].join(" "));
    },
  });
}

interface MainProps {
  journey: Journey;
  draft: Draft;
  writing: boolean;
}

export function MainDeed({ journey, draft, writing }: MainProps) {
  const { t } = useTranslation("journeys");
  const { set } = useJourneySearch();
  const deed = useDeed(journey);
  const { may } = journey;
  if (journey.draft === "review" && may.approve) {
    return (
      <>
        <Button variant="default" onClick={() => set({ panel: "return" })}>
          {t("deed.return")}
        </Button>
        <MainAction onClick={() => set({ panel: "live" })}>{t("deed.goLive")}</MainAction>
      </>
    );
  }
  if (writing && (journey.draft !== null || draft.state !== "saved")) {
    const { refused } = draft.checked;
    return (
      <MainAction
        disabled={!may.submit || refused > 0 || draft.error !== null}
        title={refused > 0 ? t("submit.refused", { count: refused }) : undefined}
        loading={deed.isPending}
        onClick={async () => {
          await draft.flush();
          deed.mutate({ deed: "submit", body: { note: "" } });
        }}
      >
        {t("deed.submit")}
      </MainAction>
    );
  }
  if ((journey.state === "paused" || journey.state === "closing") && may.run) {
    return (
      <MainAction loading={deed.isPending} onClick={() => deed.mutate({ deed: "resume" })}>
        {t(journey.state === "paused" ? "deed.resume" : "deed.reopen")}
      </MainAction>
    );
  }
  if (may.write && journey.draft === null && !writing && journey.state !== "ended") {
    return (
      <Button variant="default" onClick={() => set({ edit: true, mode: undefined })}>
        {t("deed.edit")}
      </Button>
    );
  }
  return null;
}

export function MoreDeeds({ journey }: { journey: Journey }) {
  const { t } = useTranslation("journeys");
  const { set } = useJourneySearch();
  const deed = useDeed(journey);
  const { may, state } = journey;
  const running = state === "live" || state === "closing";
  const discards = may.write && journey.draft === "draft";
  const archives = may.write && (state === "draft" || state === "ended");
  if (!may.write && !may.run) return null;
  return (
    <Menu position="bottom-end" width={230}>
      <Menu.Target>
        <ActionIcon variant="default" size={36} aria-label={t("deed.more")}>
          <IconDots size={18} aria-hidden />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {may.write && (
          <Menu.Item
            leftSection={<IconSettings size={16} aria-hidden />}
            onClick={() => set({ panel: "settings" })}
          >
            {t("deed.settings")}
          </Menu.Item>
        )}
        {may.run && running && (
          <Menu.Item
            leftSection={<IconPlayerPause size={16} aria-hidden />}
            onClick={() => set({ panel: "pause" })}
          >
            {t("deed.pause")}
          </Menu.Item>
        )}
        {may.run && state === "live" && (
          <Menu.Item
            leftSection={<IconDoorOff size={16} aria-hidden />}
            onClick={() => set({ panel: "close" })}
          >
            {t("deed.close")}
          </Menu.Item>
        )}
        {may.run && (running || state === "paused") && (
          <Menu.Item
            leftSection={<IconPlayerStop size={16} aria-hidden />}
            onClick={() => set({ panel: "end" })}
          >
            {t("deed.end")}
          </Menu.Item>
        )}
        {discards && (
          <Menu.Item
            leftSection={<IconTrash size={16} aria-hidden />}
            onClick={() => set({ panel: "discard" })}
          >
            {t("deed.discard")}
          </Menu.Item>
        )}
        {archives && (
          <Menu.Item
            leftSection={
              journey.archived_at ? (
                <IconArchiveOff size={16} aria-hidden />
              ) : (
                <IconArchive size={16} aria-hidden />
              )
            }
            onClick={() => deed.mutate({ deed: journey.archived_at ? "restore" : "archive" })}
          >
            {t(journey.archived_at ? "deed.restore" : "deed.archive")}
          </Menu.Item>
        )}
      </Menu.Dropdown>
    </Menu>
  );
}
