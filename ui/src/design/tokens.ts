/**
 * The one place where colours, sizes and type are named. The Mantine theme, the CSS variables
 * (`--en-*`) and the chart theme all come from here.
 */

type Scale = readonly [
  string,
  string,
  string,
  string,
  string,
  string,
  string,
  string,
  string,
  string,
];

/** 藍: the only brand hue. */
export const ai: Scale = [
  "#eef3f8",
  "#dbe6f0",
  "#b7cde0",
  "#8bacca",
  "#5f8bb2",
  "#3f6f9b",
  "#285883",
  "#1c476c",
  "#153856",
  "#0e283f",
];

/** 朱: the one main action, or an alarm. Never both on one page. */
export const shu: Scale = [
  "#fcf1ee",
  "#f8ddd6",
  "#f0b9ab",
  "#e58f79",
  "#dc6d52",
  "#cf4c30",
  "#bd3b20",
  "#9e301a",
  "#7e2614",
  "#5c1b0e",
];

/** Warm greys of paper and ink. */
export const sumi: Scale = [
  "#fbfaf7",
  "#f4f2ed",
  "#e6e3dc",
  "#cfcbc2",
  "#a9a59b",
  "#837f76",
  "#69655d",
  "#4d4a44",
  "#33312d",
  "#1d1c1a",
];

/** Greys of the dark theme: lamplight on ink rather than black. */
export const yoru: Scale = [
  "#ebe8e1",
  "#cdc9c1",
  "#aaa69e",
  "#85827c",
  "#4b5058",
  "#343a42",
  "#282d34",
  "#1e2228",
  "#171a1f",
  "#111317",
];

export interface Palette {
  paper: string;
  surface: string;
  sunken: string;
  hover: string;
  line: string;
  lineStrong: string;
  ink: string;
  ink2: string;
  ink3: string;
  ai: string;
  aiSoft: string;
  aiFill: string;
  shu: string;
  shuSoft: string;
  shuFill: string;
  good: string;
  goodSoft: string;
  warn: string;
  warnSoft: string;
  shadow: string;
}

export const light: Palette = {
  paper: "#fbfaf7",
  surface: "#ffffff",
  sunken: "#f4f2ed",
  hover: "#f1eee8",
  line: "#e6e3dc",
  lineStrong: "#8a867d",
  ink: "#1d1c1a",
  ink2: "#4d4a44",
  ink3: "#69655d",
  ai: "#1c476c",
  aiSoft: "#eaf0f6",
  aiFill: "#285883",
  shu: "#ab351d",
  shuSoft: "#fcf1ee",
  shuFill: "#bd3b20",
  good: "#2c5f46",
  goodSoft: "#ecf3ee",
  warn: "#7a5200",
  warnSoft: "#faf3e2",
  shadow: "0 1px 2px rgb(29 28 26 / 6%), 0 4px 16px rgb(29 28 26 / 8%)",
};

export const dark: Palette = {
  paper: "#171a1f",
  surface: "#1e2228",
  sunken: "#13161a",
  hover: "#262b32",
  line: "#30363e",
  lineStrong: "#7d8087",
  ink: "#ebe8e1",
  ink2: "#cdc9c1",
  ink3: "#a29f97",
  ai: "#9dc0e0",
  aiSoft: "#1f2f40",
  aiFill: "#356691",
  shu: "#f0937b",
  shuSoft: "#3a221c",
  shuFill: "#c2492e",
  good: "#8fc4a6",
  goodSoft: "#1d3026",
  warn: "#e0b866",
  warnSoft: "#342b18",
  shadow: "0 1px 2px rgb(0 0 0 / 30%), 0 6px 20px rgb(0 0 0 / 35%)",
};

export const fontFamily =
  '"Noto Sans JP", "Noto Sans CJK JP", "Hiragino Sans", "Yu Gothic UI", Meiryo, system-ui, sans-serif';
export const fontMono =
  '"SFMono-Regular", Menlo, Consolas, "Noto Sans Mono", "Noto Sans Mono CJK JP", monospace';

/** px */
export const sizes = { xs: 12, sm: 13, md: 14, lg: 16, xl: 20, xxl: 28 } as const;
export const space = { xs: 8, sm: 12, md: 16, lg: 24, xl: 32 } as const;
export const radius = 6;
export const motion = 120; // ms

/** Series colours for charts, told apart by lightness as well as by hue. */
export const series = {
  light: ["#285883", "#8bacca", "#7a5200", "#2c5f46", "#837f76", "#bd3b20"],
  dark: ["#9dc0e0", "#3f6f9b", "#e0b866", "#8fc4a6", "#85827c", "#f0937b"],
} as const;

/** `--en-line-strong: …` and so on, for one palette. */
export function cssVariables(palette: Palette): Record<string, string> {
  const found: Record<string, string> = {};
  for (const [name, value] of Object.entries(palette)) {
    const dashed = name
      .replace(/([A-Z])/g, "-$1")
      .replace(/(\d)/g, "-$1")
      .toLowerCase();
    found[`--en-${dashed}`] = value;
  }
  return found;
}
