/** Saving what was edited as a new version, with a note saying why. */
import { Button, Group, Popover, TextInput } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { MainAction } from "@/design/Page";
import { type Edited, missingOf } from "./model/draft";
import type { useSaveVersion } from "./RuleTab";
import classes from "./segments.module.css";
import type { Kind } from "./types";

interface Props {
  saving: ReturnType<typeof useSaveVersion>;
  kind: Kind;
  edited: Edited;
  onDiscard: () => void;
}

export function SaveVersion({ saving, kind, edited, onDiscard }: Props) {
  const { t } = useTranslation("segments");
  const [open, setOpen] = useState(false);
  const [note, setNote] = useState("");
  const complete = missingOf(kind, edited.rule, edited.rank).length === 0;
  return (
    <>
      <Button variant="subtle" color="gray" onClick={onDiscard}>
        {t("save.discard")}
      </Button>
      <Popover opened={open} onChange={setOpen} position="bottom-end" width={360} trapFocus>
        <Popover.Target>
          <MainAction
            disabled={!complete}
            loading={saving.isPending}
            onClick={() => setOpen(!open)}
            aria-expanded={open}
          >
            {t("save.open")}
          </MainAction>
        </Popover.Target>
        <Popover.Dropdown aria-label={t("save.open")}>
          <form
            onSubmit={(event) => {
              event.preventDefault();
              saving.mutate(note.trim(), { onSettled: () => setOpen(false) });
            }}
          >
            <TextInput
              label={t("save.note")}
              placeholder={t("save.example")}
              maxLength={1000}
              data-autofocus
              value={note}
              onChange={(event) => setNote(event.currentTarget.value)}
            />
            <p className={classes.help}>{t("save.help")}</p>
            <Group justify="flex-end">
              <Button type="submit" loading={saving.isPending}>
                {t("save.submit")}
              </Button>
            </Group>
          </form>
        </Popover.Dropdown>
      </Popover>
    </>
  );
}
