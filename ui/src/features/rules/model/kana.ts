/** Romaji as hiragana, so that `zandaka` finds what is written in kana. */
import table from "./kana.json";

function syllables(): Map<string, string> {
  const found = new Map<string, string>(Object.entries(table.others));
  for (const [consonant, kana] of Object.entries(table.rows)) {
    ["a", "i", "u", "e", "o"].forEach((vowel, i) => {
      found.set(consonant + vowel, kana.charAt(i));
    });
  }
  for (const [consonant, kana] of Object.entries(table.glides)) {
    for (const [i, vowel] of ["a", "u", "o"].entries()) {
      found.set(consonant + vowel, kana + table.small[i]);
    }
  }
  return found;
}

const KANA = syllables();

/** The beginning of a syllable, as it stands there while one types. */
const UNFINISHED = /^(?:[^aeiou]|[kgsztdnhbpmr]y|sh|ch|ts)$/;

/** Lower-case romaji (Hepburn or kunrei) as hiragana; null when it is something else. */
export function kanaOfRomaji(text: string): string | null {
  if (!/^[a-z'-]+$/.test(text)) return null;
  let rest = text;
  let kana = "";
  while (rest !== "") {
    const length = [3, 2, 1].find((n) => KANA.has(rest.slice(0, n)) && rest.length >= n);
    if (length) {
      kana += KANA.get(rest.slice(0, length));
      rest = rest.slice(length);
    } else if (/^([^aeioun])\1/.test(rest) || rest.startsWith("tch")) {
      kana += table.double;
      rest = rest.slice(1);
    } else if (rest.startsWith("n")) {
      kana += table.final;
      rest = rest.slice(rest.startsWith("n'") ? 2 : 1);
    } else if (rest.startsWith("-")) {
      kana += table.long;
      rest = rest.slice(1);
    } else if (kana.length > 1 && UNFINISHED.test(rest)) {
      return kana;
    } else return null;
  }
  return kana;
}
