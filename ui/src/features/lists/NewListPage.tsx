/** A new list on one page: from a definition to an assigned, prioritised list. */

import { Button, Group, NumberInput, Stack, Switch, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { type ReactNode, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { isApiError } from "@/client/errors";
import { call } from "@/client/http";
import { DayInput } from "@/design/DayInput";
import { TextLink } from "@/design/Link";
import { MainAction, Page, Section } from "@/design/Page";
import { Empty, ErrorState, Ready } from "@/design/states";
import { useFormat } from "@/design/useFormat";
import { catalogQuery, type Fault, type JsonObject, RuleBuilder } from "@/features/rules";
import { AssignmentEditor } from "./AssignmentEditor";
import { definitionsQuery, useListPreview } from "./api";
import { missing, previewable } from "./draft";
import { freshKey } from "./keys";
import { ListPreviewPanel } from "./ListPreviewPanel";
import classes from "./lists.module.css";
import { PriorityEditor } from "./PriorityEditor";
import type { Definition, ListDraft, ListSummary } from "./types";

const CURRENT = { state: "active" } as const;

export function NewListPage() {
  const { t } = useTranslation("lists");
  const { definition } = useSearch({ from: "/frame/lists/new" });
  const query = useQuery(definitionsQuery(CURRENT));
  return (
    <Page
      title={t("create.title")}
      lead={t("create.lead")}
      above={<TextLink to="/lists">{t("title")}</TextLink>}
    >
      <Ready query={query} lines={[40, 90, 90]}>
        {(page) =>
          page.items.length === 0 ? (
            <Empty title={t("create.noDefinition")}>{t("create.noDefinitionText")}</Empty>
          ) : (
            <Wizard
              definitions={page.items}
              chosen={page.items.find((one) => one.id === definition) ?? null}
            />
          )
        }
      </Ready>
    </Page>
  );
}

interface WizardProps {
  definitions: readonly Definition[];
  chosen: Definition | null;
}

function Wizard({ definitions, chosen }: WizardProps) {
  const { t } = useTranslation("lists");
  const navigate = useNavigate();
  const first = (
    <Step number={1} title={t("create.step.definition")} done={chosen !== null}>
      <DefinitionChoice
        definitions={definitions}
        chosen={chosen}
        onChoose={(id) =>
          void navigate({ to: "/lists/new", search: { definition: id }, replace: true })
        }
      />
    </Step>
  );
  return chosen ? <Steps key={chosen.id} definition={chosen} first={first} /> : first;
}

export function Step(props: {
  number: number;
  title: string;
  done?: boolean;
  aside?: ReactNode;
  children: ReactNode;
}) {
  return (
    <Section
      title={
        <span className={classes.inline}>
          <span className={classes.number} data-done={props.done || undefined}>
            {props.number}
          </span>
          {props.title}
        </span>
      }
      aside={props.aside}
    >
      {props.children}
    </Section>
  );
}

function DefinitionChoice(props: WizardProps & { onChoose: (id: string) => void }) {
  const { t } = useTranslation("lists");
  const format = useFormat();
  const { definitions, chosen } = props;
  const [all, setAll] = useState(false);
  const shown = chosen && !all ? [chosen] : definitions;
  return (
    <>
      <div className={classes.choices} data-one={shown.length === 1 || undefined}>
        {shown.map((one) => (
          <button
            key={one.id}
            type="button"
            className={classes.choice}
            data-on={one.id === chosen?.id || undefined}
            aria-pressed={one.id === chosen?.id}
            onClick={() => {
              props.onChoose(one.id);
              setAll(false);
            }}
          >
            <span className={classes.choiceTitle}>{one.name}</span>
            <span className="muted">{format.label(one.body.description) || one.sentence}</span>
            <span className="tabular">
              {one.dataset.rows === null
                ? t("create.noRows")
                : t("create.rows", { rows: format.count(one.dataset.rows, "people") })}
            </span>
          </button>
        ))}
      </div>
      {chosen && !all && definitions.length > 1 && (
        <Button mt="xs" variant="subtle" size="compact-sm" onClick={() => setAll(true)}>
          {t("create.otherDefinition")}
        </Button>
      )}
    </>
  );
}

function Steps({ definition, first }: { definition: Definition; first: ReactNode }) {
  const { t } = useTranslation("lists");
  const format = useFormat();
  const [name, setName] = useState(`${definition.name} ${format.date(new Date())}`);
  const [draft, setDraft] = useState<ListDraft>({
    definition: definition.id,
    filter: null,
    priority: { kind: "fixed", level: "medium" },
    top_n: null,
    assignment: { kind: "by_hand" },
    due: null,
  });
  const lacks = missing(draft);
  const unfinished = lacks.length > 0;
  const [settled] = useDebouncedValue(
    useMemo(() => previewable(draft), [draft]),
    250,
  );
  const preview = useListPreview(settled, true);
  const faults: readonly Fault[] = isApiError(preview.error) ? preview.error.body.faults : [];
  const create = useCreate(previewable(draft), name);
  return (
    <div className={classes.wizard}>
      <div>
        {first}
        <FilterStep definition={definition} draft={draft} onChange={setDraft} faults={faults} />
        <Step number={3} title={t("create.step.priority")} done>
          <PriorityEditor
            value={draft.priority}
            onChange={(priority) => setDraft({ ...draft, priority })}
            definition={definition}
          />
          <TopN value={draft.top_n} onChange={(top_n) => setDraft({ ...draft, top_n })} />
        </Step>
        <Step number={4} title={t("create.step.assignment")} done>
          <AssignmentEditor
            value={draft.assignment}
            onChange={(assignment) => setDraft({ ...draft, assignment })}
            definition={definition}
          />
        </Step>
        <Step number={5} title={t("create.step.name")} done={name.trim() !== ""}>
          <Group align="flex-start" grow preventGrowOverflow={false}>
            <TextInput
              label={t("create.name")}
              required
              value={name}
              onChange={(event) => setName(event.currentTarget.value)}
            />
            <DayInput
              w={220}
              label={t("create.due")}
              placeholder={t("noDue")}
              value={draft.due}
              onChange={(due) => setDraft({ ...draft, due })}
            />
          </Group>
        </Step>
      </div>
      <aside className={classes.aside} aria-label={t("create.preview")}>
        <ListPreviewPanel
          preview={preview.data}
          busy={preview.isFetching}
          error={faults.length > 0 ? null : preview.error}
          onRetry={() => void preview.refetch()}
          lacks={lacks}
        />
        {create.error && <ErrorState error={create.error} inline />}
        <MainAction
          fullWidth
          mt="md"
          loading={create.isPending}
          disabled={
            name.trim() === "" || unfinished || faults.length > 0 || preview.data?.members === 0
          }
          onClick={() => create.mutate()}
        >
          {preview.data
            ? t("create.submitCount", { people: format.count(preview.data.members, "people") })
            : t("create.submit")}
        </MainAction>
      </aside>
    </div>
  );
}

function useCreate(draft: ListDraft, name: string) {
  const client = useQueryClient();
  const navigate = useNavigate();
  // One key for this form: pressing twice, or again after a lost answer, makes one list.
  const [key] = useState(freshKey);
  return useMutation({
    mutationFn: () =>
      call<ListSummary>("POST", "/api/lists", {
        body: { ...draft, name: name.trim(), idempotency_key: key },
      }),
    onSuccess: async (made) => {
      await client.invalidateQueries({ queryKey: ["lists"] });
      await navigate({ to: "/lists/$id", params: { id: made.id } });
    },
  });
}

function FilterStep(props: {
  definition: Definition;
  draft: ListDraft;
  onChange: (draft: ListDraft) => void;
  faults: readonly Fault[];
}) {
  const { t } = useTranslation("lists");
  const { definition, draft, onChange } = props;
  const catalog = useQuery(catalogQuery);
  const { body } = definition;
  return (
    <Step
      number={2}
      title={t("create.step.filter")}
      done
      aside={<span className="muted">{t("create.filterHelp")}</span>}
    >
      <p className="muted">{t("create.fixedRule", { sentence: definition.sentence })}</p>
      {body.filters.length === 0 ? (
        <p>{t("create.noFilters")}</p>
      ) : (
        <Ready query={catalog}>
          {(found) => (
            <RuleBuilder
              value={draft.filter ?? EMPTY}
              onChange={(rule) => {
                if (JSON.stringify(rule) !== JSON.stringify(draft.filter ?? EMPTY)) {
                  onChange({ ...draft, filter: rule });
                }
              }}
              catalog={found}
              subject={body.subject}
              purpose={body.purpose ?? null}
              offered={body.filters}
              userFields={USER_FIELDS}
              faults={props.faults}
            />
          )}
        </Ready>
      )}
    </Step>
  );
}

const EMPTY: JsonObject = { all: [] };
const USER_FIELDS = ["branch", "staff_code"];

function TopN({
  value,
  onChange,
}: {
  value: number | null;
  onChange: (value: number | null) => void;
}) {
  const { t } = useTranslation("lists");
  return (
    <Stack gap="xs" mt="md">
      <Switch
        label={t("create.topN")}
        checked={value !== null}
        onChange={(event) => onChange(event.currentTarget.checked ? 100 : null)}
      />
      {value !== null && (
        <NumberInput
          maw={160}
          min={1}
          aria-label={t("create.topN")}
          thousandSeparator=","
          allowDecimal={false}
          suffix={t("create.topNSuffix")}
          value={value}
          onChange={(next) => onChange(Number(next) || 1)}
        />
      )}
    </Stack>
  );
}
