/** Picks one of our images, or brings one in on the spot. */
import { Button, FileButton, Input, Popover, TextInput, UnstyledButton } from "@mantine/core";
import { IconPhoto, IconUpload } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useMay } from "@/app/session";
import { ErrorState, Ready } from "@/design/states";
import { useAssets } from "../data";
import type { Asset } from "../types";
import classes from "./assets.module.css";
import { KINDS, useUpload } from "./useUpload";

interface Props {
  label: string;
  /** The id of the image. */
  value: string;
  onPick: (asset: Asset) => void;
  readOnly: boolean;
}

export function AssetPicker({ label, value, onPick, readOnly }: Props) {
  const { t } = useTranslation("messages");
  const [open, setOpen] = useState(false);
  const all = useAssets("", false);
  const chosen = all.data?.items.find((one) => one.id === value);
  return (
    <Input.Wrapper label={label}>
      <Popover
        opened={open}
        onChange={setOpen}
        width={360}
        position="bottom-end"
        trapFocus
        withinPortal
      >
        <Popover.Target>
          <UnstyledButton
            className={classes.chosen}
            disabled={readOnly}
            aria-label={t("assets.pickFor", { label, name: chosen?.name ?? t("assets.nothing") })}
            onClick={() => setOpen(!open)}
          >
            {chosen ? (
              <img src={chosen.url} alt="" className={classes.thumb} />
            ) : (
              <span className={classes.thumb}>
                <IconPhoto size={20} stroke={1.4} aria-hidden />
              </span>
            )}
            <span className={classes.chosenWords}>
              <span>{chosen?.name ?? t("assets.nothing")}</span>
              {chosen && (
                <span className="muted">
                  {chosen.width} × {chosen.height}
                </span>
              )}
            </span>
          </UnstyledButton>
        </Popover.Target>
        <Popover.Dropdown>
          {open && (
            <Picking
              onPick={(asset) => {
                onPick(asset);
                setOpen(false);
              }}
            />
          )}
        </Popover.Dropdown>
      </Popover>
    </Input.Wrapper>
  );
}

function Picking({ onPick }: { onPick: (asset: Asset) => void }) {
  const { t } = useTranslation("messages");
  const may = useMay();
  const [q, setQ] = useState("");
  const found = useAssets(q, false);
  const upload = useUpload(onPick);
  return (
    <div className={classes.picking}>
      <TextInput
        size="xs"
        data-autofocus
        aria-label={t("assets.find")}
        placeholder={t("assets.find")}
        value={q}
        onChange={(event) => setQ(event.currentTarget.value)}
      />
      <Ready query={found}>
        {({ items }) => (
          <ul className={classes.small} aria-label={t("tabs.images")}>
            {items.map((one) => (
              <li key={one.id}>
                <UnstyledButton
                  className={classes.smallOne}
                  aria-label={one.name}
                  title={one.name}
                  onClick={() => onPick(one)}
                >
                  <img src={one.url} alt="" loading="lazy" />
                </UnstyledButton>
              </li>
            ))}
            {items.length === 0 && <li className="muted">{t("assets.none")}</li>}
          </ul>
        )}
      </Ready>
      {upload.error && <ErrorState error={upload.error} inline />}
      {may("messages.write") && (
        <FileButton accept={KINDS} onChange={(file) => file && upload.mutate(file)}>
          {(props) => (
            <Button
              {...props}
              size="compact-sm"
              variant="light"
              loading={upload.isPending}
              leftSection={<IconUpload size={14} aria-hidden />}
            >
              {t("assets.upload")}
            </Button>
          )}
        </FileButton>
      )}
    </div>
  );
}
