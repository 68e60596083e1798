import type { Standing } from "./types";

interface Alike {
  state: Standing["state"];
  channels: Standing["channel"][];
  purposes: string[];
}

/** Channels that stand alike for the same purposes share a line. */
export function alike(standing: readonly Standing[]): Alike[] {
  const byChannel = new Map<string, Alike>();
  for (const { state, channel, purpose_label } of standing) {
    const key = `${state}:${channel}`;
    const known = byChannel.get(key);
    if (known) known.purposes.push(purpose_label);
    else byChannel.set(key, { state, channels: [channel], purposes: [purpose_label] });
  }
  const found = new Map<string, Alike>();
  for (const one of byChannel.values()) {
    const key = JSON.stringify([one.state, one.purposes]);
    const known = found.get(key);
    if (known) known.channels.push(...one.channels);
    else found.set(key, one);
  }
  return [...found.values()];
}
