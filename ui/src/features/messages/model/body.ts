/** The body of a template as it is edited: every member there, every block with a key. */
import type { JsonObject } from "@/features/rules";

export type Channel = "email" | "sms" | "line" | "push" | "webhook" | "person";
export const CHANNELS: readonly Channel[] = ["email", "sms", "line", "push", "webhook", "person"];

export type Align = "left" | "center" | "right";
export const ALIGNS: readonly Align[] = ["left", "center", "right"];
export type ValueFormat =
  | "auto"
  | "text"
  | "number"
  | "money"
  | "money_man"
  | "percent"
  | "date"
  | "datetime"
  | "time"
  | "list";
export const FORMATS: readonly ValueFormat[] = [
  "auto",
  "text",
  "number",
  "money",
  "money_man",
  "percent",
  "date",
  "datetime",
  "time",
  "list",
];

export interface TemplateField {
  value: JsonObject;
  default: string | null;
  format: ValueFormat;
  label: { ja: string; en: string };
}
export type Fields = Readonly<Record<string, TemplateField>>;

export interface Addressing {
  name: JsonObject | null;
  company: JsonObject | null;
  department: JsonObject | null;
  /** As the API spells it. */
  honorific: string;
  unknown: string;
}

interface Keyed {
  key: string;
  /** The field without whose value the block is left out. */
  when: string | null;
}
export interface HeadingBlock extends Keyed {
  kind: "heading";
  text: string;
  level: 1 | 2 | 3;
  align: Align;
}
export interface TextBlock extends Keyed {
  kind: "text";
  text: string;
  align: Align;
  tone: "normal" | "muted" | "notice";
}
export interface ImageBlock extends Keyed {
  kind: "image";
  asset: string;
  alt: string;
  url: string;
  width: number | null;
  align: Align;
}
export interface ButtonBlock extends Keyed {
  kind: "button";
  label: string;
  url: string;
  align: Align;
  style: "primary" | "plain";
}
export interface DividerBlock extends Keyed {
  kind: "divider";
}
export interface SpacerBlock extends Keyed {
  kind: "spacer";
  height: number;
}
export interface FooterBlock extends Keyed {
  kind: "footer";
  sender: string;
  address: string;
  contact: string;
  note: string;
  unsubscribe: boolean;
  preferences: boolean;
}
export interface MjmlBlock extends Keyed {
  kind: "mjml";
  mjml: string;
}
export interface Column {
  width: number | null;
  blocks: readonly Block[];
}
export interface ColumnsBlock extends Keyed {
  kind: "columns";
  columns: readonly Column[];
}
export type Block =
  | HeadingBlock
  | TextBlock
  | ImageBlock
  | ButtonBlock
  | DividerBlock
  | SpacerBlock
  | ColumnsBlock
  | FooterBlock
  | MjmlBlock;
export type BlockKind = Block["kind"];
export type BlockOf<K extends BlockKind> = Extract<Block, { kind: K }>;

export const BLOCK_KINDS: readonly BlockKind[] = [
  "heading",
  "text",
  "image",
  "button",
  "divider",
  "spacer",
  "columns",
  "footer",
  "mjml",
];

export interface Theme {
  page: string;
  paper: string;
  ink: string;
  accent: string;
  radius: number;
}
export const THEME: Theme = {
  page: "#f3f4f6",
  paper: "#ffffff",
  ink: "#1f2933",
  accent: "#0b5cad",
  radius: 6,
};

export type Design = { blocks: readonly Block[]; theme: Theme } | { mjml: string };

interface Shared {
  fields: Fields;
  addressing: Addressing;
  language: "ja" | "en";
}
export interface EmailBody extends Shared {
  kind: "email";
  subject: string;
  preheader: string;
  sender_name: string;
  reply_to: string;
  design: Design;
  text: string | null;
  charset: "utf-8" | "iso-2022-jp";
}
export interface SmsBody extends Shared {
  kind: "sms";
  text: string;
}
export type LineMessage =
  | { kind: "text"; text: string }
  | { kind: "flex"; alt: string; contents: JsonObject }
  | { kind: "image"; asset: string };
export interface LineBody extends Shared {
  kind: "line";
  messages: readonly LineMessage[];
}
export interface PushBody extends Shared {
  kind: "push";
  title: string;
  body: string;
  url: string;
  icon: string;
}
export interface WebhookBody extends Shared {
  kind: "webhook";
  url: string;
  json: string;
  person_links?: boolean;
}
export interface PersonBody extends Shared {
  kind: "person";
  title: string;
  text: string;
}
export type Body = EmailBody | SmsBody | LineBody | PushBody | WebhookBody | PersonBody;
export type BodyOf<K extends Channel> = Extract<Body, { kind: K }>;

let made = 0;

/** A key of the editor's own, never used twice on a page. */
export function newKey(): string {
  made += 1;
  return `b${made}`;
}

const DEFAULTS: { [K in BlockKind]: Omit<BlockOf<K>, "key"> } = {
  heading: { kind: "heading", when: null, text: "", level: 1, align: "left" },
  text: { kind: "text", when: null, text: "", align: "left", tone: "normal" },
  image: { kind: "image", when: null, asset: "", alt: "", url: "", width: null, align: "center" },
  button: { kind: "button", when: null, label: "", url: "", align: "center", style: "primary" },
  divider: { kind: "divider", when: null },
  spacer: { kind: "spacer", when: null, height: 24 },
  columns: {
    kind: "columns",
    when: null,
    columns: [
      { width: null, blocks: [] },
      { width: null, blocks: [] },
    ],
  },
  footer: {
    kind: "footer",
    when: null,
    sender: "",
    address: "",
    contact: "",
    note: "",
    unsubscribe: true,
    preferences: true,
  },
  mjml: { kind: "mjml", when: null, mjml: "" },
};

/** A fresh block of a kind. */
export function newBlock<K extends BlockKind>(kind: K): BlockOf<K> {
  return { ...DEFAULTS[kind], key: newKey() } as unknown as BlockOf<K>;
}

/** The same block once more, under keys of its own. */
export function copied(block: Block): Block {
  if (block.kind !== "columns") return { ...block, key: newKey() };
  return {
    ...block,
    key: newKey(),
    columns: block.columns.map((one) => ({ ...one, blocks: one.blocks.map(copied) })),
  };
}

type Json = Record<string, unknown>;

function readBlock(json: Json): Block {
  const kind = json.kind as BlockKind;
  const block = { ...DEFAULTS[kind], ...json, key: newKey() } as unknown as Block;
  if (block.kind !== "columns") return block;
  const columns = (json.columns ?? []) as { width?: number | null; blocks?: Json[] }[];
  return {
    ...block,
    columns: columns.map((one) => ({
      width: one.width ?? null,
      blocks: (one.blocks ?? []).map(readBlock),
    })),
  };
}

function writeBlock({ key: _, ...block }: Block): Json {
  if (block.kind !== "columns") return block as Json;
  return {
    ...block,
    columns: block.columns.map((one) => ({ ...one, blocks: one.blocks.map(writeBlock) })),
  };
}

function readDesign(json: Json): Design {
  if (typeof json.mjml === "string") return { mjml: json.mjml };
  return {
    blocks: ((json.blocks ?? []) as Json[]).map(readBlock),
    theme: { ...THEME, ...(json.theme as Partial<Theme> | undefined) },
  };
}

export const ADDRESSING: Addressing = {
  name: null,
  company: null,
  department: null,
  honorific: "auto",
  unknown: "",
};

const BODIES: { [K in Channel]: Omit<BodyOf<K>, keyof Shared> } = {
  email: {
    kind: "email",
    subject: "",
    preheader: "",
    sender_name: "",
    reply_to: "",
    design: { blocks: [], theme: THEME },
    text: null,
    charset: "utf-8",
  },
  sms: { kind: "sms", text: "" },
  line: { kind: "line", messages: [{ kind: "text", text: "" }] },
  push: { kind: "push", title: "", body: "", url: "", icon: "" },
  webhook: { kind: "webhook", url: "", json: "{}" },
  person: { kind: "person", title: "", text: "" },
};

function readField(json: Partial<TemplateField>): TemplateField {
  return {
    value: json.value ?? {},
    default: json.default ?? null,
    format: json.format ?? "auto",
    label: { ja: "", en: "", ...json.label },
  };
}

/** A body as the API gives it, with everything that it left unsaid. `unknown`: its words for that. */
export function readBody(json: unknown, unknownName: string): Body {
  const given = json as Json & { kind: Channel };
  const fields = (given.fields ?? {}) as Record<string, Partial<TemplateField>>;
  const shared: Shared = {
    fields: Object.fromEntries(Object.entries(fields).map(([name, one]) => [name, readField(one)])),
    addressing: {
      ...ADDRESSING,
      unknown: unknownName,
      ...(given.addressing as Partial<Addressing> | undefined),
    },
    language: given.language === "en" ? "en" : "ja",
  };
  if (given.kind === "webhook") {
    // The API reads `json` and may name it `content` when it answers.
    const { content, ...rest } = given;
    return {
      ...BODIES.webhook,
      ...(content === undefined ? {} : { json: content }),
      ...rest,
      ...shared,
    } as WebhookBody;
  }
  const body = { ...BODIES[given.kind], ...given, ...shared } as Body;
  return body.kind === "email"
    ? { ...body, design: readDesign((given.design ?? {}) as Json) }
    : body;
}

/** A body as the API takes it. */
export function writeBody(body: Body): Json {
  if (body.kind !== "email") return { ...body };
  const { design } = body;
  return {
    ...body,
    design: "mjml" in design ? design : { ...design, blocks: design.blocks.map(writeBlock) },
  };
}
