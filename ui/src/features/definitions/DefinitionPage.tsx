/** One definition: edited while a draft, read when active or retired. */
import { Button, Popover, Tabs } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { useMay } from "@/app/session";
import { isApiError } from "@/client/errors";
import { call } from "@/client/http";
import { TextLink } from "@/design/Link";
import { MainAction, Page } from "@/design/Page";
import { ErrorState, Loading } from "@/design/states";
import { told } from "@/design/undo";
import { useFormat } from "@/design/useFormat";
import { type Catalog, catalogQuery, type Fault, waitingFor } from "@/features/rules";
import type { Definition, DefinitionBody } from "../lists/types";
import { StateBadge } from "./badges";
import { ColumnsEditor } from "./ColumnsEditor";
import { DatasetTab } from "./DatasetTab";
import { FiltersEditor } from "./FiltersEditor";
import { GuideEditor } from "./GuideEditor";
import { definitionQuery } from "./queries";
import { TABS, type Tab } from "./routes";
import { VersionsTab } from "./VersionsTab";
import { WhoEditor } from "./WhoEditor";
import { WorkEditor } from "./WorkEditor";

export interface EditorProps {
  body: DefinitionBody;
  onChange: (body: DefinitionBody) => void;
  catalog: Catalog;
  readOnly: boolean;
  faults: readonly Fault[];
}

export function DefinitionPage() {
  const { t } = useTranslation("definitions");
  const { id } = useParams({ from: "/frame/definitions/$id" });
  const definition = useQuery(definitionQuery(id));
  const catalog = useQuery(catalogQuery);
  const error = definition.error ?? catalog.error;
  if (error && !definition.data) {
    return (
      <Page title={t("title")}>
        <ErrorState error={error} onRetry={() => void definition.refetch()} />
      </Page>
    );
  }
  if (!definition.data || !catalog.data) {
    return (
      <Page title={t("title")}>
        <Loading lines={[30, 90, 90, 60]} height={20} />
      </Page>
    );
  }
  return <Editor key={id} definition={definition.data} catalog={catalog.data} />;
}

function Editor({ definition, catalog }: { definition: Definition; catalog: Catalog }) {
  const { t } = useTranslation("definitions");
  const format = useFormat();
  const navigate = useNavigate();
  const { tab = definition.state === "active" ? "data" : "who" } = useSearch({
    from: "/frame/definitions/$id",
  });
  const edit = useEdit(definition);
  const { body, setBody, dirty, readOnly } = edit;
  const shared: EditorProps = { body, onChange: setBody, catalog, readOnly, faults: edit.faults };
  const go = (next: string | null) =>
    void navigate({
      to: "/definitions/$id",
      params: { id: definition.id },
      search: { tab: next as Tab },
      replace: true,
    });
  return (
    <Page
      title={format.label(body.name)}
      above={
        <TextLink to="/definitions" search={{ state: undefined }}>
          {t("title")}
        </TextLink>
      }
      lead={
        <>
          <StateBadge state={definition.state} /> {t("version", { version: definition.version })} ·{" "}
          {definition.sentence}
        </>
      }
      action={<MainOf definition={definition} edit={edit} />}
      others={<OthersOf definition={definition} edit={edit} />}
    >
      {edit.error ? <ErrorState error={edit.error} inline /> : null}
      <Tabs value={tab} onChange={go} keepMounted={false}>
        <Tabs.List mb="md">
          {TABS.map((name) => (
            <Tabs.Tab key={name} value={name}>
              {t(`tab.${name}`)}
              {name === "columns" && ` ${body.columns.length}`}
              {name === "filters" && body.filters.length > 0 && ` ${body.filters.length}`}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Tabs.Panel value="who">
          <WhoEditor {...shared} />
        </Tabs.Panel>
        <Tabs.Panel value="columns">
          <ColumnsEditor {...shared} />
        </Tabs.Panel>
        <Tabs.Panel value="filters">
          <FiltersEditor {...shared} />
        </Tabs.Panel>
        <Tabs.Panel value="work">
          <WorkEditor {...shared} />
        </Tabs.Panel>
        <Tabs.Panel value="guide">
          <GuideEditor {...shared} />
        </Tabs.Panel>
        <Tabs.Panel value="data">
          <DatasetTab definition={definition} dirty={dirty} />
        </Tabs.Panel>
        <Tabs.Panel value="versions">
          <VersionsTab definition={definition} />
        </Tabs.Panel>
      </Tabs>
    </Page>
  );
}

interface Edit {
  body: DefinitionBody;
  setBody: (body: DefinitionBody) => void;
  dirty: boolean;
  readOnly: boolean;
  faults: readonly Fault[];
  error: unknown;
  busy: boolean;
  save: () => void;
  activate: () => void;
  retire: () => void;
  newVersion: () => void;
}

/** The draft being edited, and what can be done with a definition. */
function useEdit(definition: Definition): Edit {
  const { t } = useTranslation("definitions");
  const may = useMay();
  const client = useQueryClient();
  const navigate = useNavigate();
  const saved = JSON.stringify(definition.body);
  const [body, setBody] = useState(definition.body);
  useEffect(() => setBody(JSON.parse(saved) as DefinitionBody), [saved]);
  const dirty = JSON.stringify(body) !== saved;
  const path = `/api/definitions/${definition.id}`;
  async function refresh(next: Definition) {
    client.setQueryData(definitionQuery(definition.id).queryKey, next);
    await client.invalidateQueries({ queryKey: ["definitions"] });
  }
  const put = () => call<Definition>("PUT", path, { body: { body } });
  const save = useMutation({ mutationFn: put, onSuccess: refresh });
  const activate = useMutation({
    mutationFn: async () => {
      if (dirty) await put();
      return call<Definition>("POST", `${path}/activate`);
    },
    onSuccess: async (next) => {
      await refresh(next);
      told(t("done.activated", { name: next.name }));
      await navigate({ to: "/definitions/$id", params: { id: next.id }, search: { tab: "data" } });
    },
  });
  const retire = useMutation({
    mutationFn: () => call<Definition>("POST", `${path}/retire`),
    onSuccess: async (next) => {
      await refresh(next);
      told(t("done.retired", { name: next.name }));
    },
  });
  const newVersion = useMutation({
    mutationFn: () => call<Definition>("POST", `${path}/new-version`),
    onSuccess: async (next) => {
      await client.invalidateQueries({ queryKey: ["definitions"] });
      await navigate({ to: "/definitions/$id", params: { id: next.id }, search: { tab: "who" } });
    },
  });
  const error = save.error ?? activate.error ?? retire.error ?? newVersion.error;
  return {
    body,
    setBody,
    dirty,
    readOnly: definition.state !== "draft" || !may("definitions.write"),
    faults: isApiError(error) ? error.body.faults : [],
    error,
    busy: save.isPending || activate.isPending || retire.isPending || newVersion.isPending,
    save: save.mutate,
    activate: activate.mutate,
    retire: retire.mutate,
    newVersion: newVersion.mutate,
  };
}

function MainOf({ definition, edit }: { definition: Definition; edit: Edit }) {
  const { t } = useTranslation("definitions");
  const may = useMay();
  const navigate = useNavigate();
  if (definition.state === "draft" && may("definitions.write")) {
    return (
      <MainAction
        loading={edit.busy}
        disabled={waitingFor(edit.body.rule) !== null || edit.body.columns.length === 0}
        onClick={edit.activate}
      >
        {t("action.activate")}
      </MainAction>
    );
  }
  if (definition.state === "active" && may("lists.write")) {
    return (
      <MainAction
        onClick={() => void navigate({ to: "/lists/new", search: { definition: definition.id } })}
      >
        {t("action.makeList")}
      </MainAction>
    );
  }
  return null;
}

function OthersOf({ definition, edit }: { definition: Definition; edit: Edit }) {
  const { t } = useTranslation("definitions");
  const format = useFormat();
  const may = useMay();
  if (!may("definitions.write")) return null;
  if (definition.state === "draft") {
    return (
      <Button variant="default" disabled={!edit.dirty} loading={edit.busy} onClick={edit.save}>
        {t(edit.dirty ? "action.save" : "action.saved")}
      </Button>
    );
  }
  return (
    <>
      {definition.state === "active" && (
        <Popover position="bottom-end" width={320} trapFocus>
          <Popover.Target>
            <Button variant="subtle" color="gray" loading={edit.busy}>
              {t("action.retire")}
            </Button>
          </Popover.Target>
          <Popover.Dropdown>
            <p>{t("retire.text", { lists: format.count(definition.open_lists, "lists") })}</p>
            <Button variant="default" fullWidth onClick={edit.retire}>
              {t("retire.submit")}
            </Button>
          </Popover.Dropdown>
        </Popover>
      )}
      <Button variant="default" loading={edit.busy} onClick={edit.newVersion}>
        {t("action.newVersion")}
      </Button>
    </>
  );
}
