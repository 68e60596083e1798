/** Everything that can be done with a template, one after the other. */
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { call } from "@/client/http";
import { told } from "@/design/undo";
import { templateQuery } from "../data";
import type { Template, Tested, Version } from "../types";
import type { Draft } from "./useDraft";

type Decision = "submit" | "approve" | "return" | "take-back";

export function useDeeds(template: Template, draft: Draft) {
  const { t } = useTranslation("messages");
  const client = useQueryClient();
  const navigate = useNavigate();
  const path = `/api/templates/${template.slug}`;
  const { queryKey } = templateQuery(template.slug);

  const refresh = () => client.invalidateQueries({ queryKey: ["templates"] });
  const take = (work_version: Version | null) =>
    client.setQueryData<Template>(queryKey, (old) =>
      old ? { ...old, work_version, work: work_version } : old,
    );
  const put = async () => {
    const seen = template.work_version?.changed_at ?? template.work_version?.created_at;
    const saved = await call<Version>("PUT", `${path}/draft`, {
      body: { body: draft.written, ...(seen ? { seen } : {}) },
    });
    take(saved);
    return saved;
  };
  const decide = (deed: Decision, version: Version, note: string) =>
    call<Version>("POST", `${path}/${deed}`, {
      body:
        deed === "take-back"
          ? { version: version.id }
          : { version: version.id, note, wording: version.wording },
    });

  const save = useMutation({
    mutationFn: put,
    onSuccess: async () => {
      told(t("done.saved"));
      await refresh();
    },
  });
  const submit = useMutation({
    mutationFn: async () => {
      const saved = draft.dirty || !template.work_version ? await put() : template.work_version;
      return decide("submit", saved, "");
    },
    onSuccess: async (next) => {
      take(next);
      told(t("done.submitted"));
      await refresh();
    },
    onError: refresh,
  });
  const judge = useMutation({
    mutationFn: ({ deed, note }: { deed: Exclude<Decision, "submit">; note: string }) => {
      if (!template.work_version) throw new Error("nothing in review");
      return decide(deed, template.work_version, note);
    },
    onSuccess: async (_, { deed }) => {
      told(t(`done.${deed}`));
      await refresh();
    },
    onError: refresh,
  });
  const discard = useMutation({
    mutationFn: () => call<void>("DELETE", `${path}/draft`),
    onSuccess: async () => {
      told(t("done.discarded"));
      if (!template.approved) {
        await navigate({ to: "/messages" });
        client.removeQueries({ queryKey });
      }
      await refresh();
    },
  });
  const shelve = useMutation({
    mutationFn: (deed: "archive" | "restore") => call<Template>("POST", `${path}/${deed}`),
    onSuccess: async (next, deed) => {
      client.setQueryData(queryKey, next);
      await refresh();
      if (deed === "archive") told(t("done.archived"), () => shelve.mutate("restore"));
    },
  });
  /** What is on the screen is what is tried: it is saved first. */
  const trial = useMutation({
    mutationFn: async (person: string | undefined) => {
      if (draft.dirty) await put();
      const sent = await call<Tested>("POST", `${path}/test`, { body: { person: person ?? "" } });
      if (!sent.ok) throw new Error(sent.message);
      return sent;
    },
    onSuccess: async ({ live, address }) => {
      told(t(live ? "done.trialSent" : "done.trialKept", { address }));
      await refresh();
    },
  });
  const all = [save, submit, judge, discard, shelve, trial];
  return {
    save,
    submit,
    judge,
    discard,
    shelve,
    trial,
    error: all.find((one) => one.error)?.error ?? null,
    busy: all.some((one) => one.isPending),
  };
}

export type Deeds = ReturnType<typeof useDeeds>;
