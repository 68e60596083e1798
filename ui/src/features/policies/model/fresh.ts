/** A new policy of each kind, as the form opens with it. */
import type { Applies, Body, Example, NewKind } from "../types";

const ALL: Applies = { channels: [], purposes: [], classes: [] };
const PROMOTION: Applies = { ...ALL, classes: ["promotion"] };

interface Words {
  ja: string;
  en: string;
}

/** `say` is the reason that a rule gives until somebody writes a better one. */
export function freshBody(kind: NewKind, name: Words, say: Words): Body {
  const named = { name, description: null };
  switch (kind) {
    case "consent":
      return { ...named, kind, applies: { ...PROMOTION, channels: ["email"] }, mode: "opt_in" };
    case "cap":
      return {
        ...named,
        kind,
        applies: PROMOTION,
        counts: PROMOTION,
        same_purpose: false,
        per: "person",
        most: 3,
        window: { unit: "days", count: 30 },
      };
    case "quiet_hours":
      return {
        ...named,
        kind,
        applies: { ...ALL, channels: ["phone"] },
        begin: "20:00:00",
        end: "09:00:00",
        weekdays: ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"],
      };
    case "business_hours":
      return { ...named, kind, applies: { ...PROMOTION, channels: ["visit"] }, hours: true };
    case "address":
      return { ...named, kind, applies: ALL };
    case "age":
      return {
        ...named,
        kind,
        applies: PROMOTION,
        from_age: 75,
        to_age: null,
        answer: "needs_approval",
        another: false,
        unknown: "allow",
        by: "manager",
      };
    case "rule":
      return {
        ...named,
        kind,
        applies: PROMOTION,
        rule: { all: [] },
        answer: "deny",
        another: false,
        hours: 24,
        by: "manager",
        say,
      };
  }
}

/** An example that names a channel and a purpose the policy is about. */
export function freshExample(
  at: string,
  name: Words,
  ask: Pick<Example["ask"], "channel" | "purpose">,
): Example {
  return {
    name,
    facts: {
      birth_date: null,
      reach: ["phone", "visit", "email", "post", "sms"],
      household: "",
      address: "",
      zone: "",
      branch: "",
      holds: false,
    },
    stops: [],
    consents: [],
    contacts: [],
    ask: { ...ask, product: null },
    at,
    answer: "allow",
    codes: [],
    until: null,
  };
}
