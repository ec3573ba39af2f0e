const TONE = {up: 'good', unchecked: 'info', down: 'bad', ejected: 'bad', circuit_open: 'bad', draining: 'warn'};
const KEPT = 300;
const CLASSES = ['2xx', '3xx', '4xx', '5xx'];
const QUANTILES = ['p50', 'p95', 'p99'];

const $ = (id) => document.getElementById(id);
let language = localStorage.getItem('lbd-language') === 'en' ? 'en' : 'ko';
let words = WORDS[language];
let token = '';
let latest = null;
let samples = [];
let heard = 0;

// Elements

function make(tag, name, ...inside) {
  const element = document.createElement(tag);
  if (name) element.className = name;
  element.append(...inside);
  return element;
}
/** Touches the page only where something changed, so that a click never lands on what was just replaced. */
function say(element, text) {
  if (element.textContent !== text) element.textContent = text;
}
function dress(element, name) {
  if (element.className !== name) element.className = name;
}
/** Children of `parent` by key: kept, made, removed and put in order. */
function keep(parent, list, key, create, update) {
  parent.kept ??= new Map();
  const seen = new Set();
  let after = parent.fixed ?? null;
  for (const entry of list) {
    const name = key(entry);
    seen.add(name);
    if (!parent.kept.has(name)) parent.kept.set(name, create(entry));
    const row = parent.kept.get(name);
    const next = after ? after.nextSibling : parent.firstChild;
    if (row.root !== next) parent.insertBefore(row.root, next);
    after = row.root;
    update(row, entry);
  }
  for (const [name, row] of parent.kept)
    if (!seen.has(name)) {
      row.root.remove();
      parent.kept.delete(name);
    }
}

const rateChart = new Chart($('rate'), CLASSES, 'area', (sample, key) => sample.answers_per_second[key], short);
const latencyChart = new Chart($('latency'), QUANTILES, 'line', (sample, key) => sample[key + '_ms'],
  (ms) => ms >= 1000 ? ms / 1000 + ' s' : ms + ' ms');

// Sections

function showHeader() {
  const {process} = latest;
  const tone = process.draining ? 'warn' : process.ready ? 'good' : 'bad';
  dress($('lamp'), 'lamp ' + tone);
  dress($('state'), `state ${tone}-text`);
  say($('state'), process.draining ? words.leaving : process.ready ? words.ready : words.notReady);
  const facts = [location.hostname || 'lbd', process.version && 'v' + process.version,
    `${words.uptime} ${span(process.uptime_seconds)}`, `${words.workers} ${process.workers}`];
  if (process.memory_bytes) facts.push(`${words.memory} ${octets(process.memory_bytes)}`);
  if (process.loop_lag_seconds !== null) facts.push(`${words.lag} ${duration(process.loop_lag_seconds * 1000)}`);
  say($('facts'), facts.filter(Boolean).join(' · '));
  document.title = (tone === 'good' ? '' : '⚠ ') + `lbd · ${short(latest.rates.requests_per_second)}${words.perSecond}`;
}
function showTiles() {
  const {rates, upstreams, process} = latest;
  const answers = rates.answers_per_second;
  const share = rates.requests_per_second > 0 ? 100 * answers['5xx'] / rates.requests_per_second : 0;
  const queued = upstreams.reduce((sum, upstream) => sum + upstream.queued, 0);
  const room = upstreams.reduce((sum, upstream) => sum + upstream.queue_length, 0);
  const tiles = [
    [words.requests, short(rates.requests_per_second), words.perSecond,
      `${words.traffic} ${octets(rates.bytes_sent_per_second)}${words.perSecond} · ${words.inbound} ${octets(rates.bytes_received_per_second)}${words.perSecond}`],
    [words.latency, duration(rates.p99_ms), '', `p50 ${duration(rates.p50_ms)} · p95 ${duration(rates.p95_ms)}`],
    [words.errorRate, share.toFixed(share > 0 && share < 10 ? 2 : 0), '%',
      `${words.refused} ${short(rates.refused_per_second)}${words.perSecond}`, share >= 5 ? 'bad' : share >= 1 ? 'warn' : ''],
    [words.now, short(rates.requests_now), '', `${words.clients} ${short(rates.client_connections_now)} · ${words.behind} ${short(rates.upstream_connections_now)}`],
    [words.queue, short(queued), '', room ? `/ ${short(room)}` : words.none, queued > 0 ? 'warn' : ''],
    [words.retries, short(rates.retries_per_second), words.perSecond, process.not_ready[0] || '\u00a0'],
  ];
  keep($('tiles'), tiles.map((tile, i) => ({tile, i})), ({i}) => i, () => {
    const row = {root: make('article', 'tile'), title: make('h2'), value: make('span'), unit: make('small'), note: make('p')};
    row.root.append(row.title, make('b', '', row.value, row.unit), row.note);
    return row;
  }, (row, {tile: [title, value, unit, note, tone]}) => {
    dress(row.root, 'tile ' + (tone || ''));
    say(row.title, title);
    say(row.value, value);
    say(row.unit, unit);
    say(row.note, note);
  });
}
function checkText(reason) {
  if (!reason.last_check) return '';
  const result = words[reason.last_check === 'refused' ? 'refused_check' : reason.last_check] || reason.last_check;
  const row = reason.failed_in_row || reason.passed_in_row;
  const count = row > 1 ? ` (${words.consecutive} ${row}${language === 'ko' ? '' : ' '}${words.times})`.replace('( ', '(') : '';
  const took = reason.check_took_ms ? ` ${duration(reason.check_took_ms)}` : '';
  return `${words.check}: ${reason.detail || result}${count}${took}`;
}
function whyText(endpoint) {
  const {reason} = endpoint;
  const parts = [checkText(reason)];
  if (reason.ejected_until) parts.push(`${clock(reason.ejected_until)} ${words.until}`);
  if (reason.last_error && reason.failed_at && secondsSince(reason.failed_at) < 600)
    parts.push(`${words.lastError}: ${reason.last_error}, ${span(secondsSince(reason.failed_at))} ${words.ago}`);
  if (endpoint.source !== 'configuration') parts.push(endpoint.source);
  return parts.filter(Boolean).join(' · ');
}
function makeEndpoint(upstream) {
  const row = {root: make('div', 'endpoint'), lamp: make('span', 'lamp'), name: make('b'), tags: make('small', 'idle-text'),
    state: make('b'), why: make('small'), load: make('span'), bar: make('i'), latency: make('span'), weight: make('span'),
    answered: make('span'), failed: make('small'), act: make('button', 'quiet')};
  row.act.type = 'button';
  row.loadNote = make('small');
  row.latencyNote = make('small');
  row.weightNote = make('small');
  row.root.append(
    make('div', 'who', row.lamp, row.name, row.tags),
    make('div', 'why', row.state, row.why),
    make('div', 'number load', row.load, row.loadNote, make('div', 'gauge', row.bar)),
    make('div', 'number', row.latency, row.latencyNote),
    make('div', 'number weight', row.weight, row.weightNote),
    make('div', 'number answered', row.answered, row.failed),
    make('div', 'act', row.act));
  row.act.addEventListener('click', () => change(row.act, 'POST',
    `/api/v1/upstreams/${encodeURIComponent(upstream)}/endpoints/${encodeURIComponent(row.key)}/${row.command}`));
  return row;
}
function showEndpoint(row, endpoint) {
  const tone = TONE[endpoint.state] || 'idle';
  row.key = endpoint.name;
  row.command = endpoint.state === 'draining' ? 'undrain' : 'drain';
  dress(row.lamp, 'lamp ' + tone);
  say(row.name, endpoint.name);
  const tags = [endpoint.name === endpoint.address ? '' : endpoint.address, endpoint.backup ? words.backup : endpoint.tier ? `${words.tier} ${endpoint.tier}` : ''];
  say(row.tags, tags.filter(Boolean).join(' · '));
  dress(row.state, tone + '-text');
  const age = endpoint.since ? ` · ${span(secondsSince(endpoint.since))}` : '';
  say(row.state, (words[endpoint.state] || endpoint.state) + age);
  say(row.why, whyText(endpoint));
  const most = endpoint.max_connections;
  say(row.load, most ? `${endpoint.in_flight} / ${most}` : String(endpoint.in_flight));
  say(row.loadNote, words.now);
  row.bar.style.width = Math.min(100, 100 * endpoint.in_flight / (most || 100)) + '%';
  dress(row.bar, most && endpoint.in_flight >= most ? 'full' : '');
  say(row.latency, duration(endpoint.latency_ms));
  say(row.latencyNote, words.latencyTitle);
  say(row.weight, String(endpoint.weight));
  say(row.weightNote, words.weight);
  say(row.answered, short(endpoint.answered));
  say(row.failed, `${words.failed} ${short(endpoint.failed)}`);
  say(row.act, words[row.command]);
}
function showUpstreams() {
  keep($('upstreams'), latest.upstreams, (upstream) => upstream.name, () => {
    const row = {root: make('section', 'panel'), name: make('h2'), count: make('span', 'badge'), panic: make('span', 'badge bad-text'), note: make('small')};
    row.list = make('div');
    row.root.append(make('div', 'heading', row.name, row.count, row.panic, row.note), row.list);
    return row;
  }, (row, upstream) => {
    const all = upstream.endpoints.length;
    say(row.name, upstream.name);
    say(row.count, `${upstream.usable} / ${all} ${words.usable}`);
    dress(row.count, 'badge ' + (upstream.usable === 0 ? 'bad-text' : upstream.usable < all ? 'warn-text' : 'good-text'));
    say(row.panic, upstream.panic ? words.panic : upstream.usable === 0 ? words.noPlace : '');
    row.panic.hidden = !row.panic.textContent;
    const notes = [upstream.policy];
    if (upstream.queue_length) notes.push(`${words.queued} ${upstream.queued} / ${upstream.queue_length}`);
    notes.push(...upstream.failed_sources);
    say(row.note, notes.filter(Boolean).join(' · '));
    keep(row.list, upstream.endpoints, (endpoint) => endpoint.name, () => makeEndpoint(upstream.name), showEndpoint);
  });
}
function listPanel(panel, title, list, empty, key, update) {
  if (!panel.list) {
    panel.heading = make('h2');
    panel.empty = make('p', 'nothing');
    panel.list = make('div');
    panel.append(make('div', 'heading', panel.heading), panel.list, panel.empty);
  }
  say(panel.heading, title);
  say(panel.empty, empty);
  panel.empty.hidden = list.length > 0;
  keep(panel.list, list, key, () => {
    const row = {root: make('div', 'item'), lead: make('b'), text: make('span', 'code'), end: make('span', 'idle-text'), note: make('small')};
    row.root.append(make('div', 'top', row.lead, row.text, row.end), row.note);
    return row;
  }, update);
}
function showLists() {
  let number = 0;
  listPanel($('errors'), words.errors, latest.errors.slice(0, 20), words.errorsNone,
    (error) => `${error.at} ${error.request_id || number++}`, (row, error) => {
      dress(row.lead, error.status >= 500 || error.status === 0 ? 'bad-text' : 'warn-text');
      say(row.lead, String(error.status || '–'));
      say(row.text, [error.method, (error.host || '') + (error.path || '')].filter(Boolean).join(' '));
      say(row.end, clock(error.at));
      const from = [error.upstream, error.endpoint].filter(Boolean).join(' / ');
      say(row.note, [error.error, from, error.client, duration(error.duration_ms), error.request_id].filter(Boolean).join(' · '));
    });
  const {process} = latest;
  const reload = process.last_reload;
  const lines = [{key: 'file', lead: `${words.generation} ${process.generation}`, text: process.config_file || '', note:
    reload ? `${reload.successful ? words.reloadedAt : words.reloadFailed} ${clock(reload.at)}` : words.neverReloaded, tone: reload && !reload.successful ? 'bad' : ''}];
  for (const fault of (reload ? reload.faults : []).slice(0, 20))
    lines.push({key: fault.where + fault.wrong, lead: '', text: fault.where, note: `${fault.wrong} → ${fault.right}`, tone: 'bad'});
  for (const text of (reload && reload.successful ? reload.changes : []).slice(0, 20)) lines.push({key: text, lead: '', text: '', note: text, tone: ''});
  listPanel($('configuration'), words.configuration, lines, '', (line) => line.key, (row, line) => {
    say(row.lead, line.lead);
    say(row.text, line.text);
    say(row.note, line.note);
    dress(row.note, line.tone ? line.tone + '-text' : '');
  });
  listPanel($('listeners'), words.listeners, latest.listeners, words.none, (listener) => listener.address, (row, listener) => {
    say(row.lead, listener.name && !listener.name.includes(':') ? listener.name : '');  // else its address
    say(row.text, listener.address);
    say(row.end, listener.accepting ? `${words.requests} ${short(listener.requests)}` : words.closed);
  });
  listPanel($('routes'), words.routes, latest.routes, words.none, (route) => route.name + route.match, (row, route) => {
    say(row.lead, route.name === route.match.replace(' ', '') ? '' : route.name || '');
    say(row.text, route.match);
    say(row.end, route.requests ? short(route.requests) : '');
    say(row.note, route.upstreams.length ? '→ ' + route.upstreams.join(', ') : '');
  });
}

// Changes

function notice(text, tone) {
  $('notice').hidden = !text;
  dress($('notice'), 'notice ' + (tone || ''));
  say($('notice'), text || '');
}
/** Asks for the token; true when the operator gave one. */
function askForToken(fault) {
  say($('ask-title'), words.askTitle);
  say($('ask-text'), words.askText);
  say($('ask-no'), words.cancel);
  say($('ask-yes'), words.go);
  say($('ask-fault'), fault || '');
  $('ask-token').value = '';
  $('ask').returnValue = 'no';
  $('ask').showModal();
  $('ask-token').focus();
  return new Promise((resolve) => {
    $('ask').addEventListener('close', () => {
      const given = $('ask').returnValue === 'yes' && $('ask-token').value.trim();
      if (given) token = given;
      $('ask-token').value = '';
      showTools();
      resolve(Boolean(given));
    }, {once: true});
  });
}
async function change(button, method, path) {
  let fault = '';
  for (;;) {
    if ((!token || fault) && !await askForToken(fault)) return;
    button.disabled = true;
    try {
      const said = await fetch(path, {method, headers: {Authorization: 'Bearer ' + token}});
      const body = await said.json();
      if (said.status === 401) {
        token = '';
        fault = words.wrongToken;
        continue;
      }
      notice(said.ok ? body.done : body.detail, said.ok ? 'good' : '');
      setTimeout(() => { if ($('notice').classList.contains('good')) notice(''); }, 6000);
    } catch (error) {
      notice(String(error));
    } finally {
      button.disabled = false;
    }
    showTools();
    return;
  }
}
function showTools() {
  say($('language'), words.other);
  say($('token'), token ? words.tokenSet : words.tokenNone);
}

// Life

function show() {
  document.documentElement.lang = language;
  showTools();
  say(rateChart.title, words.rateTitle);
  say(latencyChart.title, words.latencyTitle);
  if (!latest) return say($('state'), words.connecting);
  $('main').hidden = false;
  showHeader();
  showTiles();
  rateChart.show();
  latencyChart.show();
  showUpstreams();
  showLists();
}
async function begin() {
  const [history, status] = await Promise.allSettled(['history', 'status'].map(
    async (what) => (await fetch('/api/v1/' + what)).json()));
  if (history.status === 'fulfilled') samples = history.value.slice(-KEPT);
  if (status.status === 'fulfilled') take(status.value);
  listen();
}
function take(status) {
  latest = status;
  if (!samples.length || samples[samples.length - 1].at !== latest.rates.at) samples.push(latest.rates);
  while (samples.length > KEPT) samples.shift();
  if (heard === 0) notice('');
  heard = Date.now();
  show();
}
function listen() {
  const events = new EventSource('/api/v1/events');
  events.addEventListener('status', (event) => take(JSON.parse(event.data)));
  events.addEventListener('error', () => {
    heard = 0;
    notice(words.lost);
    if (events.readyState === EventSource.CLOSED) setTimeout(listen, 3000);
  });
}
$('language').addEventListener('click', () => {
  language = language === 'ko' ? 'en' : 'ko';
  words = WORDS[language];
  localStorage.setItem('lbd-language', language);
  show();
});
$('token').addEventListener('click', () => token ? (token = '', showTools()) : askForToken());
addEventListener('resize', () => latest && show());
show();
begin();
