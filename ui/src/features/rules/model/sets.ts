/** The segments and lists that a rule may name. */
import type { Bilingual } from "./catalog";

export interface RuleSet {
  kind: "segment" | "list";
  slug: string;
  label: Bilingual;
  /** The dataset of its subjects. */
  subject: string;
  /** Of lists: the statuses of its members. */
  statuses: readonly { name: string; label: Bilingual; means: string }[];
}
