// The SMS thread and the chat: what was said on either side.

import { copy, make, note, post, state } from "./server.js";
import { say } from "./words.js";

const KEYWORDS = ["QR", "TT", "KB", "KQ", "TIEM", "HELP", "STOP"];
const SHORT_CODE = /\b([1-9]\d{3}) (\d{4}) (\d{4})\b/;
const QUICK = 700;
const SLOW = 2500;

const lists = {
  sms: document.getElementById("sms-thread"),
  chat: document.getElementById("chat-thread"),
  zalo: document.getElementById("zalo-thread"),
};
const by = document.getElementById("chat-by");
const unread = { sms: 0, chat: 0 };
const picture = document.getElementById("picture");
let place = "";
let asking = false;
let quickUntil = 0;
let timer;
let useCode = () => {};

export function startThreads(onCode) {
  useCode = onCode;
  for (const [name, send] of [["sms", text], ["chat", write]]) {
    const form = document.getElementById(`${name}-form`);
    const box = document.getElementById(`${name}-input`);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const said = box.value.trim();
      box.value = "";
      if (said) send(said);
    });
    box.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
        event.preventDefault();
        form.requestSubmit();
      }
    });
  }
  const chips = document.getElementById("sms-words");
  for (const word of KEYWORDS) chips.append(make("button", { type: "button", text: word, click: () => text(word) }));
  by.addEventListener("change", network);
  document.getElementById("picture-close").addEventListener("click", () => picture.close());
  document.addEventListener("visibilitychange", () => ask());
  resetThreads();
}

export function resetThreads() {
  place = "";
  unread.sms = unread.chat = 0;
  count();
  for (const list of Object.values(lists)) list.replaceChildren();
  keyboard([]);
  network();
  empty();
  ask();
}

export function seen(name) {
  if (name in unread) {
    unread[name] = 0;
    count();
    const list = name === "chat" ? lists[by.value] : lists[name];
    list.scrollTop = list.scrollHeight;
  }
}

export function empty() {
  for (const [name, list] of Object.entries(lists)) {
    const hint = list.querySelector(".empty");
    if (hint) hint.remove();
    if (list.children.length) continue;
    const line = make("li", { class: "empty" }, say(`${name}Empty`));
    if (name === "chat") {
      const start = make("button", { type: "button", class: "strong", text: "/start", click: () => write("/start") });
      line.append(make("p", {}, start));
    }
    if (name === "zalo") line.append(make("p", {}, make("button", { type: "button", class: "strong", text: say("follow"), click: follow })));
    list.append(line);
  }
}

async function text(said) {
  sent(await quickly(post("sms", { text: said, by: document.getElementById("sms-by").value })));
}

async function write(said) {
  sent(await quickly(post("chat/write", { text: said, network: by.value })));
}

async function follow() {
  sent(await quickly(post("chat/follow", {})));
}

// Telegram and Zalo share the tab; what the keys below it say is Telegram's alone.
function network() {
  const isZalo = by.value === "zalo";
  lists.chat.hidden = isZalo;
  lists.zalo.hidden = !isZalo;
  document.getElementById("chat-keys").hidden = isZalo;
  seen("chat");
}

function sent(answer) {
  if (!answer?.sent) note(say("notSent"));
}

async function quickly(doing) {
  quickUntil = Date.now() + 20000;
  setTimeout(ask, 60);
  const answer = await doing;
  ask();
  return answer;
}

async function ask() {
  clearTimeout(timer);
  if (asking || !state.phone) return;
  if (document.visibilityState === "visible") {
    asking = true;
    const phone = state.phone;
    const answer = await post("thread", { after: place });
    asking = false;
    if (phone === state.phone && answer) {
      const isNews = place !== "";
      place = answer.place;
      answer.events.forEach((event) => happened(event, isNews));
      if (answer.events.length) empty();
    } else if (phone !== state.phone) {
      return ask();
    }
  }
  clearTimeout(timer);
  timer = setTimeout(ask, Date.now() < quickUntil ? QUICK : SLOW);
}

function happened(event, isNews) {
  const list = lists[event.thread];
  if (!list) return;
  if (event.deletes !== undefined) return message(event.deletes)?.remove();
  if (event.edits !== undefined) return edited(event);
  const item = make("li", { class: event.from === "me" ? "me" : "them" });
  if (event.message !== undefined) item.dataset.message = event.message;
  item.append(bubble(event));
  if (event.parts) {
    const unit = event.parts === 1 ? "part" : "parts";
    const counted = `${event.sender ? `${event.sender} · ` : ""}${event.parts} `;
    item.append(make("small", { text: counted }, make("span", { "data-say": unit, text: say(unit) })));
  }
  if (event.buttons?.length) item.append(buttons(event, event.buttons));
  if (event.keys) keyboard(event.keys);
  list.append(item);
  list.scrollTop = list.scrollHeight;
  if (isNews && event.from === "them" && list.closest(".pane").hidden) {
    unread[event.thread === "zalo" ? "chat" : event.thread] += 1;
    count();
  }
}

function edited(event) {
  const item = message(event.edits);
  if (!item) return;
  item.querySelector(".inline")?.remove();
  if (event.text) item.querySelector(".bubble").replaceWith(bubble(event));
  if (event.buttons.length) item.append(buttons({ thread: event.thread, message: event.edits }, event.buttons));
}

function message(number) {
  return lists.chat.querySelector(`[data-message="${Number(number)}"]`);
}

function bubble(event) {
  const box = make("div", { class: "bubble" });
  const code = event.from === "me" ? null : SHORT_CODE.exec(event.text || "");
  if (event.photo) {
    const image = make("img", { src: `/simulator/photo/${encodeURIComponent(event.photo)}`, alt: say("qr") });
    const list = lists[event.thread];
    image.addEventListener("load", () => { list.scrollTop = list.scrollHeight; });
    const enlarge = () => open(image.src, code?.[0]);
    box.append(make("button", { type: "button", class: "show", "aria-label": say("enlarge"), click: enlarge }, image));
  }
  if (!code) {
    box.append(event.text || "");
    return box;
  }
  const take = () => { copy(code[0]); useCode(code[0]); };
  box.append(
    event.text.slice(0, code.index),
    make("button", { type: "button", class: "copy", title: say("pasted"), text: code[0], click: take }),
    event.text.slice(code.index + code[0].length),
  );
  return box;
}

function open(source, code) {
  document.getElementById("picture-image").src = source;
  document.getElementById("picture-code").textContent = code || "";
  const button = document.getElementById("picture-copy");
  button.hidden = !code;
  button.onclick = () => { copy(code); useCode(code); };
  picture.showModal();
}

function buttons(below, rows) {
  const box = make("div", { class: "inline" });
  for (const row of rows) {
    const line = make("div");
    for (const one of row) {
      const button = make("button", { type: "button", text: one.text });
      button.addEventListener("click", async () => {
        button.classList.add("pressed");
        sent(await quickly(post("chat/tap", { message: below.message, data: one.data, network: below.thread })));
      });
      line.append(button);
    }
    box.append(line);
  }
  return box;
}

function keyboard(rows) {
  const box = document.getElementById("chat-keys");
  box.replaceChildren();
  for (const row of rows) {
    const line = make("div");
    for (const key of row) {
      const press = async () => {
        keyboard([]);
        if (key.contact) sent(await quickly(post("chat/share", {})));
        else write(key.text);
      };
      line.append(make("button", { type: "button", text: key.text, click: press }));
    }
    box.append(line);
  }
}

function count() {
  for (const [name, number] of Object.entries(unread)) {
    const badge = document.getElementById(`count-${name}`);
    badge.textContent = String(number);
    badge.hidden = number === 0;
  }
}
