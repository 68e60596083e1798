/** Questions about a body: which block a path means, and what its texts read. */
import type { Block, Body } from "./body";
import { find, type Place, walk } from "./tree";

/** Where the API names a block: `[2].columns[0].blocks[1]` below `design.blocks`. */
export function pathOf({ parent, column, index }: Place, blocks: readonly Block[]): string {
  if (parent === null) return `[${index}]`;
  const outer = find(blocks, parent);
  return `[${outer?.place.index ?? 0}].columns[${column}].blocks[${index}]`;
}

/** The block that a path of the API lies in: the deepest whose own path it begins with. */
export function keyAt(blocks: readonly Block[], path: string): string | null {
  const plain = path.replace(/[./](\d+)(?=[./[]|$)/g, "[$1]").replace(/\//g, ".");
  const at = plain.indexOf("blocks[");
  const below = at >= 0 ? plain.slice(at + "blocks".length) : plain;
  let key: string | null = null;
  let depth = -1;
  for (const { block, place } of walk(blocks)) {
    const own = pathOf(place, blocks);
    if (below.startsWith(own) && own.length > depth) {
      key = block.key;
      depth = own.length;
    }
  }
  return key;
}

/** The path of the block that a drawn element is of, by the class the preview gives it. */
export function pathDrawn(classes: string): string | null {
  const found = /(?:^|\s)b-(\d+)(?:-(\d+)-(\d+))?(?=\s|$)/.exec(classes);
  if (!found) return null;
  const [, at, column, inner] = found;
  return column === undefined ? `[${at}]` : `[${at}].columns[${column}].blocks[${inner}]`;
}

/** Every text of a body that may hold names, in reading order. */
export function textsOf(body: Body): string[] {
  switch (body.kind) {
    case "email":
      return [
        body.subject,
        body.preheader,
        body.sender_name,
        ...("mjml" in body.design ? [body.design.mjml] : body.design.blocks.flatMap(blockTexts)),
        body.text ?? "",
      ];
    case "sms":
      return [body.text];
    case "line":
      return body.messages.map((one) =>
        one.kind === "text"
          ? one.text
          : one.kind === "flex"
            ? one.alt + JSON.stringify(one.contents)
            : "",
      );
    case "push":
      return [body.title, body.body, body.url];
    case "webhook":
      return [body.url, body.json];
    case "person":
      return [body.title, body.text];
  }
}

function blockTexts(block: Block): string[] {
  switch (block.kind) {
    case "heading":
    case "text":
      return [block.text];
    case "image":
      return [block.alt, block.url];
    case "button":
      return [block.label, block.url];
    case "footer":
      return [block.sender, block.address, block.contact, block.note];
    case "mjml":
      return [block.mjml];
    case "columns":
      return block.columns.flatMap((one) => one.blocks.flatMap(blockTexts));
    default:
      return [];
  }
}

/** How many of a body's texts and blocks read a field. */
export function usesOf(body: Body, name: string): number {
  const pattern = new RegExp(`\\{[{%][^}]*(?<![\\p{L}\\p{N}_.])${name}(?![\\p{L}\\p{N}_])`, "u");
  const texts = textsOf(body).filter((text) => pattern.test(text)).length;
  if (body.kind !== "email" || "mjml" in body.design) return texts;
  return texts + [...walk(body.design.blocks)].filter((one) => one.block.when === name).length;
}
