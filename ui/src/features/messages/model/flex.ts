/** The part of LINE's Flex messages that the preview draws; anything else is left out. */

export type FlexNode =
  | { kind: "box"; layout: "vertical" | "horizontal"; children: FlexNode[]; ground: string | null }
  | { kind: "text"; text: string; weight: "bold" | "regular"; size: string; color: string | null }
  | { kind: "button"; label: string; primary: boolean }
  | { kind: "image"; wide: boolean }
  | { kind: "separator" };

export interface Bubble {
  hero: FlexNode | null;
  header: FlexNode | null;
  body: FlexNode | null;
  footer: FlexNode | null;
}

type Json = Record<string, unknown>;

function object(value: unknown): Json | null {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Json)
    : null;
}

function text(value: unknown): string {
  return typeof value === "string" ? value : typeof value === "number" ? String(value) : "";
}

/** A colour that may be drawn: what LINE allows, `#RRGGBB` or `#RRGGBBAA`. */
function colour(value: unknown): string | null {
  const found = text(value);
  return /^#[0-9a-f]{6}([0-9a-f]{2})?$/i.test(found) ? found : null;
}

function nodeOf(value: unknown, depth: number): FlexNode | null {
  const json = object(value);
  if (!json || depth > 12) return null;
  switch (json.type) {
    case "box":
      return {
        kind: "box",
        layout: json.layout === "vertical" ? "vertical" : "horizontal",
        children: (Array.isArray(json.contents) ? json.contents : []).flatMap(
          (one) => nodeOf(one, depth + 1) ?? [],
        ),
        ground: colour(json.backgroundColor),
      };
    case "text":
      return {
        kind: "text",
        text: Array.isArray(json.contents)
          ? json.contents.map((span) => text(object(span)?.text)).join("")
          : text(json.text),
        weight: json.weight === "bold" ? "bold" : "regular",
        size: text(json.size) || "md",
        color: colour(json.color),
      };
    case "button": {
      const action = object(json.action);
      return { kind: "button", label: text(action?.label), primary: json.style === "primary" };
    }
    case "image":
    case "video":
      return { kind: "image", wide: depth === 0 };
    case "separator":
      return { kind: "separator" };
    default:
      return null;
  }
}

/** The bubbles of Flex contents; none where it is not Flex. */
export function bubblesOf(contents: unknown): Bubble[] {
  const json = object(contents);
  if (json?.type === "carousel") {
    return (Array.isArray(json.contents) ? json.contents : []).flatMap(bubblesOf);
  }
  if (json?.type !== "bubble") return [];
  return [
    {
      hero: nodeOf(json.hero, 0),
      header: nodeOf(json.header, 0),
      body: nodeOf(json.body, 0),
      footer: nodeOf(json.footer, 0),
    },
  ];
}

/** JSON that somebody is typing: the value, or where it breaks. */
export function readJson(source: string): { value: unknown } | { reason: string } {
  try {
    return { value: JSON.parse(source) as unknown };
  } catch (error) {
    return { reason: error instanceof Error ? error.message : String(error) };
  }
}
