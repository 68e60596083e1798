import { describe, expect, it } from "vitest";
import { inserted, listed, namesIn, unknownNames, wrapped } from "./liquid";
import { segmentsOf } from "./sms";

const SMILE = String.fromCodePoint(0x1f600);
const KANA = String.fromCodePoint(0x3042);

describe("segments of a text message", () => {
  it("counts GSM 7-bit in 160, then in 153", () => {
    expect(segmentsOf("")).toEqual({ encoding: "gsm7", length: 0, segments: 0, left: 160 });
    expect(segmentsOf("a".repeat(160))).toMatchObject({ segments: 1, left: 0 });
    expect(segmentsOf("a".repeat(161))).toMatchObject({ segments: 2, left: 145 });
    expect(segmentsOf("€".repeat(80))).toMatchObject({
      encoding: "gsm7",
      length: 160,
      segments: 1,
    });
  });

  it("counts Japanese in 70, then in 67", () => {
    expect(segmentsOf(KANA.repeat(70))).toMatchObject({ encoding: "ucs2", segments: 1, left: 0 });
    expect(segmentsOf(KANA.repeat(71))).toMatchObject({ segments: 2, left: 63 });
    expect(segmentsOf(`a${KANA}`)).toMatchObject({ encoding: "ucs2", length: 2, left: 68 });
  });

  it("cuts no character in half", () => {
    // 66 units, then a character of two that would lie across the border.
    const text = KANA.repeat(66) + SMILE + KANA.repeat(66);
    expect(text.length).toBe(134);
    expect(segmentsOf(text)).toMatchObject({ length: 134, segments: 3 });
    expect(segmentsOf(KANA.repeat(134))).toMatchObject({ segments: 2 });
  });
});

describe("names in a text", () => {
  it("finds what is printed and what is asked for", () => {
    const text =
      "{{ branch }} {% if balance > 10 %}{{- branch | upcase }}{% endif %} {{person.name}}";
    expect(namesIn(text)).toEqual(["branch", "person.name", "balance"]);
  });

  it("tells those that are neither fields nor reserved", () => {
    const text =
      "{{ salutation }} {{ unsubscribe_url }} {{ given.amount }} {{ branch }} {{ typo }}";
    expect(unknownNames(text, ["branch"])).toEqual(["typo"]);
    expect(unknownNames("{% for one in rows %}{{ one.name }}{% endfor %}", [])).toEqual(["rows"]);
    expect(unknownNames("{% assign x = branch %}{{ x }}", [])).toEqual([]);
  });
});

describe("editing a text", () => {
  it("puts a name where the caret is", () => {
    expect(inserted("ab", 1, 1, "{{ x }}")).toEqual({ text: "a{{ x }}b", caret: 8 });
  });

  it("makes bold and takes it off again", () => {
    const bold = wrapped("a word", 2, 6, "**");
    expect(bold).toEqual({ text: "a **word**", from: 4, to: 8 });
    expect(wrapped(bold.text, bold.from, bold.to, "**").text).toBe("a word");
  });

  it("makes a list of the lines and takes it off again", () => {
    const list = listed("x\none\ntwo\ny", 3, 7);
    expect(list.text).toBe("x\n- one\n- two\ny");
    expect(listed(list.text, list.from, list.to).text).toBe("x\none\ntwo\ny");
  });
});
