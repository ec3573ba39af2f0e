import { useEffect, useRef, useState } from "preact/hooks";
import { ask, type Body } from "../api";
import { date, dateTime } from "../format";
import { Agreed, Badge, Blocked, Dialog, Fault, Field, Meanwhile, Waiting, toast, useAnswer, useMeanwhile, usePasswordGuard, useTag, type Change } from "../ui";
import { say, t } from "../words";
import type { PageProps } from "../app";
import type { Customer as CustomerRow, CustomerFile, PastBooking } from "../contract";

/** A customer is a telephone number. It never stands in an address: the search is a POST, the page an id. */
export function Customers({ me, rest }: PageProps) {
  const [found, setFound] = useState<CustomerRow[]>();
  const [error, setError] = useState<unknown>(null);
  const [query, setQuery] = useState("");
  const search = (event?: SubmitEvent) => {
    event?.preventDefault();
    setError(null);
    ask<"findCustomers">("/customers/search", { body: { phone: query } }).then((said) => setFound(said.customers), setError);
  };
  useEffect(() => { search(); }, []);
  return (
    <div class={rest ? "split open" : "split"}>
      <section class="list" aria-label={t("customers")}>
        <h1>{t("customers")}</h1>
        <form class="search" role="search" onSubmit={search}>
          <input type="search" inputMode="tel" aria-label={t("search_customer")} placeholder={t("search_customer")} value={query} onInput={(event) => setQuery(event.currentTarget.value)} />
          <button type="submit">{t("search")}</button>
        </form>
        <Fault error={error} />
        {found && found.length === 0 && <p class="empty">{t("no_customer")}</p>}
        <ul class="rows">
          {found?.map((row) => (
            <li key={row.id}>
              <a href={`#/customers/${row.id}`} aria-current={row.id === rest ? "true" : undefined}>
                <span class="line"><strong>{row.name}</strong>{row.blocked && <Blocked />}<span>{row.phone}</span></span>
                <span class="line soft"><span>{t("bookings_count", { n: row.bookings })}</span>{row.last_booking_at && <span>{date(row.last_booking_at)}</span>}</span>
              </a>
            </li>
          ))}
        </ul>
      </section>
      <section class="detail" aria-label={t("history")}>
        {rest ? <Customer key={rest} id={rest} owner={me.role === "owner"} others={found ?? []} onChanged={() => search()} /> : <p class="empty">{t("search_customer")}</p>}
      </section>
    </div>
  );
}

function Customer({ id, owner, others, onChanged }: { id: string; owner: boolean; others: CustomerRow[]; onChanged: () => void }) {
  const { answer: latest, error, again } = useAnswer<"readCustomer">(`/customers/${id}`);
  const [kept, setKept] = useState<CustomerFile>(); // a look that fails takes nothing away that was typed
  if (latest && latest !== kept) setKept(latest);
  const answer = latest ?? kept;
  const [typed, setTyped] = useState<string>(); // nothing: the note as it is
  const meanwhile = useMeanwhile(answer, again);
  const { tag, written } = useTag(answer?.version);
  const [fault, setFault] = useState<unknown>(null);
  const [merging, setMerging] = useState(false);
  const [erasing, setErasing] = useState(false);
  const { guarded, dialog } = usePasswordGuard();
  if (!answer) return <Waiting error={error} again={again} />;
  const after = () => { setFault(null); meanwhile.settle(); again(); onChanged(); };
  const fail = (problem: unknown) => { setFault(problem); meanwhile.meet(problem); };
  const change = (body: Body<"changeCustomer">) => ask<"changeCustomer">(`/customers/${id}`, { method: "PATCH", body, etag: tag, written }).then(() => {
    if (body.note !== undefined) setTyped(undefined);
    after();
    toast(t("saved"));
  }, fail);
  const unmerge = (merge: string) => guarded(() => ask<"unmergeCustomers">(`/customers/${id}/unmerge`, { body: { merge } })).then(after, setFault);
  const keep = (event: SubmitEvent) => {
    event.preventDefault();
    void change({ note: typed ?? answer.note });
  };
  return (
    <article>
      <a class="back" href="#/customers">{t("back_to_list")}</a>
      <header><h2>{answer.name} {answer.blocked && <Blocked />}</h2><p><a href={`tel:${answer.phone}`}>{answer.phone}</a></p></header>
      <div class="actions">
        <button type="button" class={answer.blocked ? "secondary" : "danger"} onClick={() => change({ blocked: !answer.blocked })}>{t(answer.blocked ? "unblock" : "block")}</button>
        {owner && <button type="button" class="secondary" onClick={() => setMerging(true)}>{t("merge")}</button>}
        {owner && <button type="button" class="danger" onClick={() => setErasing(true)}>{t("erase")}</button>}
      </div>
      <Fault error={fault} />
      {meanwhile.before && <Meanwhile changes={changesOf(meanwhile.before, answer)} />}
      <form onSubmit={keep}>
        <Field label={t("note")}><textarea name="note" rows={3} maxLength={2000} value={typed ?? answer.note} onInput={(event) => setTyped(event.currentTarget.value)} /></Field>
        <button type="submit" class="secondary">{t("save")}</button>
      </form>
      <h3>{t("history")}</h3>
      <ul class="rows">
        {answer.history.map((row) => <li key={row.number}><a href={`#/inbox/${row.number}`}><PastLine row={row} /></a></li>)}
      </ul>
      <h3>{t("consents")}</h3>
      {answer.consents.length === 0 ? <p class="soft">{t("no_consents")}</p>
        : <ul class="consents">{answer.consents.map((row) => <li key={row.number + row.kind}><Agreed consent={row} /> <a href={`#/inbox/${row.number}`}>{row.number}</a></li>)}</ul>}
      {answer.merges.length > 0 && (
        <><h3>{t("merges")}</h3>
          <ul>{answer.merges.map((row) => <li key={row.id}>{row.name} {row.phone} · {dateTime(row.at)} · {row.by} {owner && <button type="button" class="plain" onClick={() => unmerge(row.id)}>{t("undo")}</button>}</li>)}</ul></>
      )}
      {merging && <Merge into={answer} others={others.filter((row) => row.id !== id)} onClose={() => setMerging(false)} onDone={() => { setMerging(false); after(); toast(t("merged")); }} />}
      {erasing && <Erase customer={answer} onClose={() => setErasing(false)} onDone={() => { setErasing(false); location.hash = "#/customers"; onChanged(); toast(t("erased")); }} />}
      {dialog}
    </article>
  );
}

const changesOf = (before: CustomerFile, now: CustomerFile): Change[] => [
  [t("name"), before.name, now.name],
  [t("note"), before.note, now.note],
  [t("blocked"), t(before.blocked ? "blocked" : "not_blocked"), t(now.blocked ? "blocked" : "not_blocked")],
];

const PastLine = ({ row }: { row: PastBooking }) => (
  <span class="line"><span>{dateTime(row.visit_start ?? row.created_at)}</span><span>{say(row.service)}</span><Badge status={row.status} /></span>
);

/** Bookings as they go with something: to another customer, or away. */
const Past = ({ rows, label }: { rows: PastBooking[]; label: string }) => (
  <ul class="past" tabIndex={0} aria-label={label}>{rows.map((row) => <li key={row.number}><PastLine row={row} /></li>)}</ul>
);

const still = (row: PastBooking) => !["done", "rejected", "cancelled"].includes(row.status);

/** There is no way back: what goes is said, why is asked, and the button wakes when that is confirmed. What is still to be done
 * is called off with it, and only what was shown. */
function Erase({ customer, onClose, onDone }: { customer: CustomerFile; onClose: () => void; onDone: () => void }) {
  const open = customer.history.filter(still);
  const [sure, setSure] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const { guarded, dialog } = usePasswordGuard();
  const key = useRef(crypto.randomUUID());
  const erase = (event: SubmitEvent) => {
    event.preventDefault();
    const reason = String(new FormData(event.target as HTMLFormElement).get("reason")).trim();
    setBusy(true);
    setError(null);
    guarded(() => ask<"eraseCustomer">(`/customers/${customer.id}/erase`, { body: { reason, cancel: open.map((row) => row.number) }, key: key.current })).then(onDone, (problem) => {
      setError(problem);
      setBusy(false);
      key.current = crypto.randomUUID();
    });
  };
  return (
    <Dialog title={t("erase")} onClose={onClose}>
      <form onSubmit={erase}>
        <p class="notice bad">{t("erase_text", { who: `${customer.name} (${customer.phone})`, n: customer.bookings })}</p>
        {open.length > 0 && <><p>{t("erase_open", { n: open.length })}</p><Past rows={open} label={t("erase_open", { n: open.length })} /></>}
        <Field label={t("erase_why")}><textarea name="reason" required maxLength={200} rows={2} autofocus /></Field>
        <label class="check"><input type="checkbox" name="sure" checked={sure} onChange={(event) => setSure(event.currentTarget.checked)} /><span>{t("erase_sure")}</span></label>
        <Fault error={error} />
        <button type="submit" class="danger" disabled={!sure || busy} aria-busy={busy}>{t("erase_do")}</button>
      </form>
      {dialog}
    </Dialog>
  );
}

/** Everything that moves, one by one. The note of the one that goes stays with it, and is there again after an undo. */
function MergePreview({ from, into }: { from: CustomerRow; into: CustomerRow }) {
  const { answer, error, again } = useAnswer<"readCustomer">(`/customers/${from.id}`);
  if (!answer) return <Waiting error={error} again={again} />;
  const rest = answer.bookings - answer.history.length;
  return (
    <section class="notice merge-preview">
      <p>{t("merge_text", { from: `${from.name} (${from.phone})`, n: answer.bookings, to: `${into.name} (${into.phone})` })}</p>
      <Past rows={answer.history} label={t("merge_preview")} />
      {rest > 0 && <p>{t("and_more", { n: rest })}</p>}
      {answer.note && <p class="soft">{t("merge_note")} <span class="pre">{answer.note}</span></p>}
    </section>
  );
}

/** Whose bookings go to `into`: searched by number, shown before it is done. */
function Merge({ into, others, onClose, onDone }: { into: CustomerRow; others: CustomerRow[]; onClose: () => void; onDone: () => void }) {
  const [found, setFound] = useState(others);
  const [picked, setPicked] = useState<CustomerRow>();
  const [error, setError] = useState<unknown>(null);
  const { guarded, dialog } = usePasswordGuard();
  const search = (phone: string) => ask<"findCustomers">("/customers/search", { body: { phone } }).then((said) => setFound(said.customers.filter((row) => row.id !== into.id)), setError);
  const merge = () => guarded(() => ask<"mergeCustomers">(`/customers/${into.id}/merge`, { body: { from: picked!.id } })).then(onDone, setError);
  return (
    <Dialog title={t("merge")} onClose={onClose}>
      <Field label={t("search_customer")}><input type="search" inputMode="tel" onChange={(event) => search(event.currentTarget.value)} /></Field>
      <Field label={t("merge_into")}>
        <select onChange={(event) => setPicked(found.find((row) => row.id === event.currentTarget.value))}>
          <option value="" />
          {found.map((row) => <option key={row.id} value={row.id}>{row.name} {row.phone}</option>)}
        </select>
      </Field>
      {picked && <MergePreview key={picked.id} from={picked} into={into} />}
      <Fault error={error} />
      <button type="button" disabled={!picked} onClick={merge}>{t("merge_do")}</button>
      {dialog}
    </Dialog>
  );
}
