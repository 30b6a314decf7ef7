// The share that brought a visitor, remembered on their device: only with consent to `referral`.
//
// In: the visitor's choice and the share of this page view. Out: the share that counts now. Without
// consent nothing is stored, and what was stored is gone. It names a link and no visitor.

const KEY = 'foresight-referral';
const DAY_MS = 86_400_000;

/** Keeps `share` for `days` (30), or finds the last one that was kept and is still young enough. */
export const remember = (consented, share, days) => {
  try {
    if (!consented) localStorage.removeItem(KEY);
    else if (share) localStorage.setItem(KEY, `${share} ${Date.now() + (+days || 30) * DAY_MS}`);
    else {
      const [kept, end] = (localStorage.getItem(KEY) || '').split(' ');
      if (end > Date.now()) return kept;
      localStorage.removeItem(KEY);
    }
  } catch { /* storage is refused: then nothing is remembered */ }
  return share;
};
