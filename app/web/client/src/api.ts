// Asking bookd. Every answer is JSON or a problem (RFC 9457); a POST carries a key, so that pressing twice does it once.
import { language } from "./words";

export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    detail: string,
    readonly errors: { pointer: string; detail: string; detail_ko: string }[] = [],
    readonly body: Record<string, unknown> = {},
  ) {
    super(detail);
  }
  /** What is wrong with one field, in the page's language. */
  of(pointer: string): string | undefined {
    const found = this.errors.find((error) => error.pointer === pointer);
    return found && (language() === "ko" ? found.detail_ko : found.detail);
  }
}

let csrf = "";
export const setCsrf = (token: string) => { csrf = token; };
/** Called when the session is over, wherever that shows. */
export let onLoggedOut = () => {};
export const whenLoggedOut = (action: () => void) => { onLoggedOut = action; };

export interface Ask { method?: string; body?: unknown; etag?: string; key?: string; quiet?: boolean }

const kMostTries = 3;
const pause = (ms: number) => new Promise((done) => setTimeout(done, ms));

export async function ask<T>(path: string, { method, body, etag, key, quiet }: Ask = {}): Promise<T> {
  const verb = method ?? (body === undefined ? "GET" : "POST");
  const headers: Record<string, string> = { Accept: "application/json", "Accept-Language": language() };
  if (body !== undefined) headers["Content-Type"] = "application/json";
  if (verb !== "GET") headers["X-CSRF-Token"] = csrf;
  if (verb === "POST") headers["Idempotency-Key"] = key ?? crypto.randomUUID();
  if (etag) headers["If-Match"] = etag;
  const send = () => fetch("/api/v1/admin" + path, {
    method: verb, headers, body: body === undefined ? undefined : JSON.stringify(body), credentials: "same-origin",
  });
  let response = await send();
  // A changing database says 503 and when to come again; the key makes a second try harmless.
  for (let tries = 1; response.status === 503 && tries < kMostTries; ++tries) {
    await pause(1000 * Math.min(Number(response.headers.get("Retry-After")) || 1, 5));
    response = await send();
  }
  if (response.status === 204) return undefined as T;
  const said = await response.json().catch(() => ({}));
  if (response.ok) return said as T;
  if (response.status === 401 && said.code === "session_required" && !quiet) onLoggedOut();
  throw new Problem(response.status, said.code ?? "unknown", said.detail ?? response.statusText, said.errors, said);
}

export const etagOf = (version: number) => `"v${version}"`;
