// What the page asks of the program (README.md beside this file).

/**
 * What the program answered where it could not do as asked. `column` counts from 1, null where
 * there is none.
 */
class ApiError extends Error {
  constructor(status, message, column = null) {
    super(message);
    this.status = status;
    this.column = column;
  }
}

export const api = {
  /** `{revision, total, matched, traces}`. */
  traces({ filter = '', limit = 10000, signal } = {}) {
    return getJson(`/api/traces?${query({ filter, limit })}`, signal);
  },
  trace(id, signal) {
    return getJson(`/api/traces/${encodeURIComponent(id)}`, signal);
  },
  /** Of one trace, or of all that a filter takes. */
  graph({ filter = '', trace = '', signal } = {}) {
    return getJson(`/api/graph?${query({ filter, trace })}`, signal);
  },
  stats(signal) {
    return getJson('/api/stats', signal);
  },
  strays(signal) {
    return getJson('/api/strays', signal);
  },
  async clear() {
    const answer = await ask('/api/clear', { method: 'POST', headers: { 'X-Xtrace': '1' } });
    if (!answer.ok) throw await refusal(answer);
  },
  /** Where a download is: `format` is `json`, `har` or `perfetto.json`. */
  exportPath(id, format) {
    return `/export/${encodeURIComponent(id)}.${format}`;
  },
};

async function getJson(path, signal) {
  const answer = await ask(path, { signal });
  if (!answer.ok) throw await refusal(answer);
  return answer.json();
}

async function ask(path, options) {
  try {
    return await fetch(path, { cache: 'no-store', ...options });
  } catch (error) {
    if (error.name === 'AbortError') throw error;
    throw new ApiError(0, 'The program does not answer. Does xtrace listen still run?');
  }
}

async function refusal(answer) {
  const told = await answer.json().catch(() => null);
  const error = told && told.error ? told.error : {};
  return new ApiError(
    answer.status,
    error.message || `The program answered ${answer.status}.`,
    error.column ?? null,
  );
}

function query(values) {
  const given = Object.entries(values).filter(([, value]) => value !== '');
  return new URLSearchParams(given).toString();
}
