// What the browser remembers for us. A browser may forbid storage, and the page works without.

/** The value remembered under `key`, or `fallback` where there is none that can be read. */
export function recall(key, fallback, store = 'localStorage') {
  try {
    const text = window[store].getItem(`xtrace.${key}`);
    return text === null ? fallback : JSON.parse(text);
  } catch {
    return fallback;
  }
}

export function remember(key, value, store = 'localStorage') {
  try {
    window[store].setItem(`xtrace.${key}`, JSON.stringify(value));
  } catch {
    // Forgetting is all that happens.
  }
}
