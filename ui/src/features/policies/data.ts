import { queryOptions } from "@tanstack/react-query";
import { call } from "@/client/http";
import { type Paged, usePages } from "@/client/pages";
import type { CalendarInfo, ImportRow, Policy, PolicyDetail } from "./types";

export const policiesQuery = queryOptions({
  queryKey: ["policies"],
  queryFn: async ({ signal }) =>
    (await call<Paged<Policy>>("GET", "/api/policies", { signal })).items,
});

export const policyQuery = (id: string) =>
  queryOptions({
    queryKey: ["policies", id],
    queryFn: ({ signal }) => call<PolicyDetail>("GET", `/api/policies/${id}`, { signal }),
  });

export const calendarQuery = (year: number) =>
  queryOptions({
    queryKey: ["gate", "calendar", year],
    queryFn: ({ signal }) =>
      call<CalendarInfo>("GET", "/api/gate/calendar", { query: { year }, signal }),
  });

export const IMPORTS_KEY = ["gate", "imports"] as const;

export function useImports() {
  return usePages<ImportRow>([...IMPORTS_KEY], (offset, limit, signal) =>
    call<Paged<ImportRow>>("GET", "/api/gate/imports", { query: { offset, limit }, signal }),
  );
}
