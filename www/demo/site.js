// What the demo bakery's pages do. In: clicks, a submitted form, time. Out: what each is meant to
// show in the numbers: a slow interaction, a late shift, leads, conversions, events, an error.
// Never: anything that depends on the beacon being there. `foresight` is asked for at the moment of
// use, because its script loads by itself, and pages must work without it.

/** How long the slow button keeps the page busy, in ms. */
const BUSY_MS = 200;
/** When the menu's banner appears, in ms after the page was read. */
const BANNER_MS = 600;

const SPECIALS = ['Rye with caraway, 4.20 €', 'Spelt rolls, three for 2.40 €', 'Berry tart, 3.90 € a slice'];

const one = (selector) => document.querySelector(selector);

/** Keeps the main thread busy, as a handler does that computes too much before it paints. */
function keepBusy(durationMs) {
  const end = performance.now() + durationMs;
  while (performance.now() < end) {
    // Nothing else can run meanwhile: that is the point.
  }
}

/** The slow button: INP is about 200 ms on a page where it was used. */
function showSpecials() {
  keepBusy(BUSY_MS);
  const list = one('#specials');
  list.replaceChildren(
    ...SPECIALS.map((name) => {
      const item = document.createElement('li');
      item.textContent = name;
      return item;
    }),
  );
  list.hidden = false;
}

/** The late shift: a banner without room reserved for it, above everything else. */
function showBanner() {
  const banner = document.createElement('p');
  banner.className = 'banner banner-late';
  banner.textContent = 'This week: every third roll is on us. Fresh from seven in the morning.';
  one('main').prepend(banner);
}

function filterVegan(event) {
  const button = event.currentTarget;
  const vegan = button.getAttribute('aria-pressed') !== 'true';
  button.setAttribute('aria-pressed', String(vegan));
  for (const item of document.querySelectorAll('.goods li')) {
    item.hidden = vegan && !item.hasAttribute('data-vegan');
  }
  window.foresight?.track('filter', { vegan });
}

function order(event) {
  window.foresight?.convert('order');
  const said = one('#ordered');
  said.textContent = `Ordered: ${event.currentTarget.dataset.order}. See you tomorrow at seven.`;
  said.hidden = false;
}

function reserve(event) {
  event.preventDefault();
  window.foresight?.lead('table');
  event.currentTarget.hidden = true;
  const thanks = one('#thanks');
  thanks.hidden = false;
  thanks.focus();
}

/** An error that no code catches, as a script with a mistake throws it. */
function breakDown() {
  throw new Error('demo: the oven timer is not connected');
}

one('#show-specials')?.addEventListener('click', showSpecials);
one('#vegan')?.addEventListener('click', filterVegan);
for (const button of document.querySelectorAll('[data-order]')) {
  button.addEventListener('click', order);
}
one('#table')?.addEventListener('submit', reserve);
one('#break')?.addEventListener('click', breakDown);
if (document.body.hasAttribute('data-late-banner')) {
  setTimeout(showBanner, BANNER_MS);
}
