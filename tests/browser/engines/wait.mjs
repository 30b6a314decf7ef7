// Waiting in a page, the same in each engine. In: a tab and a function that runs in it. Out: its
// first truthy result. Must never happen: a wait without an end, or one that hides why it ended.

const LIMIT_MS = 30_000;
const PAUSE_MS = 30;

/** Asks the page until the answer is truthy. */
export async function untilTrue(tab, ask, argument) {
  const end = Date.now() + LIMIT_MS;
  for (;;) {
    let fault;
    // A page that is being replaced answers nothing; the next one will. A driver that hangs will not.
    const answer = await tab.evaluate(ask, argument).catch((error) => {
      if (error.unresponsive) {
        throw error;
      }
      fault = error;
    });
    if (answer) {
      return answer;
    }
    if (Date.now() > end) {
      throw new Error(`waited ${LIMIT_MS} ms in vain for ${ask}`, { cause: fault });
    }
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
}
