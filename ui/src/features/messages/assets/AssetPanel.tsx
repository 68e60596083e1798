import { Button, Stack, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useMay } from "@/app/session";
import { call } from "@/client/http";
import { Facts } from "@/design/Facts";
import { TextLink } from "@/design/Link";
import { RightPanel } from "@/design/RightPanel";
import { ErrorState } from "@/design/states";
import { told } from "@/design/undo";
import { useFormat } from "@/design/useFormat";
import { ASSETS_KEY } from "../data";
import type { Asset } from "../types";
import classes from "./assets.module.css";

/** One image: its name, what is said where it cannot be seen, and where it is used. */
export function AssetPanel({ asset, onClose }: { asset: Asset; onClose: () => void }) {
  const { t } = useTranslation("messages");
  const may = useMay();
  const format = useFormat();
  const client = useQueryClient();
  const [name, setName] = useState(asset.name);
  const [alt, setAlt] = useState(asset.alt);
  const [sure, setSure] = useState(false);
  const refresh = () => client.invalidateQueries({ queryKey: ASSETS_KEY });
  const path = `/api/assets/${asset.id}`;
  const save = useMutation({
    mutationFn: () => call<Asset>("PATCH", path, { body: { name: name.trim(), alt: alt.trim() } }),
    onSuccess: async () => {
      told(t("assets.saved"));
      await refresh();
    },
  });
  const archive = useMutation({
    mutationFn: () => call<Asset>("DELETE", path),
    onSuccess: async () => {
      told(t("assets.archived"));
      await refresh();
      onClose();
    },
  });
  const writes = may("messages.write") && asset.archived_at === null;
  const problem = save.error ?? archive.error;
  return (
    <RightPanel
      title={asset.name}
      lead={`${asset.width} × ${asset.height} · ${format.bytes(asset.size)}`}
      onClose={onClose}
      footer={
        writes && (
          <>
            <Button
              variant="default"
              loading={archive.isPending}
              onBlur={() => setSure(false)}
              onClick={() => (sure ? archive.mutate() : setSure(true))}
            >
              {t(sure ? "assets.archiveSure" : "assets.archive")}
            </Button>
            <Button
              disabled={!name.trim() || (name === asset.name && alt === asset.alt)}
              loading={save.isPending}
              onClick={() => save.mutate()}
            >
              {t("deed.save")}
            </Button>
          </>
        )
      }
    >
      <Stack>
        <div className={classes.large}>
          <img src={asset.url} alt={asset.alt} />
        </div>
        <TextInput
          label={t("new.name")}
          readOnly={!writes}
          maxLength={200}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <TextInput
          label={t("form.alt")}
          description={t("form.altText")}
          readOnly={!writes}
          maxLength={300}
          value={alt}
          onChange={(event) => setAlt(event.currentTarget.value)}
        />
        <Facts
          facts={[
            { label: t("assets.kind"), value: asset.kind },
            { label: t("assets.by"), value: asset.created_by.name },
            { label: t("list.made"), value: format.dateTime(asset.created_at) },
            {
              label: t("assets.usedBy"),
              value:
                asset.used_by.length === 0 ? (
                  t("assets.unused")
                ) : (
                  <span className={classes.used}>
                    {asset.used_by.map((slug) => (
                      <TextLink key={slug} to="/messages/templates/$slug" params={{ slug }}>
                        {slug}
                      </TextLink>
                    ))}
                  </span>
                ),
            },
          ]}
        />
        {problem && <ErrorState error={problem} inline />}
      </Stack>
    </RightPanel>
  );
}
