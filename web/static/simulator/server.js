// The way to the server, and the panel that shows what a network has sent.

import { current, say } from "./words.js";

const token = document.querySelector("meta[name=simulator-token]").content;

export const state = { phone: null, person: null };

export function make(name, content = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(content)) {
    if (key === "text") element.textContent = value;
    else if (key === "click") element.addEventListener("click", value);
    else if (value !== null && value !== undefined) element.setAttribute(key, value);
  }
  element.append(...children);
  return element;
}

export async function post(path, sent) {
  let response;
  try {
    response = await fetch(`/simulator/api/${path}`, {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-Simulator-Token": token, "Accept-Language": current() },
      body: JSON.stringify({ phone: state.phone, language: current(), ...sent }),
    });
  } catch {
    return null;
  }
  if (response.status === 403) note(say("stale"));
  if (!response.ok) return null;
  const answer = await response.json();
  if (answer.wire) show(answer.wire);
  return answer;
}

let hiding;
export function note(text) {
  const shown = document.getElementById("note");
  shown.textContent = text;
  shown.hidden = false;
  clearTimeout(hiding);
  hiding = setTimeout(() => { shown.hidden = true; }, 3500);
}

export async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    note(say("copied"));
  } catch {
    note(text);
  }
}

function show(wire) {
  const table = make("table");
  for (const [name, value] of Object.entries(wire.fields)) {
    table.append(make("tr", {}, make("th", { scope: "row", text: name }), make("td", { text: value })));
  }
  const parts = [
    make("p", { class: "line" }, make("b", { text: wire.method }), ` ${wire.path}`),
    table,
  ];
  if (wire.signed.length) parts.push(make("p", { class: "line", text: `${say("proof")}: ${wire.signed.join(", ")}` }));
  parts.push(
    make("p", { class: "line" }, make("b", { text: String(wire.status || "—") }), ` · ${wire.milliseconds} ms`),
    make("pre", { tabindex: "0", text: wire.answer || "∅" }),
  );
  document.getElementById("wire-body").replaceChildren(...parts);
}
