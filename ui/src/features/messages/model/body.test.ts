import { describe, expect, it } from "vitest";
import { copied, type EmailBody, newBlock, readBody, writeBody } from "./body";
import { framed, knowsDark } from "./mailHtml";
import { keyAt, textsOf, usesOf } from "./reading";

const JSON_BODY = {
  kind: "email",
  subject: "{{ branch }}",
  fields: { branch: { value: { field: "branch.name" } }, due: { value: { field: "due" } } },
  design: {
    blocks: [
      { kind: "heading", text: "Hello" },
      {
        kind: "columns",
        columns: [
          { blocks: [{ kind: "text", text: "{{ salutation }}" }] },
          {
            width: 40,
            blocks: [
              { kind: "button", label: "{% if due > 3 %}x{% endif %}", url: "https://example.jp" },
            ],
          },
        ],
      },
      { kind: "text", text: "bye", when: "due" },
    ],
  },
};

function read(): EmailBody {
  return readBody(JSON_BODY, "you") as EmailBody;
}

describe("a body", () => {
  it("is filled up with what was left unsaid, and written without the editor's keys", () => {
    const body = read();
    if ("mjml" in body.design) throw new Error("blocks expected");
    expect(body.design.blocks[0]).toMatchObject({ level: 1, align: "left", when: null });
    expect(body.addressing).toMatchObject({ honorific: "auto", unknown: "you" });
    const written = writeBody(body);
    expect(JSON.stringify(written)).not.toContain('"key"');
    // Writing and reading again is the same body, but for the keys.
    expect(writeBody(readBody(written, "other"))).toEqual(written);
    expect(written).toMatchObject({
      design: { blocks: [{ kind: "heading" }, { columns: [{ width: null }, { width: 40 }] }, {}] },
    });
  });

  it("reads a webhook's JSON under either name of the API", () => {
    const json = '{"n": 1}';
    for (const given of [{ json }, { content: json }]) {
      const body = readBody({ kind: "webhook", url: "https://example.jp", ...given }, "you");
      expect(writeBody(body)).toMatchObject({ json });
      expect(writeBody(body)).not.toHaveProperty("content");
    }
  });

  it("finds the block that a path lies in, however it is spelled", () => {
    const { design } = read();
    if ("mjml" in design) throw new Error("blocks expected");
    const [heading, columns] = design.blocks;
    const inner = columns?.kind === "columns" ? columns.columns[1]?.blocks[0] : undefined;
    expect(keyAt(design.blocks, "design.blocks[0].text")).toBe(heading?.key);
    expect(keyAt(design.blocks, "design.blocks[1].columns[1].blocks[0].url")).toBe(inner?.key);
    expect(keyAt(design.blocks, "/design/blocks/1/columns/1/blocks/0/url")).toBe(inner?.key);
    expect(keyAt(design.blocks, "[1].columns[0].width")).toBe(columns?.key);
    expect(keyAt(design.blocks, "design.blocks[9]")).toBeNull();
    expect(keyAt(design.blocks, "subject")).toBeNull();
  });

  it("tells how often a field is read", () => {
    const body = read();
    expect(textsOf(body)).toContain("{{ salutation }}");
    expect(usesOf(body, "branch")).toBe(1);
    expect(usesOf(body, "due")).toBe(2); // in a condition of a text, and as a block's own
    expect(usesOf(body, "bran")).toBe(0);
  });

  it("copies a block with all inside it under new keys", () => {
    const block = newBlock("columns");
    const full = { ...block, columns: [{ width: null, blocks: [newBlock("text")] }] };
    const copy = copied(full);
    if (copy.kind !== "columns") throw new Error("columns expected");
    expect(copy.key).not.toBe(full.key);
    expect(copy.columns[0]?.blocks[0]?.key).not.toBe(full.columns[0]?.blocks[0]?.key);
  });
});

describe("a mail in a frame", () => {
  const dark =
    "<html><head><style>@media (prefers-color-scheme:dark){p{color:#fff}}</style></head><body><p>x</p></body></html>";

  it("shows the mail's own night where it has one", () => {
    expect(knowsDark(dark)).toBe(true);
    expect(framed(dark, true)).toContain("@media (min-width: 0){p");
    expect(framed(dark, true)).not.toContain("invert");
    expect(framed(dark, false)).toContain("@media (max-width: 0){p");
  });

  it("turns a mail that has none, as mail programs do", () => {
    const opened = '<p>x</p><img src="https://bank.test/m/o/dlv_1.x.gif" width="1">';
    expect(framed(opened, false)).not.toContain("/m/o/");
    expect(framed("<p>x</p>", true)).toContain("invert(1)");
    expect(framed("<p>x</p>", false)).not.toContain("invert(1)");
  });
});
