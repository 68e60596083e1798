/** One person's walk: every decision, in a sentence, with its time. */
import { Button, Textarea } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { call } from "@/client/http";
import { Facts } from "@/design/Facts";
import { TextLink } from "@/design/Link";
import { RightPanel } from "@/design/RightPanel";
import { ErrorState, Ready } from "@/design/states";
import { told } from "@/design/undo";
import { useFormat } from "@/design/useFormat";
import { path, storyQuery } from "./api";
import styles from "./journeys.module.css";
import type { Journey, Story, StoryLine } from "./types";

interface Props {
  journey: Journey;
  enrollment: number;
  onClose: () => void;
}

export function StoryPanel({ journey, enrollment, onClose }: Props) {
  const { t } = useTranslation("journeys");
  const story = useQuery(storyQuery(journey.slug, enrollment));
  return (
    <RightPanel
      title={story.data?.display ?? t("story.title")}
      lead={story.data?.standing}
      onClose={onClose}
      width={520}
    >
      <Ready query={story} lines={[60, 90, 90]}>
        {(found) => <Told journey={journey} story={found} />}
      </Ready>
    </RightPanel>
  );
}

function Told({ journey, story }: { journey: Journey; story: Story }) {
  const { t } = useTranslation("journeys");
  const format = useFormat();
  return (
    <>
      <Facts
        facts={[
          { label: t("people.at"), value: story.step_title || "–" },
          {
            label: t("people.entered"),
            value: story.entered_at ? format.dateTime(story.entered_at) : t("people.hidden"),
          },
          ...(story.due_at && story.state === "active"
            ? [{ label: t("story.due"), value: format.dateTime(story.due_at) }]
            : []),
          ...(story.key ? [{ label: t("people.key"), value: story.key }] : []),
          { label: t("story.version"), value: t("version", { version: story.version }) },
          ...(story.control ? [{ label: t("story.group"), value: t("story.control") }] : []),
        ]}
      />
      {story.times_hidden && <p className="muted">{story.times_hidden}</p>}
      <p className={styles.openPerson}>
        <TextLink to={`/customers/${story.person}` as string}>{t("story.open")}</TextLink>
      </p>
      <StoryLines lines={story.lines} />
      {journey.may.run && story.state !== "ended" && (
        <RemovePerson journey={journey} story={story} />
      )}
    </>
  );
}

export function StoryLines({ lines }: { lines: readonly StoryLine[] }) {
  const format = useFormat();
  return (
    <ol className={styles.story}>
      {lines.map((line, at) => (
        <li key={`${line.at}:${at}`}>
          <span className={styles.storyTime}>
            {line.at ? format.dateTime(line.at) : line.local}
          </span>
          <span>{line.sentence}</span>
        </li>
      ))}
    </ol>
  );
}

function RemovePerson({ journey, story }: { journey: Journey; story: Story }) {
  const { t } = useTranslation("journeys");
  const client = useQueryClient();
  const [open, setOpen] = useState(false);
  const [reason, setReason] = useState("");
  const remove = useMutation({
    mutationFn: () =>
      call<Story>("POST", `${path(journey.slug)}/enrollments/${story.enrollment}/remove`, {
        body: { reason: reason.trim() },
      }),
    onSuccess: async () => {
      told(t("done.remove", { name: story.display }));
      await client.invalidateQueries({ queryKey: ["journey", journey.slug] });
    },
  });
  if (!open) {
    return (
      <Button variant="default" size="xs" onClick={() => setOpen(true)}>
        {t("story.remove")}
      </Button>
    );
  }
  return (
    <div className={styles.removal}>
      {remove.error && <ErrorState error={remove.error} inline />}
      <p className={styles.hint}>{t("story.removeText", { name: story.display })}</p>
      <Textarea
        label={t("reason")}
        autosize
        minRows={2}
        maxLength={2000}
        value={reason}
        onChange={(event) => setReason(event.currentTarget.value)}
      />
      <Button
        color="shu"
        size="xs"
        disabled={reason.trim() === ""}
        loading={remove.isPending}
        onClick={() => remove.mutate()}
      >
        {t("story.remove")}
      </Button>
    </div>
  );
}
