// The box for X-Ray filter expressions: what was used before, examples, the services that were
// seen, and where an expression cannot be read, the place.
import { h, replace } from './dom.js';
import { EXAMPLES, serviceTerm } from './filter_terms.js';
import { recall, remember } from './storage.js';

const MOST_REMEMBERED = 30;
const MOST_SERVICES = 6;

export class FilterBox {
  /** `onFilter(text)` is told what was asked for; `services()` names those to offer. */
  constructor({ onFilter, services }) {
    this.onFilter = onFilter;
    this.services = services;
    this.offers = [];
    this.active = -1;
    this.applied = '';
    this.buildInput();
    this.menu = h('div', {
      class: 'filter-menu',
      id: 'filter-menu',
      role: 'listbox',
      'aria-label': 'Filters to choose from',
      hidden: true,
    });
    this.problem = h('div', {
      class: 'filter-problem',
      id: 'filter-problem',
      role: 'alert',
      hidden: true,
    });
    this.element = h('div', { class: 'filter' }, [
      h('span', { class: 'filter-glass', 'aria-hidden': 'true', text: '⌕' }),
      this.input,
      this.clearButton,
      this.menu,
      this.problem,
    ]);
  }

  focus() {
    this.input.focus();
    this.input.select();
  }

  /** Shows the filter that is in force. */
  setText(text) {
    this.applied = text;
    this.input.value = text;
    this.clearButton.hidden = text === '';
  }

  /** Shows what the program said of the filter, or nothing. */
  setProblem(error) {
    this.problem.hidden = !error;
    this.input.setAttribute('aria-invalid', String(Boolean(error)));
    if (!error) return;
    const column = error.column > 0 ? error.column : null;
    const place =
      column && this.applied
        ? h('pre', {
            class: 'filter-place',
            'aria-hidden': 'true',
            text: `${this.applied}\n${' '.repeat(column - 1)}^`,
          })
        : null;
    replace(this.problem, [place, h('div', { text: error.message })]);
  }

  succeed() {
    if (this.applied === '') return;
    const known = recall('filters', []);
    if (known[0] === this.applied) return;
    const others = known.filter((text) => text !== this.applied);
    remember('filters', [this.applied, ...others].slice(0, MOST_REMEMBERED));
  }

  buildInput() {
    this.input = h('input', {
      class: 'filter-input',
      id: 'filter',
      type: 'text',
      role: 'combobox',
      spellcheck: 'false',
      autocomplete: 'off',
      autocapitalize: 'off',
      'aria-label': 'Filter expression',
      'aria-expanded': 'false',
      'aria-controls': 'filter-menu',
      'aria-autocomplete': 'list',
      'aria-describedby': 'filter-problem',
      placeholder: 'Filter: fault, responsetime > 0.5, service("api"), annotation.user = "42"',
      on: {
        focus: () => this.open(),
        input: () => this.open(),
        click: () => this.open(),
        blur: () => this.close(),
        keydown: (event) => this.onKey(event),
      },
    });
    this.clearButton = h('button', {
      class: 'filter-clear icon-button',
      type: 'button',
      'aria-label': 'Remove the filter',
      title: 'Remove the filter',
      text: '×',
      hidden: true,
      on: { click: () => this.apply('') },
    });
  }

  apply(text) {
    this.close();
    this.input.value = text;
    this.clearButton.hidden = text === '';
    this.onFilter(text.trim());
  }

  onKey(event) {
    if (event.isComposing) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      if (this.menu.hidden) this.open();
      else this.move(step);
    } else if (event.key === 'Enter') {
      this.apply(this.active >= 0 ? this.offers[this.active].text : this.input.value);
      this.input.blur();
    } else if (event.key === 'Escape') {
      if (this.active < 0 && this.input.value !== this.applied) this.setText(this.applied);
      this.input.blur();
    } else {
      return;
    }
    event.preventDefault();
  }

  move(step) {
    const count = this.offers.length;
    if (count === 0) return;
    const next = this.active + step;
    this.active = next < -1 ? count - 1 : next >= count ? -1 : next;
    this.markActive();
  }

  markActive() {
    const options = [...this.menu.querySelectorAll('[role=option]')];
    options.forEach((option, index) =>
      option.setAttribute('aria-selected', String(index === this.active)),
    );
    if (this.active < 0) {
      this.input.removeAttribute('aria-activedescendant');
      return;
    }
    this.input.setAttribute('aria-activedescendant', options[this.active].id);
    options[this.active].scrollIntoView({ block: 'nearest' });
  }

  open() {
    const typed = this.input.value.trim().toLowerCase();
    // What stands in the box already is not looked for among the offers.
    const isOwn = typed === this.applied.toLowerCase();
    const fits = (offer) => isOwn || offer.text.toLowerCase().includes(typed);
    const groups = [
      {
        title: 'Used before',
        offers: recall('filters', [])
          .map((text) => ({ text }))
          .filter(fits)
          .slice(0, 6),
      },
      {
        title: 'Services',
        offers: this.services()
          .slice(0, MOST_SERVICES)
          .map((name) => ({ text: serviceTerm(name) }))
          .filter(fits),
      },
      { title: 'Examples', offers: EXAMPLES.filter(fits) },
    ].filter((group) => group.offers.length > 0);
    this.offers = groups.flatMap((group) => group.offers);
    this.active = -1;
    replace(
      this.menu,
      groups.map((group) => this.drawGroup(group)),
    );
    this.menu.hidden = this.offers.length === 0;
    this.input.setAttribute('aria-expanded', String(!this.menu.hidden));
    this.markActive();
  }

  drawGroup({ title, offers }) {
    return h('div', { role: 'group', 'aria-label': title }, [
      h('div', { class: 'filter-group', 'aria-hidden': 'true', text: title }),
      offers.map((offer) =>
        h(
          'div',
          {
            class: 'filter-offer',
            role: 'option',
            id: `offer-${this.offers.indexOf(offer)}`,
            'aria-selected': 'false',
            // Before the box loses the focus, which closes the menu.
            on: {
              mousedown: (event) => {
                event.preventDefault();
                this.apply(offer.text);
                this.input.blur();
              },
            },
          },
          [
            h('code', { class: 'cut', text: offer.text }),
            offer.about ? h('span', { class: 'muted', text: offer.about }) : null,
          ],
        ),
      ),
    ]);
  }

  close() {
    this.menu.hidden = true;
    this.active = -1;
    this.input.setAttribute('aria-expanded', 'false');
    this.input.removeAttribute('aria-activedescendant');
  }
}
