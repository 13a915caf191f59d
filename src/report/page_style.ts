/** The page's style: colours once for light and once for dark, and a layout that folds to one column. */
export const PAGE_STYLE = `
:root {
  color-scheme: light dark;
  --page: #f6f7f9; --card: #ffffff; --text: #1b1f27; --faint: #596273; --line: #dde1e8; --on-bar: #ffffff;
  --right: #12703a; --wrong: #b3261e;
  --zeroShot: #6b7280; --coop: #b4540a; --cocoop: #8a6d00; --vpt: #117733; --deepLanguage: #b02a66; --ivlp: #6e1a3c;
  --shallowMaple: #0b7a75; --unifiedMaple: #7a42c9; --maple: #1c64c8;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #12151a; --card: #1b2027; --text: #e8ebf0; --faint: #a2abba; --line: #343b46; --on-bar: #12151a;
    --right: #63cf8d; --wrong: #ff8f87;
    --zeroShot: #a0a8b5; --coop: #f0a05a; --cocoop: #e6d36b; --vpt: #6fd08c; --deepLanguage: #ff8fbf; --ivlp: #d0708f;
    --shallowMaple: #4cc9c0; --unifiedMaple: #bd9bff; --maple: #6fadff;
  }
}
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
.note { color: var(--faint); font-size: 0.875rem; }
.lead { padding-left: 1.1em; margin: 0 0 8px; max-width: 90ch; }
.lead li { margin-bottom: 4px; }
section, details {
  background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 20px; margin-top: 20px;
}
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { padding: 9px 12px; text-align: right; border-bottom: 1px solid var(--line); white-space: nowrap; }
th:first-child { text-align: left; padding-left: 0; }
td:last-child, th:last-child { padding-right: 0; }
tbody tr:last-child > * { border-bottom: 0; }
thead th { color: var(--faint); font-size: 0.85rem; font-weight: 500; }
tbody th { font-weight: 500; }
.swatch { display: inline-block; width: 12px; height: 12px; border-radius: 3px; margin-right: 8px; }
.charts { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(290px, 100%), 1fr)); gap: 8px 24px; }
figure { margin: 12px 0 0; max-width: 420px; }
figcaption { font-size: 0.95rem; font-weight: 600; margin-bottom: 4px; }
svg { display: block; width: 100%; height: auto; }
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
dl { margin: 12px 0 0; font-size: 0.875rem; }
dl div { display: grid; grid-template-columns: 200px 1fr; gap: 12px; padding: 3px 0; }
dt { color: var(--faint); }
dd { margin: 0; overflow-wrap: anywhere; }
@media (max-width: 600px) {
  main { padding: 20px 12px 32px; }
  section, details { padding: 16px 14px; }
  th, td { padding: 8px 4px; font-size: 0.8rem; }
  .swatch { width: 10px; height: 10px; margin-right: 5px; }
  thead th { white-space: normal; vertical-align: bottom; font-size: 0.75rem; }
  ul.scenes { grid-template-columns: repeat(2, 1fr); }
  dl div { grid-template-columns: 1fr; gap: 0; }
}
@media print { section, details { break-inside: avoid; } }
`;
