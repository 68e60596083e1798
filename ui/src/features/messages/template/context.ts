import type { Catalog } from "@/features/rules";
import type { Check, Preview, Template } from "../types";
import type { Draft } from "./useDraft";

/** How the message looks, asked again as it is written. */
export interface Look {
  preview: Preview | undefined;
  error: unknown;
  /** What is shown belongs to an older text. */
  stale: boolean;
}

/** What every part of the template's page is given. */
export interface EditorProps {
  template: Template;
  draft: Draft;
  look: Look;
  checks: readonly Check[];
  catalog: Catalog | undefined;
  readOnly: boolean;
}
