// The pages of the differential suite. In: a case. Out: HTML with the recorder, the script tag's
// beacon, and controls to press. Every page carries the same controls, at the same places.

import { TOKEN } from '../beacon-server.mjs';

/** What a visitor can press, and what it does. */
const CONTROLS = `
<nav id="controls" style="height:40px">
  <button id="quick" data-role="quick">Quick</button>
  <button id="slow" class="z slow a" data-role="slow">Slow</button>
  <button id="frames">Frames</button>
  <button id="remove">Remove</button>
  <button id="shift">Shift</button>
  <button id="route">Route</button>
  <input id="text" aria-label="Text">
</nav>
<script>
  const on = (id, act) => document.getElementById(id).addEventListener('click', act);
  const busy = (ms) => { const end = performance.now() + ms; while (performance.now() < end); };
  const later = (act, ms = 0) => setTimeout(act, ms);
  on('slow', () => { busy(120); document.getElementById('slow').textContent += '.'; });
  on('frames', () => { later(() => busy(90)); requestAnimationFrame(() => busy(90)); });
  on('remove', () => document.querySelector('.hero')?.remove());
  // The visitor asked for this one: it does not count.
  on('shift', () => shiftBy(60));
  document.getElementById('text').addEventListener('keydown', () => busy(60));
  const shiftBy = (height) => {
    const banner = document.createElement('div');
    banner.className = 'banner';
    banner.style.height = height + 'px';
    document.querySelector('main').prepend(banner);
  };
  let routes = 0;
  on('route', () => {
    history.pushState({}, '', '/route/' + ++routes);
    later(() => {
      document.querySelector('main').innerHTML =
        '<h1 id="routed-' + routes + '" style="font-size:70px">Bread of route ' + routes + '</h1>' +
        '<p>' + 'Fresh bread every morning. '.repeat(20) + '</p>';
    }, 30);
  });
</script>`;

/** The page of a case, with its registrations and the library under test. */
export function pageOf({ registrations, head = '', body = '', tag = '' }, subject) {
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Bakery</title>
<meta name="viewport" content="width=device-width">${head}
<script type="application/json" id="case">${JSON.stringify({ registrations, subject })}</script>
<script type="module" src="/differential/recorder.js"></script>
<script async src="/beacon.js" data-site="${TOKEN}" ${tag}></script>
</head><body style="margin:0">${CONTROLS}<main>${body}</main></body></html>`;
}

/** A page for before and after. */
export const ELSEWHERE = '<!doctype html><title>Elsewhere</title><p>Elsewhere';
