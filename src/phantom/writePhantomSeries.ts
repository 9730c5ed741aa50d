import { mkdir, mkdtemp, readdir, rename, rm, rmdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Vec3 } from '../series/types';
import { encodeInstance, uidOf, type PhantomPatient, type SeriesHeader } from './dicom';
import { generatePhantom } from './generatePhantom';
import type { PhantomOptions, PhantomVariant, PhantomVolume } from './types';

export interface WrittenSeries {
  /** Paths of the DICOM files, in the order of their Instance Numbers. */
  readonly files: readonly string[];
  /** Centres of the vertebral bodies in view, LPS mm, by level name. */
  readonly truth: Readonly<Record<string, Vec3>>;
  readonly studyInstanceUID: string;
  readonly seriesInstanceUID: string;
}

export interface SeriesOptions extends PhantomOptions {
  readonly patient?: PhantomPatient;
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
};

/**
 * Makes a phantom and writes it as CT Image Storage files (IM0001.dcm and so on) into `directory`, with
 * its truth in `truth.json` beside them. The folder appears complete or not at all.
 *
 * @throws RangeError for an option out of range, Error when the folder already holds something.
 */
export async function writePhantomSeries(
  directory: string,
  options: SeriesOptions = {},
): Promise<WrittenSeries> {
  const volume = generatePhantom(options);
  const header = headerOf(volume, options.patient);
  return writeFolder(directory, header, volume);
}

function headerOf(volume: PhantomVolume, patient?: PhantomPatient): SeriesHeader {
  const key = JSON.stringify([volume.options, patient?.id ?? null]);
  const { variant } = volume.options;
  return {
    patient: patient ?? {
      name: `PHANTOM^${variant.toUpperCase().replaceAll('-', ' ')}`,
      id: `PHANTOM-${variant.toUpperCase()}-${volume.options.seed}`,
      sex: 'O',
      age: '050Y',
    },
    studyInstanceUID: uidOf(`study/${key}`),
    studyDescription: `SYNTHETIC CT ${variant === 'no-lumbar-spine' ? 'chest' : 'abdomen'} (phantom)`,
    studyDate: '20250101',
    accessionNumber: uidOf(`accession/${key}`).slice(-12),
    seriesInstanceUID: uidOf(`series/${key}`),
    seriesNumber: 2,
    seriesDescription: `SYNTHETIC ${DESCRIPTIONS[variant]} ${volume.sliceThicknessMm} mm`.slice(
      0,
      64,
    ),
    frameOfReferenceUID: uidOf(`frame/${key}`),
    bodyPart: variant === 'no-lumbar-spine' ? 'CHEST' : 'ABDOMEN',
    patientPosition: volume.patientPosition,
    gantryTiltDegrees: volume.options.gantryTiltDegrees,
    imageType: ['ORIGINAL', 'PRIMARY', 'AXIAL'],
    sliceThicknessMm: volume.sliceThicknessMm,
    pixelSpacing: volume.pixelSpacing,
    orientation: volume.imageOrientationPatient,
    rows: volume.rows,
    columns: volume.columns,
  };
}

async function writeFolder(
  directory: string,
  header: SeriesHeader,
  volume: PhantomVolume,
): Promise<WrittenSeries> {
  const target = path.resolve(directory);
  const present = await readdir(target).catch(() => null);
  if (present !== null && present.length > 0) {
    throw new Error(`${target} is not empty: choose a new folder for the phantom, or empty it`);
  }
  await mkdir(path.dirname(target), { recursive: true });
  const partial = await mkdtemp(`${target}.partial-`);
  try {
    const names: string[] = [];
    for (const [i, slice] of volume.slices.entries()) {
      const name = `IM${String(i + 1).padStart(4, '0')}.dcm`;
      const bytes = encodeInstance(header, {
        sopInstanceUID: uidOf(`${header.seriesInstanceUID}/${i + 1}`),
        instanceNumber: i + 1,
        position: slice.imagePositionPatient,
        pixels: slice.pixels,
      });
      await writeFile(path.join(partial, name), bytes);
      names.push(name);
    }
    const truth = { units: 'mm, LPS', bodyCentres: volume.truth };
    await writeFile(path.join(partial, 'truth.json'), `${JSON.stringify(truth, null, 2)}\n`);
    if (present !== null) await rmdir(target);
    await rename(partial, target);
    return {
      files: names.map((name) => path.join(target, name)),
      truth: volume.truth,
      studyInstanceUID: header.studyInstanceUID,
      seriesInstanceUID: header.seriesInstanceUID,
    };
  } catch (error) {
    await rm(partial, { recursive: true, force: true });
    throw error;
  }
}
