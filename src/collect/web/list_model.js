// The rows that the list shows: what the program has of a filter, kept up to date by the live
// stream, in the order that was asked for. One for the page; it lives on while another view shows.
import { api } from './api.js';
import { startLive, subscribe } from './live.js';
import { pins } from './marks.js';
import { COLUMNS, comparator } from './list_order.js';

const MOST_ROWS = 10000;
const QUIET = 250;
const RELOAD_PAUSE = 1000;

class ListModel {
  constructor() {
    this.rows = new Map();
    this.pinned = new Map();
    this.order = [];
    this.filter = null;
    this.sort = { column: 'age', descending: true };
    this.total = 0;
    this.error = null;
    this.isLoading = true;
    this.isPaused = false;
    this.waiting = new Map();
    this.changed = new Map();
    this.listeners = new Set();
    this.asking = null;
    this.reloading = 0;
    this.loaded = -RELOAD_PAUSE;
    this.isBehind = false;
    this.timer = 0;
    pins.listen(() => this.settle());
  }

  /** Calls back after every change of `order`, `error`, `isLoading`. Returns the undoing. */
  listen(callback) {
    this.listeners.add(callback);
    return () => this.listeners.delete(callback);
  }

  /** Asks for another filter's traces; nothing where it is the one that is shown. */
  setFilter(filter) {
    if (filter === this.filter && !this.error) return;
    this.filter = filter;
    this.load();
  }

  setSort(column, descending) {
    const known = COLUMNS.find((candidate) => candidate.name === column);
    if (!known) return;
    this.sort = { column, descending: descending ?? known.descending };
    this.settle();
  }

  setPaused(isPaused) {
    this.isPaused = isPaused;
    if (!isPaused) {
      if (this.isBehind) this.reload();
      const news = [...this.waiting.entries()];
      this.waiting.clear();
      this.merge(news);
    }
    this.tell();
  }

  /** How many traces came or changed while paused. */
  get held() {
    return this.waiting.size;
  }

  /** Everything anew, as after a reload. */
  async load() {
    if (this.asking) this.asking.abort();
    const asking = new AbortController();
    this.asking = asking;
    this.isLoading = true;
    this.changed.clear();
    this.tell();
    try {
      const answer = await api.traces({
        filter: this.filter,
        limit: MOST_ROWS,
        signal: asking.signal,
      });
      this.error = null;
      this.waiting.clear();
      this.rows = new Map(answer.traces.map((row) => [row.id, row]));
      this.total = answer.total;
      this.listenFrom(answer.revision);
      this.findPins();
    } catch (error) {
      if (error.name === 'AbortError') return;
      this.error = error;
      if (!this.isListening) this.listenAnyway();
    }
    this.isLoading = false;
    this.loaded = performance.now();
    this.settle();
  }

  /** The same, but no more than once a second, and not while the list is held still. */
  reload() {
    this.isBehind = this.isPaused;
    if (this.isPaused || this.reloading) return;
    const wait = Math.max(0, this.loaded + RELOAD_PAUSE - performance.now());
    this.reloading = setTimeout(() => {
      this.reloading = 0;
      if (this.isPaused) this.isBehind = true;
      else this.load();
    }, wait);
  }

  async clear() {
    await api.clear();
    this.forget();
  }

  forget() {
    this.pinned.clear();
    pins.clear();
    this.load();
  }

  listenFrom(revision) {
    if (!this.isListening) {
      this.isListening = true;
      subscribe({
        change: (news) => this.change(news),
        restart: () => this.reload(),
        state: (name) => this.noteState(name),
      });
    }
    startLive(revision);
  }

  // A filter that cannot be read, or no answer, is no reason to miss what comes.
  async listenAnyway() {
    const { revision } = await api.traces({ limit: 1 }).catch(() => ({ revision: 0 }));
    this.listenFrom(revision);
  }

  // What could not be asked while the program was away is asked when it is back.
  noteState(name) {
    if (name === 'live' && this.error && this.error.status === 0) this.reload();
  }

  /** News of the live stream: rows of all that changed, whatever the filter takes of them. */
  change(news) {
    if (news.stats && Number.isFinite(news.stats.traces)) this.total = news.stats.traces;
    const removed = (news.removed || []).map((id) => [id, null]);
    const rows = (news.traces || []).map((row) => [row.id, row]);
    if (this.filter === '') {
      this.take([...removed, ...rows]);
      // More than the stream remembers may have gone at once.
      if (this.rows.size > this.total) this.reload();
      return;
    }
    // While its filter cannot be read the list stays as it was.
    if (this.error) return;
    this.take(removed);
    for (const [id, row] of rows) this.changed.set(id, row);
    this.askSoon(QUIET);
  }

  take(news) {
    if (!this.isPaused) {
      this.merge(news);
      return;
    }
    for (const [id, row] of news) this.waiting.set(id, row);
    // Days may pass: what is more than the list shows is asked for when it goes on.
    if (this.waiting.size > MOST_ROWS) {
      this.isBehind = true;
      for (const id of [...this.waiting.keys()].slice(0, -MOST_ROWS)) this.waiting.delete(id);
    }
    this.tell();
  }

  merge(news) {
    if (news.length === 0) return;
    for (const [id, row] of news) {
      if (row === null) this.rows.delete(id);
      else this.rows.set(id, row);
      if (row !== null && this.pinned.has(id)) this.pinned.set(id, row);
    }
    this.settle();
  }

  askSoon(delay) {
    if (this.timer || this.changed.size === 0) return;
    this.timer = setTimeout(async () => {
      const began = performance.now();
      await this.catchUp();
      this.timer = 0;
      // A slow filter over many traces is asked less often.
      this.askSoon(Math.max(QUIET, 3 * (performance.now() - began)));
    }, delay);
  }

  /**
   * Which of the changed traces the filter takes is the program's to say. It tells those that
   * changed last first, so that the head of its answer has all of them.
   */
  async catchUp() {
    const asked = this.changed;
    const { filter } = this;
    this.changed = new Map();
    const limit = Math.min(MOST_ROWS, 2 * asked.size + 50);
    let answer;
    try {
      answer = await api.traces({ filter, limit });
    } catch {
      // The stream tells that the program is gone; a bad filter is told when it is set.
      return;
    }
    if (filter !== this.filter) return;
    const matching = new Map(answer.traces.map((row) => [row.id, row]));
    const oldest = answer.traces.length < limit ? 0 : answer.traces[limit - 1].revision;
    if ([...asked].some(([id, row]) => !matching.has(id) && row.revision < oldest)) {
      this.reload();
      return;
    }
    this.total = answer.total;
    this.take([...asked.keys()].map((id) => [id, matching.get(id) || null]));
  }

  /** Pinned traces stay in sight even where the filter does not take them. */
  findPins() {
    for (const id of pins.list()) {
      const row = this.rows.get(id);
      if (row) this.pinned.set(id, row);
      else if (!this.pinned.has(id)) this.fetchPin(id);
    }
  }

  async fetchPin(id) {
    try {
      const trace = await api.trace(id);
      if (pins.has(id)) this.pinned.set(id, trace.row);
      this.settle();
    } catch {
      if (pins.has(id)) pins.toggle(id);
    }
  }

  /** Puts everything in order and tells it. */
  settle() {
    for (const id of pins.list()) if (this.rows.has(id)) this.pinned.set(id, this.rows.get(id));
    for (const id of this.pinned.keys()) if (!pins.has(id)) this.pinned.delete(id);
    const order = [...this.rows.values()].filter((row) => !this.pinned.has(row.id));
    order.sort(comparator(this.sort));
    if (order.length > MOST_ROWS) this.trim(order);
    this.order = [...this.pinned.values(), ...order];
    this.tell();
  }

  trim(order) {
    const byChange = [...order].sort((left, right) => right.revision - left.revision);
    for (const row of byChange.slice(MOST_ROWS)) this.rows.delete(row.id);
    const kept = order.filter((row) => this.rows.has(row.id));
    order.splice(0, order.length, ...kept);
  }

  tell() {
    for (const callback of this.listeners) callback();
  }
}

export const listModel = new ListModel();
