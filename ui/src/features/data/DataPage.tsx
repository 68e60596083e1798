import { Tabs } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { lazy, Suspense } from "react";
import { useTranslation } from "react-i18next";
import { useMay } from "@/app/session";
import { Page } from "@/design/Page";
import { Loading, Ready } from "@/design/states";
import { DatasetPanel } from "./DatasetPanel";
import { Datasets } from "./Datasets";
import { catalogQuery } from "./data";
import { LoadPanel } from "./LoadPanel";
import { Loads } from "./Loads";
import { RunningLoad } from "./RunningLoad";
import { type DataSearch, type DataTab, TABS } from "./routes";
import { StartLoad } from "./StartLoad";

const Relations = lazy(() => import("./Relations"));

export function DataPage() {
  const { t } = useTranslation("data");
  const may = useMay();
  const search = useSearch({ from: "/frame/data" });
  const navigate = useNavigate({ from: "/data" });
  const catalog = useQuery(catalogQuery);
  const tab = search.tab ?? "datasets";
  const change = (part: DataSearch) =>
    void navigate({ search: (old: DataSearch) => ({ ...old, ...part }) });
  const openDataset = (dataset: string) => change({ dataset, load: undefined });
  const openLoad = (load: string) => change({ load, dataset: undefined });
  return (
    <Page
      title={t("title")}
      lead={t("lead")}
      action={may("data.load") && <StartLoad onStarted={() => change({ tab: "loads" })} />}
      tabs={
        <Tabs value={tab} onChange={(value) => change({ tab: value as DataTab })}>
          <Tabs.List>
            {TABS.map((one) => (
              <Tabs.Tab key={one} value={one}>
                {t(`tabs.${one}`)}
              </Tabs.Tab>
            ))}
          </Tabs.List>
        </Tabs>
      }
    >
      <RunningLoad />
      {tab === "datasets" && (
        <Ready query={catalog} lines={[100, 100, 100, 100, 100]}>
          {(found) => <Datasets catalog={found} active={search.dataset} onOpen={openDataset} />}
        </Ready>
      )}
      {tab === "relations" && (
        <Ready query={catalog}>
          {(found) => (
            <Suspense fallback={<Loading />}>
              <Relations catalog={found} active={search.dataset} onOpen={openDataset} />
            </Suspense>
          )}
        </Ready>
      )}
      {tab === "loads" && <Loads active={search.load} onOpen={openLoad} />}
      {search.dataset && catalog.data && (
        <DatasetPanel
          key={search.dataset}
          catalog={catalog.data}
          name={search.dataset}
          onOpen={openDataset}
          onOpenLoad={openLoad}
          onClose={() => change({ dataset: undefined })}
        />
      )}
      {search.load && (
        <LoadPanel key={search.load} id={search.load} onClose={() => change({ load: undefined })} />
      )}
    </Page>
  );
}
