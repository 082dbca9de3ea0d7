import { codeBadge, el, words } from "./dom.js";

/** Draw rates of one or two articles, beside those of an archive where there is one. */
export function drawProfile(panes, cues, reference) {
  const rates = panes.map((pane) => new Map([...cues.keys()].map((name) => [name, rate(pane, name)])));
  const known = reference?.cues ?? {};
  const most = Math.max(1, ...rates.flatMap((one) => [...one.values()]), ...Object.values(known).map((one) => one.high));
  const rows = [...cues.values()].map((cue) => {
    const bars = rates.map((one, index) => track(one.get(cue.name) / most, cue, index ? "b" : "a", known[cue.name], most));
    const cells = rates.map((one) => el("td", { textContent: one.get(cue.name).toFixed(1) }));
    const beside = reference ? el("td", { textContent: known[cue.name] ? known[cue.name].per_1000.toFixed(1) : "–" }) : null;
    return el("tr", {}, el("th", { scope: "row" }, codeBadge(cue), el("span", { class: "hidden-text", textContent: words(cue.name) })), el("td", { class: "bars", "aria-hidden": "true" }, ...bars), ...cells, beside);
  });
  const names = panes.length > 1 ? panes.map((pane) => pane.name) : ["here"];
  const head = ["cue", "", ...names, ...(reference ? ["archive"] : [])];
  return el("table", { class: "profile" }, el("thead", {}, el("tr", {}, ...head.map((name) => (name ? el("th", { scope: "col", textContent: name }) : el("td"))))), el("tbody", {}, ...rows));
}

function rate(pane, name) {
  const count = pane.spans.filter((span) => span.label === name).length;
  return pane.scored.profile.words ? (1000 * count) / pane.scored.profile.words : 0;
}

function track(share, cue, side, known, most) {
  const fill = el("span", { class: "fill" });
  fill.style.width = `${100 * share}%`;
  fill.hidden = share === 0;
  const box = el("span", { class: `track ${side}` }, fill);
  box.style.setProperty("--cue", cue.colour);
  if (known) {
    const line = el("span", { class: "ref" });
    line.style.left = `${(100 * known.per_1000) / most}%`;
    const whisker = el("span", { class: "span" });
    whisker.style.left = `${(100 * known.low) / most}%`;
    whisker.style.width = `${(100 * (known.high - known.low)) / most}%`;
    box.append(whisker, line);
  }
  return box;
}
