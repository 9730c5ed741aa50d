import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { writePhantomSeries } from '../../../src/phantom/writePhantomSeries';
import { writePhantomStudies } from '../../../src/phantom/writePhantomStudies';
import type { PhantomStudy } from './phantoms';

/** Run as a program: writes the studies of the tests into the folder named, and `studies.json`. */
const root = path.resolve(process.argv[2]);
/** Coarser pixels than the shipped worklist has: a quarter of the work to draw, to read and to show. */
const columns = 128;
const worklist = path.join(root, 'worklist');
// Of these are the documents' pictures.
const { studies } = await writePhantomStudies(worklist, { columns: 192 });
const missing = await writePhantomSeries(path.join(root, 'missing-slice'), {
  columns,
  variant: 'missing-slice',
  seed: 5,
  sliceSpacingMm: 4,
});
const withoutSacrum = await writePhantomSeries(path.join(root, 'without-sacrum'), {
  columns,
  seed: 6,
  sliceSpacingMm: 3,
  rangeMm: [-60, 200],
});
const withoutAnchors = await writePhantomSeries(path.join(root, 'without-anchors'), {
  columns,
  seed: 6,
  sliceSpacingMm: 3,
  rangeMm: [-72, 84],
});
const table: Record<string, PhantomStudy> = {};
for (const { folder, studyInstanceUID, axial, localizerSeriesInstanceUID } of studies) {
  table[path.basename(folder)] = {
    studyInstanceUID,
    axialSeriesInstanceUID: axial.seriesInstanceUID,
    localizerSeriesInstanceUID,
    truth: axial.truth,
  };
}
for (const [name, series] of [
  ['missing-slice', missing],
  ['without-sacrum', withoutSacrum],
  ['without-anchors', withoutAnchors],
] as const) {
  table[name] = {
    studyInstanceUID: series.studyInstanceUID,
    axialSeriesInstanceUID: series.seriesInstanceUID,
    localizerSeriesInstanceUID: null,
    truth: series.truth,
  };
}
await writeFile(path.join(root, 'studies.json'), JSON.stringify(table, null, 2));
