/** The members a person has to work on one list, in the order to work them. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useMe } from "@/app/session";
import { call } from "@/client/http";
import { fetchMembers } from "../lists/api";
import type { Member } from "../lists/types";

export interface Queue {
  members: readonly Member[];
  total: number;
  loading: boolean;
  error: unknown;
  retry: () => void;
}

/** How many members the queue holds at once; more come as these are finished. */
const SIZE = 200;
const NOBODY: readonly Member[] = [];

/** Follow-ups that are due come first, then the order of the board. */
export function inOrder(members: readonly Member[], now: Date): Member[] {
  const due = (member: Member) =>
    member.next_at !== null && new Date(member.next_at).getTime() <= now.getTime();
  const later = (member: Member) => member.next_at !== null && !due(member);
  const rank = (member: Member) => (due(member) ? 0 : later(member) ? 2 : 1);
  return members
    .map((member, order) => ({ member, order }))
    .sort((a, b) => rank(a.member) - rank(b.member) || a.order - b.order)
    .map(({ member }) => member);
}

export function useQueue(list: string): Queue {
  const me = useMe();
  const query = useQuery({
    queryKey: ["members", list, "queue", me.id],
    queryFn: async ({ signal }) => {
      const of = (meaning: string) =>
        fetchMembers(list, { assignee: "me", meaning, limit: SIZE }, signal);
      const [working, open] = await Promise.all([of("working"), of("open")]);
      return {
        members: inOrder([...working.items, ...open.items], new Date()),
        total: working.total + open.total,
      };
    },
    refetchOnWindowFocus: false,
    staleTime: 60_000,
  });
  return {
    members: query.data?.members ?? NOBODY,
    total: query.data?.total ?? 0,
    loading: query.isPending,
    error: query.error,
    retry: () => void query.refetch(),
  };
}

interface Claimed {
  member: Member | null;
  sentence: string;
}

/** Takes the next member from the unassigned pool. */
export function useClaimNext(list: string, onClaimed: (member: Member) => void) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: () => call<Claimed>("POST", `/api/lists/${list}/claim-next`),
    onSuccess: async ({ member }) => {
      await client.invalidateQueries({ queryKey: ["members", list] });
      if (member) onClaimed(member);
    },
  });
}
