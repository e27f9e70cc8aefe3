// Elements without markup. Nothing that was received ever passes an HTML parser: text becomes text
// nodes, and the Content-Security-Policy forbids style attributes, so styles are set property by
// property.

const SVG = 'http://www.w3.org/2000/svg';

/**
 * An HTML element. `props`: `class`, `text`, `on: {click: f}`, `style: {'--x': '1px'}`,
 * `data: {id: 'x'}`; anything else is an attribute, where `true` means present and `null`,
 * `undefined` and `false` absent. `children`: a node, a text, a number, a list of these; null is
 * skipped.
 */
export function h(tag, props = {}, children = []) {
  return fill(document.createElement(tag), props, children);
}

/** The same for SVG. */
export function svg(tag, props = {}, children = []) {
  return fill(document.createElementNS(SVG, tag), props, children);
}

/** Replaces what is inside an element. */
export function replace(element, children) {
  element.replaceChildren();
  append(element, children);
  return element;
}

export function append(element, children) {
  if (children === null || children === undefined || children === false) return;
  if (Array.isArray(children)) {
    for (const child of children) append(element, child);
  } else {
    element.append(children instanceof Node ? children : document.createTextNode(String(children)));
  }
}

/**
 * Lets `work` replace what is inside an element; who had the focus there has it afterwards too, on
 * what is called the same, or else on what stands at the same place.
 */
export function keepFocus(element, work) {
  const stops = () => [
    ...element.querySelectorAll('a[href], button, input, summary, [tabindex]:not([tabindex="-1"])'),
  ];
  const nameOf = (stop) => `${stop.tagName} ${stop.getAttribute('aria-label') ?? stop.textContent}`;
  const before = stops();
  const at = before.indexOf(document.activeElement);
  if (at < 0) {
    work();
    return;
  }
  const name = nameOf(before[at]);
  const turn = before.slice(0, at).filter((stop) => nameOf(stop) === name).length;
  work();
  const after = stops();
  const same = after.filter((stop) => nameOf(stop) === name)[turn] ?? after[at];
  same?.focus({ preventScroll: true });
}

/** Says something to those who listen to the page. */
export function announce(sentence) {
  document.getElementById('announce').textContent = sentence;
}

/** Runs `work` once before the next paint however often it is asked. */
export function oncePerFrame(work) {
  let waiting = 0;
  const ask = () => {
    if (waiting) return;
    waiting = requestAnimationFrame(() => {
      waiting = 0;
      work();
    });
  };
  ask.cancel = () => {
    cancelAnimationFrame(waiting);
    waiting = 0;
  };
  return ask;
}

/** A button that puts `text` on the clipboard and says so. */
export function copyButton(text, name) {
  const button = h('button', {
    class: 'copy',
    type: 'button',
    'aria-label': `Copy ${name}`,
    title: `Copy ${name}`,
    text: 'copy',
  });
  button.addEventListener('click', async (event) => {
    event.stopPropagation();
    const value = typeof text === 'function' ? text() : text;
    button.textContent = (await copyText(value)) ? 'copied' : 'failed';
    announce(`${name} ${button.textContent === 'copied' ? 'copied' : 'could not be copied'}`);
    setTimeout(() => {
      button.textContent = 'copy';
    }, 1500);
  });
  return button;
}

async function copyText(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copySelected(text);
  }
}

// Where the page was called by a name of its machine, a browser has no clipboard for it.
function copySelected(text) {
  const focused = document.activeElement;
  const field = h('textarea', { class: 'unseen', 'aria-hidden': 'true' });
  field.value = text;
  document.body.append(field);
  field.select();
  const isCopied = document.execCommand('copy');
  field.remove();
  focused?.focus();
  return isCopied;
}

function fill(element, props, children) {
  for (const [name, value] of Object.entries(props)) setProp(element, name, value);
  append(element, children);
  return element;
}

function setProp(element, name, value) {
  if (value === null || value === undefined || value === false) return;
  if (name === 'class') element.setAttribute('class', value);
  else if (name === 'text') element.textContent = value;
  else if (name === 'data') Object.assign(element.dataset, value);
  else if (name === 'style')
    for (const [key, text] of Object.entries(value)) element.style.setProperty(key, text);
  else if (name === 'on')
    for (const [type, callback] of Object.entries(value)) element.addEventListener(type, callback);
  else element.setAttribute(name, value === true ? '' : value);
}
