/** What may be done with the template now: one main action, and the quieter ones. */
import { ActionIcon, Button, Menu } from "@mantine/core";
import { useHotkeys } from "@mantine/hooks";
import {
  IconArchive,
  IconArrowBackUp,
  IconArrowForwardUp,
  IconDots,
  IconPencil,
  IconRestore,
  IconSend,
  IconTrash,
} from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useMay } from "@/app/session";
import { MainAction } from "@/design/Page";
import type { TemplateSearch } from "../routes";
import type { EditorProps } from "./context";
import classes from "./template.module.css";
import type { Deeds } from "./useDeeds";

type Props = EditorProps & { deeds: Deeds };
type OtherProps = Props & {
  /** As whom the message is looked at; a trial is filled in for the same person. */
  as: string | undefined;
  onOpen: (open: TemplateSearch["open"]) => void;
};

export function MainDeed({ template, draft, look, checks, readOnly, deeds }: Props) {
  const { t } = useTranslation("messages");
  const may = useMay();
  const work = template.work_version;
  if (work?.state === "review") {
    if (!may("messages.approve")) return null;
    return (
      <MainAction
        disabled={!work.approvable || deeds.busy}
        loading={deeds.judge.isPending}
        aria-describedby="deciding"
        onClick={() => deeds.judge.mutate({ deed: "approve", note: "" })}
      >
        {t("deed.approve")}
      </MainAction>
    );
  }
  if (readOnly || (!work && !draft.dirty)) return null;
  const refused = checks.some((one) => one.level === "refuse");
  return (
    <MainAction
      disabled={refused || look.stale || deeds.busy}
      title={refused ? t("deed.submitRefused") : undefined}
      loading={deeds.submit.isPending}
      onClick={() => deeds.submit.mutate()}
    >
      {t("deed.submit")}
    </MainAction>
  );
}

export function OtherDeeds(props: OtherProps) {
  const { t } = useTranslation("messages");
  const may = useMay();
  const { template, draft, readOnly, deeds } = props;
  const work = template.work_version;
  const save = () => {
    if (draft.dirty && !readOnly && !deeds.busy) deeds.save.mutate();
  };
  useHotkeys(
    [
      ["mod+S", save],
      ["mod+Z", draft.undo],
      ["mod+shift+Z", draft.redo],
    ],
    [],
  );
  return (
    <>
      {!readOnly && <Steps {...props} />}
      {work?.state === "review" && may("messages.write") && (
        <Button
          variant="default"
          disabled={deeds.busy}
          onClick={() => deeds.judge.mutate({ deed: "take-back", note: "" })}
        >
          {t("deed.takeBack")}
        </Button>
      )}
      {work?.state === "review" && may("messages.approve") && (
        <Button variant="default" disabled={deeds.busy} onClick={() => props.onOpen("return")}>
          {t("deed.return")}
        </Button>
      )}
      {!readOnly && (
        <Button
          variant="default"
          disabled={!draft.dirty || deeds.busy}
          loading={deeds.save.isPending}
          onClick={save}
        >
          {t(draft.dirty ? "deed.save" : "deed.saved")}
        </Button>
      )}
      {may("messages.write") && <More {...props} />}
    </>
  );
}

function Steps({ draft }: Props) {
  const { t } = useTranslation("messages");
  return (
    <>
      <ActionIcon
        size="lg"
        className={classes.quiet}
        aria-label={t("deed.undo")}
        title={t("deed.undo")}
        disabled={!draft.canUndo}
        onClick={draft.undo}
      >
        <IconArrowBackUp size={18} aria-hidden />
      </ActionIcon>
      <ActionIcon
        size="lg"
        className={classes.quiet}
        aria-label={t("deed.redo")}
        title={t("deed.redo")}
        disabled={!draft.canRedo}
        onClick={draft.redo}
      >
        <IconArrowForwardUp size={18} aria-hidden />
      </ActionIcon>
    </>
  );
}

function More(props: OtherProps) {
  const { t } = useTranslation("messages");
  const { template, deeds } = props;
  const [sure, setSure] = useState(false);
  const archived = template.archived_at !== null;
  return (
    <Menu position="bottom-end" width={260} onClose={() => setSure(false)}>
      <Menu.Target>
        <ActionIcon size="lg" aria-label={t("deed.more")}>
          <IconDots size={18} aria-hidden />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {template.channel === "email" && (
          <Menu.Item
            leftSection={<IconSend size={16} />}
            onClick={() => deeds.trial.mutate(props.as)}
          >
            {t(props.as ? "deed.trialAs" : "deed.trial")}
          </Menu.Item>
        )}
        <Menu.Item leftSection={<IconPencil size={16} />} onClick={() => props.onOpen("settings")}>
          {t("deed.rename")}
        </Menu.Item>
        {template.work_version?.state === "draft" && (
          <Menu.Item
            leftSection={<IconTrash size={16} />}
            closeMenuOnClick={sure}
            onClick={() => (sure ? deeds.discard.mutate() : setSure(true))}
          >
            {t(sure ? "deed.discardSure" : "deed.discard")}
          </Menu.Item>
        )}
        <Menu.Item
          leftSection={archived ? <IconRestore size={16} /> : <IconArchive size={16} />}
          onClick={() => deeds.shelve.mutate(archived ? "restore" : "archive")}
        >
          {t(archived ? "deed.restore" : "deed.archive")}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
