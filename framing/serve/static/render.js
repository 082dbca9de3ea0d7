import { code, el } from "./dom.js";
import { visible } from "./text.js";

const starts = new WeakMap(); // text node: its first code point

/** Draw a text with its spans as nested marks; a span that crosses another is drawn in pieces. */
export function drawText(text, spans, cues) {
  const box = el("div", { class: "article", dir: "auto", role: "group", "aria-label": "Article; arrow keys go from cue to cue" });
  const edges = [...new Set([0, text.length, ...spans.flatMap((span) => [span.start, span.end])])].sort((a, b) => a - b);
  const ordered = spans.map((span, index) => ({ span, index })).sort((a, b) => a.span.start - b.span.start || b.span.end - a.span.end);
  let open = [];
  let next = 0;
  const top = () => open.at(-1)?.mark ?? box;
  for (let edge = 0; edge + 1 < edges.length; edge += 1) {
    const [start, end] = [edges[edge], edges[edge + 1]];
    const begun = [];
    while (ordered[next]?.span.start === start) begun.push(ordered[next++]);
    const keep = open.findIndex((one) => one.span.end <= start);
    const again = keep < 0 ? [] : open.slice(keep).filter((one) => one.span.end > start);
    if (keep >= 0) open = open.slice(0, keep);
    for (const one of [...again, ...begun]) {
      const mark = drawMark(one, cues, one.span.start === start);
      top().append(mark);
      open.push({ ...one, mark });
    }
    appendText(top(), text, start, end);
  }
  for (const mark of box.querySelectorAll("mark")) mark.style.setProperty("--above", height(mark));
  const first = box.querySelector("mark.first");
  if (first) first.tabIndex = 0;
  return box;
}

function drawMark({ span, index }, cues, first) {
  const mark = el("mark", { class: `voice-${span.voice ?? "none"}${first ? " first" : ""}` });
  mark.dataset.index = index;
  if (first) {
    mark.tabIndex = -1;
    mark.dataset.code = code(span.label);
  }
  mark.style.setProperty("--cue", cues.get(span.label)?.colour ?? "#dddddd");
  return mark;
}

function height(mark) {
  const inner = [...mark.children].filter((child) => child.localName === "mark");
  return inner.length ? 1 + Math.max(...inner.map(height)) : 0;
}

function appendText(parent, text, start, end) {
  let at = start;
  for (const piece of visible(text.slice(start, end))) {
    const node = document.createTextNode(piece.text ?? piece.control);
    starts.set(node, at);
    parent.append(piece.text === undefined ? el("span", { class: "ctl", title: "a control character of the text" }, node) : node);
    at += piece.text === undefined ? 1 : Array.from(piece.text).length;
  }
}

/** Where the user's selection stands in the text, in code points; null when it isn't in the box. */
export function selectedRange(box) {
  const selection = document.getSelection();
  if (!selection?.rangeCount || selection.isCollapsed) return null;
  const range = selection.getRangeAt(0);
  if (!box.contains(range.commonAncestorContainer)) return null;
  const [start, end] = [offset(box, range.startContainer, range.startOffset), offset(box, range.endContainer, range.endOffset)];
  return start < end ? [start, end] : null;
}

function offset(box, node, within) {
  if (node.nodeType === Node.TEXT_NODE && starts.has(node)) {
    const control = node.parentElement.classList.contains("ctl");
    return starts.get(node) + (control ? Number(within > 0) : Array.from(node.data.slice(0, within)).length);
  }
  const range = document.createRange();
  range.setStart(box, 0);
  range.setEnd(node, within);
  const walker = document.createTreeWalker(box, NodeFilter.SHOW_TEXT);
  let found = 0;
  while (walker.nextNode()) {
    const text = walker.currentNode;
    if (range.comparePoint(text, 0) > 0) break;
    if (starts.has(text)) found = starts.get(text) + (text.parentElement.classList.contains("ctl") ? 1 : Array.from(text.data).length);
  }
  return found;
}
