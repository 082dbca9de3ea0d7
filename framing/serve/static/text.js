// Offsets of spans count code points, as in Python; JavaScript's strings count UTF-16 units.

const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/;
const WORD = /[\p{L}\p{N}\p{M}]/u;

export class Text {
  constructor(string) {
    this.string = string;
    this.points = Array.from(string);
  }

  get length() {
    return this.points.length;
  }

  slice(start, end) {
    return this.points.slice(start, end).join("");
  }

  /** Ranges of words and single marks. */
  get tokens() {
    if (this._tokens) return this._tokens;
    const found = [];
    for (let at = 0; at < this.length; ) {
      let end = at + 1;
      if (WORD.test(this.points[at])) while (end < this.length && WORD.test(this.points[end])) end += 1;
      if (this.points[at].trim()) found.push([at, end]);
      at = end;
    }
    return (this._tokens = found);
  }

  /** The sentence or sentences that hold a range. */
  sentence(start, end) {
    if (!this._sentences) {
      this._sentences = [];
      let at = 0;
      const cut = globalThis.Intl?.Segmenter
        ? Array.from(new Intl.Segmenter("en", { granularity: "sentence" }).segment(this.string), (one) => one.segment)
        : this.string.split(/(?<=[.!?]\s)/);
      for (const piece of cut) {
        const size = Array.from(piece).length;
        this._sentences.push([at, at + size]);
        at += size;
      }
    }
    const touched = this._sentences.filter(([first, last]) => first < end && start < last);
    return touched.length ? [touched[0][0], touched.at(-1)[1]] : [start, end];
  }

  /** The range widened to whole words, without blanks at its ends; null when none is in it. */
  whole(start, end) {
    const inside = this.tokens.filter(([first, last]) => first < end && start < last);
    return inside.length ? [inside[0][0], inside.at(-1)[1]] : null;
  }
}

/** Cut a string where control characters stand: they are shown by name, for they could reorder or hide text. */
export function visible(string) {
  const pieces = [];
  let plain = "";
  for (const char of string) {
    if (CONTROL.test(char)) {
      if (plain) pieces.push({ text: plain });
      plain = "";
      pieces.push({ control: `U+${char.codePointAt(0).toString(16).toUpperCase().padStart(4, "0")}`, char });
    } else plain += char;
  }
  if (plain) pieces.push({ text: plain });
  return pieces;
}

export function plainText(string) {
  return visible(string).map((piece) => piece.text ?? `[${piece.control}]`).join("");
}
