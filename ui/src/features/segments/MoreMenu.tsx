/** What can be done with a segment besides its main action. */
import { ActionIcon, Menu } from "@mantine/core";
import {
  IconArchive,
  IconArchiveOff,
  IconDotsVertical,
  IconDownload,
  IconPencil,
} from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { call, download } from "@/client/http";
import { told } from "@/design/undo";
import { segmentQuery } from "./api";
import type { Segment } from "./types";
import { useSegmentSearch } from "./useSegmentSearch";

const FORMATS = ["csv_utf8", "csv_cp932", "xlsx", "parquet"] as const;

interface Props {
  segment: Segment;
  more: ReturnType<typeof useMore>;
}

export function MoreMenu({ segment, more }: Props) {
  const { t } = useTranslation("segments");
  const { set } = useSegmentSearch();
  const { archive, restore, exported } = more;
  if (!segment.may.write && !segment.may.export) return null;
  const archived = segment.archived_at !== null;
  return (
    <Menu position="bottom-end" width={260}>
      <Menu.Target>
        <ActionIcon
          size={36}
          variant="default"
          aria-label={t("more.open")}
          loading={archive.isPending || restore.isPending || exported.isPending}
        >
          <IconDotsVertical size={16} aria-hidden />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {segment.may.write && !archived && (
          <Menu.Item
            leftSection={<IconPencil size={16} aria-hidden />}
            onClick={() => set({ panel: "edit", member: undefined })}
          >
            {t("more.edit")}
          </Menu.Item>
        )}
        {segment.may.export && (
          <>
            <Menu.Label>{t("more.export")}</Menu.Label>
            {FORMATS.map((one) => (
              <Menu.Item
                key={one}
                leftSection={<IconDownload size={16} aria-hidden />}
                disabled={segment.as_of === null}
                onClick={() => exported.mutate(one)}
              >
                {t(`more.format_${one}`)}
              </Menu.Item>
            ))}
          </>
        )}
        {segment.may.write && (
          <>
            <Menu.Divider />
            {archived ? (
              <Menu.Item
                leftSection={<IconArchiveOff size={16} aria-hidden />}
                onClick={() => restore.mutate()}
              >
                {t("more.restore")}
              </Menu.Item>
            ) : (
              <Menu.Item
                leftSection={<IconArchive size={16} aria-hidden />}
                onClick={() => archive.mutate()}
              >
                {t("more.archive")}
              </Menu.Item>
            )}
          </>
        )}
      </Menu.Dropdown>
    </Menu>
  );
}

/** Archiving, its undo, and exports. */
export function useMore(segment: Segment) {
  const { t } = useTranslation("segments");
  const client = useQueryClient();
  const path = `/api/segments/${segment.slug}`;
  const again = async () => {
    await client.invalidateQueries({ queryKey: segmentQuery(segment.slug).queryKey });
    await client.invalidateQueries({ queryKey: ["segments"] });
  };
  const restore = useMutation({
    mutationFn: () => call<unknown>("POST", `${path}/restore`),
    onSuccess: async () => {
      await again();
      told(t("more.restored", { name: segment.name }));
    },
  });
  const archive = useMutation({
    mutationFn: () => call<unknown>("POST", `${path}/archive`),
    onSuccess: async () => {
      await again();
      told(t("more.archived", { name: segment.name }), () => restore.mutate());
    },
  });
  const exported = useMutation({
    mutationFn: (format: (typeof FORMATS)[number]) =>
      download("POST", `${path}/export`, { body: { format } }),
  });
  return {
    archive,
    restore,
    exported,
    error: archive.error ?? restore.error ?? exported.error,
  };
}
