import { useEffect, useState } from "preact/hooks";
import { ask, type Answer } from "../api";
import { fullTime } from "../format";
import { Fault, Waiting, useAnswer } from "../ui";
import { t } from "../words";
import type { PageProps } from "../app";

type Row = Answer<"readAudit">["entries"][number];

export function Audit(_: PageProps) {
  const { answer, error, again } = useAnswer<"readAudit">("/audit?limit=50");
  const [more, setMore] = useState<Row[]>([]);
  const [before, setBefore] = useState<number | null>(null);
  const [verdict, setVerdict] = useState<Answer<"verifyAudit">>();
  const [fault, setFault] = useState<unknown>(null);
  useEffect(() => { if (answer) { setMore([]); setBefore(answer.next_before); } }, [answer]);
  const verify = () => ask<"verifyAudit">("/audit/verify", { method: "POST" }).then(setVerdict, setFault);
  const load = () => ask<"readAudit">(`/audit?limit=50&before=${before}`).then((page) => { setMore([...more, ...page.entries]); setBefore(page.next_before); }, setFault);
  if (!answer) return <Waiting error={error} again={again} />;
  return (
    <>
      <header class="bar"><h1>{t("audit")}</h1><button type="button" class="secondary" onClick={verify}>{t("verify")}</button></header>
      {verdict && (verdict.first_broken === null
        ? <p class="notice good" role="status">{t("chain_good", { n: verdict.entries })}</p>
        : <p class="notice bad" role="alert">{t("chain_bad", { n: verdict.first_broken })}</p>)}
      <Fault error={fault} />
      <div class="wide" tabIndex={0} role="region" aria-label={t("audit")}>
        <table>
          <thead><tr><th scope="col">#</th><th scope="col">{t("when")}</th><th scope="col">{t("who")}</th><th scope="col">{t("from_where")}</th><th scope="col">{t("what")}</th><th scope="col">{t("whom")}</th><th scope="col">{t("detail")}</th></tr></thead>
          <tbody>
            {[...answer.entries, ...more].map((row) => (
              <tr key={row.sequence}><td class="num">{row.sequence}</td><td>{fullTime(row.at)}</td><td>{row.actor}</td><td>{row.address}</td><td><code>{row.action}</code></td><td>{row.subject}</td><td>{row.detail}</td></tr>
            ))}
          </tbody>
        </table>
      </div>
      {before !== null && <button type="button" class="secondary" onClick={load}>{t("more")}</button>}
    </>
  );
}
