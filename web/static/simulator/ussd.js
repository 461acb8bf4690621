// The keypad and the USSD screen.

import { make, post, state } from "./server.js";
import { say } from "./words.js";

const LETTERS = { 2: "abc", 3: "def", 4: "ghi", 5: "jkl", 6: "mno", 7: "pqrs", 8: "tuv", 9: "wxyz", 0: "+" };
const code = document.querySelector("meta[name=service-code]").content;
const screen = document.getElementById("ussd-screen");
const input = document.getElementById("ussd-input");
const send = document.getElementById("ussd-send");
const status = document.getElementById("ussd-state");

let session = null; // {session, history, screen} while a menu waits
let busy = false;

export function startUssd() {
  for (const key of "123456789*0#") {
    const button = make("button", { type: "button", "data-key": key, click: () => press(key) }, key);
    button.append(make("small", { text: LETTERS[key] || "\u00a0", "aria-hidden": "true" }));
    document.getElementById("keypad").append(button);
  }
  document.getElementById("ussd-form").addEventListener("submit", (event) => {
    event.preventDefault();
    go();
  });
  document.getElementById("ussd-clear").addEventListener("click", () => { input.value = input.value.slice(0, -1); });
  document.getElementById("ussd-cancel").addEventListener("click", hangUp);
  resetUssd();
}

export function resetUssd() {
  session = null;
  input.value = code;
  idle();
}

export function relabelUssd() {
  if (!session && screen.querySelector(".idle")) idle();
  else label(session ? "inSession" : "over");
}

function press(key) {
  if (!session && input.value === code && screen.querySelector(".idle") && key === "*") input.value = "";
  input.value += key;
}

function idle() {
  screen.replaceChildren(make("span", { class: "idle" }, say("dialThis"), make("b", { text: code })));
  document.getElementById("ussd-length").textContent = "";
  label("ready");
}

function label(key) {
  status.textContent = say(key);
  status.dataset.say = key;
  send.dataset.say = session ? "send" : "call";
  send.textContent = say(send.dataset.say);
}

async function go() {
  if (busy || !state.phone) return;
  if (!session && !input.value.trim()) { input.value = code; return; }
  busy = true;
  send.disabled = true;
  label("waiting");
  const answer = session
    ? await post("ussd/answer", { session: session.session, history: session.history, said: input.value })
    : await post("ussd/dial", { dialled: input.value });
  busy = false;
  send.disabled = false;
  show(answer);
}

function show(answer) {
  const text = answer?.screen;
  session = answer?.open ? answer : null;
  screen.textContent = text ?? say(answer?.notOurs ? "notOurs" : "noAnswer");
  screen.scrollTop = 0;
  document.getElementById("ussd-length").textContent = text == null ? "" : `${[...text].length}/160`;
  input.value = "";
  label(session ? "inSession" : "over");
}

async function hangUp() {
  if (busy) return;
  const left = session;
  resetUssd();
  if (left) await post("ussd/cancel", { session: left.session, history: left.history, screen: `CON ${left.screen}` });
}
