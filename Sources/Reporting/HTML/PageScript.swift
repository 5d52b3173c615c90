/// What the page does with a script: sorting, filtering, protocols in a dialog.
enum PageScript {
  static let text = #"""
    "use strict";
    const number = text => {
      const found = /[−-]?\d[\d.]*(e-?\d+)?/.exec(text.replaceAll(",", ""));
      return found ? Number(found[0].replace("−", "-")) : NaN;
    };
    const collator = new Intl.Collator(undefined, { numeric: true, sensitivity: "base" });
    function sort(table, column, descending) {
      const body = table.tBodies[0];
      const isNumber = table.tHead.rows[0].cells[column].classList.contains("n");
      const rows = [...body.rows].map((row, place) => {
        const text = row.cells[column].textContent.trim();
        const value = isNumber ? number(text) : text;
        return { row, place, value, isUnknown: text === "–" || text === "" || Number.isNaN(value) };
      });
      const sign = descending ? -1 : 1;
      rows.sort((a, b) =>
        a.isUnknown - b.isUnknown
        || (a.isUnknown ? 0 : sign * (isNumber ? a.value - b.value : collator.compare(a.value, b.value)))
        || a.place - b.place);
      body.append(...rows.map(entry => entry.row));
    }
    for (const table of document.querySelectorAll("table.sort")) {
      if (!table.tBodies[0] || table.tBodies[0].rows.length < 2) continue;
      [...table.tHead.rows[0].cells].forEach((cell, column) => {
        if (cell.classList.contains("fixed")) return;
        const button = document.createElement("button");
        button.type = "button";
        button.append(...cell.childNodes);
        cell.append(button);
      });
    }
    document.addEventListener("click", event => {
      const button = event.target.closest("table.sort thead button");
      if (!button) return;
      const cell = button.closest("th");
      const table = button.closest("table");
      const was = cell.getAttribute("aria-sort");
      // Numbers begin with the largest.
      const descending = was ? was === "ascending" : cell.classList.contains("n");
      for (const other of cell.parentNode.cells) other.removeAttribute("aria-sort");
      cell.setAttribute("aria-sort", descending ? "descending" : "ascending");
      sort(table, cell.cellIndex, descending);
    });

    const form = document.getElementById("filters");
    const results = document.getElementById("result-table");
    if (form && results) {
      form.hidden = false;
      const rows = [...results.tBodies[0].rows].map(row => ({ row, text: row.textContent.toLowerCase() }));
      const choices = [...form.querySelectorAll("select")];
      const isChecked = id => { const box = document.getElementById(id); return Boolean(box && box.checked); };
      const filter = () => {
        const words = document.getElementById("search").value.toLowerCase().split(/\s+/).filter(Boolean);
        const mainOnly = isChecked("main-only"), partialOnly = isChecked("partial-only");
        let count = 0;
        for (const { row, text } of rows) {
          const isShown = words.every(word => text.includes(word))
            && choices.every(choice => !choice.value || row.dataset[choice.dataset.key] === choice.value)
            && (!mainOnly || "main" in row.dataset) && (!partialOnly || "partial" in row.dataset);
          row.hidden = !isShown;
          if (isShown) count += 1;
        }
        document.getElementById("shown").textContent = count + " of " + rows.length + " results";
      };
      for (const kind of ["input", "change"]) form.addEventListener(kind, filter);
      form.addEventListener("submit", event => event.preventDefault());
      filter();
    }

    const dialog = document.getElementById("dialog");
    document.addEventListener("click", event => {
      const link = event.target.closest("a.protocol");
      if (!link || !dialog.showModal || event.ctrlKey || event.metaKey || event.shiftKey) return;
      const own = document.getElementById(link.hash.slice(1));
      if (!own) return;
      event.preventDefault();
      const body = document.getElementById("dialog-body");
      body.replaceChildren();
      const name = document.createElement("p");
      name.textContent = own.closest("details").querySelector("summary").textContent;
      const list = own.cloneNode(true);
      list.removeAttribute("id");
      const shared = document.getElementById("shared");
      if (shared) list.append(...shared.cloneNode(true).childNodes);
      body.append(name, list);
      dialog.showModal();
    });
    dialog.addEventListener("click", event => { if (event.target === dialog) dialog.close(); });

    const reveal = () => {
      let place = location.hash.length > 1 && document.getElementById(decodeURIComponent(location.hash.slice(1)));
      for (; place; place = place.parentElement) if (place.tagName === "DETAILS") place.open = true;
    };
    addEventListener("hashchange", reveal);
    reveal();

    const datasets = document.getElementById("datasets");
    if (datasets) {
      const button = document.createElement("button");
      const tasks = [...datasets.querySelectorAll("details.task")];
      const tell = () => { button.textContent = tasks.every(task => task.open) ? "Close all" : "Open all"; };
      button.type = "button";
      button.className = "all";
      button.addEventListener("click", () => {
        const open = button.textContent === "Open all";
        for (const task of tasks) task.open = open;
        tell();
      });
      tell();
      datasets.querySelector("h2").after(button);
    }
    """#
}
