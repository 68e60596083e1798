import { readdirSync, readFileSync, statSync } from "node:fs";
import { join, relative } from "node:path";
import ts from "typescript";
import { describe, expect, it } from "vitest";

const SOURCE = join(import.meta.dirname, "../src");
type Tree = { [key: string]: string | string[] | Tree };

function walk(folder: string): string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    return statSync(path).isDirectory() ? walk(path) : [path];
  });
}

const files = walk(SOURCE);

function flat(tree: Tree, prefix = ""): Map<string, string> {
  const found = new Map<string, string>();
  for (const [key, value] of Object.entries(tree)) {
    const name = prefix ? `${prefix}.${key}` : key;
    if (typeof value === "string") found.set(name, value);
    else if (Array.isArray(value))
      value.forEach((one, index) => {
        found.set(`${name}.${index}`, one);
      });
    else for (const [inner, text] of flat(value, name)) found.set(inner, text);
  }
  return found;
}

function messages(language: string): Map<string, Map<string, string>> {
  const found = new Map<string, Map<string, string>>();
  for (const path of files.filter((one) => one.endsWith(`/${language}.json`))) {
    const namespace = path.split("/").at(-2) ?? "";
    found.set(namespace, flat(JSON.parse(readFileSync(path, "utf8")) as Tree));
  }
  return found;
}

const ja = messages("ja");
const en = messages("en");
const components = files.filter((path) => /\.tsx?$/.test(path) && !/\.(test|d)\.tsx?$/.test(path));

/** English has a singular and a plural where Japanese has one form. */
function whole(key: string): string {
  return key.replace(/_(one|other)$/, "");
}

describe("the two languages", () => {
  it("have the same namespaces", () => {
    expect([...en.keys()].sort()).toEqual([...ja.keys()].sort());
  });

  it.each([...ja.keys()])("have the same keys and placeholders in %s", (namespace) => {
    const left = ja.get(namespace) ?? new Map();
    const right = en.get(namespace) ?? new Map();
    const keys = (found: Map<string, string>) => [...new Set([...found.keys()].map(whole))].sort();
    expect(keys(right)).toEqual(keys(left));
    const holes = (text: string) =>
      [...text.matchAll(/\{\{(\w+)\}\}/g)].map((one) => one[1]).sort();
    for (const [key, text] of left) {
      const other = right.get(key) ?? right.get(`${whole(key)}_other`) ?? right.get(whole(key));
      expect([key, holes(other ?? "")]).toEqual([key, holes(text)]);
    }
  });

  it("keep the house style: no exclamation marks, no 致します", () => {
    for (const [namespace, found] of [...ja, ...en]) {
      for (const [key, text] of found) {
        expect(`${namespace}:${key} ${text}`).not.toMatch(/致します|！|[a-zぁ-ん]!/);
      }
    }
  });

  it("leave no Japanese in English, but for the names of languages and of the mark", () => {
    const allowed = new Set([
      "app:person.otherLanguage",
      "signin:otherLanguage",
      "rules:finder.placeholder", // shows that fields are found in either language
    ]);
    for (const [namespace, found] of en) {
      for (const [key, text] of found) {
        // A key that ends in Ja names the Japanese half of something in both languages.
        if (key.endsWith("Ja") || allowed.has(`${namespace}:${key}`)) continue;
        expect(`${namespace}:${key} ${text}`).not.toMatch(/[ぁ-んァ-ヶ一-龠]/);
      }
    }
  });
});

interface Literal {
  where: string;
  text: string;
}

const SPOKEN = new Set([
  "label",
  "title",
  "placeholder",
  "aria-label",
  "alt",
  "description",
  "lead",
]);
const LETTERS = /\p{L}{2,}/u;
const JAPANESE = /[ぁ-んァ-ヶ一-龠]/;

/** Texts that a person would read and that are written in the component itself. */
function literals(path: string): Literal[] {
  const written = readFileSync(path, "utf8");
  // Only JSX can say something in another script; the rest need not be parsed.
  if (!path.endsWith("x") && !JAPANESE.test(written)) return [];
  const source = ts.createSourceFile(
    path,
    written,
    ts.ScriptTarget.Latest,
    true,
    path.endsWith("x") ? ts.ScriptKind.TSX : ts.ScriptKind.TS,
  );
  const found: Literal[] = [];
  const say = (node: ts.Node, text: string) => {
    const line = source.getLineAndCharacterOfPosition(node.getStart()).line + 1;
    found.push({ where: `${relative(SOURCE, path)}:${line}`, text });
  };
  // A text in both languages at once (`{ ja, en }`, `both(ja, en)`) is data that a person edits, and
  // an alias is what she types to find something: neither is our wording of the interface.
  const isPair = ({ parent }: ts.Node): boolean => {
    if (ts.isCallExpression(parent)) return parent.expression.getText() === "both";
    if (ts.isArrayLiteralExpression(parent) && ts.isPropertyAssignment(parent.parent)) {
      return parent.parent.name.getText() === "aliases";
    }
    return (
      ts.isPropertyAssignment(parent) &&
      parent.name.getText() === "ja" &&
      ts.isObjectLiteralExpression(parent.parent) &&
      parent.parent.properties.some((one) => one.name?.getText() === "en")
    );
  };
  const visit = (node: ts.Node): void => {
    if (ts.isJsxText(node) && LETTERS.test(node.text)) say(node, node.text.trim());
    if (ts.isJsxAttribute(node) && node.initializer && ts.isStringLiteral(node.initializer)) {
      const spoken = SPOKEN.has(node.name.getText());
      if (spoken && LETTERS.test(node.initializer.text)) say(node, node.initializer.text);
    }
    if (
      (ts.isStringLiteral(node) || ts.isNoSubstitutionTemplateLiteral(node)) &&
      JAPANESE.test(node.text) &&
      !isPair(node)
    ) {
      say(node, node.text);
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

/** The brand's name, the key caps, patterns of dates, the
 * particle that joins, and how Japanese itself is written (counters, weekdays). */
const LITERALS_ALLOWED = [/^Enishi$/, /^Esc$/, /^[YMDHmd年月日(): ]+$/, /^の$/];
const FILES_ALLOWED = new Set(["design/format.ts"]);

/** Components by their folder, so that none of the tests takes long. */
const folderOf = (path: string) => relative(SOURCE, path).split("/").slice(0, 2).join("/");

describe("components", () => {
  it.each([...new Set(components.map(folderOf))])("write no text themselves in %s", (folder) => {
    const found = components
      .filter((path) => folderOf(path) === folder)
      .filter((path) => !FILES_ALLOWED.has(relative(SOURCE, path)))
      .flatMap(literals)
      .filter(({ text }) => !LITERALS_ALLOWED.some((allowed) => allowed.test(text)));
    expect(found).toEqual([]);
  });

  it("ask only for messages that exist", () => {
    const missing: string[] = [];
    for (const path of components) {
      const source = readFileSync(path, "utf8");
      const namespaces = [...source.matchAll(/useTranslation\("(\w+)"\)/g)].map(
        (one) => one[1] ?? "",
      );
      for (const [, asked = ""] of source.matchAll(/\bt\(\s*"([^"]+)"/g)) {
        const [space, key] = asked.includes(":") ? asked.split(":") : ["", asked];
        const places = space ? [space] : namespaces;
        if (places.length === 0) continue;
        const known = places.some(
          (one) => ja.get(one)?.has(key ?? "") || ja.get(one)?.has(`${key}_other`),
        );
        if (!known) missing.push(`${relative(SOURCE, path)}: ${asked}`);
      }
    }
    expect(missing).toEqual([]);
  });
});
