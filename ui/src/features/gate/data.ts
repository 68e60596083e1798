import { queryOptions } from "@tanstack/react-query";
import { call } from "@/client/http";
import type { Paged } from "@/client/pages";
import type { Approval, Consents, Matrix } from "./types";

const at = (person: string) => `/api/customers/${encodeURIComponent(person)}`;

/** The gate's answers for every purpose on every channel, now. */
export const matrixQuery = (person: string) =>
  queryOptions({
    queryKey: ["customer", person, "matrix"],
    queryFn: ({ signal }) => call<Matrix>("GET", `${at(person)}/gate/matrix`, { signal }),
  });

export const consentsQuery = (person: string) =>
  queryOptions({
    queryKey: ["customer", person, "consents"],
    queryFn: ({ signal }) => call<Consents>("GET", `${at(person)}/consents`, { signal }),
  });

export const consentsPath = (person: string) => `${at(person)}/consents`;

/** What waits for somebody's approval, or has been decided; the newest first. */
export const approvalsQuery = (state: "waiting" | "decided") =>
  queryOptions({
    queryKey: ["approvals", state],
    queryFn: ({ signal }) =>
      call<Paged<Approval>>("GET", "/api/approvals", { query: { state, limit: 200 }, signal }),
    refetchInterval: 30_000,
  });

/** Somebody waits for the answer: it is asked for again while the page is open. */
const SOON = 5_000;

export const askedQuery = (person: string) =>
  queryOptions({
    queryKey: ["customer", person, "approvals"],
    queryFn: async ({ signal }) =>
      (await call<Paged<Approval>>("GET", `${at(person)}/approvals`, { signal })).items,
    refetchInterval: (found) =>
      found.state.data?.some((one) => one.state === "waiting") ? SOON : false,
  });
