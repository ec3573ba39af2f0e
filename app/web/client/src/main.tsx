import "@picocss/pico/css/pico.min.css";
import "../../fonts/fonts.css";
import "./style.css";
import { render } from "preact";
import { App } from "./app";

// A page of the release before the last asks for a script that no node has any more: the page of today names those that are.
const kReloaded = "reloaded-at";
const kBetweenReloads = 60000; // ms
addEventListener("vite:preloadError", (event) => {
  if (Date.now() - Number(sessionStorage.getItem(kReloaded)) < kBetweenReloads) return;
  sessionStorage.setItem(kReloaded, String(Date.now()));
  event.preventDefault();
  location.reload();
});

render(<App />, document.getElementById("app")!);
