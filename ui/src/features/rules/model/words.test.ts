import i18next from "i18next";
import { describe, expect, it } from "vitest";
import en from "../en.json";
import ja from "../ja.json";
import {
  allowance,
  type Catalog,
  type CatalogField,
  reachableFields,
  reachableRelations,
  resolve,
} from "./catalog";
import { foldForFinding, foundField, foundRelation, search } from "./finder";
import { kanaOfRomaji } from "./kana";
import { defaultOp, formOf, measurable, measureType, operandFor, opsOf } from "./ops";
import { lengthText, offsetText, parseLength, windowText } from "./windows";

function of(name: string, ja: string, en: string, extra: Partial<CatalogField> = {}): CatalogField {
  return {
    name,
    label: { ja, en },
    type: "string",
    scale: 0,
    meaning: null,
    pii: "none",
    purposes: null,
    consentPurposes: [],
    aliases: [],
    ...extra,
  };
}

const CATALOG: Catalog = {
  purposes: [],
  datasets: new Map([
    [
      "client",
      {
        name: "client",
        label: { ja: "顧客", en: "Client" },
        kind: "current",
        subject: "person",
        timeField: null,
        event: null,
        fields: [
          of("birth_date", "生年月日", "Birth date", { type: "date", meaning: "birth_date" }),
          of("balance", "預金残高", "Deposit balance", {
            type: "decimal",
            aliases: ["ざんだか"],
            purposes: ["deposits"],
            consentPurposes: ["insurance"],
          }),
        ],
        relations: [
          { name: "branch", label: { ja: "支店", en: "Branch" }, target: "branch", many: false },
          {
            name: "accounts",
            label: { ja: "口座", en: "Accounts" },
            target: "account",
            many: true,
          },
        ],
      },
    ],
    [
      "branch",
      {
        name: "branch",
        label: { ja: "支店", en: "Branch" },
        kind: "versioned",
        subject: null,
        timeField: null,
        event: null,
        fields: [of("region", "地域", "Region")],
        relations: [],
      },
    ],
    [
      "account",
      {
        name: "account",
        label: { ja: "口座", en: "Account" },
        kind: "current",
        subject: null,
        timeField: null,
        event: null,
        fields: [of("type", "種類", "Type")],
        relations: [
          { name: "client", label: { ja: "顧客", en: "Client" }, target: "client", many: false },
        ],
      },
    ],
  ]),
};
const SCOPE = { dataset: "client", subject: "client", top: true, ofEvent: false };

describe("the catalog's paths", () => {
  it("resolves fields, hops and parts with their types", () => {
    expect(resolve(CATALOG, SCOPE, "birth_date.age")?.type).toBe("integer");
    expect(resolve(CATALOG, SCOPE, "branch.region")?.trail.map((l) => l.ja)).toEqual([
      "支店",
      "地域",
    ]);
    expect(resolve(CATALOG, SCOPE, "branch.region.since")?.type).toBe("timestamp");
    expect(resolve(CATALOG, SCOPE, "accounts.type")).toBeNull();
    expect(resolve(CATALOG, SCOPE, "birth_date.hourly")).toBeNull();
  });

  it("reaches to-one fields and to-many relations, never in a circle", () => {
    const paths = reachableFields(CATALOG, SCOPE).map((f) => f.path);
    expect(paths).toContain("branch.region");
    expect(paths).toContain("birth_date.age");
    expect(paths).not.toContain("accounts.type");
    expect(reachableRelations(CATALOG, "client").map((r) => r.path)).toEqual(["accounts"]);
  });

  it("says whether a purpose may use a field", () => {
    const balance = { purposes: ["deposits"], consentPurposes: ["insurance"] };
    expect(allowance(balance, "deposits")).toBe("yes");
    expect(allowance(balance, "insurance")).toBe("consent");
    expect(allowance(balance, "loans")).toBe("no");
    expect(allowance(balance, null)).toBe("no");
    expect(allowance({ purposes: null, consentPurposes: [] }, null)).toBe("yes");
  });
});

describe("finding", () => {
  const all = [
    ...reachableFields(CATALOG, SCOPE).map((field) =>
      foundField(
        field,
        "ja",
        field.part === "age" ? { ja: "年齢", en: "age" } : null,
        CATALOG.datasets.get(field.dataset)?.label ?? { ja: "", en: "" },
      ),
    ),
    ...reachableRelations(CATALOG, "client").map((r) =>
      foundRelation(r, "ja", { ja: "口座", en: "Account" }),
    ),
  ];
  const first = (query: string) => {
    const found = search(all, query)[0];
    return found?.kind === "field"
      ? found.field.path
      : found?.kind === "related"
        ? found.relation.path
        : null;
  };

  it("folds width, case and kana", () => {
    expect(foldForFinding("ＡＢＣ ザンダカ")).toBe("abcざんだか");
  });

  it.each([
    ["預金", "balance"],
    ["ザンダカ", "balance"],
    ["ざんだ", "balance"],
    ["deposit bal", "balance"],
    ["年齢", "birth_date.age"],
    ["Age", "birth_date.age"],
    ["生年月日", "birth_date"],
    ["支店 地域", "branch.region"],
    ["region", "branch.region"],
    ["口座", "accounts"],
  ])("%s finds %s", (query, path) => {
    expect(first(query)).toBe(path);
  });

  it("finds nothing where nothing fits", () => {
    expect(search(all, "zzz")).toEqual([]);
    expect(search(all, "").length).toBeGreaterThan(2);
  });
});

describe("operators", () => {
  it("have words in both languages for every family", () => {
    for (const type of ["integer", "date", "string", "boolean", "strings"] as const) {
      const family = {
        integer: "number",
        date: "date",
        string: "text",
        boolean: "boolean",
        strings: "strings",
      }[type];
      for (const op of opsOf(type)) {
        for (const words of [ja.op, en.op]) {
          expect(
            (words as unknown as Record<string, Record<string, string>>)[family]?.[op],
            `${family}.${op}`,
          ).toBeTruthy();
        }
      }
      expect(opsOf(type)).toContain(defaultOp(type));
    }
  });

  it("refuse equality on float aggregates", () => {
    expect(opsOf("float", { aggregate: true })).not.toContain("eq");
    expect(opsOf("decimal", { aggregate: true })).toContain("eq");
  });

  it("keep what was typed when the operator changes", () => {
    expect(operandFor("in", "string", { kind: "one", value: "x" })).toEqual({
      kind: "many",
      values: ["x"],
    });
    expect(operandFor("eq", "string", { kind: "many", values: ["x", "y"] })).toEqual({
      kind: "one",
      value: "x",
    });
    expect(operandFor("between", "integer", { kind: "one", value: 3 })).toMatchObject({
      kind: "range",
      low: { value: 3 },
    });
    expect(operandFor("is_set", "integer", { kind: "one", value: 3 })).toEqual({ kind: "none" });
    expect(operandFor("during", "date", { kind: "none" }).kind).toBe("window");
    expect(formOf("has_all")).toBe("many");
  });

  it("measure only what can be measured", () => {
    expect(measurable("sum", "string")).toBe(false);
    expect(measurable("max", "date")).toBe(true);
    expect(measureType({ kind: "distinct", field: "x" }, "string")).toBe("integer");
    expect(measureType({ kind: "last", field: "x" }, "date")).toBe("date");
  });
});

describe("time in words", async () => {
  const i18n = i18next.createInstance();
  await i18n.init({
    lng: "ja",
    resources: { ja: { rules: ja }, en: { rules: en } },
    defaultNS: "rules",
    interpolation: { escapeValue: false },
  });
  const tja = i18n.getFixedT("ja", "rules");
  const ten = i18n.getFixedT("en", "rules");

  it("reads lengths", () => {
    expect(parseLength("-30d")).toEqual({ amount: -30, unit: "d" });
    expect(parseLength("3mo")).toEqual({ amount: 3, unit: "mo" });
    expect(parseLength("soon")).toBeNull();
    expect(lengthText("1d", ten)).toBe("1 day");
  });

  it.each([
    [{ kind: "last", length: "30d" }, "直近30日", "the last 30 days"],
    [{ kind: "next", length: "1mo" }, "今後1か月", "the next 1 month"],
    [{ kind: "calendar", name: "this_fiscal_year" }, "今年度", "this fiscal year"],
    [
      { kind: "between", from: { kind: "today", offset: "-7d" }, to: null },
      "7日前以降",
      "from 7 days ago",
    ],
    [
      {
        kind: "between",
        from: { kind: "fixed", text: "2026-04-01" },
        to: { kind: "today", offset: "0d" },
      },
      "2026-04-01から今日の前まで",
      "2026-04-01 until before today",
    ],
  ] as const)("%o", (window, inJa, inEn) => {
    expect(windowText(window, tja)).toBe(inJa);
    expect(windowText(window, ten)).toBe(inEn);
  });

  it("says before and after", () => {
    expect(offsetText("today", "-2w", tja)).toBe("2週間前");
    expect(offsetText("today", "3d", ten)).toBe("3 days from now");
    expect(offsetText("now", "0d", tja)).toBe("今");
  });
});

describe("romaji", () => {
  it.each([
    ["zandaka", "ざんだか"],
    ["shiten", "してん"],
    ["kouza", "こうざ"],
    ["kekkon", "けっこん"],
    ["matcha", "まっちゃ"],
    ["nyuukin", "にゅうきん"],
    ["hon'ya", "ほんや"],
    ["ka-do", "かーど"],
  ])("%s is %s", (romaji, kana) => {
    expect(kanaOfRomaji(romaji)).toBe(kana);
  });

  it("leaves English alone", () => {
    expect(kanaOfRomaji("branch")).toBeNull();
    expect(kanaOfRomaji("口座")).toBeNull();
  });

  it("finds what is written in kana", () => {
    const found = reachableFields(CATALOG, SCOPE).map((field) =>
      foundField(field, "ja", null, { ja: "", en: "" }),
    );
    expect(search(found, "zandaka")[0]?.label).toBe("預金残高");
    expect(search(found, "zandak")[0]?.label).toBe("預金残高");
  });
});
