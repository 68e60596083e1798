import { queryOptions } from "@tanstack/react-query";
import { call } from "@/client/http";
import { isPreparing } from "../lists/api";
import type { DatasetPage, Definition } from "../lists/types";

export const definitionQuery = (id: string) =>
  queryOptions({
    queryKey: ["definition", id],
    queryFn: ({ signal }) => call<Definition>("GET", `/api/definitions/${id}`, { signal }),
    refetchInterval: (query) => (query.state.data && isPreparing(query.state.data) ? 1_500 : false),
  });

export const datasetQuery = (id: string, rows: number | null) =>
  queryOptions({
    queryKey: ["definition-dataset", id, rows],
    queryFn: ({ signal }) =>
      call<DatasetPage>("GET", `/api/definitions/${id}/dataset`, { query: { limit: 100 }, signal }),
  });
