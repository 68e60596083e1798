/** The shapes of the journeys' API, as it describes them. */
import type { Schemas } from "@/client/http";

export type Row = Schemas["JourneyRow"];
export type Journey = Schemas["JourneyDetail"];
export type State = Row["state"];
export type Wording = Schemas["JourneyWording"];
export type Checked = Schemas["CheckedJourney"];
export type JourneyFault = Schemas["JourneyFault"];
export type CardOut = Schemas["CardOut"];
export type Version = Schemas["JourneyVersionOut"];
export type Diff = Schemas["JourneyDiff"];
export type Flow = Schemas["FlowOut"];
export type Choices = Schemas["ChoicesOut"];
export type MappingPreview = Schemas["MappingPreview"];
export type Mapping = Schemas["MappingIn"];
export type Live = Schemas["LiveOut"];
export type Walk = Schemas["WalkOut"];
export type Walks = Schemas["WalksOut"];
export type Story = Schemas["StoryOut"];
export type StoryLine = Schemas["StoryLine"];
export type DryRun = Schemas["JourneyDryRunOut"];
export type DryRuns = Schemas["JourneyDryRunsOut"];
export type DryResult = Schemas["DryResult"];
export type TestIn = Schemas["WalkTestIn"];
export type TestOut = Schemas["WalkTestOut"];
export type TestAction = Schemas["WalkAction"];
