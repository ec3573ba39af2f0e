import { useState } from "preact/hooks";
import { ask } from "../api";
import { money, seoulDay } from "../format";
import { Fault, Field, Waiting, toast, useAnswer, usePasswordGuard } from "../ui";
import { say, t } from "../words";
import type { PageProps } from "../app";


export function Report({ me }: PageProps) {
  const [month, setMonth] = useState(seoulDay(new Date()).slice(0, 7));
  const { answer, error, again } = useAnswer<"readReport">(`/report?month=${month}`);
  return (
    <>
      <header class="bar"><h1>{t("report")}</h1><Field label={t("month_of")}><input type="month" value={month} onChange={(event) => setMonth(event.currentTarget.value)} /></Field></header>
      {!answer ? <Waiting error={error} again={again} /> : (
        <>
          <div class="figures">
            <p><small>{t("received")}</small><strong>{answer.received}</strong></p>
            <p><small>{t("done")}</small><strong>{answer.done}</strong></p>
            <p><small>{t("cancelled")}</small><strong>{answer.cancelled}</strong></p>
            <p><small>{t("revenue")}</small><strong>{money(answer.revenue)}</strong></p>
          </div>
          <table>
            <thead><tr><th scope="col">{t("service")}</th><th scope="col" class="num">{t("jobs")}</th><th scope="col" class="num">{t("revenue")}</th></tr></thead>
            <tbody>{answer.services.map((row) => <tr key={row.service}><td>{say(row.service)}</td><td class="num">{row.jobs}</td><td class="num">{money(row.revenue)}</td></tr>)}</tbody>
          </table>
        </>
      )}
      {me.role === "owner" && <Export month={month} />}
      {me.role === "owner" && <Feed />}
    </>
  );
}

function Export({ month }: { month: string }) {
  const [error, setError] = useState<unknown>(null);
  const { guarded, dialog } = usePasswordGuard();
  const get = (event: SubmitEvent) => {
    event.preventDefault();
    const reason = String(new FormData(event.target as HTMLFormElement).get("reason"));
    setError(null);
    guarded(() => ask<"exportBookings">("/export", { body: { month, reason } }).then(({ name, csv }) => {
      const link = document.createElement("a");
      link.href = URL.createObjectURL(new Blob([csv], { type: "text/csv;charset=utf-8" }));
      link.download = name;
      link.click();
      URL.revokeObjectURL(link.href);
    })).catch(setError);
  };
  return (
    <section class="card">
      <h2>{t("export_csv")}</h2>
      <form onSubmit={get}>
        <Field label={t("export_why")}><input name="reason" required maxLength={200} /></Field>
        <Fault error={error} />
        <button type="submit" class="secondary">{t("export_csv")}</button>
      </form>
      {dialog}
    </section>
  );
}

function Feed() {
  const [path, setPath] = useState<string>();
  const [error, setError] = useState<unknown>(null);
  const { guarded, dialog } = usePasswordGuard();
  const make = () => guarded(() => ask<"newFeed">("/calendar-feed", { method: "POST" }).then((said) => { setPath(said.path); toast(t("saved")); })).catch(setError);
  return (
    <section class="card">
      <h2>{t("ics")}</h2>
      <p class="soft">{t("ics_hint")}</p>
      {path && <p><code class="long">{location.origin + path}</code></p>}
      <Fault error={error} />
      <button type="button" class="secondary" onClick={make}>{t("ics_new")}</button>
      {dialog}
    </section>
  );
}
