/** A new journey: from a flow that carries its planning sheet, or from nothing. */
import { Select, TextInput } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { lazy, Suspense, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { call } from "@/client/http";
import { TextLink } from "@/design/Link";
import { MainAction, Page, Section } from "@/design/Page";
import { Remark } from "@/design/StatusBadge";
import { ErrorState, Ready } from "@/design/states";
import { flowsQuery } from "./api";
import { FlowChoice } from "./FlowChoice";
import styles from "./journeys.module.css";
import { readBody } from "./model/fresh";
import { SheetView } from "./SheetView";
import type { Flow, Journey } from "./types";
import { useChoices } from "./words";

const Canvas = lazy(() => import("./canvas/Canvas"));

export function NewJourneyPage() {
  const { t } = useTranslation("journeys");
  const { flow } = useSearch({ from: "/frame/journeys/new" });
  const navigate = useNavigate({ from: "/journeys/new" });
  const flows = useQuery(flowsQuery);
  const chosen = flows.data?.find((one) => one.name === flow);
  const [name, setName] = useState("");
  const [purpose, setPurpose] = useState<string | null>(null);
  const choices = useChoices();
  const client = useQueryClient();
  const create = useMutation({
    mutationFn: () =>
      call<Journey>("POST", "/api/journeys", {
        body: {
          name: (name.trim() || chosen?.label) ?? "",
          flow: chosen?.name ?? "",
          purpose: purpose ?? "",
        },
      }),
    onSuccess: async (made) => {
      await client.invalidateQueries({ queryKey: ["journeys"] });
      await navigate({ to: "/journeys/$slug", params: { slug: made.slug }, search: {} });
    },
  });
  return (
    <Page
      title={t("create.title")}
      lead={t("create.lead")}
      above={<TextLink to="/journeys">{t("title")}</TextLink>}
      action={
        <MainAction
          disabled={name.trim() === "" && !chosen}
          loading={create.isPending}
          onClick={() => create.mutate()}
        >
          {t("create.submit")}
        </MainAction>
      }
    >
      {create.error && <ErrorState error={create.error} inline />}
      <Section>
        <div className={styles.basics}>
          <TextInput
            label={t("create.name")}
            placeholder={chosen?.label ?? t("create.example")}
            maxLength={200}
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
          />
          <Select
            label={t("form.purpose")}
            description={t("form.purposeHelp")}
            inputWrapperOrder={["label", "input", "description"]}
            clearable
            placeholder={t("form.choose")}
            value={purpose}
            data={choices?.purposes.map((one) => ({ value: one.value, label: one.label })) ?? []}
            onChange={setPurpose}
          />
        </div>
      </Section>
      <Section title={t("create.from")}>
        <Ready query={flows} lines={[90, 90, 60]}>
          {(all) => (
            <div className={styles.flows} role="radiogroup" aria-label={t("create.from")}>
              <FlowChoice
                label={t("create.blank")}
                description={t("create.blankText")}
                chosen={chosen === undefined}
                onChoose={() => void navigate({ search: {}, replace: true })}
              />
              {all.map((one) => (
                <FlowChoice
                  key={one.name}
                  label={one.label}
                  description={one.description}
                  chosen={one === chosen}
                  onChoose={() => void navigate({ search: { flow: one.name }, replace: true })}
                />
              ))}
            </div>
          )}
        </Ready>
      </Section>
      {chosen && <FlowShown key={chosen.name} flow={chosen} />}
    </Page>
  );
}

const NO_FAULTS = new Map();
const nothing = () => {};

/** What a flow brings: its planning sheet, its picture, and what is left to choose. */
function FlowShown({ flow }: { flow: Flow }) {
  const { t } = useTranslation("journeys");
  const body = useMemo(() => readBody(flow.body), [flow]);
  const [selected, setSelected] = useState<string | null>(null);
  return (
    <>
      <Section title={t("sheet.title")}>
        <SheetView sheet={body.sheet} />
      </Section>
      <Section title={t("create.picture")}>
        {flow.to_choose.length > 0 && (
          <Remark>{t("create.toChoose", { count: flow.to_choose.length })}</Remark>
        )}
        <div className={styles.preview}>
          <Suspense>
            <Canvas
              body={body}
              readOnly
              selected={selected}
              onSelect={setSelected}
              faults={NO_FAULTS}
              overlay={null}
              onInsert={nothing}
              onDrop={nothing}
              onConnect={nothing}
              onMove={nothing}
              onRemove={nothing}
              onUndo={nothing}
              onRedo={nothing}
            />
          </Suspense>
        </div>
      </Section>
    </>
  );
}
