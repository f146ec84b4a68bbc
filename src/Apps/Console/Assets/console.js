"use strict";

// What every page does once it is there. Every page works without it; this makes it pleasant.
const quoin = {
  // Makes a part of the page at home with its reader; called again for parts that arrive later.
  dress(root) {
    quoin.writeTimes(root);
    quoin.showWhere(root);
  },

  // Where a row of places is longer than a phone, the one that is open is in sight.
  showWhere(root) {
    for (const place of root.querySelectorAll(".menu a[aria-current], .tabs a[aria-current]")) {
      const row = place.parentElement;
      row.scrollLeft = place.offsetLeft - row.offsetLeft - (row.clientWidth - place.clientWidth) / 2;
    }
  },

  // Times come in UTC; the reader has a zone. The title keeps UTC, to the microsecond.
  writeTimes(root) {
    for (const element of root.querySelectorAll("time[data-time]")) {
      const text = quoin.timeText(new Date(element.dateTime));
      if (element.textContent !== text) element.textContent = text;
    }
  },

  timeText(date) {
    const month = date.toLocaleString("en-GB", { month: "short" }).slice(0, 3);
    const two = (number) => String(number).padStart(2, "0");
    const year = date.getFullYear() === new Date().getFullYear() ? "" : ` ${date.getFullYear()}`;
    const clock = `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
    return `${date.getDate()} ${month}${year} ${clock}`;
  },

  // Tells the server how wide charts are here and what zone their hours are in; whether that is news.
  tellView() {
    const told = document.cookie.split("; ").find((cookie) => cookie.startsWith("quoin_view=")) || "";
    const [, toldWidth] = /^quoin_view=(\d*)/.exec(told) || [, ""];
    const plot = document.querySelector("[data-sized]");
    const width = (plot && Math.round(plot.clientWidth)) || toldWidth;
    const zone = Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC";
    const view = `quoin_view=${encodeURIComponent(`${width}|${zone}`)}`;
    if (told === view) return false;
    document.cookie = `${view}; path=/console; max-age=31536000; samesite=lax`;
    return true;
  },
};

(function theme() {
  const button = document.querySelector("[data-theme-toggle]");
  if (!button) return;
  const root = document.documentElement;
  const system = matchMedia("(prefers-color-scheme: dark)");
  const shown = () => root.dataset.theme || (system.matches ? "dark" : "light");
  const label = () => {
    const next = shown() === "dark" ? "Light theme" : "Dark theme";
    button.querySelector("span").textContent = next;
    button.setAttribute("aria-label", next);
  };
  button.hidden = false;
  label();
  system.addEventListener("change", label);
  button.addEventListener("click", () => {
    const next = shown() === "dark" ? "light" : "dark";
    const isSystems = next === (system.matches ? "dark" : "light");
    if (isSystems) delete root.dataset.theme;
    else root.dataset.theme = next;
    try {
      if (isSystems) localStorage.removeItem("quoin_theme");
      else localStorage.setItem("quoin_theme", next);
    } catch (blocked) {
      // Without storage the choice lasts as long as the page.
    }
    label();
  });
})();

(function copying() {
  const write = async (text) => {
    if (navigator.clipboard && window.isSecureContext) {
      await navigator.clipboard.writeText(text);
      return;
    }
    // A plain http address has no clipboard; selected text can still be copied.
    const area = document.createElement("textarea");
    area.value = text;
    area.className = "unseen";
    document.body.append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
  };
  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-copy]");
    if (!button) return;
    event.preventDefault();
    const done = button.querySelector(".done");
    try {
      await write(button.dataset.copy);
      done.textContent = "Copied";
    } catch (refused) {
      done.textContent = "Not allowed";
    }
    button.focus();
    setTimeout(() => { done.textContent = ""; }, 1600);
  });
})();

(function menus() {
  // One open menu at a time; Escape and a click elsewhere close it.
  const open = () => document.querySelectorAll("details.switcher[open], details.custom[open]");
  document.addEventListener("click", (event) => {
    for (const menu of open()) if (!menu.contains(event.target)) menu.open = false;
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    const menus = open();
    for (const menu of menus) {
      menu.open = false;
      menu.querySelector("summary").focus();
    }
    // A form that somebody unfolded folds again, what was written in it stays; a search field empties itself first.
    const form = event.target.closest && event.target.closest("main details[open]");
    if (menus.length > 0 || !form || event.defaultPrevented || event.target.value && event.target.type === "search") return;
    form.open = false;
    form.querySelector("summary").focus();
  });
})();

(function switcher() {
  const menu = document.querySelector("[data-switcher]");
  if (!menu) return;
  const list = menu.querySelector("[data-switcher-list]");
  const input = menu.querySelector("input");
  let asked = 0;
  const find = async () => {
    const turn = ++asked;
    const search = input.value.trim();
    const query = search ? `&search=${encodeURIComponent(search)}` : "";
    const response = await fetch(`/console/organisations?part=true${query}`);
    if (response.redirected) location.reload();
    if (response.ok && turn === asked) list.innerHTML = await response.text();
  };
  let pause;
  menu.addEventListener("toggle", () => {
    if (!menu.open) return;
    input.focus();
    find();
  });
  input.addEventListener("input", () => {
    clearTimeout(pause);
    pause = setTimeout(find, 150);
  });
  menu.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step) return;
    const stops = [input, ...list.querySelectorAll("a")];
    const next = stops[stops.indexOf(document.activeElement) + step];
    if (next) next.focus();
    event.preventDefault();
  });
})();

// Pages with a chart of a width tell it as they come alive; any other says at least the zone.
if (!document.querySelector("[data-sized]")) quoin.tellView();
quoin.dress(document);
