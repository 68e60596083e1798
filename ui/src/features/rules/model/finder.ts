/** Finding a field, a related dataset or an event by typing Japanese, kana or English. */
import type { Rows } from "./blocks";
import type { Bilingual, FoundEvent, FoundField, FoundRelation, Locale } from "./catalog";
import { kanaOfRomaji } from "./kana";
import type { RuleSet } from "./sets";

const KATAKANA = /[\u30a1-\u30f6]/g;

/** Folds for finding: NFKC, lower case, katakana as hiragana, no spaces or separators. */
export function foldForFinding(text: string): string {
  return text
    .normalize("NFKC")
    .toLowerCase()
    .replace(KATAKANA, (kana) => String.fromCharCode(kana.charCodeAt(0) - 0x60))
    .replace(/[\s_.・/-]+/g, "");
}

export type Found =
  | { kind: "field"; field: FoundField; label: string; hint: string; words: readonly string[] }
  | {
      kind: "related";
      relation: FoundRelation;
      label: string;
      hint: string;
      words: readonly string[];
      start?: Rows;
    }
  | {
      kind: "event";
      event: FoundEvent;
      label: string;
      hint: string;
      words: readonly string[];
      start?: Rows;
    }
  | { kind: "set"; set: RuleSet; label: string; hint: string; words: readonly string[] };

/** The label of a trail: "口座 › 支店 › 地域". */
export function trailText(trail: readonly Bilingual[], locale: Locale): string {
  return trail.map((label) => label[locale]).join(" › ");
}

function foldAll(words: readonly string[]): string[] {
  return [...new Set(words.map(foldForFinding))].filter((word) => word !== "");
}

export function foundField(
  field: FoundField,
  locale: Locale,
  partLabel: Bilingual | null,
  datasetLabel: Bilingual,
): Found {
  const own = field.trail.at(-1) ?? { ja: field.field, en: field.field };
  const label = trailText(field.trail, locale) + (partLabel ? ` › ${partLabel[locale]}` : "");
  const words = partLabel
    ? [partLabel.ja, partLabel.en, own.ja + partLabel.ja, own.en + partLabel.en]
    : [own.ja, own.en, field.field, ...field.aliases];
  const ways = field.trail.slice(0, -1).flatMap((way) => [way.ja + own.ja, way.en + own.en]);
  return {
    kind: "field",
    field,
    label,
    hint: datasetLabel[locale],
    words: foldAll([...words, ...ways, field.path, datasetLabel.ja, datasetLabel.en]),
  };
}

export function foundRelation(
  relation: FoundRelation,
  locale: Locale,
  datasetLabel: Bilingual,
): Found {
  const own = relation.trail.at(-1) ?? datasetLabel;
  return {
    kind: "related",
    relation,
    label: trailText(relation.trail, locale),
    hint: datasetLabel[locale],
    words: foldAll([own.ja, own.en, relation.path, datasetLabel.ja, datasetLabel.en]),
  };
}

export function foundEvent(event: FoundEvent, locale: Locale, datasetLabel: Bilingual): Found {
  return {
    kind: "event",
    event,
    label: event.label[locale],
    hint: datasetLabel[locale],
    words: foldAll([event.label.ja, event.label.en, event.name, datasetLabel.ja, datasetLabel.en]),
  };
}

export function foundSet(set: RuleSet, locale: Locale, hint: Bilingual): Found {
  return {
    kind: "set",
    set,
    label: set.label[locale],
    hint: hint[locale],
    words: foldAll([set.label.ja, set.label.en, set.slug, hint.ja, hint.en]),
  };
}

function depth(found: Found): number {
  if (found.kind === "field") return found.field.trail.length - 1 + (found.field.part ? 0.5 : 0);
  return found.kind === "related" ? found.relation.hops : 1;
}

/** How well one word typed fits one of the words known; 0: not at all. */
function closeness(words: readonly string[], word: string): number {
  let best = 0;
  for (const [position, known] of words.entries()) {
    const early = position === 0 ? 5 : 0;
    if (known === word) best = Math.max(best, 100 + early);
    else if (known.startsWith(word)) best = Math.max(best, 60 + early);
    else if (known.includes(word)) best = Math.max(best, 30 + early);
  }
  return best;
}

/** Higher is better; 0: no match. Every word typed must be found somewhere. */
export function score(found: Found, query: string): number {
  const typed = query
    .split(/[\s\u3000]+/)
    .map(foldForFinding)
    .filter((word) => word !== "");
  let total = 0;
  for (const word of typed) {
    const kana = kanaOfRomaji(word);
    const best = Math.max(
      closeness(found.words, word),
      kana === null ? 0 : closeness(found.words, kana) - 1,
    );
    if (best <= 0) return 0;
    total += best;
  }
  return Math.max(1, total / Math.max(1, typed.length) - 4 * depth(found));
}

/** The best matches, best first; without a query, what lies nearest. */
export function search(all: readonly Found[], query: string, limit = 60): Found[] {
  if (query.trim() === "") {
    return all
      .filter((found) => found.kind !== "field" || !found.field.part || found.field.part === "age")
      .filter((found) => depth(found) <= 2)
      .slice(0, limit);
  }
  return all
    .map((found, order) => ({ found, order, points: score(found, query) }))
    .filter(({ points }) => points > 0)
    .sort((a, b) => b.points - a.points || a.order - b.order)
    .slice(0, limit)
    .map(({ found }) => found);
}
