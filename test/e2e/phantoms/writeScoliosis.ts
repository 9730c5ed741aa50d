import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { writePhantomSeries } from '../../../src/phantom/writePhantomSeries';
import type { PhantomStudy } from './phantoms';

/** Run as a program: writes the study of a bent spine into the folder named, and `studies.json`. */
const root = path.resolve(process.argv[2]);
// The model counts a bent spine in the pixels of the worklist only.
const { studyInstanceUID, seriesInstanceUID, truth } = await writePhantomSeries(
  path.join(root, 'scoliosis'),
  { variant: 'scoliosis', seed: 2, bodySize: 0.94, fat: 0.75 },
);
const scoliosis: PhantomStudy = {
  studyInstanceUID,
  axialSeriesInstanceUID: seriesInstanceUID,
  localizerSeriesInstanceUID: null,
  truth,
};
await writeFile(path.join(root, 'studies.json'), JSON.stringify({ scoliosis }, null, 2));
