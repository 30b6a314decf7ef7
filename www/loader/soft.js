// Other addresses without another document, where the browser does not measure them.
//
// In: the browser's ways to tell of an address. Out: a call whenever it may have changed. Chromium
// has entries of its own for soft navigations; elsewhere only the page's identity is known.

/** Calls `moved` after each change of the address. */
export const moves = (on, moved) => {
  if (self.navigation) {
    navigation.addEventListener('currententrychange', moved);
    return;
  }
  for (const name of ['pushState', 'replaceState']) {
    const native = history[name];
    history[name] = function change(...args) {
      native.apply(this, args);
      moved();
    };
  }
  on(['popstate'], moved);
};
