/** The look of charts, from the same tokens as everything else. */
import { dark, fontFamily, light, motion, type Palette, series, sizes } from "./tokens";

export interface ChartLook {
  palette: Palette;
  /** Colours of series, told apart by lightness as well as by hue. */
  series: readonly string[];
  /** To be spread into every option. */
  base: Record<string, unknown>;
  /** An axis of names or days: its line, no grid. */
  names: Record<string, unknown>;
  /** An axis of numbers: its grid, no line. */
  numbers: Record<string, unknown>;
}

/** `reduced`: the reader asked for less motion, so nothing moves. */
export function chartLook(scheme: "light" | "dark", reduced: boolean): ChartLook {
  const palette = scheme === "dark" ? dark : light;
  const label = { color: palette.ink3, fontSize: sizes.xs, fontFamily };
  return {
    palette,
    series: series[scheme],
    base: {
      animation: !reduced,
      animationDuration: motion,
      animationDurationUpdate: motion,
      textStyle: { fontFamily, color: palette.ink2 },
      color: [...series[scheme]],
      tooltip: {
        trigger: "axis",
        confine: true,
        transitionDuration: 0,
        backgroundColor: palette.surface,
        borderColor: palette.line,
        borderWidth: 1,
        padding: [8, 12],
        textStyle: { color: palette.ink, fontSize: sizes.sm, fontFamily, fontWeight: "normal" },
        extraCssText: `box-shadow: ${palette.shadow}; border-radius: 6px;`,
        axisPointer: {
          type: "line",
          animation: false,
          lineStyle: { color: palette.lineStrong, type: "solid" },
          shadowStyle: { color: palette.hover, opacity: 0.6 },
        },
      },
    },
    names: {
      axisLine: { lineStyle: { color: palette.line } },
      axisTick: { show: false },
      axisLabel: { ...label, hideOverlap: true },
      splitLine: { show: false },
    },
    numbers: {
      axisLine: { show: false },
      axisTick: { show: false },
      axisLabel: label,
      splitLine: { lineStyle: { color: palette.line } },
      splitNumber: 3,
    },
  };
}

/** The inside of a tooltip: what it is about, then names and values, as text and never as markup. */
export function tip(
  head: string,
  rows: readonly { name: string; value: string; color?: string }[],
): HTMLElement {
  const box = document.createElement("div");
  const title = box.appendChild(document.createElement("div"));
  title.textContent = head;
  for (const row of rows) {
    const line = box.appendChild(document.createElement("div"));
    line.style.cssText =
      "display:flex;gap:16px;justify-content:space-between;font-variant-numeric:tabular-nums";
    const name = line.appendChild(document.createElement("span"));
    if (row.color) {
      const mark = name.appendChild(document.createElement("span"));
      mark.style.cssText = `display:inline-block;width:8px;height:8px;border-radius:2px;margin-inline-end:6px;background:${row.color}`;
    }
    name.appendChild(document.createTextNode(row.name));
    line.appendChild(document.createElement("span")).textContent = row.value;
  }
  return box;
}
