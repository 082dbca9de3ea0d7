import { Editor } from "./editor.js";
import { codeBadge, el, say, words } from "./dom.js";
import { drawText } from "./render.js";
import { problems, readFile } from "./files.js";
import { plainText, Text } from "./text.js";
import { hideTip, showTip } from "./tip.js";

/** One article: where it comes from, its text with cues, and its corrected labels. */
export class Pane {
  constructor(name, app) {
    this.name = name;
    this.app = app;
    this.records = []; // what was pasted or dropped: {id, text, ...}
    this.root = el("article", { class: "pane card", "aria-label": `Article ${name}` });
    this.root.addEventListener("dragover", (event) => {
      event.preventDefault();
      this.root.classList.add("over");
    });
    this.root.addEventListener("dragleave", () => this.root.classList.remove("over"));
    this.root.addEventListener("drop", (event) => {
      event.preventDefault();
      this.root.classList.remove("over");
      if (event.dataTransfer.files[0]) this.open(event.dataTransfer.files[0]);
    });
    this.editor = new Editor(this);
    this.drawSource();
  }

  drawSource(given = "") {
    this.scored = null;
    const area = el("textarea", { id: `text-${this.name}`, value: given, placeholder: "Paste an article, or drop a .txt, .html or .jsonl file here." });
    area.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit();
    });
    const file = el("input", { type: "file", accept: ".txt,.html,.htm,.jsonl,.ndjson", "aria-label": "Open a file", onchange: () => file.files[0] && this.open(file.files[0]) });
    const url = el("input", { type: "url", class: "grow", placeholder: "https://…", "aria-label": "Address of an article" });
    this.problem = el("p", { class: "problem", role: "alert", hidden: true });
    const form = el(
      "form",
      { class: "source", onsubmit: (event) => { event.preventDefault(); this.start(area.value, url.value); } },
      el("label", { htmlFor: area.id }, el("h2", { textContent: this.name === "A" ? "An article" : "Another article" })),
      area,
      this.app.settings.urls ? el("div", { class: "row" }, el("span", { textContent: "or an address" }), url) : null,
      el("div", { class: "row" }, el("button", { class: "main", textContent: "Find cues" }), el("span", { class: "button file" }, "Open a file…", file), el("span", { class: "note", textContent: "Nothing leaves this machine." })),
      this.problem,
    );
    this.root.replaceChildren(form);
    this.app.changed();
  }

  async start(text, url) {
    await this.trying(async () => {
      const record = url && !text.trim() ? await this.app.ask("/fetch", "application/json", JSON.stringify({ url })) : this.app.paste(text);
      await this.take([record]);
    });
  }

  async open(file) {
    await this.trying(async () => this.take(await readFile(file, this.app)));
  }

  async trying(work) {
    this.root.setAttribute("aria-busy", "true");
    try {
      await work();
    } catch (error) {
      if (!this.root.contains(this.problem)) this.drawSource();
      this.problem.textContent = plainText(error.message);
      this.problem.hidden = false;
    } finally {
      this.root.removeAttribute("aria-busy");
    }
  }

  async take(records) {
    const first = records.findIndex((record) => !problems.has(record));
    if (first < 0) throw new Error(problems.get(records[0]));
    this.records = records.map((record) => this.app.corrections.known(record));
    if (records.length > 1) await this.choose(this.records[first]);
    else await this.show(this.records[first]);
  }

  /** Show a record of a file; what is wrong with it is said in its place, beside the chooser of the others. */
  async choose(record) {
    try {
      if (typeof record.text !== "string") throw new Error(problems.get(record));
      await this.show(record);
    } catch (error) {
      problems.set(record, error.message);
      hideTip();
      this.scored = null;
      this.source = record;
      const heading = el("h2", { dir: "auto", textContent: plainText(String(record.title || record.id)) });
      this.root.replaceChildren(this.top(), heading, el("p", { class: "problem", role: "alert", textContent: plainText(error.message) }));
      this.app.changed();
    }
  }

  async show(record) {
    const { id, text, title, outlet, date } = record;
    const scored = await this.app.ask("/score?levels=true", "application/json", JSON.stringify({ id, text }));
    problems.delete(record);
    this.record = { id, text, title, outlet, date };
    this.source = record;
    this.text = new Text(text);
    this.scored = scored;
    this.app.changed();
    say(`${this.spans.length} cues in ${scored.profile.words} words`);
    this.root.querySelector("mark.first")?.scrollIntoView({ block: "nearest" });
  }

  /** All spans at the threshold that is set, or as the reader corrected them. */
  get spans() {
    const set = this.app.corrections.spans.get(this.source);
    if (set) return set;
    const level = this.app.level;
    if (!level) return this.scored.spans;
    return this.scored.levels.shown[level - 1].map((index) => this.scored.levels.candidates[index]);
  }

  get shown() {
    return this.spans.filter((span) => this.app.shows(span));
  }

  draw() {
    if (!this.scored) return;
    hideTip();
    const { title, outlet, date, id } = this.record;
    const about = [outlet, date, title ? id : null, `${this.scored.profile.words.toLocaleString("en")} words`, this.app.corrections.spans.has(this.source) ? "corrected" : null];
    const spans = this.shown;
    this.box = drawText(this.text, spans, this.app.cues);
    this.listen(this.box, spans);
    this.root.classList.toggle("correcting", this.app.correcting);
    this.root.replaceChildren(
      ...[
        this.top(),
        el("h2", { dir: "auto", textContent: plainText(String(title || id)) }),
        el("p", { class: "about", textContent: plainText(about.filter(Boolean).join(" · ")) }),
        this.app.correcting ? this.editor.draw() : null,
        this.box,
        this.list(spans),
      ].filter(Boolean),
    );
    this.editor.mark();
  }

  top() {
    const bad = this.records.filter((record) => problems.has(record)).length;
    return el(
      "div",
      { class: "row top" },
      ...(this.records.length > 1 ? [this.chooser(), bad ? el("span", { class: "note", textContent: `${bad} can’t be read` }) : null] : []),
      el("button", { textContent: "Another text", onclick: () => this.drawSource() }),
      this.scored ? el("button", { textContent: "Edit text", onclick: () => this.drawSource(this.record.text) }) : null,
    );
  }

  chooser() {
    const change = async () => {
      await this.trying(() => this.choose(this.records[select.value]));
      this.root.querySelector("select.records")?.focus(); // it was drawn anew
    };
    const select = el("select", { class: "records", "aria-label": "Article of the file", onchange: change });
    const name = (record) => `${problems.has(record) ? "can’t be read: " : ""}${plainText(String(record.title || record.id)).slice(0, 80)}`;
    this.records.forEach((record, index) => select.append(el("option", { value: String(index), selected: record === this.source, textContent: `${index + 1}. ${name(record)}` })));
    return select;
  }

  list(spans) {
    const rows = spans.map((span, index) => {
      const go = el("button", { type: "button", onclick: () => this.focus(index), textContent: plainText(this.text.slice(span.start, span.end)).replace(/\s+/g, " ") });
      const cue = this.app.cues.get(span.label);
      return el("tr", {}, el("td", {}, go), el("td", {}, cue ? codeBadge(cue) : "", ` ${words(span.label)}`), el("td", { textContent: span.voice ?? "" }), el("td", { textContent: span.score?.toFixed(2) ?? "" }));
    });
    const head = ["text", "cue", "voice", "probability"].map((name) => el("th", { scope: "col", textContent: name }));
    const body = rows.length ? el("div", { class: "scroll", tabIndex: 0, role: "region", "aria-label": "Cues in order" }, el("table", {}, el("thead", {}, el("tr", {}, ...head)), el("tbody", {}, ...rows))) : null;
    return el("details", { class: "list" }, el("summary", { textContent: `${spans.length} cues in order` }), body);
  }

  listen(box, spans) {
    const target = (event) => event.target.closest?.("mark");
    const show = (event) => {
      const mark = target(event);
      if (mark) showTip(mark, spans[mark.dataset.index], this.text, this.app.cues.get(spans[mark.dataset.index].label));
    };
    box.addEventListener("mouseover", show);
    box.addEventListener("focusin", show);
    box.addEventListener("mouseout", hideTip);
    box.addEventListener("focusout", hideTip);
    box.addEventListener("click", (event) => {
      if (target(event) && document.getSelection().isCollapsed) this.editor.choose(spans[target(event).dataset.index]);
    });
    box.addEventListener("keydown", (event) => {
      const mark = target(event);
      if (!mark) return;
      const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
      if (event.key === "Escape") hideTip();
      else if (event.key === "Enter") this.editor.choose(spans[mark.dataset.index]);
      else if (step) this.move(mark, step);
      else return;
      event.preventDefault();
    });
  }

  move(mark, step) {
    const marks = [...this.box.querySelectorAll("mark.first")];
    const next = marks[marks.indexOf(mark.classList.contains("first") ? mark : this.first(mark.dataset.index)) + step];
    if (next) this.focusMark(next);
  }

  first(index) {
    return this.box.querySelector(`mark.first[data-index="${index}"]`);
  }

  focus(index) {
    this.focusMark(this.first(index));
  }

  focusMark(mark) {
    for (const other of this.box.querySelectorAll("mark[tabindex='0']")) other.tabIndex = -1;
    mark.tabIndex = 0;
    mark.focus();
  }
}
