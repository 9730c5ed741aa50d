import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { uidOf, type PhantomPatient, type SeriesHeader } from './dicom';
import { AxialScan, type PhantomScan } from './scan';
import type { PhantomOptions, PhantomSlice } from './types';
import {
  seriesHeader,
  writeSlices,
  writeFolder,
  writeInstance,
  type WrittenSeries,
} from './writePhantomSeries';

export interface WrittenStudy {
  readonly folder: string;
  readonly studyInstanceUID: string;
  readonly patientName: string;
  readonly variant: string;
  /** The axial series. */
  readonly axial: WrittenSeries;
  /** Series Instance UID of the localizer, which cannot be searched and is refused. */
  readonly localizerSeriesInstanceUID: string | null;
}

/** Smaller or coarser images than the default, for tests. */
export interface WorklistOptions extends Pick<PhantomOptions, 'columns' | 'sliceSpacingMm'> {
  /** Called after each slice with the slices done and the number of all. */
  readonly onProgress?: (done: number, of: number) => void;
}

interface Study {
  readonly folder: string;
  readonly patient: PhantomPatient;
  readonly options: PhantomOptions;
  readonly localizer: boolean;
}

const patient = (name: string, id: string, sex: 'F' | 'M', age: string): PhantomPatient => ({
  name: `PHANTOM^${name}`,
  id: `PHANTOM-${id}`,
  sex,
  age,
});

/** The worklist that a fresh installation shows. */
const WORKLIST: readonly Study[] = [
  {
    folder: 'abdomen',
    patient: patient('ABDOMEN', '001', 'M', '052Y'),
    options: { variant: 'standard', seed: 1 },
    localizer: true,
  },
  {
    folder: 'scoliosis',
    patient: patient('SCOLIOSIS', '002', 'F', '067Y'),
    options: { variant: 'scoliosis', seed: 2, bodySize: 0.94, fat: 0.75 },
    localizer: false,
  },
  {
    folder: 'feet-first',
    patient: patient('FEET FIRST', '003', 'M', '041Y'),
    options: { variant: 'feet-first', seed: 3, bodySize: 1.04, fat: 1.3, sliceSpacingMm: 5 },
    localizer: false,
  },
  {
    folder: 'chest',
    patient: patient('CHEST', '004', 'F', '058Y'),
    options: { variant: 'no-lumbar-spine', seed: 4, bodySize: 0.97 },
    localizer: false,
  },
];

/**
 * Writes the default worklist: four synthetic patients, one folder each (abdomen with a localizer,
 * scoliosis, feet first, and a chest without lumbar spine). `directory` appears complete or not at all.
 *
 * @throws Error when the folder already holds something.
 */
export async function writePhantomStudies(
  directory: string,
  { onProgress, ...size }: WorklistOptions = {},
): Promise<{ files: readonly string[]; studies: readonly WrittenStudy[] }> {
  const scans = WORKLIST.map(({ options }) => new AxialScan({ ...options, ...size }));
  const total = scans.reduce((sum, scan) => sum + scan.instanceNumbers.length, 0);
  const target = path.resolve(directory);
  return writeFolder(directory, async (root) => {
    let before = 0;
    const all: string[] = [];
    const studies: WrittenStudy[] = [];
    for (const [i, study] of WORKLIST.entries()) {
      const scan = scans[i];
      const header = seriesHeader(scan, study.patient);
      const folder = path.join(root, study.folder);
      const localizer = study.localizer ? new Localizer(scan, header) : null;
      await mkdir(path.join(folder, 'axial'), { recursive: true });
      const axial = await writeSlices(
        path.join(folder, 'axial'),
        scan,
        header,
        onProgress && ((done) => onProgress(before + done, total)),
        (slice) => localizer?.add(slice),
      );
      all.push(...axial.files);
      if (localizer) {
        await mkdir(path.join(folder, 'localizer'));
        all.push(
          await writeInstance(path.join(folder, 'localizer'), localizer.header, localizer.image()),
        );
      }
      before += axial.files.length;
      const files = axial.files.map((file) => path.join(target, path.relative(root, file)));
      studies.push({
        folder: path.join(target, study.folder),
        studyInstanceUID: header.studyInstanceUID,
        patientName: header.patient.name,
        variant: scan.options.variant,
        axial: { ...axial, files },
        localizerSeriesInstanceUID: localizer?.header.seriesInstanceUID ?? null,
      });
    }
    return { files: all, studies };
  });
}

const LOCALIZER_ROW_MM = 1.5;

/** A scout view from the front: the mean attenuation along each ray through the axial slices. */
class Localizer {
  readonly header: SeriesHeader;
  private readonly lines: Float64Array[] = [];
  private first: PhantomSlice | null = null;

  constructor(
    private readonly scan: PhantomScan,
    axial: SeriesHeader,
  ) {
    const height = (scan.instanceNumbers.length - 1) * axial.sliceThicknessMm;
    this.header = {
      ...axial,
      seriesInstanceUID: uidOf(`localizer/${axial.seriesInstanceUID}`),
      // After the axial series, which OHIF then opens first.
      seriesNumber: 3,
      seriesDescription: 'SYNTHETIC localizer',
      imageType: ['ORIGINAL', 'PRIMARY', 'LOCALIZER'],
      pixelSpacing: [LOCALIZER_ROW_MM, axial.pixelSpacing[1]],
      orientation: [1, 0, 0, 0, 0, -1],
      rows: Math.floor(height / LOCALIZER_ROW_MM) + 1,
      windows: [['LOCALIZER', 60, 800]],
      rescaleType: 'US',
    };
  }

  /** Slices come from the head down, rows along +x (head first, supine). */
  add(slice: PhantomSlice): void {
    this.first ??= slice;
    const { rows, columns } = this.scan.header;
    const line = new Float64Array(columns);
    for (let r = 0; r < rows; r++) {
      for (let c = 0; c < columns; c++) line[c] += (slice.pixels[r * columns + c] + 1000) / rows;
    }
    this.lines.push(line);
  }

  image(): PhantomSlice {
    const { rows, columns, sliceThicknessMm } = this.header;
    const pixels = new Int16Array(rows * columns);
    for (let r = 0; r < rows; r++) {
      const at = (r * LOCALIZER_ROW_MM) / sliceThicknessMm;
      const i = Math.min(this.lines.length - 2, Math.floor(at));
      const f = at - i;
      for (let c = 0; c < columns; c++) {
        const mean = this.lines[i][c] * (1 - f) + this.lines[i + 1][c] * f;
        pixels[r * columns + c] = Math.round(Math.min(3071, mean * 1.1 - 500));
      }
    }
    const [x, y, z] = this.first?.imagePositionPatient ?? [0, 0, 0];
    const middle = y + ((this.scan.header.rows - 1) / 2) * this.scan.header.pixelSpacing[0];
    return { instanceNumber: 1, pixels, imagePositionPatient: [x, middle, z] };
  }
}
