"use strict";
// Sort by a column, filter all tables by words, and keep both in the address so that it can be sent. Copy places.
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
      let here = 0;
      for (const row of table.tBodies[0].rows) {
        const text = row.textContent.toLowerCase();
        row.hidden = !wanted.every(word => text.includes(word));
        here += row.hidden ? 0 : 1;
      }
      table.closest("section").hidden = !here;
      shown += here;
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
  // Rules and folders are what people filter by.
  const names = new Set();
  for (const table of tables) {
    const column = [...table.tHead.rows[0].cells].findIndex(head => head.textContent === "rule");
    for (const row of table.tBodies[0].rows) {
      if (column >= 0) names.add(row.cells[column].textContent);
      for (const place of row.querySelectorAll("td.where:not(:has(li)), .where li")) {
        const path = place.textContent;
        if (path.includes("/")) names.add(path.slice(0, path.indexOf("/") + 1));
      }
    }
  }
  const list = document.createElement("datalist");
  list.id = "names";
  for (const name of [...names].sort().slice(0, 200)) list.append(new Option("", name));
  input.setAttribute("list", list.id);
  label.append(list);
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
  // Each place is a button that copies it; they are made when somebody opens the list.
  const copies = where => {
    const found = /^(.*?):(\d+:\d+(?:, \d+:\d+)*)$/s.exec(where.textContent);
    if (!found || !navigator.clipboard) return;
    where.replaceChildren(...found[2].split(", ").flatMap((place, index) => {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = index ? place : found[1] + ":" + place;
      button.title = "Copy " + found[1] + ":" + place;
      button.addEventListener("click", () => {
        navigator.clipboard.writeText(found[1] + ":" + place).then(() => { told.textContent = "Copied " + found[1] + ":" + place; });
      });
      return index ? [", ", button] : [button];
    }));
  };
  document.querySelectorAll("td.where:not(:has(details))").forEach(copies);
  document.addEventListener("toggle", event => {
    if (event.target.open && !printing) event.target.querySelectorAll("li:not(:has(button))").forEach(copies);
  }, true);
  let printing = null;
  addEventListener("beforeprint", () => {
    printing = [...document.querySelectorAll("details:not([open])")];
    printing.forEach(each => { each.open = true; });
  });
  addEventListener("afterprint", () => {
    (printing || []).forEach(each => { each.open = false; });
    printing = null;
  });
})();
