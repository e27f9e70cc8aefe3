// One row of a waterfall: a node's name under its parent's, and its bar on the common time.
import { h, replace } from './dom.js';
import { duration } from './format.js';
import { phaseColour, phaseOf, serviceColour, statusBadge, statusOf } from './status.js';
import { durationOf, endOf, gapsOf, offsetOf, WAITING_ROW } from './trace_model.js';

const DEEPEST_INDENT = 24;
const LEAST_GAP_PIXELS = 12;
const LABEL_PIXELS = 150;

export function makeRow() {
  const row = h('div', { class: 'wf-row', role: 'treeitem' });
  row.append(h('div', { class: 'wf-name' }), h('div', { class: 'wf-track' }));
  return row;
}

/** `state`: `{model, view, folded, selected, found, isCriticalShown, width}`. */
export function showRow(row, index, state) {
  const [name, track] = row.children;
  row.className = 'wf-row';
  if (index === WAITING_ROW) {
    showHeading(row, name, track);
    return;
  }
  const { model } = state;
  const key = model.keys[index];
  const isParent = model.children[index].length > 0;
  const isFolded = state.folded.has(key);
  const isSelected = state.selected === key;
  row.dataset.key = key;
  row.id = `node-${key}`;
  row.setAttribute('aria-level', model.nodes[index].depth + 1);
  row.setAttribute('aria-selected', isSelected);
  if (isParent) row.setAttribute('aria-expanded', !isFolded);
  else row.removeAttribute('aria-expanded');
  row.setAttribute('aria-label', describe(model, index));
  row.classList.toggle('wf-selected', isSelected);
  row.classList.toggle('wf-found', state.found.has(index));
  row.style.setProperty('--colour', colourOf(model, index));
  replace(name, nameOf(state, index, isParent, isFolded));
  replace(track, barOf(state, index));
}

function showHeading(row, name, track) {
  row.classList.add('wf-heading');
  row.removeAttribute('aria-expanded');
  row.setAttribute('aria-level', 1);
  row.setAttribute('aria-selected', false);
  row.id = 'node-waiting';
  delete row.dataset.key;
  const sentence = 'Waiting for a parent that has not come';
  row.setAttribute('aria-label', sentence);
  replace(name, h('span', { class: 'cut', text: sentence }));
  replace(track, []);
}

/** The colour of its service, or of its phase. */
export function colourOf(model, index) {
  const role = model.roles[index];
  if (role === 'phase') return phaseColour(phaseOf(model.nodes[index].name) ?? 'wait');
  if (role === 'backoff') return phaseColour('wait');
  return serviceColour(model.service[index]);
}

/** What stands behind a name: method and status, or where a dial went. */
function extraOf(node) {
  const http = node.http;
  if (http) return [http.method, http.status || null].filter(Boolean).join(' ');
  const dialled = node.metadata?.http?.connect?.address;
  if (typeof dialled === 'string') return dialled;
  const operation = node.aws?.operation;
  return typeof operation === 'string' ? operation : '';
}

function nameOf({ model }, index, isParent, isFolded) {
  const node = model.nodes[index];
  const hidden = model.behind[index] - index - 1;
  const fold = isParent
    ? h('span', {
        class: 'wf-fold',
        'aria-hidden': 'true',
        text: isFolded ? '▸' : '▾',
        title: isFolded ? `Show ${hidden} below` : 'Hide what is below',
      })
    : h('span', { class: 'wf-fold wf-leaf' });
  const kinds = { segment: ' wf-segment', phase: ' wf-phase' };
  const kind = `wf-title cut${kinds[model.roles[index]] ?? ''}`;
  return [
    h('span', {
      class: 'wf-indent',
      style: { width: `${Math.min(node.depth, DEEPEST_INDENT) * 13}px` },
    }),
    fold,
    h('span', { class: 'wf-colour' }),
    statusOf(node).letter || node.in_progress ? statusBadge(node) : null,
    h('span', { class: kind, text: node.name || '(no name)', title: node.name }),
    h('span', { class: 'wf-extra cut', text: isFolded ? `+${hidden}` : extraOf(node) }),
  ];
}

function barOf(state, index) {
  const { model, view } = state;
  const node = model.nodes[index];
  if (!node.start)
    return h('span', {
      class: 'wf-label wf-label-right',
      style: { left: '0' },
      text: 'has no start time',
    });
  const from = view.place(offsetOf(model, index));
  const to = Math.max(view.place(endOf(model, index)), from);
  // A tick at the very end is drawn before it.
  const span = {
    left: from <= 1 ? `min(${percent(from)}, 100% - 2px)` : percent(from),
    width: percent(to - from),
  };
  const title = node.inferred
    ? 'Inferred: whoever was called sent no segment'
    : node.in_progress
      ? 'In progress: its end has not been told'
      : null;
  const parts = [h('span', { class: barClass(model, index), style: span, title })];
  if (to > 0 && from < 1) {
    parts.push(
      ...gapMarks(
        state,
        index,
        to >= 0.72 && from <= 0.28 ? Math.min(to, 1) - LABEL_PIXELS / state.width : 1,
      ),
    );
    if (state.isCriticalShown) parts.push(...criticalMarks(state, node));
  }
  parts.push(labelOf(model, index, from, to));
  return parts;
}

const percent = (share) => `${(share * 100).toFixed(4)}%`;

function barClass(model, index) {
  const node = model.nodes[index];
  const classes = ['wf-bar', `wf-${model.roles[index]}`];
  const status = statusOf(node);
  if (status.letter) classes.push(`wf-status wf-${status.name}`);
  if (node.in_progress) classes.push('wf-progress');
  if (node.inferred) classes.push('wf-inferred');
  return classes.join(' ');
}

// `free` is where a label begins that lies upon the bar.
function gapMarks({ model, view, width }, index, free) {
  return gapsOf(model, index).flatMap(([from, to]) => {
    const left = Math.max(view.place(from), 0);
    const right = Math.min(view.place(to), 1);
    const pixels = (right - left) * width;
    if (pixels < LEAST_GAP_PIXELS) return [];
    const text = `unexplained ${duration(to - from)}`;
    return h(
      'span',
      {
        class: 'wf-gap',
        title: `${text}: nothing of it was recorded`,
        style: { left: percent(left), width: percent(right - left) },
      },
      (Math.min(right, free) - left) * width > 120 ? h('span', { text }) : null,
    );
  });
}

function criticalMarks({ model, view }, node) {
  return node.critical.map(([from, to]) => {
    const left = view.place(from - model.start);
    const width = view.place(to - model.start) - left;
    return h('span', {
      class: 'wf-critical',
      style: { left: percent(left), width: percent(width) },
    });
  });
}

function skewMark(node) {
  if (!node.skew) return null;
  const least = duration(Math.abs(node.skew));
  const what = 'this begins before its parent or ends behind it';
  const title = `The clocks differ by ${least} at least: ${what}. Nothing was moved.`;
  return h('span', { class: 'wf-skew', role: 'img', 'aria-label': title, title, text: '⚠ ' });
}

// Beside the bar where there is room, else upon it.
function labelOf(model, index, from, to) {
  const text = [
    skewMark(model.nodes[index]),
    h('span', { text: timeOf(model, index) }),
    selfOf(model, index),
  ];
  if (to < 0)
    return h('span', { class: 'wf-label wf-label-right wf-away', style: { left: '0' } }, [
      '‹ ',
      ...text,
    ]);
  if (from > 1)
    return h('span', { class: 'wf-label wf-label-left wf-away', style: { right: '0' } }, [
      ...text,
      ' ›',
    ]);
  if (to < 0.72)
    return h('span', { class: 'wf-label wf-label-right', style: { left: percent(to) } }, text);
  if (from > 0.28)
    return h(
      'span',
      { class: 'wf-label wf-label-left', style: { right: percent(1 - from) } },
      text,
    );
  return h(
    'span',
    { class: 'wf-label wf-label-upon', style: { right: percent(Math.max(1 - to, 0)) } },
    text,
  );
}

function timeOf(model, index) {
  const time = duration(durationOf(model, index));
  return model.nodes[index].in_progress ? `${time} so far` : time;
}

function selfOf(model, index) {
  const own = model.nodes[index].self;
  if (!model.children[index].length || own < durationOf(model, index) * 0.005) return null;
  return h('span', { class: 'wf-self', text: ` self ${duration(own)}` });
}

function describe(model, index) {
  const node = model.nodes[index];
  const role = {
    segment: 'segment',
    call: 'call',
    phase: 'phase',
    attempt: 'attempt',
    backoff: 'back-off',
    local: 'subsegment',
  };
  const status = statusOf(node);
  return [
    node.name || 'no name',
    role[model.roles[index]],
    extraOf(node) || null,
    timeOf(model, index),
    `from ${duration(offsetOf(model, index))}`,
    status.letter ? status.label : null,
    node.in_progress ? 'in progress' : null,
    node.inferred ? 'inferred' : null,
    node.skew ? 'clock skew' : null,
  ]
    .filter(Boolean)
    .join(', ');
}
