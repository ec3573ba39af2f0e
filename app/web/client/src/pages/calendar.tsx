import "@event-calendar/core/index.css";
import { createCalendar, DayGrid, destroyCalendar, Interaction, List, ResourceTimeGrid, TimeGrid, type Calendar } from "@event-calendar/core";
import { useEffect, useRef, useState } from "preact/hooks";
import { ask, Problem } from "../api";
import { date, dateTime, fromSeoul, seoulDay, seoulInput, time } from "../format";
import { Dialog, Fault, toast } from "../ui";
import { language, say, t } from "../words";
import { DaySheet } from "./day_sheet";
import { MoveDialog, send } from "./moves";
import type { PageProps } from "../app";
import type { Booking, Calendar as CalendarView, StaffVisit as Visit } from "../contract";

type CalendarDay = CalendarView["days"][number];

const views = { dayGridMonth: "month", timeGridWeek: "week", timeGridDay: "day", listWeek: "list", resourceTimeGridDay: "by_technician" } as const;
type View = keyof typeof views;
const kView = "calendar-view";
const kMostTries = 2;

/** The calendar's dates are wall clocks; ours is Seoul's, wherever the browser stands. */
const wall = (text: string) => seoulInput(new Date(text)) + ":00";
const two = (number: number) => String(number).padStart(2, "0");
const fromWall = (at: Date) => fromSeoul(`${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}T${two(at.getHours())}:${two(at.getMinutes())}`);
const endOf = (visit: Visit) => new Date(new Date(visit.start).getTime() + visit.duration_minutes * 60_000).toISOString();
/** The calendar says it is a table of rows, which it is not in every view: a scrollable region of buttons it is. */
function plainRoles(place: HTMLElement) {
  for (const part of place.querySelectorAll("[role='table'], [role='grid'], [role='list'], [role='row'], [role='rowgroup'], [role='columnheader'], [role='cell'], [role='listitem']")) part.removeAttribute("role");
  for (const part of place.querySelectorAll("[aria-colindex], [aria-rowindex], [aria-colspan], [aria-rowspan]"))
    for (const name of ["aria-colindex", "aria-rowindex", "aria-colspan", "aria-rowspan"]) part.removeAttribute(name);
  // A visit is an article with a button in it, and not a button itself; a day of the list comes after the page's heading.
  for (const visit of place.querySelectorAll(".ec-event")) for (const name of ["role", "tabindex"]) visit.removeAttribute(name);
  for (const day of place.querySelectorAll("h4.ec-day-head")) { day.setAttribute("role", "heading"); day.setAttribute("aria-level", "2"); }
  const body = place.querySelector<HTMLElement>(".ec-main");
  if (!body) return;
  body.tabIndex = 0;
  body.setAttribute("role", "region");
  body.setAttribute("aria-label", t("calendar"));
}
const narrow = () => matchMedia("(max-width: 700px)").matches;

interface Drop { booking: Booking; to: Visit; revert: () => void }

export function CalendarPage({ rest }: PageProps) {
  const [sheet, day] = rest.split("/");
  if (sheet === "sheet" && day) return <DaySheet day={day} />;
  return <Plan day={rest || seoulDay(new Date())} />;
}

function Plan({ day }: { day: string }) {
  const place = useRef<HTMLDivElement>(null);
  const calendar = useRef<Calendar | undefined>(undefined);
  const loaded = useRef<CalendarView | undefined>(undefined);
  const [view, setView] = useState<View>(() => (localStorage.getItem(kView) as View) ?? (narrow() ? "listWeek" : "timeGridWeek"));
  const [title, setTitle] = useState("");
  const [error, setError] = useState<unknown>(null);
  const [drop, setDrop] = useState<Drop | null>(null);
  const [picked, setPicked] = useState<Booking | null>(null);
  const [shown, setShown] = useState(day); // which the view of a day shows, or would show

  const load = async (from: Date, to: Date) => {
    try {
      const said = await ask<"readCalendar">(`/calendar?from=${encodeURIComponent(fromWall(from))}&to=${encodeURIComponent(fromWall(to))}`);
      loaded.current = said;
      setError(null);
      for (const [option, value] of Object.entries(slotsOf(said.visits)))
        if (calendar.current?.getOption(option as keyof Calendar.Options) !== value) calendar.current?.setOption(option as keyof Calendar.Options, value);
      calendar.current?.setOption("resources", said.technicians.map((name) => ({ id: name, title: name })));
      return [...said.visits.map(eventOf), ...said.days.flatMap(resting)];
    } catch (problem) {
      setError(problem);
      return [];
    }
  };
  const focus = () => { const at = calendar.current?.getOption("date"); if (at) setShown(fromWall(at as Date).slice(0, 10)); };
  const bookingOf = (id: string) => loaded.current?.visits.find((row) => row.number === id);

  useEffect(() => {
    const settle = () => requestAnimationFrame(() => place.current && plainRoles(place.current));
    const made = createCalendar(place.current!, [DayGrid, TimeGrid, List, ResourceTimeGrid, Interaction], {
      view, date: day, locale: language() === "ko" ? "ko-KR" : "en-GB", timeZone: "+09:00", firstDay: 1, height: "100%",
      headerToolbar: { start: "", center: "", end: "" }, allDaySlot: false, nowIndicator: true, dayMaxEvents: true,
      ...kSlots, slotDuration: "00:30", scrollTime: "08:30", slotHeight: 28,
      eventTimeFormat: { hour: "2-digit", minute: "2-digit", hour12: false }, slotLabelFormat: { hour: "2-digit", minute: "2-digit", hour12: false },
      eventContent: ({ event, timeText }: { event: Calendar.Event; timeText: string }) => event.display === "background" ? undefined : { domNodes: [opener(timeText, String(event.title), bookingOf(String(event.id))?.wished_anew === true)] },
      noEventsContent: t("no_visits"), moreLinkContent: ({ num }: { num: number }) => `+${num}`,
      eventDragMinDistance: 8, longPressDelay: 600, eventResizableFromStart: false, snapDuration: "00:30",
      eventSources: [{ events: ({ start, end }: { start: Date; end: Date }) => load(start, end) }],
      viewDidMount: settle, eventAllUpdated: settle,
      datesSet: ({ view: now }: { view: { title: string } }) => { setTitle(now.title); focus(); },
      eventClick: ({ event }: { event: Calendar.Event }) => setPicked(bookingOf(String(event.id)) ?? null),
      eventDrop: (info: Calendar.EventDropInfo) => ask_(info), eventResize: (info: Calendar.EventResizeInfo) => ask_(info),
    } as Calendar.Options);
    const ask_ = ({ event, revert }: { event: Calendar.Event; revert: () => void }) => {
      const booking = bookingOf(String(event.id));
      if (!booking?.visit) return revert();
      const technician = String(event.resourceIds[0] ?? booking.visit.technician);
      setDrop({ booking, revert, to: { technician, start: fromWall(event.start), duration_minutes: Math.round((event.end.getTime() - event.start.getTime()) / 60_000) } });
    };
    calendar.current = made;
    return () => { calendar.current = undefined; void destroyCalendar(made); };
  }, []);

  const turn = (next: View) => { setView(next); localStorage.setItem(kView, next); calendar.current?.setOption("view", next); };
  const again = () => calendar.current?.refetchEvents();
  const moved = (before: Booking, after: Booking, told: boolean) => {
    setDrop(null);
    setPicked(null);
    again();
    toast(t("moved", { who: after.name, when: dateTime(after.visit!.start) }), async () => {
      // Who was told of the move is told that it is undone; where the visit stood nobody has to insist on, whatever the hour.
      await send(after, "reschedule", { ...before.visit!, notify: told, anyway: true });
      again();
    });
  };
  return (
    <>
      <header class="bar">
        <h1>{title || t("calendar")}</h1>
        <div class="tabs" role="group" aria-label={t("calendar")}>
          {(Object.keys(views) as View[]).map((name) => <button key={name} type="button" aria-pressed={name === view} onClick={() => turn(name)}>{t(views[name])}</button>)}
        </div>
        <div class="steps">
          <button type="button" class="secondary" aria-label={t("previous")} onClick={() => calendar.current?.prev()}>‹</button>
          <button type="button" class="secondary" onClick={() => { calendar.current?.setOption("date", seoulDay(new Date())); focus(); }}>{t("today")}</button>
          <button type="button" class="secondary" aria-label={t("next")} onClick={() => calendar.current?.next()}>›</button>
          <a role="button" class="secondary" href={`#/calendar/sheet/${shown}`}>{t("day_sheet", { day: date(`${shown}T12:00:00+09:00`) })}</a>
        </div>
      </header>
      <p class="soft hint">{t("calendar_keyboard")}</p>
      <Fault error={error} />
      <div ref={place} class={`plan ${view}`} />
      {drop && <Confirm drop={drop} onClose={() => { drop.revert(); setDrop(null); }} onDone={(after, told) => moved(drop.booking, after, told)} />}
      {picked && (picked.status === "approved" || picked.status === "scheduled") && (
        <MoveDialog booking={picked} move="reschedule" title={t("reschedule")} onClose={() => setPicked(null)} onDone={(after, words) => moved(picked, after, "notify" in words && words.notify === true)} />
      )}
      {picked && picked.status === "done" && <Done booking={picked} onClose={() => setPicked(null)} />}
    </>
  );
}

/** What opens a visit by mouse, finger and keyboard; its click is the visit's. */
function opener(time: string, title: string, wishedAnew: boolean): HTMLElement {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "open";
  const when = document.createElement("strong");
  when.textContent = time;
  button.append(when);
  if (wishedAnew) {
    const mark = document.createElement("span");
    mark.className = "badge requested";
    mark.textContent = t("wished_anew");
    button.append(mark, " ");
  }
  button.append(title);
  return button;
}

const eventOf = (booking: Booking) => {
  const visit = booking.visit!;
  const movable = booking.status === "approved" || booking.status === "scheduled";
  return {
    id: booking.number, resourceIds: [visit.technician], start: wall(visit.start), end: wall(endOf(visit)),
    title: `${booking.name} · ${say(booking.service)} · ${visit.technician}`, editable: movable, classNames: ["visit", booking.status],
  };
};

const kSlots = { slotMinTime: "07:00", slotMaxTime: "21:00" };
/** From when to when the days are shown: as always, or as far as a visit reaches; one over midnight is in both days. */
function slotsOf(visits: Booking[]): typeof kSlots {
  return visits.reduce((slots, { visit }) => {
    const [start, end] = [wall(visit!.start), wall(endOf(visit!))];
    if (start.slice(0, 10) !== end.slice(0, 10)) return { slotMinTime: "00:00", slotMaxTime: "24:00" };
    const hour = (text: string) => `${text.slice(11, 13)}:00`;
    const after = `${two(Number(end.slice(11, 13)) + (end.slice(14, 16) === "00" ? 0 : 1))}:00`;
    return { slotMinTime: hour(start) < slots.slotMinTime ? hour(start) : slots.slotMinTime, slotMaxTime: after > slots.slotMaxTime ? after : slots.slotMaxTime };
  }, kSlots);
}

/** What of a day is not worked, behind the visits. */
function resting({ date, open, lunch, closed, holiday }: CalendarDay) {
  const band = (from: string, to: string, title: string) => ({ id: `rest-${date}-${from}`, start: `${date}T${from}:00`, end: `${date}T${to}:00`, title, display: "background", classNames: ["rest"] });
  const name = holiday ?? t("closed");
  if (closed || !open) return [band("00:00", "23:59", name)];
  return [band("00:00", open.from, ""), band(open.to, "23:59", ""), ...(lunch ? [band(lunch.from, lunch.to, t("lunch"))] : [])];
}

/** A drag is a question until it is answered: what moves where, and whether the customer hears of it. */
function Confirm({ drop, onClose, onDone }: { drop: Drop; onClose: () => void; onDone: (after: Booking, told: boolean) => void }) {
  const [notify, setNotify] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const { booking, to } = drop;
  const words = (visit: Visit) => `${dateTime(visit.start)}–${time(endOf(visit))}, ${visit.technician}`;
  const key = useRef(crypto.randomUUID());
  const off = error instanceof Problem && error.code === "off_calendar";
  const go = (tries = 0): Promise<void> => {
    setBusy(true);
    if (off && tries === 0) key.current = crypto.randomUUID(); // another request: now it is meant
    return send(booking, "reschedule", { ...to, notify, ...(off && { anyway: true }) }, key.current).then((after) => onDone(after, notify), (problem) => {
      if (problem instanceof TypeError && tries < kMostTries) return go(tries + 1); // the line broke; the key makes it safe
      setError(problem);
      setBusy(false);
    });
  };
  return (
    <Dialog title={t("move_question")} onClose={onClose}>
      <p><strong>{booking.name}</strong> · {say(booking.service)}</p>
      <p>{t("from_to", { from: words(booking.visit!), to: words(to) })}</p>
      <label class="check">
        <input type="checkbox" role="switch" checked={notify} onChange={(event) => setNotify(event.currentTarget.checked)} />
        <span>{t("notify")}<small>{t("notify_hint")}</small></span>
      </label>
      <Fault error={error} />
      <footer class="line">
        <button type="button" class="secondary" onClick={onClose}>{t("undo")}</button>
        <button type="button" aria-busy={busy} disabled={busy} autofocus onClick={() => void go()}>{t(off ? "anyway" : "confirm")}</button>
      </footer>
    </Dialog>
  );
}

const Done = ({ booking, onClose }: { booking: Booking; onClose: () => void }) => (
  <Dialog title={`${booking.name} · ${say(booking.status)}`} onClose={onClose}>
    <p>{dateTime(booking.visit!.start)} · {booking.visit!.technician}</p>
    <p><a href={`#/inbox/${booking.number}`}>{booking.number}</a></p>
  </Dialog>
);

