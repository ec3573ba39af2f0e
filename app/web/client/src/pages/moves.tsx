// What is done to a booking: the words each move needs, and sending them once.
import { useEffect, useRef, useState } from "preact/hooks";
import { ask, etagOf, Problem, type Body } from "../api";
import { dateTime, fromSeoul, seoulDay, seoulInput } from "../format";
import { Dialog, Fault, Field } from "../ui";
import { t } from "../words";
import type { Booking, BookingDetail, StaffVisit as Visit } from "../contract";

const operations = { quote: "quoteBooking", approve: "approveBooking", schedule: "scheduleBooking", reschedule: "rescheduleBooking", complete: "completeBooking", reject: "rejectBooking", cancel: "cancelBookingAsStaff" } as const;
export type Doing = keyof typeof operations;
type Doings = (typeof operations)[Doing];
export type Words = Body<Doings>;

export const send = (booking: Booking, move: Doing, words: Words, key?: string) =>
  ask<Doings>(`/bookings/${booking.number}/${move}`, { body: words, etag: etagOf(booking.version), key });

interface Props { booking: Booking; move: Doing; title: string; onClose: () => void; onDone: (after: Booking, words: Words) => void; onStale?: () => void; at?: Visit }

export function MoveDialog({ booking, move, title, onClose, onDone, onStale, at }: Props) {
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const key = useRef(crypto.randomUUID()); // one dialog, one deed, however often its button is pressed
  const go = (words: Words) => {
    setBusy(true);
    setError(null);
    send(booking, move, words, key.current).then((after) => onDone(after, words), (problem) => {
      setError(problem);
      setBusy(false);
      key.current = crypto.randomUUID();
      if (problem instanceof Problem && problem.code === "stale_version") onStale?.();
    });
  };
  return (
    <Dialog title={`${title}: ${booking.name}`} onClose={onClose}>
      {move === "quote" ? <QuoteForm booking={booking} busy={busy} onSend={go} />
        : move === "reject" || move === "cancel" ? <ReasonForm busy={busy} onSend={go} />
        : <VisitForm booking={booking} at={at} tells={move === "reschedule"} busy={busy} onSend={go} error={error} />}
      <Fault error={error} />
    </Dialog>
  );
}

const formData = (event: SubmitEvent) => {
  event.preventDefault();
  const data = new FormData(event.target as HTMLFormElement);
  return (name: string) => String(data.get(name) ?? "").trim();
};

const kLatest = "latest-technician";
const halfHours = Array.from({ length: 8 }, (_, index) => (index + 1) * 30);

/** The times a guest wishes for that are still to come, as inputs have them. */
const wishedStarts = (booking: Booking) =>
  [...new Set(booking.preferred.flatMap(({ date, time }) => (time ? [`${date}T${time}`] : [])))].filter((start) => start > seoulInput(new Date()));

/** Technician, start and length; the first time that is wished for stands there already, wished and free ones fill it in at a touch. */
function VisitForm({ booking, at, tells, busy, onSend, error }: { booking: Booking; at?: Visit; tells: boolean; busy: boolean; onSend: (words: Words) => void; error: unknown }) {
  const known = at ?? booking.visit;
  const [technicians, setTechnicians] = useState<string[]>([]);
  const [technician, setTechnician] = useState(known?.technician ?? localStorage.getItem(kLatest) ?? "");
  const wished = wishedStarts(booking);
  const [start, setStart] = useState(known ? seoulInput(new Date(known.start)) : wished[0] ?? "");
  const [minutes, setMinutes] = useState(known?.duration_minutes ?? 90);
  const [free, setFree] = useState<string[]>([]);
  useEffect(() => {
    ask<"listTechnicians">("/technicians").then((said) => {
      const names = said.technicians.map((row) => row.name);
      setTechnicians(names);
      if (!technician && names[0]) setTechnician(names[0]);
    }, () => {});
  }, []);
  useEffect(() => {
    if (!technician) return;
    const from = start ? fromSeoul(start) : new Date().toISOString();
    ask<"freeStarts">(`/free-starts?technician=${encodeURIComponent(technician)}&duration_minutes=${minutes}&from=${encodeURIComponent(from)}`, { quiet: true })
      .then((said) => setFree(said.starts), () => setFree([]));
  }, [technician, minutes, start.slice(0, 10), error]);
  const submit = (event: SubmitEvent) => {
    const value = formData(event);
    localStorage.setItem(kLatest, technician);
    onSend({ technician, start: fromSeoul(start), duration_minutes: minutes, ...(tells && { notify: value("notify") === "on" }), ...(value("anyway") === "on" && { anyway: true }) });
  };
  return (
    <form onSubmit={submit}>
      <Field label={t("technician")}>
        <input name="technician" list="technicians" required maxLength={40} value={technician} onInput={(event) => setTechnician(event.currentTarget.value)} />
      </Field>
      <datalist id="technicians">{technicians.map((name) => <option key={name} value={name} />)}</datalist>
      <div class="pair">
        <Field label={t("start")}>
          <input name="start" type="datetime-local" step={1800} required min={`${seoulDay(new Date())}T00:00`} value={start} onInput={(event) => setStart(event.currentTarget.value)} />
        </Field>
        <Field label={t("duration")}>
          <select name="duration" value={minutes} onChange={(event) => setMinutes(Number(event.currentTarget.value))}>
            {[...new Set([...halfHours, minutes])].sort((a, b) => a - b).map((length) => <option key={length} value={length}>{length}{t("minutes")}</option>)}
          </select>
        </Field>
      </div>
      <Starts legend={t("preferred")} starts={wished} chosen={start} onChoose={setStart} />
      <Starts legend={t("free_starts")} starts={free.map((time) => seoulInput(new Date(time)))} chosen={start} onChoose={setStart} />
      {tells && (
        <label class="check"><input type="checkbox" name="notify" role="switch" /> <span>{t("notify")}<small>{t("notify_hint")}</small></span></label>
      )}
      {error instanceof Problem && error.code === "off_calendar" && (
        <label class="check"><input type="checkbox" name="anyway" role="switch" /> <span>{t("anyway")}</span></label>
      )}
      <button type="submit" aria-busy={busy} disabled={busy}>{t("confirm")}</button>
    </form>
  );
}

function Starts({ legend, starts, chosen, onChoose }: { legend: string; starts: string[]; chosen: string; onChoose: (start: string) => void }) {
  if (starts.length === 0) return null;
  return (
    <fieldset class="free">
      <legend>{legend}</legend>
      {starts.map((start) => <button key={start} type="button" class="chip" aria-pressed={start === chosen} onClick={() => onChoose(start)}>{dateTime(fromSeoul(start))}</button>)}
    </fieldset>
  );
}

function ReasonForm({ busy, onSend }: { busy: boolean; onSend: (words: Words) => void }) {
  return (
    <form onSubmit={(event) => onSend({ reason: formData(event)("reason") })}>
      <Field label={t("reason")} hint={t("reason_shown")}><textarea name="reason" required maxLength={500} rows={3} autofocus /></Field>
      <button type="submit" class="danger" aria-busy={busy} disabled={busy}>{t("confirm")}</button>
    </form>
  );
}

const kEstimateDays = 14;

function QuoteForm({ booking, busy, onSend }: { booking: Booking; busy: boolean; onSend: (words: Words) => void }) {
  const known = (booking as BookingDetail).estimate;
  const [items, setItems] = useState(known?.items ?? [{ text: "", amount: 0 }]);
  const change = (index: number, part: { text?: string; amount?: number }) =>
    setItems(items.map((item, place) => (place === index ? { ...item, ...part } : item)));
  const until = seoulDay(new Date(Date.now() + kEstimateDays * 86400_000));
  const submit = (event: SubmitEvent) => {
    const value = formData(event);
    onSend({ items, note: value("note"), valid_until: fromSeoul(`${value("until")}T23:59`) });
  };
  return (
    <form onSubmit={submit}>
      {items.map((item, index) => (
        <div class="item" key={index}>
          <Field label={`${t("item")} ${index + 1}`}><input required maxLength={100} value={item.text} onInput={(event) => change(index, { text: event.currentTarget.value })} /></Field>
          <Field label={t("amount")}><input type="number" required step={1} value={item.amount} onInput={(event) => change(index, { amount: Number(event.currentTarget.value) })} /></Field>
          {items.length > 1 && <button type="button" class="plain" aria-label={`${t("remove")} ${index + 1}`} onClick={() => setItems(items.filter((_, place) => place !== index))}>×</button>}
        </div>
      ))}
      <p class="line">
        <button type="button" class="secondary" disabled={items.length >= 20} onClick={() => setItems([...items, { text: "", amount: 0 }])}>{t("add_item")}</button>
        <output>{t("total")} <strong>{items.reduce((sum, item) => sum + item.amount, 0).toLocaleString()}</strong></output>
      </p>
      <Field label={t("estimate_note")}><textarea name="note" maxLength={1000} rows={2}>{known?.note ?? ""}</textarea></Field>
      <Field label={t("valid_until")}><input name="until" type="date" required defaultValue={until} min={seoulDay(new Date())} /></Field>
      <button type="submit" aria-busy={busy} disabled={busy}>{t("quote")}</button>
    </form>
  );
}
