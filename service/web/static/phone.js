// The rehearsal phone: sends without leaving the page, and keeps thread and clock fresh.
// Without it the same forms work by loading the page again.
"use strict";

const screen = document.querySelector("[data-live]");
const moved = document.querySelector("[data-moved]");
const problem = document.querySelector("[data-problem]");
let isMoving = false;

const showProblem = (words) => {
  problem.textContent = words;
  problem.classList.toggle("gone", !words);
};

const showTexts = (fresh) => {
  const list = screen.querySelector(".handset-texts");
  const old = [...list.children];
  const next = [...fresh.querySelector(".handset-texts").children];
  // Only what is new is added, so that a screen reader says only that.
  const isSame = old.every((line, place) => line.isEqualNode(next[place]));
  if (!isSame) list.replaceChildren(...next.map((line) => document.adoptNode(line)));
  else list.append(...next.slice(old.length).map((line) => document.adoptNode(line)));
  if (!isSame || next.length > old.length) screen.scrollTop = 0; // the bottom: it grows upwards
};

const refresh = async () => {
  const answer = await fetch(screen.dataset.live, { headers: { "X-Requested-With": "background" } });
  if (!answer.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const fresh = page.getElementById("live");
  showTexts(fresh);
  document.querySelectorAll("[data-clock]").forEach((one) => (one.textContent = fresh.dataset.now));
  document.querySelector("span[data-date]").textContent = fresh.dataset.date;
  const moment = document.getElementById("moment");
  if (document.activeElement !== moment && !moment.matches(":focus-within"))
    moment.value = fresh.dataset.local;
};

const send = async (form, submitter) => {
  const fields = new URLSearchParams(new FormData(form, submitter));
  const answer = await fetch(form.action, {
    method: "POST",
    body: fields,
    headers: { "X-Requested-With": "fetch" },
  });
  const said = await answer.json();
  showProblem(answer.ok ? "" : said.message || said.error);
  return answer.ok ? said.message : "";
};

document.querySelectorAll("form[data-send]").forEach((form) =>
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const sending = send(form, event.submitter);
    const typed = form.querySelector("#type");
    if (typed) typed.value = "";
    sending.catch(() => showProblem("The service cannot be reached.")).then(refresh);
  }),
);

document.querySelectorAll("form[data-move]").forEach((form) =>
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (isMoving) return;
    isMoving = true;
    const button = event.submitter;
    button.setAttribute("aria-busy", "true");
    moved.textContent = "The clock is moving.";
    moved.classList.add("busy");
    try {
      moved.textContent = await send(form, button);
    } catch {
      moved.textContent = "";
      showProblem("The service cannot be reached.");
    }
    moved.classList.remove("busy");
    button.removeAttribute("aria-busy");
    isMoving = false;
    refresh().catch(() => {});
  }),
);

setInterval(() => {
  if (!document.hidden) refresh().catch(() => {});
}, 2000);
