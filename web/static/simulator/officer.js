// The officer's side of the counter: a short code or a scanned payload, and what the gateway says.

import { make, note, post, state } from "./server.js";
import { say } from "./words.js";

const input = document.getElementById("officer-input");
const shown = document.getElementById("officer-answer");
let last = null;

export function startOfficer() {
  document.getElementById("officer-form").addEventListener("submit", (event) => {
    event.preventDefault();
    check();
  });
  document.getElementById("officer-scan").addEventListener("click", () => {
    if (!state.person?.payload) return;
    input.value = state.person.payload;
    check();
  });
}

export function resetOfficer() {
  input.value = "";
  last = null;
  shown.replaceChildren();
  document.getElementById("officer-scan").disabled = !state.person?.payload;
}

export function useCode(code) {
  input.value = code;
}

export function relabelOfficer() {
  if (last) shown.replaceChildren(verdict(last.status, last.answer));
}

async function check() {
  if (!input.value.trim()) return input.focus();
  const reply = await post("verify", { scanned: input.value });
  if (!reply?.answer) return note(say("noAnswer"));
  last = reply;
  relabelOfficer();
  shown.scrollIntoView({ block: "nearest" });
}

function verdict(status, answer) {
  if (answer.result !== "valid") {
    const title = make("h3", { text: `${say("refused")} (${status})` });
    return make("div", { class: "verdict refused" }, title, make("p", { text: answer.message || answer.reason || "" }));
  }
  const facts = make("dl");
  const rows = [["born", answer.birthYear], ["doses", answer.doses], ["asOf", moment(answer.statusAsOf)], ["until", moment(answer.validUntil)]];
  for (const [name, value] of rows) {
    if (value !== null && value !== undefined) facts.append(make("dt", { text: say(name) }), make("dd", { text: String(value) }));
  }
  return make(
    "div",
    { class: `verdict ${answer.status}` },
    make("p", { class: "name", text: answer.name }),
    make("h3", { text: `${say("valid")} · ${say(answer.status || "neutral")}` }),
    facts,
  );
}

function moment(written) {
  if (!written) return null;
  const when = new Date(written);
  return Number.isNaN(when.getTime()) ? written : when.toLocaleString("vi-VN", { dateStyle: "short", timeStyle: "short", timeZone: "Asia/Ho_Chi_Minh" });
}
