// Dates and sums as people read them. Always the time of Seoul, whatever the browser's own zone.
import { language, say } from "./words";
import type { Wish } from "./contract";

const zone = "Asia/Seoul";
const locale = () => (language() === "ko" ? "ko-KR" : "en-GB");
const format = (options: Intl.DateTimeFormatOptions) => (text: string) =>
  new Intl.DateTimeFormat(locale(), { timeZone: zone, ...options }).format(new Date(text));

export const dateTime = (text: string) =>
  format({ month: "short", day: "numeric", weekday: "short", hour: "2-digit", minute: "2-digit", hour12: false })(text);
export const fullTime = (text: string) =>
  format({ year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", second: "2-digit", hour12: false })(text);
export const time = (text: string) => format({ hour: "2-digit", minute: "2-digit", hour12: false })(text);
export const date = (text: string) => format({ month: "short", day: "numeric", weekday: "short" })(text);
/** A day and the time, or the part of the day, that is wished for. */
export const wishWords = (wish: Wish) => `${date(`${wish.date}T12:00:00+09:00`)} ${wish.time ?? say(wish.window)}`;
export const money = (sum: number) =>
  language() === "ko" ? `${sum.toLocaleString("ko-KR")}원` : `₩${sum.toLocaleString("en-US")}`;

/** `2026-12-01` of an instant, in Seoul. */
export const seoulDay = (at: Date) => new Intl.DateTimeFormat("sv-SE", { timeZone: zone }).format(at);
/** `2026-12-01T10:00` of an instant, in Seoul, for an input. */
export const seoulInput = (at: Date) =>
  new Intl.DateTimeFormat("sv-SE", { timeZone: zone, year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit" })
    .format(at).replace(" ", "T");
/** The instant an input of Seoul's time means. */
export const fromSeoul = (input: string) => `${input}:00+09:00`;

export function ago(text: string): string {
  const seconds = Math.round((Date.now() - new Date(text).getTime()) / 1000);
  const relative = new Intl.RelativeTimeFormat(locale(), { numeric: "auto" });
  if (seconds < 60) return relative.format(-seconds, "second");
  if (seconds < 3600) return relative.format(-Math.round(seconds / 60), "minute");
  if (seconds < 86400) return relative.format(-Math.round(seconds / 3600), "hour");
  return relative.format(-Math.round(seconds / 86400), "day");
}
