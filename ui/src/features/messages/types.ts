/** What the API answers about templates and images. */
import type { Schemas } from "@/client/http";
import type { StatusBadge } from "@/design/StatusBadge";

export type Check = Schemas["TemplateCheck"];
export type VersionBrief = Schemas["TemplateVersionBrief"];
export type VersionState = VersionBrief["state"];
export type Version = Schemas["TemplateVersionOut"];
export type TemplateRow = Schemas["TemplateOut"];
export type Template = Schemas["TemplateDetail"];
export type Diff = Schemas["TemplateDiff"];
export type DiffLine = Schemas["DiffLine"];
export type FieldChange = Diff["changes"][number];
export type Preview = Schemas["TemplatePreview"];
export type Tested = Schemas["TemplateTested"];
export type Starter = Schemas["StarterOut"];
export type Words = Schemas["TemplateWords"];
export type Asset = Schemas["AssetOut"];
export type Tone = React.ComponentProps<typeof StatusBadge>["tone"];
