// What the guest's pages can do more of in a browser that runs scripts. Nothing here is needed to send a request.
(() => {
  'use strict';
  const all = (selector) => [...document.querySelectorAll(selector)];

  // Buttons that need a script show themselves.
  for (const element of all('.only-script')) element.hidden = false;
  for (const button of all('[data-print]')) button.addEventListener('click', () => window.print());
  for (const button of all('[data-copy]')) {
    button.addEventListener('click', async () => {
      const source = document.getElementById(button.dataset.copy);
      try {
        await navigator.clipboard.writeText(source.textContent.trim());
      } catch {
        const range = document.createRange();
        range.selectNodeContents(source);
        const selection = window.getSelection();
        selection.removeAllRanges();
        selection.addRange(range);
        document.execCommand('copy');
      }
      button.textContent = button.dataset.said;
    });
  }

  // A draft outlives a reload or a dead battery, in this tab alone; photos and the form's key are not kept.
  const DRAFT = 'request-draft';
  const form = document.querySelector('form[data-draft]');
  const kept = () => [...form.elements].filter((field) => field.name && !['hidden', 'file', 'submit'].includes(field.type));
  if (form) {
    let draft = {};
    try { draft = JSON.parse(sessionStorage.getItem(DRAFT) ?? '{}'); } catch { draft = {}; }
    const untouched = kept().every((field) => ['radio', 'checkbox'].includes(field.type) ? !field.checked
      : field.tagName === 'SELECT' || !field.value);
    if (untouched) {
      for (const field of kept()) {
        const value = draft[field.name];
        if (value === undefined) continue;
        if (field.type === 'radio') field.checked = field.value === value;
        else if (field.type === 'checkbox') field.checked = value === true;
        else field.value = value;
      }
    }
    form.addEventListener('input', () => {
      const now = {};
      for (const field of kept()) {
        if (field.type === 'radio') { if (field.checked) now[field.name] = field.value; }
        else now[field.name] = field.type === 'checkbox' ? field.checked : field.value;
      }
      try { sessionStorage.setItem(DRAFT, JSON.stringify(now)); } catch { /* full or forbidden: no draft */ }
    });
  }
  if (document.getElementById('number')?.classList.contains('number')) sessionStorage.removeItem(DRAFT);

  // Days of rest are told at once; what really counts is said by the server.
  for (const fieldset of all('fieldset[data-rest]')) {
    const rest = new Set(fieldset.dataset.rest.split(' '));
    for (const day of fieldset.querySelectorAll('input[type=date]')) {
      const said = document.createElement('p');
      said.className = 'fault';
      said.setAttribute('role', 'status');
      day.parentElement.append(said);
      day.addEventListener('change', () => { said.textContent = rest.has(day.value) ? fieldset.dataset.restSaid : ''; });
    }
  }

  // Photos are shrunk to what a repair needs before they are sent; drawing them again also leaves Exif behind.
  const LARGEST = 1600;
  const shrink = async (file) => {
    const picture = await createImageBitmap(file, { imageOrientation: 'from-image' });
    const scale = Math.min(1, LARGEST / Math.max(picture.width, picture.height));
    const canvas = document.createElement('canvas');
    canvas.width = Math.max(1, Math.round(picture.width * scale));
    canvas.height = Math.max(1, Math.round(picture.height * scale));
    canvas.getContext('2d').drawImage(picture, 0, 0, canvas.width, canvas.height);
    picture.close();
    const blob = await new Promise((done) => { canvas.toBlob(done, 'image/jpeg', 0.82); });
    return new File([blob], 'photo.jpg', { type: 'image/jpeg' });
  };
  for (const field of all('input[data-shrink]')) {
    field.accept = 'image/*';
    field.addEventListener('change', async () => {
      const files = new DataTransfer();
      for (const file of [...field.files].slice(0, 5)) {
        try { files.items.add(await shrink(file)); } catch { files.items.add(file); }
      }
      field.files = files.files;
    });
  }

  // Proof of work: a nonce whose SHA-256 with the challenge begins with that many zero bits.
  const K = new Uint32Array(64);
  const START = new Uint32Array(8);
  for (let n = 2, found = 0; found < 64; n++) {
    let prime = true;
    for (let d = 2; d * d <= n; d++) if (n % d === 0) { prime = false; break; }
    if (!prime) continue;
    if (found < 8) START[found] = (n ** 0.5 % 1) * 2 ** 32;
    K[found++] = (n ** (1 / 3) % 1) * 2 ** 32;
  }
  const turn = (x, n) => (x >>> n) | (x << (32 - n));
  const leadingZeros = (text) => {  // text of ASCII, shorter than 2^16
    const length = text.length;
    const words = new Uint32Array(((length + 8 >> 6) + 1) * 16);
    for (let i = 0; i < length; i++) words[i >> 2] |= text.charCodeAt(i) << (24 - (i % 4) * 8);
    words[length >> 2] |= 0x80 << (24 - (length % 4) * 8);
    words[words.length - 1] = length * 8;
    const hash = START.slice();
    const w = new Uint32Array(64);
    for (let block = 0; block < words.length; block += 16) {
      for (let i = 0; i < 64; i++) {
        if (i < 16) { w[i] = words[block + i]; continue; }
        const a = w[i - 15], b = w[i - 2];
        w[i] = (turn(a, 7) ^ turn(a, 18) ^ (a >>> 3)) + w[i - 7] + (turn(b, 17) ^ turn(b, 19) ^ (b >>> 10)) + w[i - 16];
      }
      let [a, b, c, d, e, f, g, h] = hash;
      for (let i = 0; i < 64; i++) {
        const one = (h + (turn(e, 6) ^ turn(e, 11) ^ turn(e, 25)) + ((e & f) ^ (~e & g)) + K[i] + w[i]) | 0;
        const two = ((turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)) + ((a & b) ^ (a & c) ^ (b & c))) | 0;
        h = g; g = f; f = e; e = (d + one) | 0; d = c; c = b; b = a; a = (one + two) | 0;
      }
      [a, b, c, d, e, f, g, h].forEach((value, i) => { hash[i] += value; });
    }
    return hash[0] === 0 ? 32 : Math.clz32(hash[0]);
  };
  for (const proven of all('form[data-challenge]')) {
    const bits = Number(proven.dataset.bits);
    const answer = document.createElement('input');
    answer.type = 'hidden';
    answer.name = 'proof';
    const button = proven.querySelector('button');
    const words = button.textContent;
    let nonce = 0;
    const work = () => {
      for (const end = nonce + 2000; nonce < end; nonce++) {
        if (leadingZeros(`${proven.dataset.challenge}:${nonce}`) < bits) continue;
        answer.value = `${proven.dataset.challenge}:${nonce}`;
        proven.append(answer);
        button.disabled = false;
        button.textContent = words;
        return;
      }
      setTimeout(work);
    };
    button.disabled = true;
    button.textContent = proven.dataset.working;
    setTimeout(work);
  }
})();
