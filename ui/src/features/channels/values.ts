/** A provider's form as it is being filled in, and what of it is sent. */
import type { Setting } from "./data";

export type Config = Readonly<Record<string, unknown>>;

export interface Values {
  config: Config;
  /** Only those typed in now; an empty text takes a secret away. */
  secrets: Readonly<Record<string, string>>;
}

export const isSecret = (one: Setting) => one.kind === "secret" || one.kind === "secret_text";

/** Secrets that only have to be hard to guess, and that the other side must be told. */
export const MADE_HERE: ReadonlySet<string> = new Set([
  "signing_secret",
  "inbound_secret",
  "hook_secret",
]);

export function begun(settings: readonly Setting[]): Values {
  const config: Record<string, unknown> = {};
  for (const one of settings) {
    if (!isSecret(one) && one.default !== null && one.default !== undefined) {
      config[one.name] = one.default;
    }
  }
  return { config, secrets: {} };
}

/** What is empty is left out: the server puts its default there. */
export function filled(config: Config): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(config).filter(([, value]) => value !== "" && value !== null),
  );
}

/** A secret of 32 random bytes, as Standard Webhooks writes them. */
export function newSecret(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(32));
  return `whsec_${btoa(String.fromCharCode(...bytes))}`;
}

/** The needed settings that are empty; `known`: the secrets that are set already. */
export function lacking(
  settings: readonly Setting[],
  values: Values,
  known: readonly string[] = [],
): Setting[] {
  return settings.filter((one) => {
    if (!one.required || (one.default !== null && one.default !== undefined)) return false;
    if (!isSecret(one)) return (values.config[one.name] ?? "") === "";
    const typed = values.secrets[one.name];
    return typed === undefined ? !known.includes(one.name) : typed === "";
  });
}
