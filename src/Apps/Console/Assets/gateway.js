
// The playground: sends what is in its form to this host, as the person who is signed in, and writes the answer as it
// comes. Nothing of it is kept here or there.
(function playground() {
  const form = document.querySelector("[data-playground]");
  if (!form) return;
  const part = (name) => form.querySelector(`[data-${name}]`);
  const answer = part("answer");
  const facts = part("facts");
  let running = null;

  const say = (words) => { part("state").textContent = words; };

  const complain = (words) => {
    const place = part("complaint");
    place.textContent = words;
    place.hidden = !words;
  };

  // Every kind of refusal of this host holds words for people: problems, and the vendors' own shape.
  async function wordsOf(response) {
    try {
      const told = await response.json();
      return told.error?.message || told.detail || told.title || `Status ${response.status}`;
    } catch (unreadable) {
      return `Status ${response.status}`;
    }
  }

  const money = (micros) => {
    const [whole, fraction = ""] = String(micros).split(".");
    const digits = whole.padStart(7, "0");
    const units = digits.slice(0, -6);
    const small = (digits.slice(-6) + fraction).replace(/0+$/, "").padEnd(2, "0");
    return `${units}.${small} ${form.dataset.currency}`;
  };

  function asked() {
    const field = (name) => form.elements[name].value;
    const messages = [{ role: "user", content: field("user") }];
    if (field("system").trim()) messages.unshift({ role: "system", content: field("system") });
    const body = { model: field("model"), messages, stream: true, stream_options: { include_usage: true } };
    if (field("temperature")) body.temperature = Number(field("temperature"));
    if (field("max_tokens")) body.max_tokens = Number(field("max_tokens"));
    return body;
  }

  function write(text, kind) {
    const last = answer.lastElementChild;
    const place = last?.dataset.kind === kind ? last : answer.appendChild(document.createElement("span"));
    place.dataset.kind = kind;
    place.append(text);
    answer.scrollTop = answer.scrollHeight;
  }

  // One event of the stream; a comment of this host's tells the cost.
  function take(lines, begun) {
    for (const line of lines.split("\n")) {
      if (line.startsWith(": quoin ")) {
        const told = Object.fromEntries(line.slice(8).split(" ").map((pair) => pair.split("=")));
        if (told.cost_micros) part("cost").textContent = money(told.cost_micros);
      }
      if (!line.startsWith("data:") || line.slice(5).trim() === "[DONE]") continue;
      const chunk = JSON.parse(line.slice(5));
      if (chunk.error) complain(chunk.error.message);
      const delta = chunk.choices?.[0]?.delta;
      const thought = delta?.reasoning_content || delta?.reasoning;
      const first = part("first");
      if ((thought || delta?.content) && first.textContent === "–") {
        first.textContent = `${Math.round(performance.now() - begun)} ms`;
      }
      if (thought) write(thought, "thought");
      if (delta?.content) write(delta.content, "said");
      for (const call of delta?.tool_calls ?? []) write(call.function?.name ?? call.function?.arguments ?? "", "tool");
      if (chunk.usage) part("tokens").textContent = `${chunk.usage.prompt_tokens} in, ${chunk.usage.completion_tokens} out`;
    }
  }

  async function read(response, begun) {
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    let rest = "";
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      const events = (rest + value).split("\n\n");
      rest = events.pop();
      for (const one of events) take(one, begun);
    }
    take(rest, begun);
  }

  async function send() {
    const turn = new AbortController();
    running = turn;
    answer.textContent = "";
    complain("");
    for (const name of ["tokens", "cost", "first", "link"]) part(name).textContent = "–";
    part("send").disabled = true;
    part("stop").hidden = false;
    say("Answering…");
    const begun = performance.now();
    try {
      const response = await fetch(form.dataset.playground, {
        method: "POST",
        headers: { "Content-Type": "application/json", Accept: "text/event-stream, application/json", "Quoin-Org": form.dataset.org },
        body: JSON.stringify(asked()),
        signal: turn.signal,
      });
      const id = response.headers.get("x-request-id");
      facts.hidden = false;
      if (id?.startsWith("req_")) {
        part("link").textContent = id;
        part("link").href = form.dataset.request.replace("REQUEST", id);
      }
      if (response.redirected) return location.reload();
      if (!response.ok) {
        complain(await wordsOf(response));
        return say("Not answered.");
      }
      await read(response, begun);
      say(part("complaint").hidden ? "Done." : "It broke off.");
    } catch (failure) {
      if (turn.signal.aborted) return say("Stopped. What had come is charged.");
      complain("The connection broke off.");
      say("Not answered.");
    } finally {
      running = null;
      part("send").disabled = false;
      part("stop").hidden = true;
    }
  }

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (!running) send();
  });
  part("stop").addEventListener("click", () => {
    running?.abort();
    part("send").focus();
  });
  form.elements.user.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit();
  });
})();
