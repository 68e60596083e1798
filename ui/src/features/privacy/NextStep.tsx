/** What is to be done next about a request: the check, the answer, the erasure. */
import { Alert, Button, Group, Select, Stack, Textarea, TextInput } from "@mantine/core";
import { IconAlertTriangle, IconDownload } from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { call, download } from "@/client/http";
import { ErrorState } from "@/design/states";
import { told } from "@/design/undo";
import { CHECKS, type RequestDetail, requestQuery } from "./data";
import styles from "./privacy.module.css";

type Closing = "answer" | "refuse" | "withdraw";

export function NextStep({ request }: { request: RequestDetail }) {
  const [closing, setClosing] = useState<Closing | null>(null);
  if (request.state !== "received" && request.state !== "confirmed") return null;
  if (closing) {
    return <Close request={request} how={closing} onBack={() => setClosing(null)} />;
  }
  return (
    <>
      {request.state === "received" && <Check request={request} />}
      {request.state === "confirmed" && request.kind === "erasure" && <Erase request={request} />}
      <Ways request={request} onChoose={setClosing} />
    </>
  );
}

/** Posts one step of a request and shows the request as it is then. */
function useStep(request: RequestDetail, step: string, words: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: Record<string, string>) =>
      call<RequestDetail>("POST", `/api/privacy/requests/${request.id}/${step}`, { body }),
    onSuccess: (found) => {
      client.setQueryData(requestQuery(request.id).queryKey, found);
      void client.invalidateQueries({ queryKey: ["privacy"] });
      told(words);
    },
  });
}

function Check({ request }: { request: RequestDetail }) {
  const { t } = useTranslation("privacy");
  const [method, setMethod] = useState<string>("document");
  const [note, setNote] = useState("");
  const confirm = useStep(request, "confirm", t("did.confirmed"));
  return (
    <section className={styles.next}>
      <h3 className={styles.part}>{t("check.title")}</h3>
      <p className={styles.note}>{t("check.lead")}</p>
      <Stack gap="sm">
        <Select
          label={t("check.label")}
          value={method}
          allowDeselect={false}
          data={CHECKS.map((one) => ({ value: one, label: t(`check.${one}`) }))}
          onChange={(value) => setMethod(value ?? "document")}
        />
        <TextInput
          label={t("check.note")}
          description={t("check.noteHint")}
          maxLength={400}
          value={note}
          onChange={(event) => setNote(event.currentTarget.value)}
        />
        {confirm.error && <ErrorState error={confirm.error} inline />}
        <Group>
          <Button
            loading={confirm.isPending}
            onClick={() => confirm.mutate({ method, note: note.trim() })}
          >
            {t("check.submit")}
          </Button>
        </Group>
      </Stack>
    </section>
  );
}

function Erase({ request }: { request: RequestDetail }) {
  const { t } = useTranslation("privacy");
  const [key, setKey] = useState("");
  const erase = useStep(request, "erase", t("did.erasing"));
  return (
    <section className={styles.next}>
      <h3 className={styles.part}>{t("erase.title")}</h3>
      <Alert
        color="shu"
        variant="light"
        icon={<IconAlertTriangle size={18} />}
        title={t("erase.warning")}
      >
        {t("erase.lead")}
      </Alert>
      <Stack gap="sm" mt="sm">
        <TextInput
          label={t("erase.key", { key: request.key })}
          autoComplete="off"
          value={key}
          onChange={(event) => setKey(event.currentTarget.value)}
        />
        {erase.error && <ErrorState error={erase.error} inline />}
        <Group>
          <Button
            color="shu"
            loading={erase.isPending}
            disabled={key.trim() !== request.key}
            onClick={() => erase.mutate({ key: key.trim() })}
          >
            {t("erase.submit")}
          </Button>
        </Group>
      </Stack>
    </section>
  );
}

interface WaysProps {
  request: RequestDetail;
  onChoose: (how: Closing) => void;
}

function Ways({ request, onChoose }: WaysProps) {
  const { t } = useTranslation("privacy");
  const take = useMutation({
    mutationFn: () => download("POST", `/api/privacy/people/${request.person}/export`),
  });
  const answerable = request.state === "confirmed" && request.kind !== "erasure";
  return (
    <section className={styles.next}>
      {answerable && (
        <>
          <h3 className={styles.part}>{t("answer.title")}</h3>
          <p className={styles.note}>{t(`todo.${request.kind}`)}</p>
        </>
      )}
      <Group gap="xs" mt="sm">
        {answerable && <Button onClick={() => onChoose("answer")}>{t("answer.open")}</Button>}
        <Button
          variant="default"
          leftSection={<IconDownload size={16} />}
          loading={take.isPending}
          onClick={() => take.mutate()}
        >
          {t("export")}
        </Button>
        <Button variant="subtle" color="gray" onClick={() => onChoose("refuse")}>
          {t("refuse.open")}
        </Button>
        <Button variant="subtle" color="gray" onClick={() => onChoose("withdraw")}>
          {t("withdraw.open")}
        </Button>
      </Group>
      {take.error && <ErrorState error={take.error} inline />}
    </section>
  );
}

interface CloseProps {
  request: RequestDetail;
  how: Closing;
  onBack: () => void;
}

const DONE: Record<Closing, string> = {
  answer: "answered",
  refuse: "refused",
  withdraw: "withdrawn",
};

function Close({ request, how, onBack }: CloseProps) {
  const { t } = useTranslation("privacy");
  const [text, setText] = useState("");
  const close = useStep(request, how, t(`did.${DONE[how]}`));
  return (
    <section className={styles.next}>
      <h3 className={styles.part}>{t(`${how}.title`)}</h3>
      <Stack gap="sm">
        <Textarea
          label={t(`${how}.text`)}
          autosize
          minRows={3}
          maxLength={4000}
          autoFocus
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
        />
        {close.error && <ErrorState error={close.error} inline />}
        <Group gap="xs">
          <Button
            loading={close.isPending}
            disabled={!text.trim()}
            onClick={() => close.mutate({ text: text.trim() })}
          >
            {t(`${how}.submit`)}
          </Button>
          <Button variant="default" onClick={onBack}>
            {t("design:cancel")}
          </Button>
        </Group>
      </Stack>
    </section>
  );
}
