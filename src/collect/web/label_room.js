// Where labels of a map may stand: each takes its room, and the next keeps out of it. Sizes are
// those of a font that is not measured, so rather too large.

const LETTER = 6.4;
const ABOVE = 11;
const BELOW = 4;

export class LabelRoom {
  constructor() {
    this.taken = [];
  }

  /** A circle with `lines` of text below it, the longest of which has so many letters. */
  takeNode({ x, y }, radius, { lines, letters }) {
    this.take({ left: x - radius, right: x + radius, top: y - radius, bottom: y + radius });
    const half = (letters * (LETTER + 1)) / 2;
    const top = y + radius + 5;
    this.take({ left: x - half, right: x + half, top, bottom: top + 14 * lines });
  }

  /**
   * Takes room for a text of so many letters at the first of `places` that is free, and where none
   * is, at the one that has the least in its way. Returns that place, the middle of the text's
   * foot.
   */
  takeText(places, letters) {
    const half = (letters * LETTER) / 2;
    const boxes = places.map(({ x, y }) => ({
      left: x - half,
      right: x + half,
      top: y - ABOVE,
      bottom: y + BELOW,
    }));
    const covered = boxes.map((box) =>
      this.taken.reduce((sum, other) => sum + overlap(box, other), 0),
    );
    const best = covered.indexOf(Math.min(...covered));
    this.take(boxes[best]);
    return places[best];
  }

  take(box) {
    this.taken.push(box);
  }
}

function overlap(one, other) {
  const width = Math.min(one.right, other.right) - Math.max(one.left, other.left);
  const height = Math.min(one.bottom, other.bottom) - Math.max(one.top, other.top);
  return width > 0 && height > 0 ? width * height : 0;
}
