"use strict";
const passages = [...document.querySelectorAll(".passage")];
const store = "framing-adjudication-" + document.body.dataset.key;
const nameOf = (id, start, end) => JSON.stringify([id, start, end]);
const place = p => [p.dataset.id, Number(p.dataset.start), Number(p.dataset.end)];
const own = new Map(passages.map(p => [p, []]));
let current = 0;

// Offsets count code points; JavaScript's strings count UTF-16 units.
const codePoints = text => [...text].length;

function spansOf(p) {
  const chosen = p.querySelector("input:checked");
  return chosen && (chosen.hasAttribute("data-own") ? own.get(p) : JSON.parse(chosen.dataset.spans));
}

function decisions() {
  return passages.filter(spansOf).map(p => {
    const [id, start, end] = place(p);
    return { id, start, end, spans: spansOf(p) };
  });
}

function textOf(p, span) {
  const text = p.querySelector(".text");
  const first = Number(text.dataset.first);
  return [...text.textContent].slice(span.start - first, span.end - first).join("");
}

function showOwn(p) {
  p.querySelector(".own").replaceChildren(...own.get(p).map((span, number) => {
    const item = document.createElement("li");
    const remove = document.createElement("button");
    remove.type = "button";
    remove.textContent = "remove";
    remove.onclick = () => { own.get(p).splice(number, 1); if (!own.get(p).length) reopen(p); changed(); };
    item.append("“" + textOf(p, span) + "” " + span.label + ", " + span.voice + " ", remove);
    return item;
  }));
}

function changed() {
  const made = decisions();
  for (const p of passages) { p.classList.toggle("decided", Boolean(spansOf(p))); showOwn(p); }
  document.getElementById("count").textContent = made.length + " of " + passages.length + " decided";
  try { localStorage.setItem(store, JSON.stringify(made)); } catch { /* a browser that keeps nothing: saving still works */ }
}

function reopen(p) {
  for (const input of p.querySelectorAll("input")) input.checked = false;
  own.set(p, []);
}

function restore(made) {
  const known = new Map(passages.map(p => [nameOf(...place(p)), p]));
  let unknown = 0;
  for (const one of made) {
    const p = known.get(nameOf(one.id, one.start, one.end));
    if (!p || !Array.isArray(one.spans)) { unknown++; continue; }
    const same = [...p.querySelectorAll("input[data-spans]")].find(i => i.dataset.spans === JSON.stringify(one.spans)
      || JSON.stringify(JSON.parse(i.dataset.spans)) === JSON.stringify(one.spans));
    if (!same) own.set(p, one.spans);
    (same || p.querySelector("[data-own]")).checked = true;
  }
  changed();
  return unknown;
}

function select(number) {
  if (!passages.length) return;
  passages[current].classList.remove("current");
  current = Math.max(0, Math.min(number, passages.length - 1));
  passages[current].classList.add("current");
  passages[current].focus({ preventScroll: true });
  passages[current].scrollIntoView({ block: "nearest" });
}

function nextUndecided() {
  const after = passages.findIndex((p, number) => number > current && !spansOf(p));
  const any = after >= 0 ? after : passages.findIndex(p => !spansOf(p));
  if (any >= 0) select(any);
}

function addSelected(p) {
  const chosen = getSelection();
  const text = p.querySelector(".text");
  if (!chosen.rangeCount || chosen.isCollapsed || !text.contains(chosen.getRangeAt(0).startContainer)
      || !text.contains(chosen.getRangeAt(0).endContainer)) {
    alert("Select words of this passage's text first.");
    return;
  }
  const range = chosen.getRangeAt(0);
  const before = document.createRange();
  before.setStart(text, 0);
  before.setEnd(range.startContainer, range.startOffset);
  const raw = range.toString();
  const start = Number(text.dataset.first) + codePoints(before.toString()) + codePoints(raw) - codePoints(raw.trimStart());
  if (!raw.trim()) return;
  const end = start + codePoints(raw.trim());
  if (start >= Number(p.dataset.end) || end <= Number(p.dataset.start)) {
    alert("Select words that touch the highlighted passage: others are no part of this decision.");
    return;
  }
  own.get(p).push({
    start, end,
    label: p.querySelector(".label").value, voice: p.querySelector(".voice").value,
  });
  own.get(p).sort((one, other) => one.start - other.start || one.end - other.end);
  p.querySelector("[data-own]").checked = true;
  changed();
}

function save() {
  const lines = decisions().map(one => JSON.stringify(one) + "\n").join("");
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([lines], { type: "application/jsonl" }));
  link.download = "decisions.jsonl";
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

passages.forEach((p, number) => {
  p.addEventListener("focusin", () => { if (current !== number) select(number); });
  p.addEventListener("change", changed);
  p.querySelector(".add").onclick = () => addSelected(p);
  // An empty answer of one's own would mean "nothing", which has a button of its own.
  p.querySelector("[data-own]").addEventListener("click", event => { if (!own.get(p).length) event.preventDefault(); });
});
document.getElementById("save").onclick = save;
document.getElementById("load").onchange = async event => {
  try {
    const lines = (await event.target.files[0].text()).split("\n").filter(line => line.trim());
    const unknown = restore(lines.map(line => JSON.parse(line)));
    if (unknown) alert(unknown + " decisions are of other passages and were passed over.");
  } catch (error) { alert("This file can't be read: " + error.message); }
};
document.addEventListener("keydown", event => {
  if (event.ctrlKey || event.metaKey || event.altKey || /^(SELECT|TEXTAREA)$/.test(event.target.tagName)) return;
  const p = passages[current];
  const key = event.key;
  if (key === "s") save();
  else if (!p) return;
  else if (key === "j") select(current + 1);
  else if (key === "k") select(current - 1);
  else if (key === "u") nextUndecided();
  else if (key === "a") addSelected(p);
  else if (key === "x") { reopen(p); changed(); }
  else if (/^[0-9]$/.test(key)) {
    const input = key === "0" ? p.querySelector("[data-nothing]") : p.querySelectorAll("input[data-spans]:not([data-nothing])")[key - 1];
    if (!input) return;
    input.checked = true;
    changed();
    select(current + 1);
  } else return;
  event.preventDefault();
});
try { restore(JSON.parse(localStorage.getItem(store) || "[]")); } catch { changed(); }
select(0);
