// Numbers as people read them, and the two charts of the last minutes.

function short(number) {
  if (number >= 1e9) return (number / 1e9).toFixed(1) + 'G';
  if (number >= 1e6) return (number / 1e6).toFixed(1) + 'M';
  if (number >= 1e4) return (number / 1e3).toFixed(1) + 'k';
  return number >= 100 || Number.isInteger(number) ? Math.round(number).toLocaleString('en') : number.toFixed(1);
}
function octets(number) {
  for (const [unit, size] of [['GB', 1e9], ['MB', 1e6], ['kB', 1e3]])
    if (number >= size) return (number / size).toFixed(1) + ' ' + unit;
  return Math.round(number) + ' B';
}
function duration(ms) {
  if (ms === null || ms === undefined) return '–';
  if (ms >= 10000) return (ms / 1000).toFixed(1) + ' s';
  if (ms >= 1000) return (ms / 1000).toFixed(2) + ' s';
  return (ms >= 100 ? Math.round(ms) : ms.toFixed(1)) + ' ms';
}
function span(seconds) {
  const units = language === 'ko' ? ['일', '시간', '분', '초'] : ['d', 'h', 'min', 's'];
  const parts = [86400, 3600, 60, 1];
  const at = Math.max(0, parts.findIndex((part) => seconds >= part));
  return Math.floor(seconds / parts[seconds < 1 ? 3 : at]) + (language === 'ko' ? '' : ' ') + units[seconds < 1 ? 3 : at];
}
const secondsSince = (time) => Math.max(0, (Date.parse(latest.at) - Date.parse(time)) / 1000);
const clock = (time) => new Date(time).toLocaleTimeString('en-GB');

// Charts

const SVG = 'http://www.w3.org/2000/svg';
const WIDE = 600, HIGH = 190, TOP = 8, FOOT = 18, LEFT = 50;
function draw(tag, attributes) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  return element;
}
function roundUp(most) {
  const power = 10 ** Math.floor(Math.log10(Math.max(most, 1e-9)));
  return power * [1, 2, 2.5, 5, 10].find((step) => most <= step * power);
}
class Chart {
  constructor(panel, keys, kind, value, unit) {
    Object.assign(this, {keys, kind, value, unit, at: null});
    this.title = make('h2');
    this.note = make('small');
    this.values = {};
    const legend = make('div', 'legend');
    for (const key of keys) {
      this.values[key] = make('b');
      legend.append(make('span', '', make('i', 'i' + key), key + ' ', this.values[key]));
    }
    this.svg = draw('svg', {preserveAspectRatio: 'none', role: 'img'});
    panel.append(make('div', 'heading', this.title, this.note, legend), make('div', 'chart', this.svg));
    this.grid = [0, 1, 2].map(() => [draw('line', {class: 'grid'}), draw('text', {'text-anchor': 'end'})]);
    this.paths = keys.map((key) => draw('path', {class: kind === 'area' ? 's' + key : 'line ' + key}));
    this.mark = draw('line', {class: 'at', visibility: 'hidden'});
    this.times = [['start', '-5:00'], ['middle', '-2:30'], ['end', '0:00']].map(([anchor, text]) => {
      const label = draw('text', {'text-anchor': anchor});
      label.textContent = text;
      return label;
    });
    this.svg.append(...this.grid.flat(), ...this.paths, this.mark, ...this.times);
    this.svg.addEventListener('pointermove', (event) => {
      const box = this.svg.getBoundingClientRect();
      const share = (event.clientX - box.left - LEFT) / (box.width - LEFT);
      this.at = share < 0 || share > 1 ? null : Math.round(share * (KEPT - 1));
      this.show();
    });
    this.svg.addEventListener('pointerleave', () => { this.at = null; this.show(); });
  }
  show() {
    const wide = Math.max(240, this.svg.clientWidth || WIDE);
    this.svg.setAttribute('viewBox', `0 0 ${wide} ${HIGH}`);
    const first = KEPT - samples.length;
    const sums = samples.map((sample) => this.kind === 'area'
      ? this.keys.reduce((sum, key) => sum + this.value(sample, key), 0)
      : Math.max(0, ...this.keys.map((key) => this.value(sample, key) ?? 0)));
    const most = roundUp(Math.max(this.kind === 'area' ? 4 : 2, ...sums) * 1.05);
    const x = (i) => (LEFT + (wide - LEFT) * (first + i) / (KEPT - 1)).toFixed(1);
    const y = (value) => (HIGH - FOOT - (HIGH - FOOT - TOP) * value / most).toFixed(1);
    this.grid.forEach(([line, label], i) => {
      const level = y(most * i / 2);
      for (const [name, value] of [['x1', LEFT], ['x2', wide], ['y1', level], ['y2', level]]) line.setAttribute(name, value);
      label.setAttribute('x', LEFT - 6);
      label.setAttribute('y', Number(level) + 4);
      label.textContent = this.unit(most * i / 2);
    });
    this.times.forEach((label, i) => {
      label.setAttribute('x', LEFT + (wide - LEFT) * i / 2);
      label.setAttribute('y', HIGH - 3);
    });
    if (this.kind === 'area') this.stack(x, y);
    else this.lines(x, y);
    const at = this.at === null ? samples.length - 1 : this.at - first;
    const shown = samples[at];
    for (const key of this.keys) {
      const value = shown && this.value(shown, key);
      say(this.values[key], shown ? (this.kind === 'area' ? short(value) : duration(value)) : '');
    }
    this.svg.setAttribute('aria-label', [this.title.textContent, ...this.keys.map((key) => `${key} ${this.values[key].textContent}`)].join(', '));
    this.mark.setAttribute('visibility', this.at !== null && shown ? 'visible' : 'hidden');
    if (this.at !== null && shown)
      for (const [name, value] of [['x1', x(at)], ['x2', x(at)], ['y1', TOP], ['y2', HIGH - FOOT]]) this.mark.setAttribute(name, value);
    say(this.note, this.at !== null && shown ? clock(shown.at) : words.lastMinutes);
  }
  stack(x, y) {
    const floor = samples.map(() => 0);
    this.keys.forEach((key, k) => {
      const below = samples.map((sample, i) => `${x(i)},${y(floor[i])}`);
      const above = samples.map((sample, i) => `${x(i)},${y(floor[i] += this.value(sample, key))}`);
      this.paths[k].setAttribute('d', samples.length > 1 ? `M${above.join('L')}L${below.reverse().join('L')}Z` : '');
    });
  }
  lines(x, y) {
    this.keys.forEach((key, k) => {
      let path = '';
      let pen = 'M';
      samples.forEach((sample, i) => {
        const value = this.value(sample, key);
        path += value === null ? '' : `${pen}${x(i)},${y(value)}`;
        pen = value === null ? 'M' : 'L';
      });
      this.paths[k].setAttribute('d', path);
    });
  }
}
