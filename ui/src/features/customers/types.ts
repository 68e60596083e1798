import type { Schemas } from "@/client/http";

/** What the API answers about customers. */

export type ShownField = Schemas["ShownField"];

export type ToldField = Schemas["ToldField"];

export type CustomerRow = Schemas["CustomerOut"];

export type Related = Schemas["RelatedOut"];

export type TimelinePage = Schemas["TimelinePage"];

export type Entry = Schemas["EntryOut"];

export type Shapes = Record<string, Schemas["SourceShape"]>;

export type Summary = Schemas["TimelineSummary"];

export type SourceCount = Schemas["SourceCount"];

export type Stay = Schemas["StayOut"];

export type Group = Schemas["GroupOut"];

export type Brief = Schemas["BriefOut"];

export type Note = Schemas["NoteOut"];

export type Person = Schemas["PersonOut"];

export type PersonRef = Schemas["PersonRef"];

export type Contact = Omit<Schemas["EngagementOut"], "channel"> & { channel: Channel };

export type OnList = Schemas["OtherListOut"];

export const CHANNELS = ["phone", "visit", "email", "post", "meeting"] as const;
export type Channel = (typeof CHANNELS)[number];
export const HOLDS = [
  "complaint",
  "inheritance",
  "deceased",
  "guardianship",
  "antisocial",
] as const;
export type Hold = (typeof HOLDS)[number];
export const RESTRICTS = ["refusal", "hold", "do_not_contact"] as const;
export type Restrict = (typeof RESTRICTS)[number];

export type Decision = Schemas["DecisionOut"];

export type Channels = Schemas["ChannelsOut"];

export type Restriction = Schemas["RestrictionOut"];

export type Walk = Schemas["WalkOut"];
