import { useState } from "preact/hooks";
import { ask, etagOf, type Body } from "../api";
import { dateTime } from "../format";
import { Dialog, Fault, Field, Meanwhile, Waiting, toast, useAnswer, useMeanwhile, usePasswordGuard, useTag, type Change } from "../ui";
import { t } from "../words";
import type { PageProps } from "../app";
import type { Account as Row, Accounts as AccountList, FactorSecret, Role, Session as Me, Technicians as Roster } from "../contract";

const changed = () => { dispatchEvent(new Event("account-changed")); };
type Guarded = (action: () => Promise<void>) => Promise<void>;

export function Settings({ me }: PageProps) {
  const { guarded, dialog } = usePasswordGuard();
  return (
    <>
      <h1>{t("settings")}</h1>
      <div class="cards">
        <Account me={me} guarded={guarded} />
        <Factor me={me} guarded={guarded} />
        {me.role === "owner" && <Technicians />}
        {me.role === "owner" && <Accounts guarded={guarded} />}
        <Sessions />
      </div>
      {dialog}
    </>
  );
}

function Account({ me, guarded }: { me: Me; guarded: Guarded }) {
  const [error, setError] = useState<unknown>(null);
  const change = (event: SubmitEvent) => {
    event.preventDefault();
    const password = String(new FormData(event.target as HTMLFormElement).get("password"));
    guarded(() => ask<"changePassword">("/password", { body: { password } }).then(() => { toast(t("password_changed")); changed(); })).catch(setError);
  };
  return (
    <section class="card">
      <h2>{t("account")}</h2>
      <p><strong>{me.username}</strong> · {t(me.role)}</p>
      {me.configured ? <p class="soft">{t("configured")}</p> : (
        <form onSubmit={change}>
          <Field label={t("new_password")}><input name="password" type="password" autocomplete="new-password" minLength={10} maxLength={256} required /></Field>
          <Fault error={error} />
          <button type="submit" class="secondary">{t("change_password")}</button>
        </form>
      )}
    </section>
  );
}

function Factor({ me, guarded }: { me: Me; guarded: Guarded }) {
  const [begun, setBegun] = useState<FactorSecret>();
  const [codes, setCodes] = useState<string[]>();
  const [error, setError] = useState<unknown>(null);
  const begin = () => guarded(() => ask<"beginSecondFactor">("/second-factor", { method: "POST" }).then((said) => { setError(null); setBegun(said); })).catch(setError);
  const remove = () => guarded(() => ask<"removeSecondFactor">("/second-factor", { method: "DELETE" }).then(changed)).catch(setError);
  const confirm = (event: SubmitEvent) => {
    event.preventDefault();
    const code = String(new FormData(event.target as HTMLFormElement).get("code"));
    ask<"confirmSecondFactor">("/second-factor/confirm", { body: { code } }).then((said) => { setBegun(undefined); setCodes(said.recovery_codes); changed(); }, setError);
  };
  return (
    <section class="card">
      <h2>{t("second_factor")}</h2>
      <p>{me.second_factor ? t("factor_on", { n: me.recovery_codes_left }) : t("factor_off")}</p>
      {!begun && <button type="button" class={me.second_factor ? "danger" : ""} onClick={me.second_factor ? remove : begin}>{t(me.second_factor ? "turn_off" : "turn_on")}</button>}
      {begun && (
        <form onSubmit={confirm}>
          <p>{t("factor_scan")}</p>
          {begun.qr && <img class="qr" src={`data:image/svg+xml,${encodeURIComponent(begun.qr)}`} alt={t("factor_qr")} />}
          <p><code class="long">{begun.secret.replace(/(.{4})/g, "$1 ")}</code></p>
          <p><a href={begun.uri}>{t("factor_open")}</a></p>
          <Field label={t("code")}><input name="code" inputMode="numeric" autocomplete="one-time-code" required pattern="[0-9]{6}" /></Field>
          <button type="submit">{t("confirm")}</button>
        </form>
      )}
      <Fault error={error} />
      {codes && (
        <Dialog title={t("second_factor")} onClose={() => setCodes(undefined)}>
          <p>{t("recovery")}</p>
          <ul class="codes">{codes.map((code) => <li key={code}><code>{code}</code></li>)}</ul>
          <button type="button" onClick={() => setCodes(undefined)}>{t("confirm")}</button>
        </Dialog>
      )}
    </section>
  );
}

function Sessions() {
  const { answer, error, again } = useAnswer<"listSessions">("/sessions");
  const [fault, setFault] = useState<unknown>(null);
  if (!answer) return <section class="card"><Waiting error={error} again={again} /></section>;
  const revoke = (id: string) => ask<"revokeSession">(`/sessions/${id}`, { method: "DELETE" }).then(again, setFault);
  return (
    <section class="card">
      <h2>{t("sessions")}</h2>
      <Fault error={fault} />
      <ul class="rows">
        {answer.sessions.map((row) => (
          <li key={row.id} class="line">
            <span><strong>{row.username}</strong> · {dateTime(row.created_at)}<br /><small>{row.address} {row.agent}</small></span>
            {row.current ? <em>{t("this_session")}</em> : <button type="button" class="plain" onClick={() => revoke(row.id)}>{t("revoke")}</button>}
          </li>
        ))}
      </ul>
    </section>
  );
}

function Technicians() {
  const { answer: latest, error, again } = useAnswer<"listTechnicians">("/technicians");
  const [kept, setKept] = useState<Roster>();
  if (latest && latest !== kept) setKept(latest);
  const answer = latest ?? kept;
  const meanwhile = useMeanwhile(answer, again);
  const { tag, written } = useTag(answer?.version);
  const [fault, setFault] = useState<unknown>(null);
  const [typed, setTyped] = useState("");
  if (!answer) return <section class="card"><Waiting error={error} again={again} /></section>;
  const fail = (problem: unknown) => { setFault(problem); meanwhile.meet(problem); };
  const put = (names: string[], added = "") => ask<"setTechnicians">("/technicians", { method: "PUT", body: { technicians: names.map((name) => ({ name })) }, etag: tag, written }).then(() => {
    setFault(null);
    meanwhile.settle();
    if (added) setTyped("");
    again();
  }, fail);
  const namesOf = (roster: Roster) => roster.technicians.map((row) => row.name);
  const names = namesOf(answer);
  const add = (event: SubmitEvent) => {
    event.preventDefault();
    const name = typed.trim();
    if (name) void put([...names, name], name);
  };
  return (
    <section class="card">
      <h2>{t("technicians")}</h2>
      <ul class="rows">{names.map((name) => <li key={name} class="line"><span>{name}</span><button type="button" class="plain" onClick={() => put(names.filter((other) => other !== name))}>{t("remove")}</button></li>)}</ul>
      <form class="search" onSubmit={add}><input name="name" aria-label={t("technician")} maxLength={40} required value={typed} onInput={(event) => setTyped(event.currentTarget.value)} /><button type="submit" class="secondary">{t("add")}</button></form>
      <Fault error={fault} />
      {meanwhile.before && <Meanwhile changes={[[t("technicians"), namesOf(meanwhile.before).join(", "), names.join(", ")]]} />}
    </section>
  );
}

/** Which accounts came, went or are other ones now. */
function accountChanges(before: AccountList, now: AccountList): Change[] {
  const words = (row?: Row) => (row ? `${t(row.role)}, ${t(row.disabled ? "disabled" : "enabled")}` : "");
  const find = (list: AccountList, name: string) => list.accounts.find((row) => row.username === name);
  const names = new Set([...before.accounts, ...now.accounts].map((row) => row.username));
  return [...names].map((name) => [name, words(find(before, name)), words(find(now, name))] as const);
}

function Accounts({ guarded }: { guarded: Guarded }) {
  const { answer: latest, error, again } = useAnswer<"listAccounts">("/accounts");
  const [kept, setKept] = useState<AccountList>();
  const [busy, setBusy] = useState(""); // whose change is under way, until it is read
  if (latest && latest !== kept) { setKept(latest); setBusy(""); }
  if (error && busy) setBusy("");
  const answer = latest ?? kept;
  const meanwhile = useMeanwhile(answer, again);
  const [fault, setFault] = useState<unknown>(null);
  if (!answer) return <section class="card"><Waiting error={error} again={again} /></section>;
  const after = () => { setFault(null); meanwhile.settle(); again(); };
  const fail = (problem: unknown) => { setBusy(""); setFault(problem); meanwhile.meet(problem); };
  const change = ({ username, version }: Row, body: Body<"changeAccount">) => { setBusy(username); void guarded(() => ask<"changeAccount">(`/accounts/${username}`, { method: "PATCH", body, etag: etagOf(version) }).then(after)).catch(fail); };
  const add = (event: SubmitEvent) => {
    event.preventDefault();
    const form = event.target as HTMLFormElement;
    const data = new FormData(form);
    const text = (name: string) => String(data.get(name));
    const body = { username: text("username"), password: text("password"), role: text("role") as Role };
    guarded(() => ask<"addAccount">("/accounts", { body }).then(() => { form.reset(); after(); })).catch(setFault);
  };
  return (
    <section class="card">
      <h2>{t("accounts")}</h2>
      <ul class="rows">
        {answer.accounts.map((row) => (
          <li key={row.username} class="line">
            <span><strong>{row.username}</strong> · {t(row.role)} {row.disabled && <span class="badge cancelled">{t("disabled")}</span>}</span>
            <button type="button" class="plain" disabled={busy === row.username} onClick={() => change(row, { disabled: !row.disabled })}>{t(row.disabled ? "enable" : "disable")}</button>
          </li>
        ))}
      </ul>
      {meanwhile.before && <Meanwhile changes={accountChanges(meanwhile.before, answer)} />}
      <form onSubmit={add}>
        <h3>{t("add_account")}</h3>
        <Field label={t("username")}><input name="username" required pattern="[a-z0-9._\-]{1,40}" autocapitalize="none" autocomplete="off" /></Field>
        <Field label={t("new_password")}><input name="password" type="password" required minLength={10} autocomplete="new-password" /></Field>
        <Field label={t("role")}><select name="role"><option value="staff">{t("staff")}</option><option value="owner">{t("owner")}</option></select></Field>
        <Fault error={fault} />
        <button type="submit" class="secondary">{t("add")}</button>
      </form>
    </section>
  );
}
