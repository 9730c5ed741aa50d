import type { JournalLine } from './types';

/** What the sheet shows of a series. */
export interface SheetEntry {
  readonly status: JournalLine['status'];
  readonly picture: string | null;
  readonly probability: number | null;
  readonly headline: string;
  readonly notes: readonly string[];
  readonly warnings: readonly string[];
  readonly path: string;
}

/** What is kept of a line for the sheet. */
export function sheetEntry(line: JournalLine): SheetEntry {
  const { status, l3, reason, warnings, picture, modality, seriesNumber, seriesDescription } = line;
  const slice = l3 && l3.slice_number !== null ? `, slice ${l3.slice_number}` : '';
  const about = [
    modality,
    seriesNumber === null ? null : `series ${seriesNumber}`,
    seriesDescription,
  ].filter(Boolean);
  return {
    status,
    picture,
    probability: l3?.probability ?? null,
    headline: l3
      ? `L3 at z ${l3.z_mm} mm, p ${l3.probability}${slice}`
      : (reason?.message ?? status),
    notes: [about.join(', '), l3 ? `from ${line.counted_from}, sd ${l3.sd_mm} mm` : ''].filter(
      (note) => note !== '',
    ),
    warnings: warnings.map(({ message }) => message),
    path: line.path,
  };
}

const STYLE = `
:root { color-scheme: dark; --wide: 24rem }
body { margin: 0; background: #181a1e; color: #e6e6e6; font: 14px/1.35 system-ui, sans-serif }
header { position: sticky; top: 0; z-index: 1; display: flex; flex-wrap: wrap; gap: .4rem 1.2rem; align-items: center;
  padding: .6rem 1rem; background: #0f1114; border-bottom: 1px solid #3a3f47 }
h1 { margin: 0; font-size: 1rem }
h2 { margin: 1.5rem 1rem .5rem; font-size: 1rem }
main { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, var(--wide)), 1fr)); gap: .75rem; padding: 1rem;
  align-items: start }
figure { margin: 0; border-top: 3px solid #8fd0ff; background: #23262c; overflow: hidden;
  content-visibility: auto; contain-intrinsic-size: auto 18rem }
figure.undetermined { border-color: #ff9500 }
img { display: block; width: 100%; min-height: 6rem; max-height: calc(var(--wide) * .75); object-fit: contain; background: #181a1e }
figcaption { padding: .3rem .6rem .5rem }
figcaption b, small { display: block; overflow: hidden; white-space: nowrap; text-overflow: ellipsis }
small { color: #a0a6ad }
small.warning { color: #ffc83d }
table { margin: 0 1rem 2rem; border-collapse: collapse }
td { padding: .15rem 1rem .15rem 0; vertical-align: top; overflow-wrap: anywhere }
.without-found .found, .without-undetermined .undetermined { display: none }
`;

const SCRIPT = `
for (const box of document.querySelectorAll('input[name]')) {
  box.addEventListener('change', () => document.body.classList.toggle('without-' + box.name, !box.checked));
}
document.querySelector('input[type=range]').addEventListener('input', (event) =>
  document.documentElement.style.setProperty('--wide', event.target.value + 'rem'));
`;

/**
 * One HTML page with the pictures of all findings, most doubtful first: undetermined ones, then by probability
 * of L3, those with warnings before others of the same. The pictures are links relative to the page.
 */
export function* contactSheet(entries: readonly SheetEntry[]): Generator<string, void, void> {
  const shown = entries.filter(({ picture }) => picture !== null).sort(byDoubt);
  const others = entries.filter(({ picture }) => picture === null);
  const number = (status: SheetEntry['status']) =>
    shown.filter((entry) => entry.status === status).length;
  yield `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Find L3: contact sheet</title>
<style>${STYLE}</style>
<header>
<h1>Find L3: ${shown.length} series, most doubtful first</h1>
<label><input type="checkbox" name="undetermined" checked> ${number('undetermined')} undetermined</label>
<label><input type="checkbox" name="found" checked> ${number('found')} found</label>
<label>size <input type="range" min="10" max="60" value="24"></label>
<span>Not for diagnostic use.</span>
</header>
<main>
`;
  for (const entry of shown) yield figure(entry);
  yield '</main>\n';
  if (others.length > 0) {
    yield `<h2>${others.length} without a picture</h2>\n<table>\n`;
    for (const { status, headline, path } of others) {
      yield `<tr><td>${status}<td>${escaped(headline)}<td>${escaped(path)}\n`;
    }
    yield '</table>\n';
  }
  yield `<script>${SCRIPT}</script>\n</html>\n`;
}

function figure({ status, picture, headline, notes, warnings, path }: SheetEntry): string {
  const link = (picture ?? '').split('/').map(encodeURIComponent).join('/');
  const small = (text: string, kind = '') =>
    `<small${kind} title="${escaped(text)}">${escaped(text)}</small>`;
  const lines = [
    ...notes.map((note) => small(note)),
    ...warnings.map((warning) => small(warning, ' class="warning"')),
    `<small title="${escaped(path)}">${escaped(path.split(/[\\/]/).slice(-3).join('/'))}</small>`,
  ];
  return (
    `<figure class="${status}"><a href="${link}"><img loading="lazy" src="${link}" alt=""></a>` +
    `<figcaption><b title="${escaped(headline)}">${escaped(headline)}</b>${lines.join('')}</figcaption></figure>\n`
  );
}

function byDoubt(a: SheetEntry, b: SheetEntry): number {
  return (a.probability ?? -1) - (b.probability ?? -1) || b.warnings.length - a.warnings.length;
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.codePointAt(0)};`);
}
