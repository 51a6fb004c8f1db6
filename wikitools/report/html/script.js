"use strict";
// Sort by a column, filter all tables by words, and keep both in the address so that it can be sent.
(() => {
  const tables = [...document.querySelectorAll("table")];
  const state = new URLSearchParams(location.hash.slice(1));
  const keep = () => history.replaceState(null, "", state.toString() ? "#" + state : location.pathname + location.search);
  const value = (row, column) => {
    const cell = row.cells[column];
    return cell.classList.contains("number") ? Number(cell.textContent.replace(/[^0-9.-]/g, "")) : cell.textContent;
  };
  const sort = (table, column, direction) => {
    const body = table.tBodies[0];
    const rows = [...body.rows].map((row, index) => ({ row, index, key: value(row, column) }));
    rows.sort((one, other) => {
      const order = typeof one.key === "number" ? one.key - other.key : one.key.localeCompare(other.key);
      return (direction === "ascending" ? order : -order) || one.index - other.index;
    });
    body.append(...rows.map(each => each.row));
    for (const head of table.tHead.rows[0].cells) head.removeAttribute("aria-sort");
    table.tHead.rows[0].cells[column].setAttribute("aria-sort", direction);
  };
  for (const table of tables) {
    [...table.tHead.rows[0].cells].forEach((head, column) => {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = head.textContent;
      head.replaceChildren(button);
      button.addEventListener("click", () => {
        const direction = head.getAttribute("aria-sort") === "descending" ? "ascending" : "descending";
        sort(table, column, direction);
        state.set(table.id, column + (direction === "ascending" ? "+" : "-"));
        keep();
      });
    });
    const kept = /^(\d+)([+-])$/.exec(state.get(table.id) || "");
    if (kept && kept[1] < table.tHead.rows[0].cells.length) sort(table, Number(kept[1]), kept[2] === "+" ? "ascending" : "descending");
  }
  if (!tables.length) return;
  const filter = words => {
    const wanted = words.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const table of tables) {
      for (const row of table.tBodies[0].rows) {
        const text = row.textContent.toLowerCase();
        row.hidden = !wanted.every(word => text.includes(word));
        shown += row.hidden ? 0 : 1;
      }
    }
    told.textContent = wanted.length ? shown + " rows" : "";
  };
  const form = document.createElement("form");
  form.id = "filter";
  form.setAttribute("role", "search");
  const label = document.createElement("label");
  label.textContent = "Show only rows with ";
  const input = document.createElement("input");
  input.type = "search";
  label.append(input);
  const told = document.createElement("output");
  form.append(label, told);
  document.querySelector("nav").after(form);
  form.addEventListener("submit", event => event.preventDefault());
  input.addEventListener("input", () => {
    filter(input.value);
    if (input.value) state.set("filter", input.value); else state.delete("filter");
    keep();
  });
  input.value = state.get("filter") || "";
  if (input.value) filter(input.value);
  addEventListener("beforeprint", () => document.querySelectorAll("details").forEach(each => { each.open = true; }));
})();
