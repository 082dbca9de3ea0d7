import { codeBadge, el, words } from "./dom.js";
import { Corrections } from "./editor.js";
import { Pane } from "./pane.js";
import { drawProfile, referenceNote } from "./profile.js";

const $ = (id) => document.getElementById(id);

/** What all panes share: vocabulary, filters, threshold and modes. */
class App {
  constructor(cues, settings, model) {
    this.model = model;
    this.cues = new Map(cues.map((cue) => [cue.name, cue]));
    this.settings = settings;
    this.level = 0;
    this.correcting = false;
    this.hidden = new Set();
    this.panes = [];
    this.corrections = new Corrections();
    this.pasted = [];
  }

  async ask(path, type, body) {
    let response;
    try {
      response = await fetch(path, { method: "POST", headers: { "Content-Type": type }, body });
    } catch {
      throw new Error("the server doesn't answer; is `framing serve` still running?");
    }
    const answer = await response.json();
    if (!response.ok) throw new Error(answer.error);
    return answer;
  }

  /** The record of a pasted text: the same for the same text, and of a name of its own for another. */
  paste(text) {
    if (!this.pasted.includes(text)) this.pasted.push(text);
    return { id: `pasted-${this.pasted.indexOf(text) + 1}`, title: "Pasted text", text };
  }

  shows(span) {
    return !this.hidden.has(`cue ${span.label}`) && !this.hidden.has(`voice ${span.voice ?? "author"}`);
  }

  changed() {
    const scored = this.panes.filter((pane) => pane.scored);
    for (const pane of scored) pane.draw();
    const spans = scored.flatMap((pane) => pane.spans);
    for (const number of document.querySelectorAll(".choice .number")) {
      const [kind, name] = number.dataset.of.split(" ");
      number.textContent = scored.length ? String(spans.filter((span) => (kind === "cue" ? span.label : span.voice) === name).length) : "";
    }
    $("threshold").disabled = $("correct").disabled = !scored.length;
    const { size } = this.corrections.spans;
    $("download").disabled = !size;
    $("download").textContent = size > 1 ? `Download JSONL (${size} articles)` : "Download JSONL";
    $("profile").hidden = !scored.length;
    if (!scored.length) return;
    const { reference } = this.settings;
    $("profile-table").replaceChildren(drawProfile(scored, this.cues, reference));
    if (reference) $("reference-note").replaceChildren(...referenceNote(reference, this.model, this.level));
  }
}

function choice(app, kind, name, badge, text, title) {
  const box = el("input", { type: "checkbox", checked: true, onchange: () => {
    app.hidden[box.checked ? "delete" : "add"](`${kind} ${name}`);
    app.changed();
  } });
  const number = el("span", { class: "number" });
  number.dataset.of = `${kind} ${name}`;
  return el("label", { class: "choice", title }, box, badge, text, number);
}

async function start() {
  const [cues, settings, health] = await Promise.all(["/cues", "/settings", "/health"].map(async (path) => (await fetch(path)).json()));
  const app = new App(cues, settings, health.model);
  $("model").textContent = `${health.model.name} ${health.model.version}`;
  $("cues").append(...cues.map((cue) => choice(app, "cue", cue.name, codeBadge(cue), words(cue.name), cue.definition)));
  const voices = { author: "the author’s own words", attributed: "a source’s, reported", quoted: "inside a quotation" };
  $("voices").append(...Object.entries(voices).map(([name, title]) => choice(app, "voice", name, el("span", { class: `sample voice-${name}`, "aria-hidden": "true", textContent: "abc" }), name, title)));
  if (settings.reference) {
    $("archive-link").hidden = false;
    $("reference-note").hidden = false;
  }
  app.panes.push(new Pane("A", app));
  $("panes").append(app.panes[0].root);

  $("threshold").addEventListener("input", () => {
    app.level = Number($("threshold").value);
    const text = app.level ? (app.level / 20).toFixed(2) : "model’s own";
    $("threshold-now").textContent = text;
    $("threshold").setAttribute("aria-valuetext", text);
    app.changed();
  });
  $("compare").addEventListener("click", () => {
    const more = app.panes.length === 1;
    $("compare").setAttribute("aria-pressed", String(more));
    if (more) {
      const pane = new Pane("B", app);
      app.panes.push(pane);
      $("panes").append(pane.root);
    } else app.panes.pop().root.remove();
    app.changed();
  });
  $("correct").addEventListener("click", () => {
    app.correcting = !app.correcting;
    $("correct").setAttribute("aria-pressed", String(app.correcting));
    app.changed();
  });
  $("download").addEventListener("click", () => {
    const address = URL.createObjectURL(new Blob([app.corrections.lines()], { type: "application/x-ndjson" }));
    el("a", { href: address, download: "corrected.jsonl" }).click();
    app.corrections.saved = true;
    setTimeout(() => URL.revokeObjectURL(address), 10_000);
  });
  addEventListener("beforeunload", (event) => {
    if (!app.corrections.saved) event.preventDefault(); // the browser asks
  });
}

start();
