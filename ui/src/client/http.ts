import { ApiError, readErrorBody } from "./errors";
import type { components } from "./schema";

/** The shapes of the API, as it describes them. */
export type Schemas = components["schemas"];

/** What every request needs to know about the session. Set by `app/session`. */
const state = { csrf: "", locale: "ja", expired: () => {} };

export function setCsrf(token: string): void {
  state.csrf = token;
}

export function setLocale(locale: string): void {
  state.locale = locale;
}

/** Called when the session has ended while the page was open. */
export function onExpired(listener: () => void): void {
  state.expired = listener;
}

const SAFE = new Set(["GET", "HEAD", "OPTIONS"]);

function headers(method: string): Record<string, string> {
  const found: Record<string, string> = { "Accept-Language": state.locale };
  if (!SAFE.has(method)) found["X-CSRFToken"] = state.csrf;
  return found;
}

/** Throws `ApiError` unless the answer is a success. */
async function refuse(response: Response, path: string): Promise<void> {
  if (response.ok) return;
  const body: unknown = await response
    .clone()
    .json()
    .catch(() => null);
  if (response.status === 401 && !path.startsWith("/api/auth/") && path !== "/api/session") {
    state.expired();
  }
  throw new ApiError(response.status, readErrorBody(body));
}

export type Query = Record<
  string,
  string | number | boolean | null | undefined | readonly string[]
>;

export function withQuery(path: string, query?: Query): string {
  const found = new URLSearchParams();
  for (const [name, value] of Object.entries(query ?? {})) {
    if (value === undefined || value === null || value === "") continue;
    if (Array.isArray(value)) for (const one of value) found.append(name, one);
    else found.set(name, String(value));
  }
  const text = found.toString();
  return text ? `${path}?${text}` : path;
}

export interface CallOptions {
  query?: Query;
  body?: unknown;
  signal?: AbortSignal;
}

/**
 * Asks the API; the answer has the type `T`, one of `Schemas` where the API describes it. Every
 * answer that is not a success is thrown as `ApiError`.
 */
export async function call<T>(
  method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE",
  path: string,
  { query, body, signal }: CallOptions = {},
): Promise<T> {
  const response = await send(method, path, { query, body, signal });
  if (response.status === 204) return undefined as T;
  return (await response.json()) as T;
}

/** A page outside the frame has not asked for the session yet, so has no token to send back. */
async function ensureToken(method: string): Promise<void> {
  if (SAFE.has(method) || state.csrf) return;
  const response = await fetch("/api/session", { credentials: "same-origin" }).catch(() => null);
  const body = (await response?.json().catch(() => null)) as {
    csrf?: string;
    detail?: { csrf?: string };
  } | null;
  state.csrf = body?.csrf ?? body?.detail?.csrf ?? "";
}

async function send(method: string, path: string, options: CallOptions): Promise<Response> {
  await ensureToken(method);
  const found = headers(method);
  if (options.body !== undefined) found["Content-Type"] = "application/json";
  let response: Response;
  try {
    response = await fetch(withQuery(path, options.query), {
      method,
      headers: found,
      credentials: "same-origin",
      body: options.body === undefined ? undefined : JSON.stringify(options.body),
      signal: options.signal,
    });
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new ApiError(0, readErrorBody({ code: "offline" }));
  }
  await refuse(response, path);
  return response;
}

/** Asks for an answer that is text, not JSON. */
export async function text(path: string, signal?: AbortSignal): Promise<string> {
  return (await send("GET", path, { signal })).text();
}

/** Fetches a file and gives it to the browser under the name the API chose. */
export async function download(
  method: "GET" | "POST",
  path: string,
  options: CallOptions = {},
): Promise<void> {
  const response = await send(method, path, options);
  const disposition = response.headers.get("Content-Disposition") ?? "";
  const link = document.createElement("a");
  link.href = URL.createObjectURL(await response.blob());
  link.download = fileName(disposition) ?? "enishi";
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

/** The file name of a Content-Disposition header; the UTF-8 form (RFC 6266) wins. */
export function fileName(disposition: string): string | null {
  const encoded = /filename\*=UTF-8''([^;]+)/i.exec(disposition);
  if (encoded?.[1]) return decodeURIComponent(encoded[1]);
  const plain = /filename="?([^";]+)"?/i.exec(disposition);
  return plain?.[1] ?? null;
}
