// Dark and light: what the system prefers until somebody uses the toggle, then what they chose.
// The choice is an attribute of the root element, `data-theme`; every colour is a custom property.

const dark = matchMedia('(prefers-color-scheme: dark)');
const listeners = new Set();

function currentTheme() {
  return document.documentElement.dataset.theme;
}

/** Calls back whenever colours change; who paints on a canvas paints again. Returns the undoing. */
export function onTheme(callback) {
  listeners.add(callback);
  return () => listeners.delete(callback);
}

/** The resolved value of a colour property, for canvases: `colour('--fault')`. */
export function colour(property) {
  return getComputedStyle(document.documentElement).getPropertyValue(property).trim();
}

export function toggleTheme() {
  const next = currentTheme() === 'dark' ? 'light' : 'dark';
  try {
    localStorage.setItem('xtrace.theme', next);
  } catch {
    // It holds until the page is left.
  }
  apply(next);
}

/** Binds the toggle of the header. */
export function startTheme(button) {
  button.addEventListener('click', toggleTheme);
  dark.addEventListener('change', () => {
    if (!chosen()) apply(dark.matches ? 'dark' : 'light');
  });
  onTheme(() => label(button));
  label(button);
}

function chosen() {
  try {
    return localStorage.getItem('xtrace.theme');
  } catch {
    return null;
  }
}

function apply(theme) {
  document.documentElement.dataset.theme = theme;
  for (const callback of listeners) callback();
}

function label(button) {
  const isDark = currentTheme() === 'dark';
  button.textContent = isDark ? '☀' : '☾';
  button.setAttribute('aria-label', isDark ? 'Use light colours' : 'Use dark colours');
  button.title = `${button.getAttribute('aria-label')} (t)`;
}
