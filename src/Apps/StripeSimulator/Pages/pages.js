// Comfort only: every page works without.
document.addEventListener("input", (event) => {
  const field = event.target;
  if (field.name === "number") {
    field.value = (field.value.replace(/\D/g, "").slice(0, 19).match(/.{1,4}/g) || []).join(" ");
  }
  if (field.name === "expiry" && event.inputType !== "deleteContentBackward") {
    const digits = field.value.replace(/\D/g, "").slice(0, 4);
    field.value = digits.length >= 2 ? `${digits.slice(0, 2)} / ${digits.slice(2)}` : digits;
  }
});

document.addEventListener("click", (event) => {
  const choice = event.target.closest("button[data-card]");
  if (!choice) return;
  const form = choice.closest("form");
  const fill = (name, value) => { const field = form.elements[name]; if (field && !field.value) field.value = value; };
  form.elements.number.value = choice.dataset.card.match(/.{1,4}/g).join(" ");
  fill("expiry", `12 / ${String(new Date().getFullYear() + 3).slice(2)}`);
  fill("cvc", "123");
  fill("name", "Test Payer");
  fill("email", "payer@example.com");
  form.querySelector("button[type=submit]:not([formnovalidate])").focus();
});

document.addEventListener("submit", (event) => {
  const button = event.submitter;
  if (!button || button.type !== "submit") return;
  button.classList.add("busy");
  button.setAttribute("aria-busy", "true");
  setTimeout(() => event.target.querySelectorAll("button[type=submit]").forEach((one) => { one.disabled = true; }), 0);
});

window.addEventListener("pageshow", (event) => {
  if (event.persisted) location.reload();
});

document.getElementById("problem")?.focus();
