import { mkdir, mkdtemp, readdir, rename, rm, rmdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setImmediate } from 'node:timers/promises';
import type { Vec3 } from '../series/types';
import { encodeInstance, uidOf, type PhantomPatient, type SeriesHeader } from './dicom';
import { scanOf } from './sagittal';
import type { PhantomScan } from './scan';
import type { PhantomOptions, PhantomSlice, PhantomVariant } from './types';

export interface WrittenSeries {
  /** Paths of the DICOM files, in the order of their Instance Numbers. */
  readonly files: readonly string[];
  /** Centres of the vertebral bodies in view, LPS mm, by level name. */
  readonly truth: Readonly<Record<string, Vec3>>;
  readonly studyInstanceUID: string;
  readonly seriesInstanceUID: string;
}

export interface WriteOptions extends PhantomOptions {
  readonly patient?: PhantomPatient;
  /** Called after each slice. */
  readonly onProgress?: (done: number, of: number) => void;
}

const DESCRIPTIONS: Readonly<Record<PhantomVariant, string>> = {
  standard: 'abdomen and pelvis',
  'feet-first': 'abdomen and pelvis, feet first',
  prone: 'abdomen and pelvis, prone',
  'missing-slice': 'abdomen and pelvis, one slice missing',
  'no-lumbar-spine': 'chest',
  scoliosis: 'abdomen and pelvis, scoliosis',
  thick: 'abdomen and pelvis, thick slices',
  tilted: 'abdomen and pelvis, gantry tilt',
  sagittal: 'spine, sagittal reformat',
};

/**
 * Makes a phantom and writes it as CT Image Storage files (IM0001.dcm and so on) into `directory`, with
 * its truth in `truth.json` beside them. The folder appears complete or not at all; the event loop
 * gets a turn after each slice.
 *
 * @throws RangeError for an option out of range, Error when the folder already holds something.
 */
export async function writePhantomSeries(
  directory: string,
  options: WriteOptions = {},
): Promise<WrittenSeries> {
  const scan = scanOf(options);
  const header = seriesHeader(scan, options.patient);
  return writeFolder(directory, (folder) => writeSlices(folder, scan, header, options.onProgress));
}

/** Header of the series of a scan; the same options and patient give the same UIDs. */
export function seriesHeader(scan: PhantomScan, patient?: PhantomPatient): SeriesHeader {
  const { variant, seed, gantryTiltDegrees } = scan.options;
  const { sliceThicknessMm, rows, columns, pixelSpacing } = scan.header;
  const key = JSON.stringify([scan.options, patient ?? null]);
  const chest = variant === 'no-lumbar-spine';
  return {
    patient: patient ?? {
      name: `PHANTOM^${variant.toUpperCase().replaceAll('-', ' ')}`,
      id: `PHANTOM-${variant.toUpperCase()}-${seed}`,
      sex: 'O',
      age: '050Y',
    },
    studyInstanceUID: uidOf(`study/${key}`),
    studyDescription: `SYNTHETIC CT ${chest ? 'chest' : 'abdomen'} (phantom)`,
    studyDate: '20250101',
    accessionNumber: `P${uidOf(`accession/${key}`).slice(-12)}`,
    seriesInstanceUID: uidOf(`series/${key}`),
    seriesNumber: 2,
    seriesDescription: `SYNTHETIC ${DESCRIPTIONS[variant]}, ${sliceThicknessMm} mm`,
    frameOfReferenceUID: uidOf(`frame/${key}`),
    bodyPart: chest ? 'CHEST' : 'ABDOMEN',
    patientPosition: scan.header.patientPosition,
    gantryTiltDegrees,
    imageType:
      scan.header.plane === 'axial'
        ? ['ORIGINAL', 'PRIMARY', 'AXIAL']
        : ['DERIVED', 'SECONDARY', 'REFORMATTED'],
    sliceThicknessMm,
    pixelSpacing,
    orientation: scan.header.imageOrientationPatient,
    rows,
    columns,
    windows: chest
      ? [
          ['MEDIASTINUM', 40, 400],
          ['LUNG', -600, 1500],
        ]
      : [
          ['ABDOMEN', 40, 400],
          ['BONE', 400, 1800],
        ],
    rescaleType: 'HU',
  };
}

/** Writes the slices of a scan and its truth into an existing folder. */
export async function writeSlices(
  folder: string,
  scan: PhantomScan,
  header: SeriesHeader,
  onProgress?: (done: number, of: number) => void,
  onSlice?: (slice: PhantomSlice) => void,
): Promise<WrittenSeries> {
  const numbers = scan.instanceNumbers;
  const files: string[] = [];
  for (const [i, number] of numbers.entries()) {
    const slice = scan.slice(number);
    onSlice?.(slice);
    files.push(await writeInstance(folder, header, slice));
    onProgress?.(i + 1, numbers.length);
    await setImmediate();
  }
  const { truth } = scan.header;
  const text = JSON.stringify({ units: 'mm, LPS', vertebralBodyCentres: truth }, null, 2);
  await writeFile(path.join(folder, 'truth.json'), `${text}\n`);
  const { studyInstanceUID, seriesInstanceUID } = header;
  return { files, truth, studyInstanceUID, seriesInstanceUID };
}

/** Writes one instance and returns its path. */
export async function writeInstance(
  folder: string,
  header: SeriesHeader,
  slice: PhantomSlice,
): Promise<string> {
  const file = path.join(folder, `IM${String(slice.instanceNumber).padStart(4, '0')}.dcm`);
  const bytes = encodeInstance(header, {
    sopInstanceUID: uidOf(`${header.seriesInstanceUID}/${slice.instanceNumber}`),
    instanceNumber: slice.instanceNumber,
    position: slice.imagePositionPatient,
    pixels: slice.pixels,
  });
  await writeFile(file, bytes);
  return file;
}

/**
 * Fills a new folder: `fill` writes into a temporary one beside it, which takes the folder's name when
 * all is written. Paths in its result are moved along.
 *
 * @throws Error when the folder already holds something, or what `fill` throws.
 */
export async function writeFolder<T extends { files: readonly string[] }>(
  directory: string,
  fill: (folder: string) => Promise<T>,
): Promise<T> {
  const target = path.resolve(directory);
  const present = await readdir(target).catch(() => null);
  if (present !== null && present.length > 0) {
    throw new Error(`${target} is not empty: choose a new folder for the phantom, or empty it`);
  }
  await mkdir(path.dirname(target), { recursive: true });
  const partial = await mkdtemp(`${target}.partial-`);
  try {
    const result = await fill(partial);
    if (present !== null) await rmdir(target);
    await rename(partial, target);
    const files = result.files.map((file) => path.join(target, path.relative(partial, file)));
    return { ...result, files };
  } catch (error) {
    await rm(partial, { recursive: true, force: true });
    throw error;
  }
}
