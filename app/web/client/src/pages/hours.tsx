// When the shop works: the week, lunch, days of rest, one-off openings, and what is kept free around visits.
import { useEffect, useState } from "preact/hooks";
import { ask, etagOf } from "../api";
import { date, seoulDay } from "../format";
import { Fault, Field, isStale, Waiting, toast, useAnswer } from "../ui";
import { language, t, type Word } from "../words";
import type { PageProps } from "../app";
import type { Hours, ShopHours } from "../contract";

type DayHours = Omit<ShopHours["week"][number], "day">;

const weekdays = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"] as const;
const usual: DayHours = { open: { from: "09:00", to: "18:00" }, lunch: { from: "12:00", to: "13:00" } };
const kKeptDays = 90; // days that are over go with the next save once they are this old
const two = (number: number) => String(number).padStart(2, "0");
/** `00:00` to `24:00` in half hours. */
const clock = Array.from({ length: 49 }, (_, half) => `${two(half >> 1)}:${half % 2 ? "30" : "00"}`);
const dayWords = (day: string) => date(`${day}T12:00:00+09:00`);

export function OpeningHours({ me }: PageProps) {
  const { answer, error, again } = useAnswer<"readOpeningHours">("/opening-hours");
  const [kept, setKept] = useState<ShopHours>();
  useEffect(() => { if (answer) setKept(answer); }, [answer]);
  if (!kept) return <Waiting error={error} again={again} />;
  return <Editor hours={kept} mine={me.role === "owner"} again={again} />;
}

type Rules = Omit<ShopHours, "version" | "holidays">;
const sorted = (value: unknown) => JSON.stringify(value, (_, part) => (part && typeof part === "object" && !Array.isArray(part) ? Object.fromEntries(Object.entries(part).sort()) : part));
const same = (one: unknown, other: unknown) => sorted(one) === sorted(other);
const parts = { week: "hours_week", rests_on_holidays: "closed_days", closed: "closed_days", openings: "openings", lead_minutes: "lead_minutes", travel_minutes: "travel_minutes", horizon_days: "horizon_days" } as const satisfies Record<keyof Rules, Word>;
const partsOf = Object.keys(parts) as (keyof Rules)[];

/** What another one saved, with what was changed here since `base` laid over it, part by part. */
const laidOver = (base: ShopHours, mine: ShopHours, theirs: ShopHours): ShopHours =>
  partsOf.reduce((all, part) => (same(base[part], mine[part]) ? all : { ...all, [part]: mine[part] }), theirs);

function Editor({ hours, mine, again }: { hours: ShopHours; mine: boolean; again: () => void }) {
  const [now, setNow] = useState(hours);
  const [base, setBase] = useState(hours); // what the changes here were made to
  const [theirs, setTheirs] = useState<Word[]>([]);
  if (hours.version > base.version) {
    setTheirs(partsOf.filter((part) => !same(base[part], hours[part]) && !same(now[part], hours[part])).map((part) => parts[part]));
    setNow(laidOver(base, now, hours));
    setBase(hours);
  }
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const change = (part: Partial<ShopHours>) => setNow({ ...now, ...part });
  const day = (name: string) => now.week.find((row) => row.day === name);
  const setDay = (name: string, value: DayHours | null) =>
    change({ week: weekdays.flatMap((each) => {
      const row = each === name ? value && { ...value, day: each } : day(each);
      return row ? [row] : [];
    }) });
  const save = (event: SubmitEvent) => {
    event.preventDefault();
    setBusy(true);
    setError(null);
    const oldest = seoulDay(new Date(Date.now() - kKeptDays * 86400_000));
    const { version, holidays, ...rules } = now;
    const body = { ...rules, closed: now.closed.filter((each) => each >= oldest), openings: now.openings.filter((row) => row.date >= oldest) };
    let left = version;
    ask<"setOpeningHours">("/opening-hours", { method: "PUT", body, etag: etagOf(version), written: (now_at) => { left = now_at; } }).then(() => {
      toast(t("saved"));
      const saved = { ...now, ...body, version: left };
      setTheirs([]);
      setNow((latest) => laidOver(now, latest, saved)); // what was changed while it was saved stays
      setBase(saved);
      again();
    }, (problem) => {
      setError(problem);
      if (isStale(problem)) again();
    }).finally(() => setBusy(false));
  };
  const today = seoulDay(new Date());
  return (
    <form onSubmit={save} class="hours-form">
      <header class="bar"><h1>{t("hours")}</h1>{mine && <button type="submit" aria-busy={busy} disabled={busy}>{t("save")}</button>}</header>
      <p class="soft">{t(mine ? "hours_hint" : "hours_owner")}</p>
      <Fault error={error} />
      {theirs.length > 0 && <p class="notice" role="status">{t("hours_meanwhile", { what: [...new Set(theirs)].map((word) => t(word)).join(", ") })}</p>}
      <fieldset disabled={!mine} class="cards">
        <section class="card week">
          <h2>{t("hours_week")}</h2>
          {weekdays.map((name) => <WeekDay key={name} name={t(name)} day={day(name)} onChange={(value) => setDay(name, value)} />)}
        </section>
        <section class="card">
          <h2>{t("closed_days")}</h2>
          <label class="check">
            <input type="checkbox" role="switch" name="holidays" checked={now.rests_on_holidays} onChange={(event) => change({ rests_on_holidays: event.currentTarget.checked })} />
            <span>{t("rests_on_holidays")}</span>
          </label>
          <details><summary>{t("holidays_ahead")}</summary>
            <ul class="rows">{now.holidays.map((row) => <li key={row.date + row.name} class="line"><span>{dayWords(row.date)}</span><span>{language() === "ko" ? row.name : row.name_en}</span></li>)}</ul>
          </details>
          <Days days={now.closed.filter((each) => each >= today)} onRemove={(gone) => change({ closed: now.closed.filter((each) => each !== gone) })} />
          <AddDay name="closed" label={t("closed_day_add")} taken={[...now.closed, ...now.openings.map((row) => row.date)]} onAdd={(added) => change({ closed: [...now.closed, added].sort() })} />
        </section>
        <section class="card">
          <h2>{t("openings")}</h2>
          <p class="soft">{t("openings_hint")}</p>
          {now.openings.filter((row) => row.date >= today).map((row) => (
            <div key={row.date} class="opening">
              <p class="line"><strong>{dayWords(row.date)}</strong><button type="button" class="plain" aria-label={`${t("remove")} ${dayWords(row.date)}`} onClick={() => change({ openings: now.openings.filter((other) => other !== row) })}>{t("remove")}</button></p>
              <HoursFields name={dayWords(row.date)} hours={row} onChange={(value) => change({ openings: now.openings.map((other) => (other === row ? { ...value, date: row.date } : other)) })} />
            </div>
          ))}
          <AddDay name="opening" label={t("opening_add")} taken={[...now.closed, ...now.openings.map((row) => row.date)]}
            onAdd={(added) => change({ openings: [...now.openings, { date: added, open: { from: "09:00", to: "13:00" } }].sort((a, b) => a.date.localeCompare(b.date)) })} />
        </section>
        <section class="card">
          <h2>{t("around_visits")}</h2>
          <Field label={t("lead_minutes")} hint={t("lead_hint")}><input name="lead" type="number" required min={0} max={336} step={0.5} value={now.lead_minutes / 60} onChange={(event) => change({ lead_minutes: Math.round(Number(event.currentTarget.value) * 60) })} /></Field>
          <Field label={t("travel_minutes")} hint={t("travel_hint")}>
            <select name="travel" value={now.travel_minutes} onChange={(event) => change({ travel_minutes: Number(event.currentTarget.value) })}>
              {Array.from({ length: 9 }, (_, step) => step * 30).map((minutes) => <option key={minutes} value={minutes}>{minutes}{t("minutes")}</option>)}
            </select>
          </Field>
          <Field label={t("horizon_days")} hint={t("horizon_hint")}><input name="horizon" type="number" required min={1} max={180} value={now.horizon_days} onChange={(event) => change({ horizon_days: Number(event.currentTarget.value) })} /></Field>
        </section>
      </fieldset>
    </form>
  );
}

function WeekDay({ name, day, onChange }: { name: string; day?: DayHours; onChange: (day: DayHours | null) => void }) {
  return (
    <div class="weekday">
      <label class="check"><input type="checkbox" role="switch" checked={!!day} onChange={(event) => onChange(event.currentTarget.checked ? usual : null)} /><span><strong>{name}</strong>{!day && <> · {t("closed")}</>}</span></label>
      {day && <HoursFields name={name} hours={day} onChange={onChange} />}
    </div>
  );
}

/** From, to, and lunch between them. */
function HoursFields({ name, hours, onChange }: { name: string; hours: DayHours; onChange: (hours: DayHours) => void }) {
  const { open, lunch } = hours;
  const range = (word: Word, value: Hours, set: (value: Hours) => void) => (
    <span class="range">
      <Clock label={`${name} ${t(word)} ${t("from_time")}`} value={value.from} onChange={(from) => set({ ...value, from })} />
      <span aria-hidden="true">–</span>
      <Clock label={`${name} ${t(word)} ${t("to_time")}`} value={value.to} onChange={(to) => set({ ...value, to })} />
    </span>
  );
  return (
    <div class="hours-line">
      {range("hours", open, (value) => onChange({ ...hours, open: value }))}
      <label class="lunch"><input type="checkbox" checked={!!lunch} onChange={(event) => onChange({ open, ...(event.currentTarget.checked && { lunch: { from: "12:00", to: "13:00" } }) })} /> {t("lunch")}<span class="unseen"> {name}</span></label>
      {lunch && range("lunch", lunch, (value) => onChange({ open, lunch: value }))}
    </div>
  );
}

const Clock = ({ label, value, onChange }: { label: string; value: string; onChange: (value: string) => void }) => (
  <select aria-label={label} value={value} onChange={(event) => onChange(event.currentTarget.value)}>
    {clock.map((time) => <option key={time} value={time}>{time}</option>)}
  </select>
);

const Days = ({ days, onRemove }: { days: string[]; onRemove: (day: string) => void }) => (
  <ul class="rows">
    {days.map((day) => <li key={day} class="line"><span>{dayWords(day)}</span><button type="button" class="plain" aria-label={`${t("remove")} ${dayWords(day)}`} onClick={() => onRemove(day)}>{t("remove")}</button></li>)}
  </ul>
);

/** A day that is not among them yet. */
function AddDay({ name, label, taken, onAdd }: { name: string; label: string; taken: string[]; onAdd: (day: string) => void }) {
  const [day, setDay] = useState("");
  const fits = day !== "" && !taken.includes(day);
  return (
    <div class="search">
      <input type="date" name={name} aria-label={label} min={seoulDay(new Date())} value={day} onInput={(event) => setDay(event.currentTarget.value)} />
      <button type="button" class="secondary" disabled={!fits} onClick={() => { onAdd(day); setDay(""); }}>{label}</button>
    </div>
  );
}
