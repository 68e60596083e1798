import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { call, type Schemas } from "@/client/http";
import { type Paged, usePages } from "@/client/pages";
import type { CustomersSearch } from "./routes";
import type {
  Brief,
  Channels,
  CustomerRow,
  Group,
  Note,
  OnList,
  Person,
  Restriction,
  Stay,
  Summary,
  TimelinePage,
  Walk,
} from "./types";

export function useCustomers(search: CustomersSearch) {
  const query = { q: search.q, subject: search.subject };
  return usePages<CustomerRow>(["customers", query], (offset, limit, signal) =>
    call<Paged<CustomerRow>>("GET", "/api/customers", {
      query: { ...query, offset, limit },
      signal,
    }),
  );
}

const at = (id: string) => `/api/customers/${encodeURIComponent(id)}`;

export function personQuery(id: string) {
  return queryOptions({
    queryKey: ["customer", id],
    queryFn: ({ signal }) => call<Person>("GET", at(id), { signal }),
  });
}

/** What happened, page by page; `show` holds sources with commas, `year` begins at its end. */
export function timelineQuery(id: string, show?: string, year?: number) {
  return infiniteQueryOptions({
    queryKey: ["customer", id, "timeline", { show, year }],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam, signal }) =>
      call<TimelinePage>("GET", `${at(id)}/timeline`, {
        query: { show, before: pageParam, year: pageParam ? undefined : year },
        signal,
      }),
    getNextPageParam: (last) => last.next ?? undefined,
  });
}

export function summaryQuery(id: string) {
  return queryOptions({
    queryKey: ["customer", id, "summary"],
    queryFn: ({ signal }) => call<Summary>("GET", `${at(id)}/timeline/summary`, { signal }),
  });
}

export function segmentsQuery(id: string) {
  return queryOptions({
    queryKey: ["customer", id, "segments"],
    queryFn: async ({ signal }) =>
      (await call<Paged<Stay>>("GET", `${at(id)}/segments`, { signal })).items,
  });
}

/** The journeys somebody is or was in, with what a human is asked to do in them. */
export function walksQuery(id: string) {
  return queryOptions({
    queryKey: ["customer", id, "journeys"],
    queryFn: async ({ signal }) =>
      (await call<Paged<Walk>>("GET", `${at(id)}/journeys`, { signal })).items,
  });
}

export function whyQuery(id: string, slug: string) {
  return queryOptions({
    queryKey: ["customer", id, "segments", slug, "why"],
    queryFn: ({ signal }) =>
      call<Schemas["WhyOut"]>("GET", `${at(id)}/segments/${encodeURIComponent(slug)}/why`, {
        signal,
      }),
    retry: false,
  });
}

export function groupQuery(id: string) {
  return queryOptions({
    queryKey: ["customer", id, "group"],
    queryFn: ({ signal }) => call<Group>("GET", `${at(id)}/group`, { signal }),
  });
}

export function briefQuery(id: string) {
  return queryOptions({
    queryKey: ["customer", id, "brief"],
    queryFn: ({ signal }) => call<Brief>("GET", `${at(id)}/brief`, { signal }),
  });
}

export function notesQuery(id: string) {
  return queryOptions({
    queryKey: ["customer", id, "notes"],
    queryFn: async ({ signal }) =>
      (await call<Paged<Note>>("GET", `${at(id)}/notes`, { signal })).items,
  });
}

export const notesPath = (id: string) => `${at(id)}/notes`;
export const notePath = (note: string) => `/api/notes/${encodeURIComponent(note)}`;

export function listsQuery(id: string) {
  return queryOptions({
    queryKey: ["customer", id, "lists"],
    queryFn: async ({ signal }) =>
      (await call<Paged<OnList>>("GET", `${at(id)}/lists`, { signal })).items,
  });
}

export function restrictionsQuery(id: string) {
  return queryOptions({
    queryKey: ["customer", id, "restrictions"],
    queryFn: async ({ signal }) =>
      (await call<Paged<Restriction>>("GET", `${at(id)}/restrictions`, { signal })).items,
  });
}

/** The gate's answer on every channel, for one purpose. */
export function gateQuery(id: string, purpose: string) {
  return queryOptions({
    queryKey: ["customer", id, "gate", purpose],
    queryFn: async ({ signal }) => {
      const told = await call<Channels>("GET", `${at(id)}/gate`, { query: { purpose }, signal });
      return told.items;
    },
  });
}

/** What a customer can refuse by itself: products that lists are about, and purposes. */
export const productsQuery = queryOptions({
  queryKey: ["products"],
  queryFn: async ({ signal }) =>
    (await call<Paged<Schemas["ProductOut"]>>("GET", "/api/products", { signal })).items,
});

export const restrictPath = {
  refusal: (id: string) => `${at(id)}/refusals`,
  hold: (id: string) => `${at(id)}/holds`,
  do_not_contact: (id: string) => `${at(id)}/do-not-contact`,
} as const;
