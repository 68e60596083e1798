/** A rule as JSON or YAML text, and back; what cannot be read is told with its line. */
import { type Document, isNode, LineCounter, parseDocument, stringify } from "yaml";
import { type Fault, isObject, type JsonObject, parsePath } from "./json";

export type Language = "json" | "yaml";

export type Read =
  | { rule: JsonObject }
  /** `reason`: in the words of the reader, in English; null: it is no object. */
  | { line: number; column: number; reason: string | null };

export function writeCode(rule: JsonObject, language: Language): string {
  return language === "json"
    ? `${JSON.stringify(rule, null, 2)}\n`
    : stringify(rule, { lineWidth: 88, version: "1.2" });
}

/** Reads either language; an envelope gives the rule inside it. */
export function readCode(text: string, language: Language): Read {
  let read: unknown;
  if (language === "json") {
    try {
      read = JSON.parse(text);
    } catch (fault) {
      return { ...jsonPlace(text), reason: fault instanceof Error ? fault.message : "" };
    }
  } else {
    const document = parsed(text, new LineCounter());
    const [error] = document.errors;
    if (error) {
      const [at] = error.linePos ?? [{ line: 1, col: 1 }];
      const reason = (error.message.split("\n")[0] ?? "").replace(/ at line .*$/, "");
      return { line: at.line, column: at.col, reason };
    }
    read = document.toJS({ maxAliasCount: 20 });
  }
  if (!isObject(read)) return { line: 1, column: 1, reason: null };
  const inside = isObject(read.rule) && "version" in read ? read.rule : read;
  return { rule: inside };
}

function parsed(text: string, lineCounter: LineCounter): Document {
  return parseDocument(text, { lineCounter, version: "1.2", schema: "core", uniqueKeys: true });
}

const TOKEN =
  /\s*(?:("(?:[^"\\\n]|\\.)*")|(-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)|([{}[\],:]))/y;

/** Where JSON breaks: the first place at which it cannot go on. Browsers do not always tell. */
function jsonPlace(text: string): { line: number; column: number } {
  let at = 0;
  const next = (): string => {
    TOKEN.lastIndex = at;
    const found = TOKEN.exec(text);
    if (!found) return "";
    at = TOKEN.lastIndex;
    return found[3] ?? (found[1] === undefined ? "literal" : "text");
  };
  /** Takes a token of these; false, with `at` before it, when it is another. */
  const take = (...wanted: string[]): string | null => {
    const before = at;
    const token = next();
    if (wanted.includes(token)) return token;
    at = before;
    return null;
  };
  const rest = (close: string, item: () => boolean): boolean => {
    if (take(close)) return true;
    do if (!item()) return false;
    while (take(","));
    return take(close) !== null;
  };
  const value = (): boolean => {
    const token = take("{", "[", "text", "literal");
    if (token === "{") return rest("}", () => Boolean(take("text") && take(":") && value()));
    return token === "[" ? rest("]", value) : token !== null;
  };
  value();
  const before = text.slice(0, at + (/^\s*/.exec(text.slice(at))?.[0].length ?? 0)).split("\n");
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
}

/** The line of the text that a fault's path leads to; 1 when it leads nowhere. */
export function lineOf(text: string, path: Fault["path"]): number {
  const lines = new LineCounter();
  const document = parsed(text, lines);
  if (document.errors.length > 0) return 1;
  const steps = parsePath(path);
  if (steps[0] === "rule") steps.shift();
  while (steps.length > 0) {
    const node = document.getIn(steps, true);
    if (isNode(node) && node.range) return lines.linePos(node.range[0]).line;
    steps.pop();
  }
  return 1;
}
