/** The images that we serve ourselves. */
import { Button, Checkbox, FileButton, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { IconSearch } from "@tabler/icons-react";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { useMay } from "@/app/session";
import { Filters } from "@/design/Filters";
import { MainAction, Page } from "@/design/Page";
import { StatusBadge } from "@/design/StatusBadge";
import { Empty, ErrorState, Ready } from "@/design/states";
import { told } from "@/design/undo";
import { useFormat } from "@/design/useFormat";
import { useAssets } from "../data";
import { MessagesTabs } from "../MessagesTabs";
import type { AssetsSearch } from "../routes";
import type { Asset } from "../types";
import { AssetPanel } from "./AssetPanel";
import classes from "./assets.module.css";
import { KINDS, useUpload } from "./useUpload";

export function AssetsPage() {
  const { t } = useTranslation("messages");
  const may = useMay();
  const format = useFormat();
  const search = useSearch({ from: "/frame/messages/images" });
  const navigate = useNavigate({ from: "/messages/images" });
  const [q] = useDebouncedValue(search.q ?? "", 200);
  const found = useAssets(q, search.archived ?? false);
  const change = (part: AssetsSearch) =>
    void navigate({
      search: (old: AssetsSearch) => ({ ...old, ...part }),
      replace: !("open" in part),
    });
  const upload = useUpload((made) => {
    told(t("assets.done", { name: made.name }));
    change({ open: made.id });
  });
  const writes = may("messages.write");
  const open = found.data?.items.find((one) => one.id === search.open);
  return (
    <Page
      title={t("title")}
      lead={t("assets.lead")}
      tabs={<MessagesTabs value="images" />}
      action={
        writes && (
          <FileButton accept={KINDS} onChange={(file) => file && upload.mutate(file)}>
            {(props) => (
              <MainAction {...props} loading={upload.isPending}>
                {t("assets.upload")}
              </MainAction>
            )}
          </FileButton>
        )
      }
    >
      <DropArea onFile={writes ? (file) => upload.mutate(file) : null}>
        {upload.error && <ErrorState error={upload.error} inline />}
        <Filters aside={found.data && format.count(found.data.total, "items")}>
          <TextInput
            aria-label={t("assets.find")}
            placeholder={t("assets.find")}
            leftSection={<IconSearch size={15} />}
            value={search.q ?? ""}
            onChange={(event) => change({ q: event.currentTarget.value || undefined })}
          />
          <Checkbox
            label={t("assets.archivedToo")}
            checked={search.archived ?? false}
            onChange={(event) => change({ archived: event.currentTarget.checked || undefined })}
          />
        </Filters>
        <Ready query={found}>
          {({ items }) =>
            items.length === 0 ? (
              <Empty title={q ? t("assets.noMatch") : t("assets.none")}>
                {q ? t("list.noMatchText") : t("assets.noneText")}
              </Empty>
            ) : (
              <ul className={classes.grid}>
                {items.map((one) => (
                  <Tile
                    key={one.id}
                    asset={one}
                    on={one.id === search.open}
                    onOpen={() => change({ open: one.id })}
                  />
                ))}
              </ul>
            )
          }
        </Ready>
      </DropArea>
      {open && (
        <AssetPanel key={open.id} asset={open} onClose={() => change({ open: undefined })} />
      )}
    </Page>
  );
}

function Tile({ asset, on, onOpen }: { asset: Asset; on: boolean; onOpen: () => void }) {
  const { t } = useTranslation("messages");
  return (
    <li>
      <Button
        variant="default"
        className={classes.tile}
        classNames={{ inner: classes.tileInner, label: classes.tileLabel }}
        data-on={on || undefined}
        onClick={onOpen}
      >
        <span className={classes.picture}>
          <img src={asset.url} alt={asset.alt} loading="lazy" />
        </span>
        <span className={classes.name}>{asset.name}</span>
        <span className={classes.facts}>
          {asset.width} × {asset.height}
          {!asset.alt && (
            <StatusBadge tone="warn" plain>
              {t("assets.noAlt")}
            </StatusBadge>
          )}
          {asset.archived_at && (
            <StatusBadge tone="neutral" plain>
              {t("state.archived")}
            </StatusBadge>
          )}
        </span>
      </Button>
    </li>
  );
}

/** A file may be let fall on the page. */
function DropArea(props: { onFile: ((file: File) => void) | null; children: React.ReactNode }) {
  const [over, setOver] = useState(false);
  const area = useRef<HTMLDivElement>(null);
  const take = useRef(props.onFile);
  take.current = props.onFile;
  useEffect(() => {
    const box = area.current;
    if (!box) return;
    let depth = 0;
    const count = (by: number) => {
      depth = Math.max(0, depth + by);
      setOver(depth > 0 && take.current !== null);
    };
    const enter = () => count(1);
    const leave = () => count(-1);
    const hover = (event: DragEvent) => event.preventDefault();
    const fall = (event: DragEvent) => {
      event.preventDefault();
      depth = 0;
      setOver(false);
      const file = event.dataTransfer?.files[0];
      if (file) take.current?.(file);
    };
    box.addEventListener("dragenter", enter);
    box.addEventListener("dragleave", leave);
    box.addEventListener("dragover", hover);
    box.addEventListener("drop", fall);
    return () => {
      box.removeEventListener("dragenter", enter);
      box.removeEventListener("dragleave", leave);
      box.removeEventListener("dragover", hover);
      box.removeEventListener("drop", fall);
    };
  }, []);
  return (
    <div ref={area} className={classes.area} data-over={over || undefined}>
      {props.children}
    </div>
  );
}
