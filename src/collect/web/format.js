// Numbers as people read them. Times come as epoch seconds and durations as seconds.

/** `85 µs`, `1.24 ms`, `612 ms`, `1.24 s`, `2 m 03 s`, `3 h 20 m`; three digits that count. */
export function duration(seconds) {
  if (seconds === null || seconds === undefined || Number.isNaN(seconds)) return '–';
  const sign = seconds < 0 ? '−' : '';
  const value = Math.abs(seconds);
  if (value < 1e-9) return '0';
  if (value < 0.9995e-3) return `${sign}${digits(value * 1e6)} µs`;
  if (value < 0.9995) return `${sign}${digits(value * 1e3)} ms`;
  if (value < 59.95) return `${sign}${digits(value)} s`;
  const whole = Math.round(value);
  if (whole < 3600) return `${sign}${Math.floor(whole / 60)} m ${two(whole % 60)} s`;
  return `${sign}${Math.floor(whole / 3600)} h ${two(Math.floor((whole % 3600) / 60))} m`;
}

/** How long ago: `now`, `12 s`, `5 m`, `3 h`, `2 d`; `in 5 m` where a clock is that far ahead. */
export function age(seconds, now = Date.now() / 1000) {
  const passed = now - seconds;
  if (passed <= -60) return `in ${age(now, seconds)}`;
  if (passed < 1) return 'now';
  if (passed < 60) return `${Math.floor(passed)} s`;
  if (passed < 3600) return `${Math.floor(passed / 60)} m`;
  if (passed < 86400) return `${Math.floor(passed / 3600)} h`;
  return `${Math.floor(passed / 86400)} d`;
}

/** The local time of day, `14:03:20.123`; `decimals` from 0 to 6. */
export function clock(seconds, decimals = 3) {
  const { date, micros } = moment(seconds);
  const text = [date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(':');
  return decimals === 0 ? text : `${text}.${String(micros).padStart(6, '0').slice(0, decimals)}`;
}

/** `2026-11-21 14:03:20.123` in local time. */
export function dateTime(seconds, decimals = 3) {
  const { date } = moment(seconds);
  const day = [date.getFullYear(), two(date.getMonth() + 1), two(date.getDate())].join('-');
  return `${day} ${clock(seconds, decimals)}`;
}

/** `512 B`, `12.3 kB`, `4.56 MB`: powers of a thousand, as the program counts. */
export function bytes(count) {
  let value = count;
  for (const unit of ['B', 'kB', 'MB', 'GB']) {
    if (value < 999.5 || unit === 'GB')
      return unit === 'B' ? `${value} B` : `${digits(value)} ${unit}`;
    value /= 1000;
  }
  return '';
}

/** `12,345`. */
export function count(value) {
  return Math.round(value).toLocaleString('en-US');
}

/** `1 trace`, `12 traces`. */
export function plural(value, one, many = `${one}s`) {
  return `${count(value)} ${value === 1 ? one : many}`;
}

/** `0.66/s`, `12/m` for what is rarer than one in ten seconds. */
export function rate(perSecond) {
  return perSecond >= 0.1 || perSecond === 0
    ? `${digits(perSecond)}/s`
    : `${digits(perSecond * 60)}/m`;
}

export function percent(share) {
  if (share > 0 && share < 0.001) return '<0.1 %';
  return `${digits(share * 100)} %`;
}

/** The last eight digits of a trace id, which tell one from another at a glance. */
export function shortId(id) {
  return id.slice(-8);
}

/** The part of a URL after the host, or the whole where it is not one. */
export function path(url) {
  const match = /^[a-z][a-z0-9+.-]*:\/\/[^/?#]*([^#]*)/i.exec(url || '');
  return match ? match[1] || '/' : url || '';
}

// What was sent as .123 is a little less as a number, and would be cut to .122.
function moment(seconds) {
  const whole = Math.round(seconds * 1e6);
  const micros = ((whole % 1e6) + 1e6) % 1e6;
  return { date: new Date((whole - micros) / 1000), micros };
}

function digits(value) {
  if (value === 0) return '0';
  if (value >= 99.95) return String(Math.round(value));
  return trim(value >= 9.995 ? value.toFixed(1) : value.toFixed(2));
}

function trim(text) {
  return text.replace(/\.?0+$/, '');
}

function two(value) {
  return String(value).padStart(2, '0');
}
