import { useState } from "preact/hooks";
import { date, dateTime, fullTime, money, wishWords } from "../format";
import { Address, Agreed, Badge, Urgent, Fault, Waiting, toast, useAnswer } from "../ui";
import { say, t, type Word } from "../words";
import { MoveDialog, send, type Doing } from "./moves";
import type { BookingDetail, Event as TimelineEvent } from "../contract";

/** In the order of their weight; the first of those allowed is the main one. */
const offered = ["approve", "schedule", "complete", "quote", "reschedule", "reject", "cancel"] as const;
const asWord = (move: string): Word => (move === "cancel" ? "cancel_booking" : move) as Word;

export function BookingView({ number, onChanged }: { number: string; onChanged: () => void }) {
  const { answer, error, again } = useAnswer<"readBooking">(`/bookings/${number}`);
  const [kept, setKept] = useState<BookingDetail>();
  const [move, setMove] = useState<Doing | null>(null);
  const [fault, setFault] = useState<unknown>(null);
  const booking = answer ?? kept;
  if (answer && answer !== kept) setKept(answer);
  if (!booking) return <Waiting error={error} again={again} />;
  const changed = () => { setMove(null); setFault(null); again(); onChanged(); toast(t("saved")); };
  const press = (name: Doing) => {
    // What needs no words is done at once; the rest asks.
    if (name === "complete" || (name === "schedule" && booking.visit)) send(booking, name, {}).then(changed, (problem) => { setFault(problem); again(); });
    else setMove(name);
  };
  const moves = offered.filter((name) => booking.moves.includes(name));
  return (
    <article class="booking">
      <a class="back" href="#/inbox">{t("back_to_list")}</a>
      <header>
        <h2>{booking.name} <Badge status={booking.status} /> {booking.urgent && <Urgent />}</h2>
        <p class="soft"><code>{booking.number}</code> · {t("received")} {dateTime(booking.created_at)}</p>
      </header>
      <div class="actions">
        {moves.map((name, index) => (
          <button key={name} type="button" class={index === 0 ? "" : name === "reject" || name === "cancel" ? "danger" : "secondary"} onClick={() => press(name)}>
            {t(asWord(name))}
          </button>
        ))}
      </div>
      <Fault error={fault} />
      <Earlier booking={booking} />
      <dl class="facts">
        <dt>{t("phone")}</dt><dd><a href={`tel:${booking.phone}`}>{booking.phone}</a></dd>
        <dt>{t("address")}</dt><dd><Address booking={booking} /></dd>
        <dt>{t("service")}</dt><dd>{say(booking.service)}</dd>
        <dt>{t("description")}</dt><dd class="pre">{booking.description}</dd>
        <dt>{t("preferred")}</dt>
        <dd>{booking.preferred.length ? booking.preferred.map((row) => <span class="chip" key={wishWords(row)}>{wishWords(row)}</span>) : t("none")}</dd>
        {booking.visit && <><dt>{t("visit")}</dt><dd><strong>{dateTime(booking.visit.start)}</strong> · {booking.visit.duration_minutes}{t("minutes")} · {booking.visit.technician}</dd></>}
        {booking.reason && <><dt>{t("reason")}</dt><dd class="pre">{booking.reason}</dd></>}
      </dl>
      {booking.photos.length > 0 && (
        <section><h3>{t("photos")}</h3>
          <p class="photos">{booking.photos.map((photo, index) => (
            <a key={photo} href={photo} target="_blank" rel="noopener"><img src={photo} alt={t("photo_alt", { n: index + 1, of: booking.photos.length, service: say(booking.service) })} loading="lazy" /></a>
          ))}</p>
        </section>
      )}
      {booking.estimate && (
        <section>
          <h3>{t("estimate")}</h3>
          <table class="sums">
            <tbody>{booking.estimate.items.map((item, index) => <tr key={index}><td>{item.text}</td><td>{money(item.amount)}</td></tr>)}</tbody>
            <tfoot><tr><th scope="row">{t("total")}</th><td>{money(booking.estimate.total)}</td></tr></tfoot>
          </table>
          {booking.estimate.note && <p class="pre">{booking.estimate.note}</p>}
          <p class="soft">{t("valid_until")} {dateTime(booking.estimate.valid_until)}</p>
        </section>
      )}
      {booking.consents.length > 0 && <section><h3>{t("consents")}</h3><ul class="consents">{booking.consents.map((row) => <li key={row.kind}><Agreed consent={row} /></li>)}</ul></section>}
      <section><h3>{t("timeline")}</h3><Timeline events={booking.events} /></section>
      {move && <MoveDialog booking={booking} move={move} title={t(asWord(move))} onClose={() => setMove(null)} onDone={changed} onStale={again} />}
    </article>
  );
}

function Earlier({ booking }: { booking: BookingDetail }) {
  if (booking.earlier.length === 0) return <p class="earlier first">{t("first_time")}</p>;
  return (
    <details class="earlier" open>
      <summary>{t("earlier")} <strong>{t("earlier_count", { n: booking.earlier.length })}</strong></summary>
      <ul>
        {booking.earlier.map((row) => (
          <li key={row.number}>
            <a href={`#/inbox/${row.number}`}>{date(row.visit_start ?? row.created_at)} · {say(row.service)}</a> <Badge status={row.status} />
          </li>
        ))}
      </ul>
    </details>
  );
}

/** A detail is a time, a sum or somebody's words. */
function detailOf({ move, detail }: TimelineEvent): string {
  if (!detail) return "";
  if (/^\d{4}-\d\d-\d\dT/.test(detail)) return dateTime(detail);
  if ((move === "quote" || move === "accept") && /^-?\d+$/.test(detail)) return money(Number(detail));
  return detail;
}

export const Timeline = ({ events }: { events: TimelineEvent[] }) => (
  <ol class="timeline">
    {events.map((event, index) => (
      <li key={index}>
        <time dateTime={event.at} title={fullTime(event.at)}>{dateTime(event.at)}</time>
        <span><strong>{t(asWord(event.move))}</strong>{event.actor && ` · ${event.actor}`}{event.detail && <span class="pre"> {detailOf(event)}</span>}</span>
      </li>
    ))}
  </ol>
);
