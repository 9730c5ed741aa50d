import { join } from 'node:path';
import { mkdirSync } from 'node:fs';
import { AxialScan } from '../../../src/phantom/scan';
import { seriesHeader, writeSlices } from '../../../src/phantom/writePhantomSeries';

const ROOT = join(__dirname, '../../..');
export const MODEL = join(ROOT, 'models/l3-unet3plus');
/** The worker of `src/batch`, quicker to start. */
export const WORKER = join(__dirname, 'worker.mjs');
export const BIN = join(ROOT, 'src/cli/find-l3.mjs');

/** A small person from T6 to the pelvis; each call with another patient writes a series of its own. */
const scans = new Map<number, AxialScan>();

/** Writes a small phantom series, in which the shipped model finds L3; patients give UIDs, seeds pixels. */
export async function putPhantom(folder: string, patient: string, seed = 1): Promise<string> {
  const scan = scans.get(seed) ?? new AxialScan({ seed, columns: 48, sliceSpacingMm: 8 });
  scans.set(seed, scan);
  const about = { name: `PHANTOM^${patient}`, id: patient, sex: 'O', age: '050Y' } as const;
  const header = seriesHeader(scan, about);
  mkdirSync(folder, { recursive: true });
  await writeSlices(folder, scan, header);
  return header.seriesInstanceUID;
}
