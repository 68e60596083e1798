import { ActionIcon, Button, Menu, Textarea } from "@mantine/core";
import { IconDots, IconPin } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useMay } from "@/app/session";
import { call } from "@/client/http";
import { Section } from "@/design/Page";
import { ErrorState, Ready } from "@/design/states";
import { told } from "@/design/undo";
import { useFormat } from "@/design/useFormat";
import styles from "./customer.module.css";
import { notePath, notesPath, notesQuery } from "./data";
import type { Note } from "./types";

const LONGEST = 4000;

/** What staff wrote down about somebody, for whoever serves her next. */
export function Notes({ id }: { id: string }) {
  const { t } = useTranslation("customers");
  const may = useMay();
  const notes = useQuery(notesQuery(id));
  const [writing, setWriting] = useState(false);
  return (
    <Section
      title={t("notes.title")}
      aside={
        may("customers.note") &&
        !writing && (
          <Button variant="default" size="compact-sm" onClick={() => setWriting(true)}>
            {t("notes.write")}
          </Button>
        )
      }
    >
      {writing && <Writing id={id} onDone={() => setWriting(false)} />}
      <Ready query={notes} lines={[90, 60]}>
        {(found) =>
          found.length === 0 ? (
            writing ? null : (
              <p className={styles.quiet}>{t("notes.none")}</p>
            )
          ) : (
            <ul className={styles.notes}>
              {found.map((one) => (
                <NoteItem key={one.id} id={id} note={one} />
              ))}
            </ul>
          )
        }
      </Ready>
    </Section>
  );
}

function useNotesChanged(id: string): () => Promise<unknown> {
  const client = useQueryClient();
  return () =>
    Promise.all([
      client.invalidateQueries({ queryKey: ["customer", id, "notes"] }),
      client.invalidateQueries({ queryKey: ["customer", id, "timeline"] }),
      client.invalidateQueries({ queryKey: ["customer", id, "summary"] }),
      client.invalidateQueries({ queryKey: ["customer", id, "brief"] }),
    ]);
}

interface WritingProps {
  id: string;
  note?: Note;
  onDone: () => void;
}

/** A new note, or one being worded anew. What was typed stays when saving fails. */
function Writing({ id, note, onDone }: WritingProps) {
  const { t } = useTranslation("customers");
  const changed = useNotesChanged(id);
  const [text, setText] = useState(note?.text ?? "");
  const save = useMutation({
    mutationFn: () =>
      note
        ? call<Note>("PATCH", notePath(note.id), { body: { text } })
        : call<Note>("POST", notesPath(id), { body: { text } }),
    onSuccess: async () => {
      await changed();
      onDone();
    },
  });
  return (
    <form
      className={styles.noteForm}
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate();
      }}
    >
      <Textarea
        aria-label={t("notes.text")}
        placeholder={t("notes.hint")}
        autosize
        minRows={3}
        maxLength={LONGEST}
        autoFocus
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
      />
      {save.error && <ErrorState error={save.error} inline />}
      <div className={styles.noteActions}>
        <Button type="submit" size="compact-sm" loading={save.isPending} disabled={!text.trim()}>
          {t("notes.save")}
        </Button>
        <Button variant="subtle" color="gray" size="compact-sm" onClick={onDone}>
          {t("notes.cancel")}
        </Button>
      </div>
    </form>
  );
}

function NoteItem({ id, note }: { id: string; note: Note }) {
  const { t } = useTranslation("customers");
  const format = useFormat();
  const changed = useNotesChanged(id);
  const [editing, setEditing] = useState(false);
  const patch = useMutation({
    mutationFn: (body: { pinned?: boolean; removed?: boolean }) =>
      call<Note>("PATCH", notePath(note.id), { body }),
    onSuccess: async (_, body) => {
      await changed();
      if (body.removed) {
        told(t("notes.removed"), async () => {
          await call<Note>("PATCH", notePath(note.id), { body: { removed: false } });
          await changed();
        });
      }
    },
  });
  if (editing) {
    return (
      <li>
        <Writing id={id} note={note} onDone={() => setEditing(false)} />
      </li>
    );
  }
  return (
    <li className={styles.noteItem} data-pinned={note.pinned || undefined}>
      <div className={styles.noteHead}>
        <span className={styles.quiet}>
          {note.pinned && <IconPin size={12} aria-label={t("notes.pinned")} />} {note.by?.name}{" "}
          {format.date(note.at)}
          {note.changed_at && ` ${t("notes.changed")}`}
        </span>
        {note.may_remove && (
          <Menu position="bottom-end">
            <Menu.Target>
              <ActionIcon variant="subtle" color="gray" size="sm" aria-label={t("notes.more")}>
                <IconDots size={15} />
              </ActionIcon>
            </Menu.Target>
            <Menu.Dropdown>
              <Menu.Item onClick={() => patch.mutate({ pinned: !note.pinned })}>
                {t(note.pinned ? "notes.unpin" : "notes.pin")}
              </Menu.Item>
              {note.mine && (
                <Menu.Item onClick={() => setEditing(true)}>{t("notes.edit")}</Menu.Item>
              )}
              <Menu.Item onClick={() => patch.mutate({ removed: true })}>
                {t("notes.remove")}
              </Menu.Item>
            </Menu.Dropdown>
          </Menu>
        )}
      </div>
      <p className={styles.noteText}>{note.text}</p>
      {patch.error && <ErrorState error={patch.error} inline />}
    </li>
  );
}
