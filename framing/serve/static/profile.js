import { codeBadge, el, words } from "./dom.js";
import { plainText } from "./text.js";

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

/** Say whose rates the archive's are, and what keeps them from being compared with those of the page. */
export function referenceNote(reference, model, level) {
  const called = ({ name, version }) => `${name} ${version}`;
  const at = (threshold) => (threshold === null ? "the model’s own thresholds" : `threshold ${threshold}`);
  const here = level ? level / 20 : null;
  const found = [`The line is the rate in ${reference.name} (${reference.articles.toLocaleString("en")} articles, scored by ${called(reference.model)} at ${at(reference.threshold)}), with its 95% interval.`];
  if (reference.asked) found.push(`The archive was only asked for ${reference.asked.map(words).join(", ")}.`);
  const differ = [];
  if (called(reference.model) !== called(model)) differ.push(`scored by ${called(model)}`);
  if (reference.threshold !== here) differ.push(`shown at ${at(here)}`);
  const warning = differ.length ? el("strong", { textContent: `This page’s articles are ${differ.join(" and ")}: don’t compare their rates with the archive’s.` }) : null;
  return [plainText(found.join(" ")), ...(warning ? [" ", warning] : [])];
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
