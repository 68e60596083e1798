/** A trial: one message that really goes out, whether the sender is live or not. */
import { Button, TextInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useMay, useMe } from "@/app/session";
import { call } from "@/client/http";
import { Section } from "@/design/Page";
import { StatusBadge } from "@/design/StatusBadge";
import { ErrorState } from "@/design/states";
import classes from "./channels.module.css";
import { path, type Sender, type Tested } from "./data";

export function TrialPart({ sender }: { sender: Sender }) {
  const { t } = useTranslation("channels");
  const may = useMay();
  const me = useMe();
  const [address, setAddress] = useState("");
  const mail = sender.channel === "email";
  const trial = useMutation({
    mutationFn: () =>
      call<Tested>("POST", `${path(sender.slug)}/test`, { body: { address: address.trim() } }),
  });
  if (!may("channels.write") || sender.channel === "person") return null;
  const result = trial.data;
  return (
    <Section title={t("trial.title")}>
      <p className={classes.text}>
        {mail ? t("trial.mailText", { address: me?.email ?? "" }) : t("trial.text")}
      </p>
      <form
        className={classes.trial}
        onSubmit={(event) => {
          event.preventDefault();
          trial.mutate();
        }}
      >
        {!mail && (
          <TextInput
            label={t(`trial.address.${sender.channel}`)}
            value={address}
            autoComplete="off"
            onChange={(event) => setAddress(event.currentTarget.value)}
          />
        )}
        <Button
          type="submit"
          variant="default"
          disabled={!sender.ready || (!mail && address.trim() === "")}
          loading={trial.isPending}
        >
          {t("trial.send")}
        </Button>
      </form>
      {trial.error && <ErrorState error={trial.error} inline />}
      {result && (
        <p className={classes.result} role="status">
          <StatusBadge tone={result.ok ? "good" : "warn"}>{t(`trial.${result.state}`)}</StatusBadge>
          <span>{result.message}</span>
        </p>
      )}
    </Section>
  );
}
