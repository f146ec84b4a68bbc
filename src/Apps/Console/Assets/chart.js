
// What lies under the pointer in a chart. The numbers are those of the table below it.
(function charts() {
  const top = 10;
  let shown = null;

  const hide = () => {
    if (!shown) return;
    shown.tip.remove();
    shown.band.remove();
    shown = null;
  };

  const element = (className, text) => {
    const made = document.createElement("div");
    made.className = className;
    if (text !== undefined) made.textContent = text;
    return made;
  };

  function row(fill, name, value) {
    const made = element("tip-row");
    const swatch = document.createElement("span");
    swatch.className = "swatch";
    swatch.style.background = fill;
    const label = document.createElement("span");
    label.textContent = name;
    const number = document.createElement("b");
    number.textContent = value;
    made.append(swatch, label, number);
    return made;
  }

  function tipOf(table, column) {
    const tip = element("tip");
    const heads = [...table.tHead.rows[0].cells].slice(1);
    const cells = table.tBodies[0].rows[column].cells;
    tip.append(element("tip-time", cells[0].textContent));
    // As they are stacked: the topmost first.
    heads.map((head, index) => [head, cells[index + 1]]).reverse().forEach(([head, cell]) => {
      if (/[1-9]/.test(cell.textContent)) tip.append(row(head.dataset.fill, head.textContent, cell.textContent));
    });
    if (tip.children.length === 1) tip.append(element("tip-row", "Nothing"));
    return tip;
  }

  document.addEventListener("pointermove", (event) => {
    const plot = event.target.closest?.("[data-plot]");
    const table = plot?.closest("[data-chart]").querySelector("[data-chart-table]");
    if (!table || !plot.querySelector("svg")) return hide();
    const box = plot.getBoundingClientRect();
    const left = Number(table.dataset.left);
    const count = table.tBodies[0].rows.length;
    const step = (box.width - left) / count;
    const column = Math.floor((event.clientX - box.left - left) / step);
    if (column < 0 || column >= count) return hide();
    if (shown && shown.plot === plot && shown.column === column && shown.tip.isConnected) return;
    hide();
    const band = element("band");
    band.style.left = `${left + column * step}px`;
    band.style.width = `${step}px`;
    const tip = tipOf(table, column);
    plot.append(band);
    // Later than the parts that news replace: those leave overlays alone.
    tip.dataset.overlay = band.dataset.overlay = "";
    plot.parentElement.append(tip);
    const middle = plot.offsetLeft + left + (column + 0.5) * step;
    const fits = middle + 14 + tip.offsetWidth <= plot.parentElement.clientWidth;
    tip.style.left = `${Math.max(4, fits ? middle + 14 : middle - 14 - tip.offsetWidth)}px`;
    tip.style.top = `${plot.offsetTop + top}px`;
    shown = { plot, column, tip, band };
  }, { passive: true });
  document.addEventListener("pointerleave", hide);
  document.addEventListener("pointerdown", (event) => { if (!event.target.closest?.("[data-plot]")) hide(); });
})();
