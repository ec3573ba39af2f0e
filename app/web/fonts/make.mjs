// Makes the subsets of Pretendard (variable, weights 400 to 800) that the pages use, and the style sheet that names them.
// The first holds what our own words need, so that a page loads one file; the others hold the rest of KS X 1001's 2350
// syllables, the most frequent first, and are fetched when a guest's words need them. What is rarer comes from the system.
// usage: node make.mjs PRETENDARD WORDS_FILE…   in an empty folder: writes *.woff2 and fonts.css there
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { convert } from "fontverter";
import subset from "subset-font";

const kRests = 8; // files for what is not in the first
const kAlways = Array.from({ length: 0x7f - 0x20 }, (_, at) => String.fromCharCode(0x20 + at)).join("") + "·…‘’“”–—₩×→←↑↓✓℃㎡";
const [pretendard, ...wordFiles] = process.argv.slice(2);
const variable = join(pretendard, "dist/web/variable");
const whole = readFileSync(join(variable, "woff2/PretendardVariable.woff2"));

/** Syllables of KS X 1001, by two octets of EUC-KR. */
function syllables() {
  const decoder = new TextDecoder("euc-kr");
  const all = [];
  for (let row = 0xb0; row <= 0xc8; ++row)
    for (let cell = 0xa1; cell <= 0xfe; ++cell) all.push(decoder.decode(Uint8Array.of(row, cell)));
  return all;
}

/** Pretendard's own slices, made by how often a character is met: the higher the number, the more often. */
function frequencies() {
  const of = new Map();
  const css = readFileSync(join(variable, "pretendardvariable-dynamic-subset.css"), "utf8");
  for (const [, number, ranges] of css.matchAll(/subset\.(\d+)\.woff2\).*?unicode-range: ([^;]+);/gs))
    for (const range of ranges.split(",")) {
      const [from, to = from] = range.trim().slice(2).split("-").map((digits) => parseInt(digits, 16));
      for (let code = from; code <= to; ++code) of.set(code, Number(number));
    }
  return of;
}

function rangesOf(text) {
  const codes = [...new Set(Array.from(text, (one) => one.codePointAt(0)))].sort((a, b) => a - b);
  const ranges = [];
  for (const code of codes) {
    const last = ranges.at(-1);
    if (last && code === last[1] + 1) last[1] = code;
    else ranges.push([code, code]);
  }
  return ranges.map(([from, to]) => `U+${from.toString(16)}${to > from ? `-${to.toString(16)}` : ""}`).join(",");
}

/** The licence keeps the name for the font as its maker published it: ours has another one, of the same length. */
function renamed(font) {
  for (const encoding of ["latin1", "utf16be"]) {
    const octets = (text) => (encoding === "latin1" ? Buffer.from(text, encoding) : Buffer.from(text, "utf16le").swap16());
    for (let at = 0; (at = font.indexOf(octets("Pretendard"), at)) >= 0; ) octets("MainstayUI").copy(font, at);
  }
  return font;
}

async function face(name, text) {
  const made = await subset(whole, text, { targetFormat: "truetype", variationAxes: { wght: { min: 400, max: 800 } } });
  const font = await convert(renamed(Buffer.from(made)), "woff2");
  const file = `${name}-${createHash("sha256").update(font).digest("hex").slice(0, 12)}.woff2`;
  writeFileSync(file, font);
  return `@font-face{font-family:"Mainstay UI";font-weight:400 800;font-display:swap;src:url(/fonts/${file}) format("woff2");unicode-range:${rangesOf(text)}}\n`;
}

const ours = [...new Set(wordFiles.map((file) => readFileSync(file, "utf8")).join("") + kAlways)].filter((one) => one >= " ").sort();
const frequency = frequencies();
const rank = (one) => frequency.get(one.codePointAt(0)) ?? -1;
const rest = syllables().filter((one) => !ours.includes(one)).sort((a, b) => rank(b) - rank(a) || (a < b ? -1 : 1));
const size = Math.ceil(rest.length / kRests);
let css = "/* Pretendard 1.3.9, (c) 2021 Kil Hyung-jin, SIL Open Font License 1.1: app/web/fonts/LICENSE. Made by scripts/web fonts. */\n";
css += await face("ui", ours.join(""));
for (let part = 0; part < kRests; ++part) css += await face(`ui-${part + 1}`, rest.slice(part * size, (part + 1) * size).join(""));
writeFileSync("fonts.css", css);
