// Whether the first file of fonts.css holds every character of our own words: a page then loads one file.
// usage: node covers.mjs fonts.css WORDS_FILE…
import { readFileSync } from "node:fs";

const [css, ...wordFiles] = process.argv.slice(2);
const ranges = readFileSync(css, "utf8").match(/unicode-range:([^}]+)}/)[1].split(",").map((range) => {
  const [from, to = from] = range.slice(2).split("-").map((digits) => parseInt(digits, 16));
  return { from, to };
});
const held = (one) => ranges.some(({ from, to }) => one.codePointAt(0) >= from && one.codePointAt(0) <= to);
const missing = [...new Set(wordFiles.map((file) => readFileSync(file, "utf8")).join(""))].filter((one) => one >= " " && !held(one));
if (missing.length > 0) {
  console.error(`scripts/web: the font misses ${missing.join(" ")}: scripts/web fonts`);
  process.exit(1);
}
