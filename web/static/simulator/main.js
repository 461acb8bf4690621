// Puts the page together.

import { relabelOfficer, resetOfficer, startOfficer, useCode } from "./officer.js";
import { draw, startPeople } from "./people.js";
import { empty, resetThreads, seen, startThreads } from "./threads.js";
import { relabelUssd, resetUssd, startUssd } from "./ussd.js";
import { remembered, speak } from "./words.js";

const tabs = [...document.querySelectorAll("[role=tab]")];

function select(tab) {
  for (const one of tabs) {
    const on = one === tab;
    one.setAttribute("aria-selected", String(on));
    one.tabIndex = on ? 0 : -1;
    document.getElementById(one.getAttribute("aria-controls")).hidden = !on;
  }
  seen(tab.id.replace("tab-", ""));
}

for (const tab of tabs) {
  tab.addEventListener("click", () => select(tab));
  tab.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    const next = tabs[(tabs.indexOf(tab) + step + tabs.length) % tabs.length];
    next.focus();
    select(next);
  });
}

for (const button of document.querySelectorAll("[data-language]")) {
  button.addEventListener("click", () => {
    speak(button.dataset.language);
    relabelUssd();
    relabelOfficer();
    empty();
    draw();
  });
}

speak(remembered());
startUssd();
startThreads(useCode);
startOfficer();
startPeople(() => {
  resetUssd();
  resetThreads();
  resetOfficer();
});
