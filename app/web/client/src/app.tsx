import type { ComponentType } from "preact";
import { useEffect, useState } from "preact/hooks";
import { ask, setCsrf, whenLoggedOut } from "./api";
import { Login } from "./pages/login";
import { Inbox } from "./pages/inbox";
import { Toasts, Waiting } from "./ui";
import { language, switchLanguage, t, type Word } from "./words";
import type { Session } from "./contract";

export interface PageProps { me: Session; rest: string }
type Page = ComponentType<PageProps>;

interface Place { word: Word; owner?: boolean; page: () => Promise<Page> }
const places: Record<string, Place> = {
  inbox: { word: "inbox", page: async () => Inbox },
  calendar: { word: "calendar", page: async () => (await import("./pages/calendar")).CalendarPage },
  customers: { word: "customers", page: async () => (await import("./pages/customers")).Customers },
  report: { word: "report", page: async () => (await import("./pages/report")).Report },
  ops: { word: "ops", page: async () => (await import("./pages/ops")).Ops },
  audit: { word: "audit", owner: true, page: async () => (await import("./pages/audit")).Audit },
  hours: { word: "hours", page: async () => (await import("./pages/hours")).OpeningHours },
  settings: { word: "settings", page: async () => (await import("./pages/settings")).Settings },
};

/** `#/calendar/2026-12-01` as its place and the rest. */
const whereabouts = () => {
  const [, name = "inbox", ...rest] = location.hash.replace(/^#/, "").split("/");
  return { name: name in places ? name : "inbox", rest: decodeURIComponent(rest.join("/")) };
};

export function App() {
  const [me, setMe] = useState<Session | null | undefined>(undefined);
  const [over, setOver] = useState(false);
  const [, setLanguage] = useState(language());
  const enter = () => ask<"readSession">("/session", { quiet: true }).then((found) => { setCsrf(found.csrf_token); setOver(false); setMe(found); }, () => setMe(null));
  useEffect(() => {
    whenLoggedOut(() => { setOver(true); setMe(null); });
    void enter();
  }, []);
  const turn = () => { switchLanguage(); setLanguage(language()); };
  useEffect(() => { document.title = t("title"); });
  if (me === undefined) return <Waiting />;
  if (me === null) return <Login over={over} onDone={enter} onLanguage={turn} />;
  return <Shell me={me} onLanguage={turn} onLeave={() => setMe(null)} onChanged={enter} />;
}

function Shell({ me, onLanguage, onLeave, onChanged }: { me: Session; onLanguage: () => void; onLeave: () => void; onChanged: () => void }) {
  const [where, setWhere] = useState(whereabouts());
  const [Page, setPage] = useState<{ name: string; page: Page } | null>(null);
  useEffect(() => {
    const look = () => setWhere(whereabouts());
    addEventListener("hashchange", look);
    return () => removeEventListener("hashchange", look);
  }, []);
  useEffect(() => {
    let wanted = true;
    void places[where.name]!.page().then((page) => wanted && setPage({ name: where.name, page }));
    return () => { wanted = false; };
  }, [where.name]);
  useEffect(() => {
    addEventListener("account-changed", onChanged);
    return () => removeEventListener("account-changed", onChanged);
  }, []);
  const logout = () => ask<"logout">("/logout", { method: "POST" }).finally(onLeave);
  const shown = Object.entries(places).filter(([, place]) => !place.owner || me.role === "owner");
  return (
    <>
      <a class="skip" href="#main" onClick={(event) => { event.preventDefault(); document.getElementById("main")!.focus(); }}>{t("skip")}</a>
      <aside class="side">
        <div class="brand"><span class="mark" aria-hidden="true" />{t("title")}</div>
        <nav aria-label={t("menu")}>
          {shown.map(([name, place]) => (
            <a key={name} href={`#/${name}`} class={name} aria-current={name === where.name ? "page" : undefined}>{t(place.word)}</a>
          ))}
        </nav>
        <div class="me">
          <p><strong>{me.username}</strong> · {t(me.role)}</p>
          <button type="button" class="plain" onClick={onLanguage} lang={language() === "ko" ? "en" : "ko"}>{t("language")}</button>
          <button type="button" class="plain" onClick={logout}>{t("logout")}</button>
        </div>
      </aside>
      <main id="main" tabIndex={-1} class={where.name}>
        {Page && Page.name === where.name ? <Page.page me={me} rest={where.rest} /> : <Waiting />}
        <p class="zone">{t("times_seoul")}</p>
      </main>
      <Toasts />
    </>
  );
}
