/// How the page looks: light and dark as the reader's system is, on paper, and on narrow screens. Text stands out from what is behind it
/// by at least 4.5 : 1 (WCAG 2.1, 1.4.3).
enum PageStyle {
  static let text = #"""
    :root { color-scheme: light dark; --paper: #fff; --panel: #f5f7fa; --ink: #1f2328; --quiet: #59636e; --line: #d5dbe1; --accent: #3240bc; --soft: #e8eafa; --good: #116329; --bad: #a8290f; --so-so: #7a4b00; --mark: #c25700; }
    @media screen and (prefers-color-scheme: dark) { :root { --paper: #0d1117; --panel: #161b22; --ink: #e6edf3; --quiet: #9198a1; --line: #30363d; --accent: #8ab4f8; --soft: #1d2a44; --good: #5fd38a; --bad: #ff9580; --so-so: #e3b341; --mark: #f0954a; } }
    * { box-sizing: border-box; }
    html { scroll-padding-top: 3.6rem; -webkit-text-size-adjust: 100%; }
    body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; }
    header, main, footer, nav > ul { max-width: 80rem; margin: 0 auto; padding: 0 1.25rem; }
    header { padding-top: 2rem; }
    h1 { font-size: 1.9rem; line-height: 1.2; letter-spacing: -.02em; margin: 0 0 .5rem; overflow-wrap: anywhere; }
    h2 { font-size: 1.4rem; letter-spacing: -.01em; margin: 0 0 1rem; overflow-wrap: anywhere; }
    h3 { font-size: 1.1rem; margin: 1.75rem 0 .5rem; overflow-wrap: anywhere; }
    h4 { font-size: .95rem; margin: 1.25rem 0 .4rem; }
    p { margin: 0 0 .75rem; max-width: 72ch; overflow-wrap: anywhere; }
    header p { color: var(--quiet); }
    a { color: var(--accent); text-underline-offset: .15em; text-decoration-thickness: 1px; }
    code, .protocol { font: .86em ui-monospace, "SF Mono", Menlo, Consolas, monospace; }
    :focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; border-radius: 3px; }
    .skip { position: absolute; left: -99rem; }
    .skip:focus { left: 1rem; top: 1rem; background: var(--paper); padding: .5rem 1rem; z-index: 3; }
    .quiet { color: var(--quiet); }
    p.quiet { font-size: .875rem; }
    .good { color: var(--good); } .bad { color: var(--bad); } .so-so { color: var(--so-so); }
    .unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
    .tag { font-size: .75rem; border: 1px solid currentColor; border-radius: 1em; padding: 0 .5em; white-space: nowrap; }
    nav { position: sticky; top: 0; z-index: 2; background: var(--paper); border-bottom: 1px solid var(--line); margin-top: 1rem; }
    nav > ul { list-style: none; display: flex; gap: 0 1.25rem; overflow-x: auto; white-space: nowrap; scrollbar-width: none; }
    nav a { display: block; padding: .65rem 0; color: var(--ink); text-decoration: none; font-size: .9rem; }
    nav a:hover { color: var(--accent); text-decoration: underline; }
    .part { padding-top: 2.25rem; }
    .tiles { list-style: none; padding: 0; margin: 0 0 1.25rem; display: grid; grid-template-columns: repeat(auto-fit, minmax(11.5rem, 1fr)); gap: .75rem; }
    .tiles li { background: var(--panel); border: 1px solid var(--line); border-top: 3px solid var(--accent); border-radius: 6px; padding: .75rem .9rem; }
    .tiles li.good { border-top-color: var(--good); color: inherit; } .tiles li.bad { border-top-color: var(--bad); color: inherit; }
    .tiles b { display: block; font-size: 1.3rem; line-height: 1.3; letter-spacing: -.01em; }
    .tiles .bad b { color: var(--bad); }
    .tiles span { font-size: .875rem; color: var(--quiet); }
    .scroll { overflow-x: auto; margin: 0 0 .75rem; max-width: 100%; }
    .tall { max-height: min(44rem, 80vh); overflow: auto; border-bottom: 1px solid var(--line); }
    .tall thead th { position: sticky; top: 0; z-index: 2; }
    .tall thead th:first-child { left: 0; z-index: 3; }
    .scroll + p { font-size: .875rem; color: var(--quiet); }
    table { border-collapse: separate; border-spacing: 0; font-size: .875rem; font-variant-numeric: tabular-nums; }
    caption { text-align: left; font-weight: 600; padding: .25rem 0 .4rem; }
    th, td { padding: .35rem .6rem; text-align: left; vertical-align: top; }
    thead th { font-weight: 600; white-space: nowrap; vertical-align: bottom; border-bottom: 2px solid var(--line); background: var(--paper); }
    tbody th { font-weight: 500; }
    tbody tr + tr > * { border-top: 1px solid var(--line); }
    tbody tr:last-child > * { border-bottom: 1px solid var(--line); }
    tbody tr:hover > * { background: var(--panel); }
    th:first-child, td:first-child { padding-left: 0; }
    .n { text-align: right; white-space: nowrap; }
    thead button { all: unset; cursor: pointer; display: inline-block; }
    thead button:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; border-radius: 3px; }
    thead button::after { content: "↕"; color: var(--quiet); font-weight: 400; padding-left: .3em; }
    thead [aria-sort=ascending] button::after { content: "↑"; color: var(--accent); }
    thead [aria-sort=descending] button::after { content: "↓"; color: var(--accent); }
    #result-table th, #result-table td { white-space: nowrap; }
    #result-table :is(th, td):not(:first-child) { padding-left: .4rem; padding-right: .4rem; }
    #filters { display: flex; flex-wrap: wrap; gap: .6rem 1rem; align-items: end; background: var(--panel); border: 1px solid var(--line); border-radius: 6px; padding: .75rem .9rem; margin-bottom: 1rem; }
    #filters[hidden] { display: none; }
    #filters label { font-size: .8rem; color: var(--quiet); display: grid; gap: .15rem; }
    #filters .wide { flex: 1 1 14rem; }
    #filters .check { display: flex; gap: .4rem; align-items: center; color: var(--ink); font-size: .875rem; padding-bottom: .35rem; }
    #filters output { font-size: .875rem; margin-left: auto; padding-bottom: .35rem; }
    input[type=search], select { font: inherit; font-size: .9rem; color: var(--ink); background: var(--paper); border: 1px solid var(--quiet); border-radius: 4px; padding: .3rem .5rem; max-width: 100%; width: 100%; }
    input[type=checkbox] { accent-color: var(--accent); width: 1.05rem; height: 1.05rem; }
    button.all, dialog button { font: inherit; font-size: .9rem; color: var(--ink); background: var(--panel); border: 1px solid var(--quiet); border-radius: 4px; padding: .3rem .8rem; cursor: pointer; }
    .iv { width: 100px; height: 12px; display: block; margin-top: .3em; background: linear-gradient(var(--line), var(--line)) center / 96px 1px no-repeat; }
    .iv .h { stroke: var(--quiet); } .iv .i { stroke: var(--accent); stroke-width: 5; stroke-opacity: .4; } .iv .p { stroke: var(--mark); stroke-width: 2; } .iv .v { stroke: var(--accent); stroke-width: 5; stroke-linecap: round; }
    .chart { margin: 0 0 1.25rem; }
    .chart svg { display: block; max-width: none; }
    details { margin: 0 0 .75rem; }
    summary { cursor: pointer; }
    summary:hover { color: var(--accent); }
    .index { list-style: none; padding: 0; margin: .75rem 0 1.5rem; display: flex; flex-wrap: wrap; gap: .4rem; }
    .index a { display: block; background: var(--panel); border: 1px solid var(--line); border-radius: 1em; padding: .1rem .75rem; font-size: .875rem; text-decoration: none; color: var(--ink); }
    .index a:hover { border-color: var(--accent); color: var(--accent); }
    .dataset { content-visibility: auto; contain-intrinsic-size: auto 400px; margin-bottom: 1.5rem; }
    .dataset > h3 { margin-bottom: 0; }
    .task { border: 1px solid var(--line); border-radius: 6px; background: var(--paper); }
    .task > summary { padding: .55rem .9rem; background: var(--panel); border-radius: 6px; overflow-wrap: anywhere; }
    .task > summary .figure { float: right; white-space: nowrap; padding-left: .75em; font-variant-numeric: tabular-nums; }
    .task > summary .iv { display: inline-block; margin: 0 .5em 0 0; vertical-align: middle; }
    .task > summary::after { content: ""; display: block; clear: both; }
    .task[open] > summary { border-radius: 6px 6px 0 0; border-bottom: 1px solid var(--line); margin-bottom: .75rem; }
    .task > :not(summary) { margin-left: .9rem; margin-right: .9rem; }
    .pair { display: grid; grid-template-columns: minmax(0, 1fr) minmax(0, 1fr); gap: 0 2rem; }
    .calibration { margin: 0; display: flex; flex-wrap: wrap; gap: .5rem 1.5rem; align-items: center; }
    .calibration figcaption { font-size: .875rem; }
    .reliability { width: 244px; height: 288px; flex: none; }
    .reliability text { font-size: 11px; fill: var(--quiet); }
    .reliability .g { stroke: var(--line); fill: none; } .reliability .bar { fill: var(--accent); fill-opacity: .28; } .reliability .gap { fill: var(--mark); fill-opacity: .22; } .reliability .mark { stroke: var(--accent); stroke-width: 2; fill: none; } .reliability .ideal { stroke: var(--quiet); stroke-dasharray: 4 3; fill: none; } .reliability .count { fill: var(--quiet); fill-opacity: .55; } .reliability .tip { fill: transparent; }
    .reliability .tip:hover { fill: var(--ink); fill-opacity: .07; }
    .settings { display: grid; grid-template-columns: auto minmax(0, 1fr); gap: .15rem 1rem; margin: 0; font-size: .875rem; }
    .settings dt { color: var(--quiet); } .settings dd { margin: 0; overflow-wrap: anywhere; font-variant-numeric: tabular-nums; }
    .entry { border-bottom: 1px solid var(--line); margin: 0; padding: .35rem 0; }
    .entry summary { font-size: .9rem; overflow-wrap: anywhere; }
    .entry .settings { padding: .5rem 0 .75rem 1.1rem; }
    .errors { list-style: none; padding: 0; margin: 0 0 1rem; display: grid; grid-template-columns: repeat(auto-fill, minmax(17.5rem, 1fr)); gap: .75rem; }
    .errors > li { display: grid; grid-template-columns: 96px minmax(0, 1fr); gap: .75rem; border: 1px solid var(--line); border-radius: 6px; padding: .6rem; font-size: .85rem; }
    .errors p { margin: 0 0 .2rem; }
    .errors ol { margin: 0 0 .2rem; padding-left: 1.3em; overflow-wrap: anywhere; }
    .errors ol > li:first-child { font-weight: 600; }
    .errors ol span { color: var(--quiet); font-weight: 400; font-variant-numeric: tabular-nums; }
    .errors ol span, td > span, summary > span { unicode-bidi: isolate; }
    .errors .id { font-size: .75rem; overflow-wrap: anywhere; display: -webkit-box; -webkit-box-orient: vertical; -webkit-line-clamp: 2; overflow: hidden; }
    .thumb { width: 96px; height: 96px; background: var(--panel); border-radius: 4px; display: grid; place-items: center; }
    .thumb img { width: 96px; height: 96px; object-fit: contain; border-radius: 4px; display: block; }
    .classes table { min-width: 44rem; }
    dialog { border: 1px solid var(--line); border-radius: 8px; background: var(--paper); color: var(--ink); max-width: min(52rem, calc(100vw - 2rem)); width: 100%; max-height: 85vh; padding: 1.1rem 1.25rem; }
    dialog::backdrop { background: rgb(0 0 0 / .45); }
    dialog form { display: flex; justify-content: space-between; align-items: start; gap: 1rem; }
    footer { padding-top: 2rem; padding-bottom: 3rem; }
    @media (max-width: 48rem) {
      header, main, footer, nav > ul { padding-left: 1rem; padding-right: 1rem; }
      h1 { font-size: 1.5rem; }
      .pair { grid-template-columns: minmax(0, 1fr); }
      .tiles { grid-template-columns: 1fr 1fr; }
      .scroll > table > tbody th { position: sticky; left: 0; z-index: 1; background: var(--paper); min-width: 6.5rem; max-width: 10rem; overflow-wrap: break-word; white-space: normal; }
      .task > summary .figure { float: none; padding-left: 0; display: block; }
      #result-table tbody th { white-space: normal; }
      th, td { padding: .35rem .5rem; }
      #filters output { margin-left: 0; }
    }
    @media print {
      body { font-size: 10pt; }
      nav, #filters, button.all, .skip, dialog, thead button::after { display: none; }
      thead button { display: contents; }
      .scroll, .tall { overflow: visible; max-height: none; }
      .tall thead th { position: static; }
      table { font-size: 7.5pt; }
      th, td { padding: .15rem .3rem; white-space: normal; }
      tr, .errors > li, figure { break-inside: avoid; }
      thead { display: table-header-group; }
      h2, h3, h4 { break-after: avoid; }
      .dataset { content-visibility: visible; }
      .chart svg { max-width: 100%; height: auto; }
      a { color: inherit; text-decoration: none; }
    }

    """#
}
