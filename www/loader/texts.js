// Cleaning of texts before they leave the page.
//
// In: elements and texts of the page, of any length. Out: texts within the limits of the wire format
// (`shared/src/limits.rs`), without query strings. They must never hold text of the page, nor ids and
// classes that look generated (they differ in each build) or personal (they differ for each visitor).

/** The first `limit` Unicode scalar values. Halves of characters, which JSON cannot hold, are replaced. */
export const cut = (text, limit) =>
  [...`${text ?? ''}`].slice(0, limit).join('').replace(/[\ud800-\udfff]/gu, '\ufffd');

/** A name for a rollup: without blanks around it, at most 64 characters. Empty if there is none. */
export const name = (text) => cut(`${text ?? ''}`.trim(), 64).trim();

/** Whether a text can be the id of a share. */
export const isId = (text) => /^[\w-]{8,36}$/.test(text);

/** A web address without query and fragment. `data:` and `blob:` hold content or name nothing. */
export const address = (url) => /^http/.test(url) ? cut(url.split(/[?#]/)[0], 256) : '';

/** An error's message without the browser's prefix and without the queries of addresses in it. */
export const message = (text) => cut(`${text ?? ''}`.trim().replace(/^Uncaught /, '')
  .replace(/(:\/\/[^ ?#]*)[?#][^ "')]*/g, '$1'), 256);

/**
 * Whether an id or a class looks as if a person wrote it for every visitor. It does not if it is no
 * plain identifier, or if a part between hyphens looks like a hash or a number of something: three
 * digits or more, a digit before a letter (`3xK9d`), or capitals within few small letters twice
 * (`bdVaJa`): camel case has words, so its humps are further apart.
 */
export const isLasting = (name) => /^(?!\d)[\w-]{1,32}$/.test(name) && !/\d[a-z]|(\d[^-_]*){3}/i.test(name) &&
  name.split(/[-_]/).every((part) => [...part.matchAll(/[a-z](?=[A-Z])/g)]
    .every(({ index }, before) => !before || index + 2 >= 5 * (before + 1)));

/** A selector such as `main>figure.hero>img`. Of a masked part only the masked element is named. */
export const selector = (node) => {
  let path = '';
  let element = node?.nodeType == 1 ? node : node?.parentElement;
  element = element?.closest('[data-foresight-mask]') || element;
  for (let depth = 0; element && depth < 9; depth++, element = element.parentElement) {
    const tag = element.localName;
    if (path && /^(body|html)$/.test(tag)) break;
    const id = element.getAttribute('id');
    const unique = isLasting(id || '');
    const step = tag + (unique ? '#' + id
      : [...element.classList].sort().filter(isLasting).slice(0, 3).map((name) => '.' + name).join(''))
      + (path && '>' + path);
    if (path && step.length > 128) break;
    path = step;
    if (unique) break;
  }
  return cut(path, 128);
};

/** Properties of a custom event, from pairs: at most 16 texts, finite numbers and booleans. */
export const properties = (pairs) => {
  const kept = Object.create(null);
  let room = 16;
  for (const [pair, value] of pairs) {
    const key = name(pair);
    const text = typeof value == 'string';
    if (room && key && !(key in kept) && (text || Number.isFinite(value) || typeof value == 'boolean')) {
      kept[key] = text ? cut(value, 128) : value;
      room--;
    }
  }
  return kept;
};
