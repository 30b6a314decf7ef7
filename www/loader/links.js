// Links that can be counted when they are passed on: `data-share` and the Web Share API.
//
// In: the loader's context, which makes links and records shares. Out: listeners. Sharing must work
// for every visitor, measured or not, and nothing here may throw into the page.

/** A share that is recorded when the visitor has chosen where to, not when they close the dialog. */
const shareNatively = (context, native, data) => {
  let share;
  const url = context.share('native', data, (...call) => { share = call; });
  return native.call(navigator, { ...data, url }).then((done) => {
    if (share) context.call(...share);
    return done;
  });
};

/** Counts what the page itself shares. Links to other sites, files and texts are passed on. */
const wrap = (context, native) => {
  navigator.share = (data) => {
    let own = false;
    try {
      own = data.url != null && new URL(data.url, location).origin == location.origin;
    } catch { /* the browser explains to the page what is wrong with it */ }
    return own ? shareNatively(context, native, data) : native.call(navigator, data);
  };
};

/** Follows the share element that was clicked. */
const clicked = (context, native, event) => {
  const element = event.target.closest?.('[data-share]');
  if (!element) return;
  const { share: name, shareUrl: url } = element.dataset;
  const href = element.getAttribute('href');
  const channel = name || element.hostname || (native ? 'native' : 'copy');
  if (href?.includes('{link}')) {
    const link = context.share(channel, { url });
    element.setAttribute('href', href.replace('{link}', encodeURIComponent(link)));
    // The browser follows the link first; the next click gets an id of its own.
    setTimeout(() => element.setAttribute('href', href));
  } else if (channel == 'native' && native) {
    event.preventDefault();
    // A visitor who closes the dialog has not shared.
    shareNatively(context, native, { title: document.title, url }).catch(() => {});
  } else if (channel == 'native' || channel == 'copy') {
    event.preventDefault();
    // Without a clipboard nothing was shared, so nothing is recorded.
    let share;
    const link = context.share('copy', { url }, (...call) => { share = call; });
    navigator.clipboard?.writeText(link).then(() => share && context.call(...share), () => {});
  } else {
    context.share(channel, { url });
  }
};

/** Starts to listen, and repeats the click that had to wait. */
export const links = (context) => {
  const native = navigator.share;
  if (native) wrap(context, native);
  const listen = (event) => {
    try {
      clicked(context, native, event);
    } catch { /* a share that fails is the visitor's to repeat, not the page's to handle */ }
  };
  addEventListener('click', listen, true);
  addEventListener('auxclick', listen, true);
  context.linked = true;
  context.clicked?.click();
};
