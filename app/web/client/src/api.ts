// Asking bookd. Every answer is JSON or a problem (RFC 9457); a POST carries a key, so that pressing twice does it once.
import type { Api } from "./contract";
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

// What an operation of app/api/openapi.yaml wants and gives, by its operationId.
export type Operation = keyof Api;
export type Answer<O extends Operation> = Api[O]["answer"];
export type Body<O extends Operation> = Api[O]["body"];
export type Path<O extends Operation> = Api[O]["path"] | `${Api[O]["path"]}?${string}`;
/** Only what is neither a look nor a POST with a body has to say what it is. */
type Method<O extends Operation> = Api[O]["method"] extends "GET" ? unknown
  : Api[O] extends { method: "POST"; body: object } ? unknown : { method: Api[O]["method"] };
type Content<O extends Operation> = Body<O> extends undefined ? unknown : { body: Body<O> };
type Needed<O extends Operation> = Method<O> & Content<O>;
/** `written`: told the version that a change left behind. */
export interface Extras { etag?: string; key?: string; quiet?: boolean; written?: (version: number) => void }
export type Ask<O extends Operation> = Extras & Needed<O>;

const kMostTries = 3;
const pause = (ms: number) => new Promise((done) => setTimeout(done, ms));

/** `ask<"findCustomers">(…)`: path, body and answer are those of the operation. */
export async function ask<O extends Operation>(path: Path<O>, ...[given]: unknown extends Needed<O> ? [Extras?] : [Ask<O>]): Promise<Answer<O>> {
  const { method, body, etag, key, quiet, written } = (given ?? {}) as Extras & { method?: string; body?: unknown };
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
  if (response.ok && verb !== "GET") written?.(versionOf(response.headers.get("ETag") ?? ""));
  if (response.status === 204) return undefined;
  const said = await response.json().catch(() => ({}));
  if (response.ok) return said as Answer<O>;
  if (response.status === 401 && said.code === "session_required" && !quiet) onLoggedOut();
  throw new Problem(response.status, said.code ?? "unknown", said.detail ?? response.statusText, said.errors, said);
}

const versionOf = (etag: string) => Number(/^"v(\d+)"$/.exec(etag)?.[1] ?? 0);
export const etagOf = (version: number) => `"v${version}"`;
