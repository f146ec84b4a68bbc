
// Keeps the overview up to date: asks for what it has not seen, puts the changed parts in place, asks again. Any
// replica may answer; while none does, what is shown stays and says so.
(function live() {
  const root = document.querySelector("[data-live]");
  if (!root) return;
  const state = document.querySelector("[data-live-state]");
  const text = document.querySelector("[data-live-text]");
  const pauseMs = 700;
  const failureMs = [1000, 2000, 4000, 8000];
  let failures = 0;
  let asking = null;
  let timer = 0;

  const show = (name, words) => {
    if (state.dataset.state === name) return;
    state.dataset.state = name;
    text.textContent = words;
  };

  const later = (milliseconds) => {
    clearTimeout(timer);
    timer = setTimeout(ask, milliseconds);
  };

  async function ask() {
    if (document.hidden || asking) return;
    const turn = new AbortController();
    asking = turn;
    // An answer may take its time; a refusal does not.
    if (!failures) setTimeout(() => { if (asking === turn) show("live", "Live"); }, 600);
    try {
      const seen = root.dataset.seen ? `&seen=${encodeURIComponent(root.dataset.seen)}` : "";
      const response = await fetch(root.dataset.live + seen, { signal: turn.signal });
      if (response.redirected) return location.reload();
      if (!response.ok) throw new Error(`status ${response.status}`);
      if (response.headers.get("Quoin-Console") !== document.body.dataset.version) return upgraded();
      if (response.status === 200) place(await response.text(), response.headers.get("Quoin-Seen"));
      failures = 0;
      show("live", "Live");
      asking = null;
      later(Number(response.headers.get("Retry-After")) * 1000 || pauseMs);
    } catch (failure) {
      asking = asking === turn ? null : asking;
      if (turn.signal.aborted) return;
      show("away", "Reconnecting…");
      later(failureMs[Math.min(failures++, failureMs.length - 1)]);
    }
  }

  // The host was upgraded under this page. Once: while old and new replicas answer in turn, loading again helps nobody.
  function upgraded() {
    if (sessionStorage.getItem("quoin_upgraded") === document.body.dataset.version) {
      asking = null;
      return later(30000);
    }
    sessionStorage.setItem("quoin_upgraded", document.body.dataset.version);
    location.reload();
  }

  function place(html, seen) {
    const page = new DOMParser().parseFromString(html, "text/html");
    quoin.dress(page);
    for (const part of page.querySelectorAll("[data-part]")) {
      const old = root.querySelector(`[data-part="${part.dataset.part}"]`);
      if (old) become(old, part);
    }
    root.dataset.seen = seen;
  }

  // Changes an element into another one, keeping what is the same: focus, selection and open details survive.
  function become(old, fresh) {
    for (const { name, value } of [...fresh.attributes]) if (old.getAttribute(name) !== value) old.setAttribute(name, value);
    for (const { name } of [...old.attributes]) {
      if (!fresh.hasAttribute(name) && !(name === "open" && old.dataset.keep)) old.removeAttribute(name);
    }
    const kept = new Map();
    for (const child of old.children) if (child.dataset?.key) kept.set(child.dataset.key, child);
    let place = old.firstChild;
    for (const child of [...fresh.childNodes]) {
      const key = child.dataset?.key;
      const same = key ? kept.get(key) : place && !place.dataset?.key && alike(place, child) ? place : null;
      if (!same) {
        if (key && kept.size) child.classList.add("fresh");
        old.insertBefore(document.adoptNode(child), place);
        continue;
      }
      if (same === place) place = place.nextSibling;
      else old.insertBefore(same, place);
      if (same.nodeType === Node.ELEMENT_NODE) become(same, child);
      else if (same.data !== child.data) same.data = child.data;
    }
    while (place) {
      const next = place.nextSibling;
      if (!("overlay" in (place.dataset ?? {}))) place.remove();
      place = next;
    }
  }

  function alike(one, other) {
    return one.nodeType === other.nodeType && one.nodeName === other.nodeName && one.id === other.id;
  }

  function look() {
    if (asking) asking.abort();
    asking = null;
    ask();
  }

  if (quoin.tellView()) root.dataset.seen = "";
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) return look();
    if (asking) asking.abort();
    asking = null;
  });
  addEventListener("online", look);
  let settled;
  addEventListener("resize", () => {
    clearTimeout(settled);
    settled = setTimeout(() => {
      if (!quoin.tellView()) return;
      root.dataset.seen = "";
      look();
    }, 200);
  });
  later(root.dataset.seen ? pauseMs : 0);
})();
