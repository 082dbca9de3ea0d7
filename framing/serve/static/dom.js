/** Make an element. Text is always set as text, never as markup. */
export function el(name, properties = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
    else if (key === "class") made.className = value;
    else if (key in made && !key.includes("-")) made[key] = value;
    else made.setAttribute(key, value);
  }
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
}

export const words = (name) => name.replaceAll("_", " ");

/** A short mark for a type, so that colour is never all that tells types apart. */
export function code(name) {
  const parts = name.split(/[_\s-]+/).filter(Boolean);
  return (parts.length > 1 ? parts[0][0] + parts[1][0] : name.slice(0, 2)).toUpperCase();
}

export function codeBadge(cue) {
  const badge = el("span", { class: "code", "aria-hidden": "true", textContent: code(cue.name) });
  badge.style.setProperty("--cue", cue.colour);
  return badge;
}

export function say(text) {
  document.getElementById("said").textContent = text;
}
