import { useState } from "preact/hooks";
import { ask, Problem } from "../api";
import { Fault, Field } from "../ui";
import { language, t } from "../words";

export function Login({ over, onDone, onLanguage }: { over: boolean; onDone: () => void; onLanguage: () => void }) {
  const [error, setError] = useState<unknown>(null);
  const [code, setCode] = useState(false);
  const [busy, setBusy] = useState(false);
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const data = new FormData(event.target as HTMLFormElement);
    const text = (name: string) => String(data.get(name) ?? "");
    setBusy(true);
    setError(null);
    ask<"login">("/login", { body: { username: text("username"), password: text("password"), ...(code && { code: text("code") }) }, quiet: true })
      .then(onDone, (problem) => {
        if (problem instanceof Problem && problem.code === "code_required") setCode(true);
        else setError(problem);
      })
      .finally(() => setBusy(false));
  };
  return (
    <main id="main" class="login">
      <article>
        <h1><span class="mark" aria-hidden="true" />{t("title")}</h1>
        {over && <p class="notice" role="status">{t("session_over")}</p>}
        <form onSubmit={submit}>
          <Field label={t("username")}><input name="username" autocomplete="username" autocapitalize="none" required autofocus /></Field>
          <Field label={t("password")}><input name="password" type="password" autocomplete="current-password" required /></Field>
          {code && (
            <Field label={t("code")} hint={t("code_hint")}>
              <input name="code" inputMode="numeric" autocomplete="one-time-code" required autofocus />
            </Field>
          )}
          <Fault error={error} />
          <button type="submit" aria-busy={busy} disabled={busy}>{t("login")}</button>
        </form>
        <button type="button" class="plain" onClick={onLanguage} lang={language() === "ko" ? "en" : "ko"}>{t("language")}</button>
      </article>
    </main>
  );
}
