// Whose phone it is: the invented people, or any number.

import { copy, make, note, state } from "./server.js";
import { say } from "./words.js";

const list = document.getElementById("people-list");
const search = document.getElementById("people-search");
const card = document.querySelector(".people");
const opener = document.getElementById("people-open");
let people = [];
let chosen = () => {};

export async function startPeople(onChosen) {
  chosen = onChosen;
  search.addEventListener("input", draw);
  opener.addEventListener("click", () => unfold(!card.classList.contains("open")));
  document.getElementById("other-phone").addEventListener("submit", (event) => {
    event.preventDefault();
    const number = document.getElementById("other-number").value.replace(/[\s.-]/g, "").replace(/^0/, "+84");
    if (/^\+[1-9]\d{7,14}$/.test(number)) pick({ phone: number, name: number });
    else note(say("wrongNumber"));
  });
  try {
    people = (await (await fetch("/simulator/api/people")).json()).people;
  } catch {
    people = [];
  }
  draw();
  if (people.length) pick(people.find((one) => one.phone === kept()) || people[0]);
  else unfold(true);
}

export function draw() {
  const wanted = plain(search.value);
  const found = people.filter((one) => plain(`${one.name} ${one.phone} ${one.about || one.story || ""}`).includes(wanted));
  list.replaceChildren(...found.map((one) => {
    const button = make("button", { type: "button", click: () => pick(one) }, make("b", { text: one.name }));
    if (one === state.person) button.setAttribute("aria-current", "true");
    button.append(make("small", { class: "mono", text: local(one.phone) }));
    if (one.about || one.story) button.append(make("small", { text: one.about || one.story }));
    return make("li", {}, button);
  }));
  if (!people.length) list.append(make("li", { text: say("nobody") }));
  facts();
}

function pick(person) {
  state.person = person;
  state.phone = person.phone;
  try { localStorage.setItem("simulator-phone", person.phone); } catch { /* private window */ }
  document.getElementById("chosen-name").textContent = person.name;
  document.getElementById("chosen-phone").textContent = person.name === person.phone ? "" : local(person.phone);
  unfold(false);
  draw();
  chosen(person);
}

function unfold(open) {
  card.classList.toggle("open", open);
  opener.setAttribute("aria-expanded", String(open));
}

function facts() {
  const person = state.person;
  const rows = [];
  for (const paper of person?.papers || []) {
    const button = make("button", { type: "button", class: "mono", title: say("pasted"), text: paper.number, click: () => copy(paper.number) });
    rows.push([paper.type.toUpperCase(), button]);
  }
  if (person?.birthDate) rows.push([say("born2"), person.birthDate.split("-").reverse().join("/")]);
  if (person?.household?.length) {
    rows.push([say("household"), person.household.map((one) => `${one.name} (${one.birthDate.slice(0, 4)})`).join(", "), "more"]);
  }
  const shown = rows.flatMap(([name, value, style]) => [make("dt", { text: name, class: style }), make("dd", { class: style }, value)]);
  document.getElementById("person-facts").replaceChildren(...shown);
}

function local(phone) {
  return phone.replace(/^\+84(\d{3})(\d{3})(\d+)$/, "0$1 $2 $3").replace(/^0(\d{3}) /, "0$1 ");
}

function plain(text) {
  return text.normalize("NFD").replace(/[\u0300-\u036f]/g, "").replace(/đ/gi, "d").toLowerCase();
}

function kept() {
  try { return localStorage.getItem("simulator-phone"); } catch { return null; }
}
