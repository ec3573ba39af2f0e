// 운영 관제: what stands, what fell, who holds what. Live over SSE, and of nothing but bookd's own look around.
import { useEffect, useState } from "preact/hooks";
import { ago, fullTime } from "../format";
import { Waiting, useAnswer } from "../ui";
import { t, type Word } from "../words";
import type { PageProps } from "../app";
import type { Health, Operations } from "../contract";

const kSilence = 15000; // ms; longer than the server lets a reader wait

export function Ops(_: PageProps) {
  const { answer, error, again } = useAnswer<"readOperations">("/ops");
  const [pushed, setPushed] = useState<Operations>();
  const [live, setLive] = useState(false);
  useEffect(() => {
    const source = new EventSource("/api/v1/admin/ops/events");
    // Each answer brings one event and ends; the browser comes back by itself, to whichever node is there.
    let heard = Date.now();
    source.addEventListener("ops", (event) => { heard = Date.now(); setLive(true); setPushed(JSON.parse(event.data)); });
    source.onopen = () => { heard = Date.now(); setLive(true); };
    const timer = setInterval(() => setLive(Date.now() - heard < kSilence), 1000);
    return () => { clearInterval(timer); source.close(); };
  }, []);
  const now = pushed ?? answer;
  if (!now) return <Waiting error={error} again={again} />;
  return (
    <>
      <header class="bar">
        <h1>{t("ops")}</h1>
        <p class={`live ${live ? "on" : ""}`} role="status">{t(live ? "live" : "not_live")} · <time dateTime={now.at}>{t("checked", { when: fullTime(now.at) })}</time></p>
      </header>
      <p class={`overall ${now.overall}`} role="status">{t(`overall_${now.overall}` as Word)}</p>
      <Map nodes={now.nodes} />
      <div class="cards">
        <Card word="vip" health={now.vip.health}>
          {now.vip.routers.map((row) => <p key={row.name}>{row.address} <small>{row.name}</small><br /><strong>{row.owner ?? t("vip_nobody")}</strong></p>)}
        </Card>
        <Card word="endpoints" health={now.endpoints.health}>
          <ul class="rows">{now.endpoints.rows.map((row) => <li class="line" key={row.seen_by + row.upstream + row.address}><span>{row.address} <small>{row.upstream} · {row.seen_by}</small></span><strong>{row.state}</strong></li>)}</ul>
        </Card>
        <Card word="database" health={now.database.health}>
          <ul class="rows">{now.database.rows.map((row) => (
            <li class="line" key={row.node}><span>{row.node} <small>{row.word}</small></span><strong>{row.role}{row.transactions_behind !== null && ` · ${t("behind", { n: row.transactions_behind })}`}</strong></li>
          ))}</ul>
        </Card>
        <Card word="backup" health={now.backup.health}>
          <dl class="facts"><dt>{t("last_backup")}</dt><dd>{now.backup.last_backup ? ago(now.backup.last_backup) : "–"}</dd><dt>{t("last_drill")}</dt><dd>{now.backup.last_drill ? ago(now.backup.last_drill) : "–"}</dd></dl>
          {now.backup.word && <p class="soft">{now.backup.word}</p>}
        </Card>
        <Card word="alerts" health={now.alerts.health}>
          {now.alerts.rows.length === 0 && now.alerts.health === "good" && <p>{t("no_alerts")}</p>}
          <ul class="rows">{now.alerts.rows.map((row) => <li key={row.name + row.since}><strong>{row.name}</strong> <span class={`badge ${row.severity}`}>{row.severity}</span><br />{row.summary} <small>{ago(row.since)}</small></li>)}</ul>
        </Card>
        <Card word="events">
          {now.events.length === 0 && <p class="soft">{t("no_events")}</p>}
          <ol class="timeline">{now.events.map((row, index) => <li key={index}><time dateTime={row.at}>{fullTime(row.at)}</time><span class={`dot ${row.severity}`}>{row.text}</span></li>)}</ol>
        </Card>
      </div>
    </>
  );
}

function Card({ word, health, children }: { word: Word; health?: Health; children: preact.ComponentChildren }) {
  return (
    <section class="card">
      <h2>{t(word)} {health && <span class={`dot ${health}`}>{t(health)}</span>}</h2>
      {health !== "not_configured" && children}
    </section>
  );
}

const tiers = ["lb", "app", "db"] as const;

/** The three tiers as they stand in the road of a request. A colour never stands alone: a word is beside it. */
const Map = ({ nodes }: { nodes: Operations["nodes"] }) => (
  <div class="map" role="group" aria-label={t("nodes")}>
    {tiers.map((tier) => (
      <ul key={tier} class="tier">
        {nodes.filter((node) => node.kind === tier).map((node) => (
          <li key={node.name} class={`node ${node.health}`}><strong>{node.name}</strong><span>{t(node.health)}</span><small>{node.word}</small></li>
        ))}
      </ul>
    ))}
  </div>
);
