// In: nothing. Out: what the page on what passes by says, in English. Never: a state that is not named.

import type { Live } from '../state/live.ts';

export const liveText = {
  live: 'Live',
  states: {
    connecting: 'Connecting …',
    open: 'Listening: page views show as they come.',
    lost: 'The stream ended. Refresh to listen again.',
    paused: 'Paused: nothing is asked for.',
  } satisfies Record<Live['state'], string>,
  pause: 'Pause',
  minute: 'The last 60 seconds',
  waiting: 'Waiting for the first figures: they come each 5 seconds.',
  minuteNote: (time: string, zone: string) => `Of all sites, as of ${time} (${zone}). Told anew each 5 seconds.`,
  recent: (most: string) => `Page views of the last minute, over the last five; at most ${most}`,
  stream: 'Page views',
  streamNote: (skipped: string) => `Latest first, at most 60. Of many, some are shown: ${skipped} were left out.`,
  single: 'What a single page view measured, and where and by what it was seen, is shown to administrators only.',
  noViews: 'None since you opened this page.',
  at: 'Time',
};
