import { date, dateTime, seoulDay, time } from "../format";
import { Address, Waiting, useAnswer } from "../ui";
import { say, t } from "../words";
import type { Booking } from "../contract";

const kDayMs = 86400_000;

/** A sheet of paper for the van: the day's visits by technician, in their order. */
export function DaySheet({ day }: { day: string }) {
  const from = `${day}T00:00:00+09:00`;
  const to = new Date(new Date(from).getTime() + kDayMs).toISOString();
  const { answer, error, again } = useAnswer<"readCalendar">(`/calendar?from=${encodeURIComponent(from)}&to=${encodeURIComponent(to)}`);
  if (!answer) return <Waiting error={error} again={again} />;
  const of = (name: string) => answer.visits.filter((row) => row.visit!.technician === name && row.status !== "cancelled");
  const busy = answer.technicians.filter((name) => of(name).length > 0);
  return (
    <section class="sheet">
      <header class="bar noprint">
        <a href={`#/calendar/${day}`}>{t("calendar")}</a>
        <button type="button" onClick={() => print()}>{t("print")}</button>
      </header>
      <h1>{date(from)} {t("visit")}</h1>
      {busy.length === 0 && <p class="empty">{t("no_visits")}</p>}
      {busy.map((name) => (
        <section key={name}>
          <h2>{name}</h2>
          <table>
            <thead><tr><th scope="col">{t("start")}</th><th scope="col">{t("name")}</th><th scope="col">{t("address")}</th><th scope="col">{t("description")}</th><th scope="col">{t("signature")}</th></tr></thead>
            <tbody>{of(name).map((row) => <Line key={row.number} row={row} day={day} />)}</tbody>
          </table>
        </section>
      ))}
    </section>
  );
}

/** One that began on the day before says so. */
const Line = ({ row, day }: { row: Booking; day: string }) => (
  <tr>
    <td><strong>{seoulDay(new Date(row.visit!.start)) === day ? time(row.visit!.start) : dateTime(row.visit!.start)}</strong><br />{row.visit!.duration_minutes}{t("minutes")}</td>
    <td>{row.name}<br />{row.phone}</td>
    <td><Address booking={row} /></td>
    <td>{say(row.service)}: {row.description}</td>
    <td />
  </tr>
);
