/** The whole style of the report: no font, image or script comes from anywhere else. */
export const style = `
:root { color-scheme: light dark; --ink: #1b2430; --soft: #56627a; --line: #d9dfe8; --page: #f6f8fb; --card: #fff;
  --alerted: #12805c; --blocked: #0b6bcb; --logged: #a06a00; --none: #b3261e; --error: #7a3ea8; --accent: #0b6bcb; }
@media (prefers-color-scheme: dark) { :root { --ink: #e7ecf5; --soft: #a2aec2; --line: #323c4d; --page: #10151d; --card: #19202b;
  --alerted: #4cc79b; --blocked: #6db3ff; --logged: #e5b04b; --none: #ff8a80; --error: #c99bf0; --accent: #6db3ff; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--ink); font: 15px/1.5 system-ui, sans-serif; }
main, header, footer { max-width: 72rem; margin: 0 auto; padding: 0 1.25rem; }
header { padding-top: 2rem; } h1 { font-size: 1.7rem; line-height: 1.25; margin: .2rem 0 .6rem; } h2 { font-size: 1.2rem; margin: 2rem 0 .7rem; } h3 { font-size: 1rem; margin: 0; }
.brand { color: var(--soft); margin: 0; } .note { color: var(--soft); font-size: .9rem; }
.banner { border: 2px dashed var(--logged); border-radius: 8px; padding: .6rem .9rem; margin: .8rem 0; background: var(--card); }
.banner strong { color: var(--logged); text-transform: uppercase; letter-spacing: .04em; margin-right: .4rem; }
.first { display: grid; gap: 1rem; grid-template-columns: minmax(0, 5fr) minmax(17rem, 3fr); align-items: start; }
@media (max-width: 60rem) { .first { grid-template-columns: minmax(0, 1fr); } }
.card { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 1rem 1.1rem; break-inside: avoid; }
.card h2 { margin-top: 0; } details h3 { margin: 1rem 0 .2rem; } .card + .card { margin-top: .8rem; }
table { border-collapse: collapse; width: 100%; } th, td { text-align: left; padding: .35rem .6rem .35rem 0; border-bottom: 1px solid var(--line); vertical-align: top; }
th { color: var(--soft); font-weight: 600; font-size: .85rem; } .num { font-variant-numeric: tabular-nums; white-space: nowrap; }
.scroll { overflow-x: auto; }
.matrix td { border: 0; padding: .25rem; } .matrix th { border: 0; } .matrix th[scope=col] { padding-left: .3rem; } .matrix th[scope=row] { padding-top: .5rem; }
.cell { border: 2px solid currentColor; border-radius: 8px; padding: .45rem .6rem; min-width: 6.5rem; }
.cell b { display: block; } .pips { letter-spacing: .12em; font-size: 1rem; } .pips .gap { color: var(--none); } .untested { color: var(--soft); border-style: dashed; }
.alerted { color: var(--alerted); } .blocked { color: var(--blocked); } .logged { color: var(--logged); } .none { color: var(--none); } .error { color: var(--error); }
.bar { display: flex; height: 1.1rem; border-radius: 6px; overflow: hidden; background: var(--line); margin: .5rem 0; }
.bar svg { width: 100%; height: 100%; display: block; } .bar rect.alerted { fill: var(--alerted); } .bar rect.blocked { fill: var(--blocked); } .bar rect.logged { fill: var(--logged); } .bar rect.none { fill: var(--none); }
.chain { display: flex; flex-wrap: wrap; gap: .3rem; list-style: none; margin: .6rem 0; padding: 0; }
.chain li { border: 1px solid var(--line); border-radius: 6px; padding: .15rem .5rem; font-size: .85rem; }
.chain .ok { border-color: var(--alerted); color: var(--alerted); } .chain .broken { background: var(--none); border-color: var(--none); color: var(--card); font-weight: 700; }
.chain .unknown { border-style: dashed; color: var(--soft); } .chain .not-applicable { color: var(--soft); }
pre { background: var(--page); border: 1px solid var(--line); border-radius: 6px; padding: .6rem .8rem; overflow-x: auto; white-space: pre-wrap; overflow-wrap: anywhere; font: .85rem/1.45 ui-monospace, monospace; }
code { font: .9em ui-monospace, monospace; overflow-wrap: anywhere; }
details { background: var(--card); border: 1px solid var(--line); border-radius: 10px; margin: .5rem 0; padding: .2rem 1rem; }
summary { cursor: pointer; padding: .5rem 0; } summary:focus-visible, a:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
.tag { border: 1px solid currentColor; border-radius: 999px; padding: 0 .55rem; font-size: .8rem; font-weight: 600; }
.unmet { color: var(--none); font-weight: 700; } a { color: var(--accent); } footer { margin: 3rem auto 2rem; color: var(--soft); font-size: .85rem; }
.filters, details[id] { scroll-margin-top: 1rem; } .filters { display: flex; flex-wrap: wrap; gap: .5rem 1rem; align-items: center; margin: 0 0 .8rem; } .filters[hidden] { display: none; }
.filters label { color: var(--soft); font-size: .9rem; } .filters select, .filters button { font: inherit; color: var(--ink); background: var(--card); border: 1px solid var(--soft); border-radius: 6px; padding: .2rem .5rem; }
.filters output { color: var(--soft); } .filters select:focus-visible, .filters button:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
@media print { .filters label, .filters button { display: none; } :root { color-scheme: light; --page: #fff; } body { font-size: 11px; } details { border: 0; padding: 0; } details::details-content { content-visibility: visible; } }
`;
