import { el, say, words } from "./dom.js";
import { selectedRange } from "./render.js";
import { plainText } from "./text.js";

const VOICES = ["author", "attributed", "quoted"];

/** What the reader corrected in all articles of the visit, shown or not, so that nothing is lost before it is downloaded. */
export class Corrections {
  constructor() {
    this.spans = new Map(); // record: its spans as the reader set them
    this.before = new Map(); // record: what its spans were before each change
    this.saved = true;
  }

  set(record, spans) {
    this.before.set(record, [...(this.before.get(record) ?? []), this.spans.get(record)]);
    this.spans.set(record, spans);
    this.saved = false;
  }

  canUndo(record) {
    return Boolean(this.before.get(record)?.length);
  }

  undo(record) {
    const spans = this.before.get(record).pop();
    if (spans) this.spans.set(record, spans);
    else this.spans.delete(record);
    this.saved = !this.spans.size;
  }

  /** The record of this visit that is the same as a new one, whose corrections go on; else the new one. */
  known(record) {
    const key = JSON.stringify(record);
    return [...this.before.keys()].find((one) => JSON.stringify(one) === key) ?? record;
  }

  /** Corrected records as JSON lines in the format that training reads; where ids repeat, later ones get a number. */
  lines() {
    const ids = new Set();
    let lines = "";
    for (const [record, spans] of this.spans) {
      let { id } = record;
      for (let number = 2; ids.has(id); number += 1) id = `${record.id}-${number}`;
      ids.add(id);
      const labels = spans.map(({ start, end, label, voice }) => ({ start, end, label, voice: voice ?? null }));
      lines += `${JSON.stringify({ ...record, id, spans: labels })}\n`;
    }
    return lines;
  }
}

/** Corrects the labels of a pane's article: each change replaces the list of spans, so that it can be undone. */
export class Editor {
  constructor(pane) {
    this.pane = pane;
    this.chosen = null;
    document.addEventListener("selectionchange", () => {
      if (this.add) this.add.disabled = !this.selected();
    });
  }

  get corrections() {
    return this.pane.app.corrections;
  }

  choose(span) {
    if (!this.pane.app.correcting) return;
    this.chosen = span;
    this.pane.draw();
    this.root.querySelector("select")?.focus();
  }

  selected() {
    const range = this.pane.box && selectedRange(this.pane.box);
    return range && this.pane.text.whole(...range);
  }

  draw() {
    if (!this.pane.spans.includes(this.chosen)) this.chosen = null;
    const button = (text, onclick, more = {}) => el("button", { type: "button", textContent: text, onclick, ...more });
    this.add = button("Mark selected words", () => this.insert(this.selected()), { disabled: true, onmousedown: (event) => event.preventDefault() });
    const row = el("div", { class: "row" }, this.add, button("Add a cue", () => this.insert(this.nextWord())), button("Undo", () => this.undo(), { disabled: !this.corrections.canUndo(this.pane.source) }));
    this.root = el("section", { class: "editor", "aria-label": "Correct labels" }, row, this.chosen ? this.fields(button) : el("p", { class: "note", textContent: "Choose a cue, or select words with the mouse. “Add a cue” marks the next word; then move its ends." }));
    return this.root;
  }

  fields(button) {
    const span = this.chosen;
    const { cues } = this.pane.app;
    const choice = (name, values, now, change) => {
      const select = el("select", { onchange: () => change(select.value) }, ...values.map((value) => el("option", { value, selected: value === now, textContent: words(value) })));
      return el("label", { class: "row" }, name, select);
    };
    const move = (end, step) => () => this.moveEnd(end, step);
    return el(
      "div",
      { class: "row", role: "group", "aria-label": "The chosen cue" },
      el("span", { class: "words grow", dir: "auto", textContent: `“${plainText(this.pane.text.slice(span.start, span.end))}”` }),
      choice("type", [...cues.keys()], span.label, (label) => this.change({ label })),
      choice("voice", VOICES, span.voice ?? "author", (voice) => this.change({ voice })),
      button("⇤", move("start", -1), { "aria-label": "Start a word earlier" }),
      button("⇥", move("start", 1), { "aria-label": "Start a word later" }),
      button("⇠", move("end", -1), { "aria-label": "End a word earlier" }),
      button("⇢", move("end", 1), { "aria-label": "End a word later" }),
      button("Delete", () => this.replace(null)),
    );
  }

  /** Outline the chosen cue in the text. */
  mark() {
    const index = this.pane.shown.indexOf(this.chosen);
    if (index >= 0) for (const mark of this.pane.box.querySelectorAll(`mark[data-index="${index}"]`)) mark.classList.add("chosen");
  }

  nextWord() {
    const { tokens } = this.pane.text;
    const after = this.chosen?.end ?? 0;
    return tokens.find(([start]) => start >= after) ?? tokens.at(-1);
  }

  moveEnd(which, step) {
    const { tokens } = this.pane.text;
    const [first, last] = [tokens.findIndex(([, end]) => end > this.chosen.start), tokens.findLastIndex(([start]) => start < this.chosen.end)];
    const [from, to] = which === "start" ? [first + step, last] : [first, last + step];
    if (from < 0 || to >= tokens.length || from > to) return;
    this.change({ start: tokens[from][0], end: tokens[to][1] });
  }

  change(fields) {
    this.replace({ ...this.chosen, ...fields });
  }

  insert(range) {
    if (!range) return;
    const label = this.chosen?.label ?? [...this.pane.app.cues.keys()][0];
    this.chosen = null;
    this.replace({ start: range[0], end: range[1], label, voice: "author" });
  }

  /** Put a span in the place of the chosen one; null deletes, and without a chosen one it is added. */
  replace(span) {
    const before = this.pane.spans;
    if (span) for (const name of ["score", "voice_score", "designation"]) delete span[name]; // they were the model's
    const after = before.filter((one) => one !== this.chosen);
    if (span) after.push(span);
    after.sort((a, b) => a.start - b.start || a.end - b.end);
    this.corrections.set(this.pane.source, after);
    this.chosen = span;
    say(span ? `${words(span.label)}: ${plainText(this.pane.text.slice(span.start, span.end))}` : "cue deleted");
    this.redraw();
  }

  undo() {
    this.corrections.undo(this.pane.source);
    say("undone");
    this.redraw();
  }

  redraw() {
    const focused = document.activeElement;
    const buttons = () => [...this.root.querySelectorAll("button, select")];
    const place = this.root.contains(focused) ? buttons().indexOf(focused) : -1;
    this.pane.app.changed();
    if (place >= 0) (buttons()[place] ?? buttons()[0]).focus();
  }
}
