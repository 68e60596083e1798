import { queryOptions } from "@tanstack/react-query";
import { call } from "@/client/http";
import { type Paged, usePages } from "@/client/pages";
import type { CustomersSearch } from "./routes";
import type { Channels, Contact, CustomerRow, OnList, Person, Restriction } from "./types";

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

export function contactsQuery(id: string) {
  return queryOptions({
    queryKey: ["customer", id, "contacts"],
    queryFn: async ({ signal }) =>
      (await call<Paged<Contact>>("GET", `${at(id)}/contacts`, { query: { limit: 100 }, signal }))
        .items,
  });
}

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

export const restrictPath = {
  refusal: (id: string) => `${at(id)}/refusals`,
  hold: (id: string) => `${at(id)}/holds`,
  do_not_contact: (id: string) => `${at(id)}/do-not-contact`,
} as const;
