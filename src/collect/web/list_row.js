// One row of the list: made once, filled again and again. Every part that can be clicked to filter
// has `data-term`; the list listens for all of them.
import { h, svg } from './dom.js';
import { httpStatusTerm, methodTerm, serviceTerm } from './filter_terms.js';
import * as format from './format.js';
import { marks, pins } from './marks.js';
import { serviceColour, statusOf } from './status.js';

const ORIGIN = /^[a-z][a-z0-9+.-]*:\/\/[^/?#]*/i;

const parts = new WeakMap();

export function createRow() {
  const part = {
    age: cell('age'),
    bar: h('span', { class: 'bar' }),
    duration: h('span', { class: 'duration-text' }),
    badge: term('badge'),
    code: term('http-code'),
    dot: h('span', { class: 'dot' }),
    service: term('cut'),
    others: h('span', { class: 'muted others' }),
    method: term('method'),
    host: h('span', { class: 'host' }),
    path: h('span'),
    link: h('a', { class: 'cut', tabindex: '-1' }),
    notes: h('span', { class: 'notes' }),
    segments: cell('segments'),
    pin: tool('pin', 'Pin to the top', 'M5 2h6l-1 5 3 3H3l3-3-1-5zM8 10v5'),
    mark: tool('mark', 'Mark for comparison', 'M2 5h10M9 2l3 3-3 3M14 11H4M7 8l-3 3 3 3'),
  };
  part.link.append(part.host, part.path);
  const element = h('div', { class: 'row', role: 'row' }, [
    part.age,
    cell('duration', [
      h('span', { class: 'bar-track', 'aria-hidden': 'true' }, part.bar),
      part.duration,
    ]),
    cell('status', [part.badge, part.code]),
    cell('service', [part.dot, part.service, part.others]),
    cell('request', [part.method, part.link, part.notes]),
    part.segments,
    cell('tools', [part.pin, part.mark]),
  ]);
  parts.set(element, part);
  return element;
}

/** `share` from 0 to 1 is the length of the duration's bar. */
export function fillRow(element, row, { index, isSelected, share, now }) {
  const part = parts.get(element);
  const status = statusOf(row);
  element.id = rowElementId(row.id);
  element.dataset.id = row.id;
  element.setAttribute('aria-rowindex', String(index + 2));
  element.setAttribute('aria-selected', String(isSelected));
  element.className = `row row-${status.name}`;
  element.classList.toggle('row-selected', isSelected);
  element.classList.toggle('row-pinned', pins.has(row.id));
  setAge(element, row, now);
  fillDuration(part, row, share);
  fillStatus(part, row, status);
  fillService(part, row);
  fillRequest(part, row);
  part.segments.textContent = format.count(row.segments + row.subsegments);
  part.segments.title = [
    format.plural(row.segments, 'segment'),
    format.plural(row.subsegments, 'subsegment'),
  ].join(', ');
  setPressed(part.pin, pins.has(row.id));
  setPressed(part.mark, marks.has(row.id));
}

export function setAge(element, row, now) {
  const { age } = parts.get(element);
  const text = format.age(row.start, now);
  if (age.textContent !== text) age.textContent = text;
}

export function rowElementId(id) {
  return `row-${id}`;
}

function fillDuration(part, row, share) {
  part.duration.textContent = row.in_progress
    ? `${format.duration(row.duration)} …`
    : format.duration(row.duration);
  part.duration.title = row.in_progress
    ? 'So far: a part of it is in progress'
    : `Started ${format.dateTime(row.start)}`;
  part.bar.style.width = `${Math.max(3, Math.round(100 * share))}%`;
}

function fillStatus(part, row, status) {
  part.badge.className = `term badge badge-${status.name}`;
  part.badge.classList.toggle('badge-progress', row.in_progress);
  part.badge.textContent = status.letter;
  setTerm(part.badge, status.name, row.in_progress ? `${status.label}, in progress` : status.label);
  part.code.hidden = !row.status;
  part.code.textContent = row.status || '';
  if (row.status) setTerm(part.code, httpStatusTerm(row.status), `Status ${row.status}`);
}

function fillService(part, row) {
  const name = row.name || '(no root yet)';
  const others = row.services.filter((service) => service !== row.name).length;
  part.dot.style.setProperty('--colour', serviceColour(name));
  part.service.textContent = name;
  part.service.disabled = !row.name;
  if (row.name) setTerm(part.service, serviceTerm(row.name), `Service ${row.name}`);
  part.others.textContent = others > 0 ? `+${others}` : '';
  part.others.title = row.services.join(', ');
}

function fillRequest(part, row) {
  part.method.hidden = !row.method;
  part.method.textContent = row.method || '';
  if (row.method) setTerm(part.method, methodTerm(row.method), `Method ${row.method}`);
  part.link.href = `/t/${encodeURIComponent(row.id)}`;
  const [host] = ORIGIN.exec(row.url || '') || [''];
  part.host.textContent = host;
  part.path.textContent = row.url ? row.url.slice(host.length) : row.id;
  part.link.title = row.url || row.id;
  part.link.classList.toggle('mono', !row.url);
  const notes = [
    row.waiting > 0 && 'waiting for parent',
    row.refused > 0 && `${row.refused} refused`,
    row.duplicates > 0 && `${row.duplicates} duplicate`,
  ].filter(Boolean);
  part.notes.replaceChildren(...notes.map((text) => h('span', { class: 'chip chip-warn', text })));
}

function cell(name, children = []) {
  return h('span', { class: `cell cell-${name}`, role: 'gridcell' }, children);
}

function term(kind) {
  return h('button', { class: `term ${kind}`, type: 'button', tabindex: '-1', data: { kind } });
}

function setTerm(button, text, about) {
  button.dataset.term = text;
  button.title = `${about}: click to filter by it`;
  button.setAttribute('aria-label', about);
}

function tool(kind, name, line) {
  return h(
    'button',
    {
      class: 'tool',
      type: 'button',
      tabindex: '-1',
      'aria-label': name,
      title: name,
      data: { tool: kind },
    },
    svg('svg', { viewBox: '0 0 16 16', 'aria-hidden': 'true' }, svg('path', { d: line })),
  );
}

function setPressed(button, isPressed) {
  button.setAttribute('aria-pressed', String(isPressed));
}
