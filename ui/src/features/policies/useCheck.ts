/** What a policy would say and how its examples come out, asked again as it is typed. */
import { useDebouncedValue } from "@mantine/hooks";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { call } from "@/client/http";
import type { Body, Checked, Example } from "./types";

const AFTER_MS = 300;

/** `policy`: the id of the policy whose wording this is; null for one that is not saved yet. */
export function useCheck(policy: string | null, body: Body, examples: readonly Example[]) {
  const written = JSON.stringify({ policy_id: policy, body, examples });
  const [asked] = useDebouncedValue(written, AFTER_MS);
  const current = written === asked;
  const query = useQuery({
    queryKey: ["policies", "check", asked],
    queryFn: ({ signal }) =>
      call<Checked>("POST", "/api/policies/check", { body: JSON.parse(asked), signal }),
    placeholderData: keepPreviousData,
    staleTime: 60_000,
    retry: false,
  });
  return {
    checked: query.data,
    error: query.error,
    /** False while what is shown belongs to an older text. */
    settled: current && !query.isFetching,
  };
}
