/// The page of `ReviewPage`; its data stand at `@@DATA@@`. Everything is shown as text, never as markup.
enum ReviewTemplate {
  static let text = #"""
    <!doctype html>
    <html lang="en">
    <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'unsafe-inline'">
    <title>Near-duplicates</title>
    <style>
    :root { color-scheme: light dark; --line: #8886; --mark: #06c; --yes: #167a32; --no: #b3261e; }
    @media (prefers-color-scheme: dark) { :root { --mark: #6ab0ff; --yes: #6fcf8a; --no: #ff8a80; } }
    body { font: 15px/1.45 system-ui, sans-serif; margin: 0 auto; max-width: 62rem; padding: 0 1rem 4rem; }
    #bar { position: sticky; top: 0; background: Canvas; border-bottom: 1px solid var(--line); padding: .6rem 0; z-index: 1; }
    h1 { font-size: 1.15rem; margin: .2rem 0; overflow-wrap: anywhere; }
    .row { display: flex; flex-wrap: wrap; gap: .4rem 1.2rem; align-items: center; }
    input[type=range] { width: 16rem; max-width: 60vw; }
    button, select { font: inherit; padding: .15rem .7rem; }
    ol { list-style: none; padding: 0; }
    li { border: 1px solid var(--line); border-left-width: 6px; border-radius: 6px; margin: .8rem 0; padding: .6rem .8rem; scroll-margin-top: 8rem; }
    li:focus { outline: 3px solid var(--mark); }
    li.below { opacity: .45; }
    li[data-mark=duplicate] { border-left-color: var(--yes); }
    li[data-mark=different] { border-left-color: var(--no); }
    .pictures { display: grid; grid-template-columns: 1fr 1fr; gap: .8rem; margin-top: .4rem; }
    figure { margin: 0; }
    img { display: block; max-width: 100%; min-width: 96px; height: auto; max-height: 16rem; object-fit: contain; background: repeating-conic-gradient(#8883 0 25%, transparent 0 50%) 0 0 / 16px 16px; }
    figcaption { font-size: .85rem; overflow-wrap: anywhere; }
    .score { font-variant-numeric: tabular-nums; font-weight: 600; }
    kbd { border: 1px solid var(--line); border-radius: 3px; padding: 0 .3em; font-size: .85em; }
    @media (max-width: 40rem) { #keys { display: none; } }
    </style>
    </head>
    <body>
    <header>
    <h1 id="title"></h1>
    <p id="shown" style="margin:.3rem 0"></p>
    <div class="row">
      <span id="keys"><kbd>↓</kbd> <kbd>↑</kbd> next, previous · <kbd>d</kbd> duplicate · <kbd>n</kbd> not · <kbd>u</kbd> unmark</span>
      <span id="marked"></span>
      <button id="export" type="button">Save marks as CSV</button>
    </div>
    </header>
    <div class="row" id="bar">
      <label>Detector <select id="detector"></select></label>
      <span><label>Threshold <input type="range" id="threshold" min="0" max="1" step="1"></label>
      <output id="value" for="threshold" class="score"></output></span>
      <span id="counts" role="status" aria-live="polite"></span>
    </div>
    <noscript>This page shows its pairs with JavaScript; pairs.csv beside it holds the same pairs.</noscript>
    <main><ol id="pairs"></ol></main>
    <script type="application/json" id="data">@@DATA@@</script>
    <script>
    "use strict";
    const data = JSON.parse(document.getElementById("data").textContent);
    const at = id => document.getElementById(id);
    const marks = new Map();
    const key = "clip-eval overlap " + data.title + " " + data.pairCount;
    const name = p => JSON.stringify([p.query, p.reference, p.detector]);
    try { for (const [k, v] of JSON.parse(localStorage.getItem(key) || "[]")) marks.set(k, v); } catch {}
    at("title").textContent = "Near-duplicates: " + data.title;
    const detectors = data.curves.map(c => c.detector);
    for (const d of detectors) {
      const option = document.createElement("option");
      option.value = option.textContent = d;
      at("detector").append(option);
    }
    function picture(place, title, text) {
      const figure = document.createElement("figure");
      if (place >= 0) {
        const image = document.createElement("img");
        image.src = "data:image/jpeg;base64," + data.pictures[place];
        image.alt = title + ": " + text;
        image.loading = "lazy";
        figure.append(image);
      } else {
        const note = document.createElement("p");
        note.textContent = "no picture at hand";
        figure.append(note);
      }
      const caption = document.createElement("figcaption");
      caption.textContent = title + ": " + text;
      figure.append(caption);
      return figure;
    }
    const items = data.pairs.map((pair, i) => {
      const item = document.createElement("li");
      item.tabIndex = 0;
      item.dataset.number = i;
      const line = document.createElement("div");
      line.className = "row";
      const score = document.createElement("span");
      score.className = "score";
      score.textContent = pair.score.toFixed(4);
      const detector = document.createElement("span");
      detector.textContent = pair.detector;
      line.append(score, detector);
      for (const [mark, label] of [["duplicate", "Duplicate"], ["different", "Not"]]) {
        const button = document.createElement("button");
        button.type = "button";
        button.textContent = label;
        button.dataset.mark = mark;
        button.addEventListener("click", () => setMark(i, marks.get(name(pair)) === mark ? null : mark));
        line.append(button);
      }
      const pictures = document.createElement("div");
      pictures.className = "pictures";
      pictures.append(picture(pair.left, "query", pair.query), picture(pair.right, "reference", pair.reference));
      item.append(line, pictures);
      at("pairs").append(item);
      return item;
    });
    function show(i) {
      const mark = marks.get(name(data.pairs[i])) || "";
      items[i].dataset.mark = mark;
      for (const b of items[i].querySelectorAll("button")) b.setAttribute("aria-pressed", String(b.dataset.mark === mark));
    }
    function tally() {
      let yes = 0, no = 0;
      for (const p of data.pairs) { const m = marks.get(name(p)); if (m === "duplicate") yes++; else if (m === "different") no++; }
      at("marked").textContent = "marked: " + yes + " duplicate, " + no + " not";
    }
    function setMark(i, mark) {
      if (mark) marks.set(name(data.pairs[i]), mark); else marks.delete(name(data.pairs[i]));
      try { localStorage.setItem(key, JSON.stringify([...marks])); } catch {}
      show(i);
      tally();
    }
    function refresh() {
      const curve = data.curves.find(c => c.detector === at("detector").value);
      if (!curve) { at("counts").textContent = "no pairs"; return; }
      const k = Number(at("threshold").value);
      const t = curve.thresholds[k], q = curve.queries[k];
      at("value").textContent = t.toFixed(3);
      at("threshold").setAttribute("aria-valuetext", t.toFixed(3));
      at("counts").textContent = curve.pairs[k] + " pairs, " + q + " of " + data.queryCount + " queries (" + (100 * q / Math.max(1, data.queryCount)).toFixed(2) + " %) at or above";
      data.pairs.forEach((p, i) => {
        items[i].hidden = p.detector !== curve.detector;
        items[i].classList.toggle("below", p.score < t);
      });
    }
    function choose() {
      const curve = data.curves.find(c => c.detector === at("detector").value);
      if (curve) {
        // The place of a threshold in the curve.
        at("threshold").max = curve.thresholds.length - 1;
        at("threshold").value = 0;
        const own = data.pairs.filter(p => p.detector === curve.detector).length;
        at("shown").textContent = own < curve.pairs[0]
          ? "Shown: " + own + " of " + curve.pairs[0] + " pairs of " + curve.detector + ", a sample over the whole range of scores; the counts at a threshold are of all."
          : "All " + own + " pairs of " + curve.detector + " are shown.";
      } else {
        at("shown").textContent = "No pairs were found.";
      }
      refresh();
    }
    function step(by) {
      const visible = items.filter(i => !i.hidden);
      const here = visible.indexOf(document.activeElement.closest("li"));
      const next = visible[here < 0 ? 0 : Math.min(visible.length - 1, Math.max(0, here + by))];
      if (next) { next.focus(); next.scrollIntoView({ block: "nearest" }); }
    }
    document.addEventListener("keydown", event => {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      if (["SELECT", "INPUT"].includes(event.target.tagName)) return;
      const item = document.activeElement.closest("li");
      if (event.key === "ArrowDown" || event.key === "j") step(1);
      else if (event.key === "ArrowUp" || event.key === "k") step(-1);
      else if (item && event.key === "d") { setMark(Number(item.dataset.number), "duplicate"); step(1); }
      else if (item && event.key === "n") { setMark(Number(item.dataset.number), "different"); step(1); }
      else if (item && event.key === "u") setMark(Number(item.dataset.number), null);
      else return;
      event.preventDefault();
    });
    const quoted = s => /[",\r\n]/.test(s) ? '"' + s.replaceAll('"', '""') + '"' : s;
    at("export").addEventListener("click", () => {
      const lines = ["query,reference,score,detector,mark"];
      for (const p of data.pairs) {
        const mark = marks.get(name(p));
        if (mark) lines.push([quoted(p.query), quoted(p.reference), p.score, p.detector, mark].join(","));
      }
      const link = document.createElement("a");
      link.href = URL.createObjectURL(new Blob([lines.join("\r\n") + "\r\n"], { type: "text/csv" }));
      link.download = "marks.csv";
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 60000);
    });
    at("detector").addEventListener("change", choose);
    at("threshold").addEventListener("input", refresh);
    items.forEach((_, i) => show(i));
    tally();
    choose();
    </script>
    </body>
    </html>
    """#
}
