import { PALETTE } from './palette.js';

/** The page's style: colours once for light and once for dark, and a layout that folds to one column. */
export const PAGE_STYLE = `
${PALETTE}
* { box-sizing: border-box; }
body {
  margin: 0; background: var(--page); color: var(--text);
  font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif;
}
main { max-width: 1080px; margin: 0 auto; padding: 32px 20px 48px; }
h1 { margin: 0 0 12px; font-size: clamp(1.35rem, 1rem + 1.8vw, 1.9rem); line-height: 1.25; text-wrap: balance; }
h2 { margin: 0 0 4px; font-size: 1.15rem; }
h3 { margin: 20px 0 8px; font-size: 0.95rem; }
p { margin: 0 0 8px; max-width: 84ch; }
.kicker { color: var(--faint); font-size: 0.9rem; margin-bottom: 4px; }
.note { color: var(--faint); font-size: 0.875rem; margin-top: 8px; overflow-wrap: anywhere; }
.lead { padding-left: 1.1em; margin: 0 0 8px; max-width: 90ch; }
.lead li { margin-bottom: 4px; }
section, main > details {
  background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 20px; margin-top: 20px;
}
.scroll { overflow-x: auto; background: linear-gradient(90deg, var(--card) 40%, transparent) 0 0 / 48px 100% no-repeat local,
  linear-gradient(270deg, var(--card) 40%, transparent) 100% 0 / 48px 100% no-repeat local,
  linear-gradient(90deg, var(--faint), transparent) 0 0 / 12px 100% no-repeat scroll,
  linear-gradient(270deg, var(--faint), transparent) 100% 0 / 12px 100% no-repeat scroll; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { padding: 7px 10px; text-align: right; border-bottom: 1px solid var(--line); white-space: nowrap; }
th:first-child { text-align: left; padding-left: 0; position: sticky; left: 0; background: var(--card); }
td:last-child, th:last-child { padding-right: 0; }
tbody tr:last-child > * { border-bottom: 0; }
thead th { color: var(--faint); font-size: 0.85rem; font-weight: 500; white-space: normal; text-wrap: balance; vertical-align: bottom; }
tbody th { font-weight: 500; }
.text { text-align: left; }
.dense th, .dense td { font-size: 0.8rem; padding: 5px 6px; }
.published { color: var(--faint); font-style: italic; }
.swatch { display: inline-block; width: 11px; height: 11px; margin-right: 5px; vertical-align: -1px; }
.tables { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(460px, 100%), 1fr)); gap: 4px 36px; }
.titled { min-width: 0; }
.tables td, .tables th { padding: 5px 6px; font-size: 0.85rem; }
.wide tbody th { white-space: normal; }
small { font-size: 0.85em; color: var(--faint); font-weight: 400; }
.charts { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(290px, 100%), 1fr)); gap: 8px 24px; }
.beside2 { grid-template-columns: repeat(auto-fill, minmax(min(420px, 100%), 1fr)); }
figure { margin: 12px 0 0; max-width: 420px; min-width: 0; }
.beside2 figure { max-width: 480px; }
figcaption { font-size: 0.95rem; font-weight: 600; margin-bottom: 4px; }
figure svg { display: block; width: 100%; height: auto; }
.legend { display: flex; flex-wrap: wrap; gap: 2px 16px; list-style: none; padding: 0; margin: 8px 0; font-size: 0.875rem; }
ul.scenes {
  display: grid; grid-template-columns: repeat(auto-fill, minmax(150px, 1fr)); gap: 20px 16px; padding: 0; margin: 0;
  list-style: none;
}
.scenes img { display: block; border-radius: 8px; }
.scenes p { margin: 6px 0 4px; font-weight: 600; line-height: 1.3; }
.scenes ul { list-style: none; padding: 0; margin: 0; font-size: 0.85rem; line-height: 1.35; }
.scenes ul li { display: flex; gap: 6px; margin-top: 2px; overflow-wrap: anywhere; }
.scenes b { font-weight: 500; color: var(--faint); }
.mark { font-weight: 700; flex: none; }
.right .mark { color: var(--right); }
.wrong .mark, .wrong span:last-child { color: var(--wrong); }
summary { cursor: pointer; font-weight: 600; font-size: 1.15rem; }
.inner { margin-top: 14px; }
.inner > summary { font-size: 0.95rem; }
.inner .inner { margin: 8px 0 0 16px; }
dl { margin: 12px 0 0; font-size: 0.875rem; }
dl div { display: grid; grid-template-columns: 200px 1fr; gap: 12px; padding: 3px 0; }
dt { color: var(--faint); }
dd { margin: 0; overflow-wrap: anywhere; }
@media (max-width: 600px) {
  main { padding: 20px 12px 32px; }
  section, main > details { padding: 16px 14px; }
  th, td { padding: 7px 5px; font-size: 0.8rem; }
  .tables td, .tables th { font-size: 0.8rem; }
  thead th { font-size: 0.75rem; }
  small { display: block; font-size: 0.7rem; line-height: 1.1; }
  ul.scenes { grid-template-columns: repeat(2, 1fr); }
  dl div { grid-template-columns: 1fr; gap: 0; }
}
@media print { section, main > details { break-inside: avoid; } }
`;
