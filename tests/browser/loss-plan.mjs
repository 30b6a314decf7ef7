// What two hundred visitors of the loss test do: which page, and how and when each view ends.
//
// In: a seed and a number of views. Out: one plan a view. It is pure, so a seed that a run prints
// gives the same visitors again; what the browser makes of them still depends on the machine.

/** The ways in which a view ends. The first four are those that the goals speak of. */
export const WAYS = ['closed', 'navigated', 'hidden-killed', 'closed-loading'];
/** Beyond the goals: a renderer that dies in front of its visitor. Counted and printed apart. */
export const BEYOND = 'killed';

/** Every how many views one ends beyond the goals. */
const BEYOND_EVERY = 10;

/** Numbers from 0 to 1, the same for the same seed (mulberry32). */
export const random = (seed) => () => {
  seed = (seed + 0x6d2b79f5) | 0;
  let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
};

/**
 * Plans `count` views that end in one of WAYS, each way equally often, and a tenth as many beyond.
 * All times are in ms since the browser has committed to the page.
 */
export const plan = (seed, count) => {
  const next = random(seed);
  const between = (low, high) => Math.round(low + next() * (high - low));
  const total = count + Math.ceil(count / BEYOND_EVERY);
  const views = Array.from({ length: total }, (_, index) => {
    const way = index < count ? WAYS[index % WAYS.length] : BEYOND;
    const loading = way == 'closed-loading';
    // How long the page's slowest image takes: a page that is closed while it loads has a slow one.
    const image = loading ? between(800, 2500) : next() < 0.5 ? between(50, 900) : 0;
    return {
      path: `/walk-${index}`,
      way,
      image,
      shift: next() < 0.5 ? between(100, 1500) : 0,
      clicks: next() < 0.6 ? Array.from({ length: between(1, 3) }, () => between(200, 3000)).sort((a, b) => a - b) : [],
      busy: between(20, 150),
      // A first visit has no beacon in its cache.
      first: next() < 0.5,
      // A click on a link, or an address of the visitor's own.
      link: next() < 0.5,
      // How long a killed page has been hidden.
      hidden: between(0, 600),
      end: loading ? between(0, image) : between(100, 4000),
    };
  });
  // In random order, so that no way of ending has the machine for itself.
  return views.map((view) => [next(), view]).sort(([a], [b]) => a - b).map(([, view]) => view);
};

/** Where the button is from the right and from above, so that a click needs to ask the page nothing. */
export const BUTTON = { right: 70, top: 30 };

/** The page of a plan. Its largest element is the image, or else its heading. */
export const page = ({ image, shift, busy }, tag) => `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Bakery</title>${tag}
<style>body{font:18px serif;margin:2em}h1{font-size:40px}</style></head><body>
<h1>Bread of the long afternoon</h1><a id="away" href="/away">Away</a>
<button id="order" style="position:fixed;right:10px;top:10px;width:120px;height:40px">Order</button><div id="banner"></div>
${image ? `<img src="/image.png?wait=${image}" width="400" height="300" alt="">` : ''}
<p style="height:400px;background:#fed">Fresh every morning, from five to noon.</p>
<script>
order.onclick = () => { const end = performance.now() + ${busy}; while (performance.now() < end); order.textContent += '.'; };
${shift ? `setTimeout(() => { banner.style.height = '90px'; }, ${shift});` : ''}
</script></body></html>`;
