import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { scanOf } from '../../../src/phantom/sagittal';
import { seriesHeader, writeSlices } from '../../../src/phantom/writePhantomSeries';
import { MARKUP } from './markup';
import type { PhantomStudy } from './phantoms';

/** Run as a program: writes a study whose texts are markup into the folder named, and `studies.json`. */
const root = path.resolve(process.argv[2]);
const folder = path.join(root, 'markup');
await mkdir(folder, { recursive: true });
const scan = scanOf({ seed: 8, columns: 128, sliceSpacingMm: 4 });
const header = {
  ...seriesHeader(scan, { name: MARKUP, id: MARKUP, sex: 'O', age: '050Y' }),
  studyDescription: MARKUP,
  seriesDescription: MARKUP,
};
const { studyInstanceUID, seriesInstanceUID, truth } = await writeSlices(folder, scan, header);
const study: PhantomStudy = {
  studyInstanceUID,
  axialSeriesInstanceUID: seriesInstanceUID,
  localizerSeriesInstanceUID: null,
  truth,
};
await writeFile(path.join(root, 'studies.json'), JSON.stringify({ markup: study }, null, 2));
