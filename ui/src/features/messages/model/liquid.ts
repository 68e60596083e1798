/** The little of Liquid that the editor itself has to know: which names a text reads. */

const OUTPUT = /\{\{-?\s*([\p{L}_][\p{L}\p{N}_.]*)/gu;
const TAG_NAME =
  /\{%-?\s*(?:if|elsif|unless|case|for\s+[\p{L}_][\p{L}\p{N}_]*\s+in)\s+([\p{L}_][\p{L}\p{N}_.]*)/gu;

/** Names that are always there, besides the template's own fields. */
export const RESERVED = [
  "salutation",
  "person.name",
  "today",
  "sender.name",
  "unsubscribe_url",
  "preferences_url",
] as const;

const ROOTS = new Set(["salutation", "person", "today", "sender", "given", "forloop"]);
const RESERVED_NAMES: ReadonlySet<string> = new Set(RESERVED);

/** Every name that is printed or asked for, once, in order. */
export function namesIn(text: string): string[] {
  const found = new Set<string>();
  for (const pattern of [OUTPUT, TAG_NAME]) {
    for (const match of text.matchAll(pattern)) if (match[1]) found.add(match[1]);
  }
  return [...found];
}

/** Names a text reads which are neither reserved nor fields. */
export function unknownNames(text: string, fields: readonly string[]): string[] {
  const assigned = [
    ...text.matchAll(/\{%-?\s*(?:assign|capture|for)\s+([\p{L}_][\p{L}\p{N}_]*)/gu),
  ];
  const own = new Set([...fields, ...assigned.map((match) => match[1] ?? "")]);
  return namesIn(text).filter((name) => {
    const root = name.split(".")[0] ?? "";
    return !RESERVED_NAMES.has(name) && !ROOTS.has(root) && !own.has(root);
  });
}

/** `{{ name }}` */
export function mark(name: string): string {
  return `{{ ${name} }}`;
}

/** A text with something put in place of what is selected, and where the caret stands after it. */
export function inserted(
  text: string,
  from: number,
  to: number,
  what: string,
): { text: string; caret: number } {
  return { text: text.slice(0, from) + what + text.slice(to), caret: from + what.length };
}

/** What is selected, between two marks; taken off again where they are there already. */
export function wrapped(
  text: string,
  from: number,
  to: number,
  around: string,
): { text: string; from: number; to: number } {
  const before = text.slice(Math.max(0, from - around.length), from);
  const after = text.slice(to, to + around.length);
  if (before === around && after === around) {
    const next =
      text.slice(0, from - around.length) + text.slice(from, to) + text.slice(to + around.length);
    return { text: next, from: from - around.length, to: to - around.length };
  }
  const next = text.slice(0, from) + around + text.slice(from, to) + around + text.slice(to);
  return { text: next, from: from + around.length, to: to + around.length };
}

/** The lines that are touched by what is selected, as a list; as they were where they are one. */
export function listed(
  text: string,
  from: number,
  to: number,
): { text: string; from: number; to: number } {
  const start = text.lastIndexOf("\n", from - 1) + 1;
  const found = text.indexOf("\n", to);
  const end = found < 0 ? text.length : found;
  const lines = text.slice(start, end).split("\n");
  const all = lines.every((line) => line.startsWith("- "));
  const next = lines.map((line) => (all ? line.slice(2) : `- ${line}`)).join("\n");
  return {
    text: text.slice(0, start) + next + text.slice(end),
    from: start,
    to: start + next.length,
  };
}
