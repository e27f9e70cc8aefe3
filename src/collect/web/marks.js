// The traces that are marked for comparison (two at most: a third takes the older one's place) and
// those that are pinned to the top of the list. Both last as long as the browser's tab.
import { recall, remember } from './storage.js';

class IdSet {
  constructor(key, most) {
    this.key = key;
    this.most = most;
    this.ids = recall(key, [], 'sessionStorage');
    this.listeners = new Set();
  }

  has(id) {
    return this.ids.includes(id);
  }

  list() {
    return [...this.ids];
  }

  /** Returns whether it is in now. */
  toggle(id) {
    const isNew = !this.has(id);
    this.set(
      isNew ? [...this.ids, id].slice(-this.most) : this.ids.filter((other) => other !== id),
    );
    return isNew;
  }

  clear() {
    this.set([]);
  }

  /** Calls back on every change. Returns the undoing. */
  listen(callback) {
    this.listeners.add(callback);
    return () => this.listeners.delete(callback);
  }

  set(ids) {
    this.ids = ids;
    remember(this.key, ids, 'sessionStorage');
    for (const callback of this.listeners) callback();
  }
}

export const marks = new IdSet('marks', 2);
export const pins = new IdSet('pins', 20);

export function comparePath() {
  return marks.ids.length === 2 ? `/compare/${marks.ids.map(encodeURIComponent).join('/')}` : null;
}
