// What the pages are made of.
import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { ask, etagOf, Problem, type Answer, type Operation, type Path } from "./api";
import { say, t } from "./words";
import { dateTime } from "./format";
import type { Booking, Consent, Status } from "./contract";

export const Badge = ({ status }: { status: Status }) => <span class={`badge ${status}`}>{say(status)}</span>;
/** The customer wishes for another time than the shop has set. */
export const WishedAnew = () => <span class="badge requested">{t("wished_anew")}</span>;
/** The shop does not work for this customer any more. */
export const Blocked = () => <span class="badge rejected">{t("blocked")}</span>;
/** The customer says that it cannot wait. */
export const Urgent = () => <span class="badge critical">{t("urgent")}</span>;

/** What went wrong, in words; the codes we know have better ones. */
export function wordsOf(error: unknown): string {
  if (!(error instanceof Problem)) return t("failed");
  const known = { stale_version: "stale", slot_taken: "slot_taken", illegal_state: "illegal_move", wrong_credentials: "wrong_credentials", wrong_code: "wrong_code", login_locked: "login_locked", open_bookings: "open_bookings" } as const;
  const word = known[error.code as keyof typeof known];
  if (word) return t(word);
  if (error.code === "off_calendar") return t("off_calendar", { why: say(String(error.body.misfit ?? "closed")) });
  const fields = error.errors.map((entry) => error.of(entry.pointer)).filter(Boolean);
  return fields.length ? fields.join(" ") : error.message;
}

export const Fault = ({ error }: { error: unknown }) =>
  error ? <p class="fault" role="alert">{wordsOf(error)}</p> : null;

export const isStale = (error: unknown) => error instanceof Problem && error.code === "stale_version";

/** After a refusal because another one was first: what was shown until then, so that what they changed can be told; what was typed
 * is its form's and stays. */
export function useMeanwhile<T>(shown: T | undefined, again: () => void) {
  const [before, setBefore] = useState<T>();
  return {
    before,
    settle: () => setBefore(undefined),
    meet: (error: unknown) => {
      if (!isStale(error)) return;
      setBefore(shown);
      again();
    },
  };
}

/** The tag of what is shown: of what was read, or of what this page has written to it since, which it need not have read yet. */
export function useTag(version = 0) {
  const [own, setOwn] = useState({ after: 0, version: 0 });
  return { tag: etagOf(own.version && own.after === version ? own.version : version), written: (now: number) => setOwn({ after: version, version: now }) };
}

export type Change = readonly [what: string, before: string, now: string];
/** What another one wrote meanwhile. */
export function Meanwhile({ changes }: { changes: Change[] }) {
  const real = changes.filter(([, before, now]) => before !== now);
  if (real.length === 0) return null;
  return (
    <div class="notice meanwhile" role="status">
      <p>{t("meanwhile")}</p>
      <dl>{real.map(([what, before, now]) => <div key={what}><dt>{what}</dt><dd class="pre"><del>{before || t("none")}</del> → <ins>{now || t("none")}</ins></dd></div>)}</dl>
    </div>
  );
}

/** A modal dialog: focus goes in, Escape closes, focus goes back. */
export function Dialog({ title, onClose, children }: { title: string; onClose: () => void; children: ComponentChildren }) {
  const element = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const dialog = element.current!;
    // By the time this ends the dialog is out of the page, and the browser would give the focus to nobody.
    const before = document.activeElement as HTMLElement | null;
    dialog.showModal();
    return () => { dialog.close(); before?.focus(); };
  }, []);
  return (
    <dialog ref={element} aria-label={title} onCancel={(event) => { event.preventDefault(); onClose(); }}>
      <article>
        <header>
          <button type="button" class="close" aria-label={t("cancel")} onClick={onClose}>×</button>
          <h2>{title}</h2>
        </header>
        {children}
      </article>
    </dialog>
  );
}

export function Field({ label, hint, children }: { label: string; hint?: string; children: ComponentChildren }) {
  return <label class="field"><span>{label}</span>{children}{hint && <small>{hint}</small>}</label>;
}

export interface Told { text: string; undo?: () => Promise<void> }
let tell: (told: Told) => void = () => {};
/** Says in the corner what was done, with a way back where there is one. */
export const toast = (text: string, undo?: () => Promise<void>) => tell({ text, undo });

const kToastTime = 12000;
export function Toasts() {
  const [told, setTold] = useState<Told | null>(null);
  const [error, setError] = useState<unknown>(null);
  tell = (next) => { setError(null); setTold(next); };
  useEffect(() => {
    if (!told) return;
    const timer = setTimeout(() => setTold(null), kToastTime);
    return () => clearTimeout(timer);
  }, [told]);
  const back = () => told!.undo!().then(() => setTold(null), setError);
  return (
    <div class="toasts" role="status" aria-live="polite">
      {told && (
        <div class="toast">
          <span>{told.text}</span>
          {told.undo && <button type="button" onClick={back}>{t("undo")}</button>}
          <button type="button" class="close" aria-label={t("cancel")} onClick={() => setTold(null)}>×</button>
          <Fault error={error} />
        </div>
      )}
    </div>
  );
}

/** Any operation that wants nothing but its path. */
const look = ask as <O extends Operation>(path: Path<O>) => Promise<Answer<O>>;

/** Asks once and whenever `path` changes; `again` asks anew. */
export function useAnswer<O extends Operation>(path: Path<O>): { answer?: Answer<O>; error?: unknown; again: () => void } {
  const [state, setState] = useState<{ path: string; answer?: Answer<O>; error?: unknown }>({ path: "" });
  const [round, setRound] = useState(0);
  useEffect(() => {
    let wanted = true;
    look<O>(path).then((answer) => wanted && setState({ path, answer }), (error) => wanted && setState({ path, error }));
    return () => { wanted = false; };
  }, [path, round]);
  const fresh = state.path === path ? state : { path };
  return { answer: fresh.answer, error: fresh.error, again: () => setRound(round + 1) };
}

/** To the building, and on a line of its own the rest of the way. */
export const Address = ({ booking }: { booking: Booking }) => <>{booking.address}{booking.address_detail && <><br />{booking.address_detail}</>}</>;

/** What a customer agreed to, in the words that were read. */
export const Agreed = ({ consent }: { consent: Consent }) => (
  <>
    <strong>{t(consent.kind)}</strong> · {dateTime(consent.given_at)} · {t("notice_version", { version: consent.notice })}
    <br />{consent.text ? <q>{consent.text}</q> : <span class="soft">{t("consent_text_gone")}</span>}
    {consent.text_sha256 && <small class="digest"><code>SHA-256 {consent.text_sha256}</code></small>}
  </>
);

export function Waiting({ error, again }: { error?: unknown; again?: () => void }) {
  if (!error) return <p aria-busy="true">{t("loading")}</p>;
  return <div class="card"><Fault error={error} />{again && <button type="button" onClick={again}>{t("retry")}</button>}</div>;
}

/** Asks for the password when the server wants it, then does it again. */
export function usePasswordGuard() {
  const [pending, setPending] = useState<{ action: () => Promise<void>; fail: (error: unknown) => void } | null>(null);
  const guarded = (action: () => Promise<void>): Promise<void> =>
    action().catch((error) => {
      if (!(error instanceof Problem) || error.code !== "password_required") throw error;
      return new Promise<void>((done, fail) => setPending({ action: () => action().then(done), fail }));
    });
  const dialog = pending && (
    <PasswordAgain
      onClose={() => { pending.fail(new Problem(403, "password_required", t("password_again"))); setPending(null); }}
      onDone={() => { const { action, fail } = pending; setPending(null); action().catch(fail); }}
    />
  );
  return { guarded, dialog };
}

function PasswordAgain({ onClose, onDone }: { onClose: () => void; onDone: () => void }) {
  const [error, setError] = useState<unknown>(null);
  const [code, setCode] = useState(false);
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const data = new FormData(event.target as HTMLFormElement);
    const body = { password: String(data.get("password")), ...(code && { code: String(data.get("code")) }) };
    ask<"reauthenticate">("/reauthenticate", { body, quiet: true }).then(onDone, (problem) => {
      if (problem instanceof Problem && problem.code === "code_required") setCode(true);
      else setError(problem);
    });
  };
  return (
    <Dialog title={t("password_again")} onClose={onClose}>
      <form onSubmit={submit}>
        <p>{t("password_again_why")}</p>
        <Field label={t("password")}><input name="password" type="password" autocomplete="current-password" required autofocus /></Field>
        {code && <Field label={t("code")}><input name="code" inputMode="numeric" autocomplete="one-time-code" required /></Field>}
        <Fault error={error} />
        <button type="submit">{t("confirm")}</button>
      </form>
    </Dialog>
  );
}
