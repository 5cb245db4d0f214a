// The console's small comforts. Every page reads and works without it.
"use strict";

const post = (url, fields) =>
  fetch(url, {
    method: "POST",
    body: new URLSearchParams({
      ...fields,
      csrf_token: document.querySelector("input[name=csrf_token]").value,
    }),
    headers: { "X-Requested-With": "fetch" },
  }).then((answer) => (answer.ok ? answer.json() : Promise.reject(answer.status)));

const later = (wait, act) => {
  let timer;
  return () => {
    clearTimeout(timer);
    timer = setTimeout(act, wait);
  };
};

const plural = (count, word) => `${count} ${word}${count === 1 ? "" : "s"}`;

// Today: look again every 15 seconds. Nothing that is being used moves away under the hand.
const box = document.querySelector("[data-poll]");
if (box) {
  const news = document.getElementById("alerts-news");
  const plainTitle = document.title.replace(/^\(\d+\) /, "");
  const ids = (root) => new Set([...root.querySelectorAll("[data-alert]")].map((one) => one.id));
  const inUse = () =>
    box.contains(document.activeElement) || box.querySelector("details.note[open]") !== null;

  const showCounts = (fresh) => {
    const { open, urgent } = fresh.dataset;
    document.title = (urgent !== "0" ? `(${urgent}) ` : "") + plainTitle;
    const count = document.getElementById("nav-count");
    count.textContent = "";
    if (open === "0") return;
    const badge = document.createElement("b");
    badge.className = urgent !== "0" ? "count urgent" : "count";
    badge.textContent = open;
    const words = document.createElement("span");
    words.className = "unseen";
    words.textContent = ` open, ${urgent} urgent`;
    badge.append(words);
    count.append(" ", badge);
  };

  const look = async () => {
    if (document.hidden) return;
    const answer = await fetch(box.dataset.poll, {
      headers: { "X-Requested-With": "background" },
      redirect: "error",
    });
    if (answer.status === 401) {
      location.assign(box.dataset.signIn); // signed out: leave nothing on the screen
      return;
    }
    if (!answer.ok) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page.getElementById("alerts");
    const known = ids(box);
    const added = [...ids(fresh)].filter((id) => !known.has(id)).length;
    showCounts(fresh);
    if (added) news.textContent = plural(added, "new alert");
    if (!inUse()) box.replaceChildren(document.adoptNode(fresh));
    else if (added) news.classList.remove("unseen");
  };
  const lookSafely = () => look().catch(() => {});
  setInterval(lookSafely, 15000);
  document.addEventListener("visibilitychange", lookSafely);
}

// A person: the time line looks again every 10 seconds. What is being typed, or marked, stays as it is.
const live = document.querySelector("[data-thread]");
if (live) {
  const seen = document.querySelector("input[name=seen]");
  const meanwhile = document.querySelector("[data-meanwhile]");
  const isInUse = () => live.querySelector("details.wrong[open]") !== null || live.querySelector("form :focus") !== null;
  const lookAgain = async () => {
    if (document.hidden || isInUse()) return;
    const answer = await fetch(live.dataset.thread, {
      headers: { "X-Requested-With": "background", "If-None-Match": live.dataset.mark },
      redirect: "error",
      cache: "no-store",
    });
    if (answer.status === 401) {
      location.assign(live.dataset.signIn); // signed out: leave nothing on the screen
      return;
    }
    if (answer.status !== 200) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page.getElementById("thread-live");
    if (isInUse() || !fresh) return;
    const hadFocus = live.contains(document.activeElement);
    const scrolled = live.querySelector(".thread")?.scrollTop ?? 0;
    live.replaceChildren(...[...fresh.childNodes].map((node) => document.adoptNode(node)));
    live.dataset.mark = fresh.dataset.mark;
    const thread = live.querySelector(".thread");
    if (thread) thread.scrollTop = scrolled;
    if (thread && hadFocus) thread.focus({ preventScroll: true });
    if (Number(fresh.dataset.alerts) > Number(live.dataset.alerts)) {
      document.querySelector("[data-alert-news]").hidden = false;
    }
    live.dataset.alerts = fresh.dataset.alerts;
    if (seen && seen.value !== fresh.dataset.seen) {
      seen.value = fresh.dataset.seen;
      if (fresh.dataset.by) {
        meanwhile.textContent = `${fresh.dataset.by} has written to them meanwhile. Does yours still fit?`;
        meanwhile.hidden = false;
      }
    }
  };
  const lookAgainSafely = () => lookAgain().catch(() => {});
  setInterval(lookAgainSafely, 10000);
  document.addEventListener("visibilitychange", lookAgainSafely);
}

// Writing by hand: what the text will cost, counted by the server.
const composer = document.querySelector("[data-segments]");
if (composer) {
  const out = document.querySelector("[data-segments-out]");
  const before = out.textContent;
  const count = later(250, () => {
    if (!composer.value.trim()) {
      out.textContent = before;
      return;
    }
    post(composer.dataset.segments, { body: composer.value })
      .then(({ segments, offenders }) => {
        const why = offenders.length ? ` (${offenders.join(" ")} makes it longer)` : "";
        out.textContent = `${plural(segments, "segment")}${why}. Goes out at once, in your name.`;
      })
      .catch(() => (out.textContent = before));
  });
  composer.addEventListener("input", count);
  // A saved reply goes in where the cursor is; it is never sent by itself.
  for (const link of document.querySelectorAll("[data-insert]")) {
    link.addEventListener("click", (press) => {
      press.preventDefault();
      const { selectionStart: from, selectionEnd: to, value } = composer;
      const gap = from > 0 && !/\s$/.test(value.slice(0, from)) ? " " : "";
      composer.setRangeText(gap + link.dataset.insert, from, to, "end");
      link.closest("details").open = false;
      composer.focus();
      count();
    });
  }
}

// Rewording: the sample on the phone outline follows the typing.
const wording = document.querySelector("[data-preview]");
if (wording) {
  const sample = document.querySelector("[data-sample]");
  const count = document.querySelector("[data-count]");
  const problems = document.querySelector("[data-problems]");
  const list = problems.querySelector("ul");
  const show = later(250, () => {
    post(wording.dataset.preview, { body: wording.value })
      .then((found) => {
        if (found.sample !== null) sample.textContent = found.sample;
        count.textContent =
          found.segments === null
            ? ""
            : `${plural(found.segments, "segment")} with these sample values.`;
        list.replaceChildren(
          ...found.problems.map((words) => {
            const line = document.createElement("li");
            line.textContent = words;
            return line;
          }),
        );
        problems.hidden = found.problems.length === 0;
      })
      .catch(() => {});
  });
  wording.addEventListener("input", show);
}
