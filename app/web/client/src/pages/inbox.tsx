import { useEffect, useState } from "preact/hooks";
import { ask } from "../api";
import { ago, dateTime, wishWords } from "../format";
import { Badge, Blocked, Urgent, Waiting, WishedAnew, useAnswer } from "../ui";
import { say, t } from "../words";
import { BookingView } from "./booking";
import type { BookingPage, ListedBooking, Status } from "../contract";
import type { PageProps } from "../app";

const tabs: (Status | "all")[] = ["requested", "quoted", "approved", "scheduled", "done", "rejected", "cancelled", "all"];
const kRefresh = 20000; // ms between looks for new requests

/** New requests first; one of them opens beside the list. `rest`: the number of the open one. */
export function Inbox({ rest }: PageProps) {
  const [tab, setTab] = useState<Status | "all">("requested");
  const [more, setMore] = useState<ListedBooking[]>([]);
  const [cursor, setCursor] = useState<string | null>(null);
  const path = `/bookings?limit=30${tab === "all" ? "" : `&status=${tab}`}` as const;
  const { answer, error, again } = useAnswer<"listBookings">(path);
  const [seen, setSeen] = useState<BookingPage>();
  useEffect(() => {
    if (!answer) return;
    setSeen(answer);
    setMore([]);
    setCursor(answer.next_cursor);
  }, [answer]);
  useEffect(() => {
    const timer = setInterval(() => document.visibilityState === "visible" && again(), kRefresh);
    return () => clearInterval(timer);
  });
  const load = () => ask<"listBookings">(`${path}&cursor=${cursor}`).then((page) => {
    setMore([...more, ...page.bookings]);
    setCursor(page.next_cursor);
  });
  const rows = [...(seen?.bookings ?? []), ...more];
  return (
    <div class={rest ? "split open" : "split"}>
      <section class="list" aria-label={t("inbox")}>
        <h1>{t("inbox")}</h1>
        <div class="tabs" role="group" aria-label={t("status")}>
          {tabs.map((name) => (
            <button key={name} type="button" aria-pressed={name === tab} onClick={() => { setSeen(undefined); setTab(name); }}>
              {name === "all" ? t("all") : say(name)}
            </button>
          ))}
        </div>
        {!seen ? <Waiting error={error} again={again} /> : rows.length === 0 ? <p class="empty">{t("empty_inbox")}</p> : (
          <ul class="rows">
            {rows.map((row) => <Row key={row.number} row={row} open={row.number === rest} />)}
          </ul>
        )}
        {cursor && <button type="button" class="secondary" onClick={load}>{t("more")}</button>}
      </section>
      <section class="detail" aria-label={t("visit")}>
        {rest ? <BookingView key={rest} number={rest} onChanged={again} /> : <p class="empty">{t("pick_one")}</p>}
      </section>
    </div>
  );
}

function Row({ row, open }: { row: ListedBooking; open: boolean }) {
  const wish = row.preferred[0];
  return (
    <li>
      <a href={`#/inbox/${row.number}`} aria-current={open ? "true" : undefined}>
        <span class="line">
          <strong>{row.name}</strong>
          <Badge status={row.status} />
          {row.blocked && <Blocked />}
          {row.urgent && <Urgent />}
          {row.wished_anew && <WishedAnew />}
          <time dateTime={row.created_at} title={dateTime(row.created_at)}>{ago(row.created_at)}</time>
        </span>
        <span class="line"><span>{say(row.service)}</span><span class="clip">{row.description}</span></span>
        <span class="line soft">
          <span>{row.visit ? `${dateTime(row.visit.start)} · ${row.visit.technician}` : wish ? wishWords(wish) : ""}</span>
          <span class={row.earlier_visits ? "again" : ""}>{row.earlier_visits ? t("earlier_count", { n: row.earlier_visits }) : ""}</span>
        </span>
      </a>
    </li>
  );
}
