import { codeBadge, el, words } from "./dom.js";
import { plainText } from "./text.js";

const tip = document.getElementById("tip");

/** Show what is known of a cue beside its mark. */
export function showTip(mark, span, text, cue) {
  const [first, last] = text.sentence(span.start, span.end);
  const facts = [];
  const fact = (name, value) => facts.push(el("dt", { textContent: name }), el("dd", { textContent: value }));
  if (span.score !== undefined) fact("probability", span.score.toFixed(2));
  if (span.voice) fact("voice", span.voice + (span.voice_score === undefined ? "" : ` (${span.voice_score.toFixed(2)})`));
  if (span.designation) {
    const { kind, authority, target, source } = span.designation;
    fact("designation", (kind === "listing" ? "legal listing" : "label") + (authority ? `, by ${authority}` : ""));
    if (target) fact("who", plainText(target.text));
    if (source) fact("says", plainText(source.text));
  }
  tip.replaceChildren(...[
    el("h3", {}, cue ? codeBadge(cue) : null, words(span.label)),
    cue?.definition ? el("p", { textContent: cue.definition }) : null,
    el("dl", {}, ...facts),
    el("blockquote", { dir: "auto", textContent: plainText(text.slice(first, last).trim()) }),
  ].filter(Boolean));
  tip.hidden = false;
  const box = mark.getClientRects()[0] ?? mark.getBoundingClientRect();
  const size = tip.getBoundingClientRect();
  const below = box.bottom + 8 + size.height <= innerHeight || box.top < size.height;
  tip.style.left = `${Math.max(8, Math.min(box.left, innerWidth - size.width - 8))}px`;
  tip.style.top = `${below ? Math.min(box.bottom + 8, innerHeight - size.height) : box.top - 8 - size.height}px`;
  mark.setAttribute("aria-describedby", "tip");
}

export function hideTip() {
  tip.hidden = true;
  document.querySelector("[aria-describedby='tip']")?.removeAttribute("aria-describedby");
}
