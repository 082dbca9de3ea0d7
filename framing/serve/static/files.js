/** Why records can't be shown, those of them that can't: in a file of many, one bad line costs only itself. */
export const problems = new WeakMap();

/** Read a dropped file into records with a text each. */
export async function readFile(file, app) {
  const ending = file.name.toLowerCase().split(".").at(-1);
  if (file.size > app.settings.body) throw new Error(`${file.name}: larger than ${app.settings.body.toLocaleString("en")} bytes; use framing score or framing archive`);
  const stem = file.name.replace(/\.[^.]*$/, "");
  if (ending === "html" || ending === "htm") {
    const found = await app.ask("/extract", "text/html", file);
    return [{ ...found, id: stem }];
  }
  let text;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(await file.arrayBuffer());
  } catch {
    throw new Error(`${file.name}: no UTF-8 text; save it as UTF-8`);
  }
  if (ending !== "jsonl" && ending !== "ndjson") return [{ id: stem, text }];
  return records(text, file.name);
}

function records(text, name) {
  const found = [];
  text.split("\n").forEach((line, index) => {
    if (line.trim()) found.push(record(line, `${name}:${index + 1}`));
  });
  if (!found.length) throw new Error(`${name}: the file holds no records; write one JSON object a line`);
  return found;
}

function record(line, place) {
  let given;
  let problem = null;
  try {
    given = JSON.parse(line);
    if (typeof given?.text !== "string") problem = `${place}: no field 'text'; write the article there`;
    else if (!given.text.trim()) problem = `${place}: the text is empty; leave the record out`;
  } catch (error) {
    problem = `${place}: invalid JSON (${error.message}); write one JSON object a line`;
  }
  const one = { ...(problem ? { title: given?.title } : given), id: String(given?.id ?? place) };
  if (problem) problems.set(one, problem);
  return one;
}
