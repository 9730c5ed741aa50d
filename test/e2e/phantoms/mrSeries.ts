import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { dicomBytes, int16Bytes } from '../../unit/io/writeDicom';

type Point = readonly [number, number, number];

/** A volume that can be cut along any plane. */
export interface Volume {
  /** Value at an LPS point (mm), interpolated; 0 outside. */
  at(point: Point): number;
}

/** Where the slices of a series lie, LPS mm. */
export interface Stack {
  /** Centre of the first slice. */
  readonly centre: Point;
  readonly row: Point;
  readonly column: Point;
  readonly count: number;
  /** Distance between slices, along row x column. */
  readonly stepMm: number;
  readonly thicknessMm: number;
}

export interface MrSeries {
  readonly studyInstanceUID: string;
  readonly seriesInstanceUID: string;
  readonly frameOfReferenceUID: string;
  readonly patientName: string;
  readonly number: number;
  readonly description: string;
  readonly imageType?: string;
  readonly echoTimeMs: number;
  readonly repetitionTimeMs: number;
  readonly rows: number;
  readonly columns: number;
  readonly pixelMm: number;
  readonly stacks: readonly Stack[];
}

/** Writes a series of MR Image Storage instances, cut out of a volume; instances count from 1. */
export async function writeMrSeries(
  folder: string,
  series: MrSeries,
  volume: Volume,
): Promise<void> {
  await mkdir(folder, { recursive: true });
  const { rows, columns, pixelMm } = series;
  let number = 0;
  for (const { centre, row, column, count, stepMm, thicknessMm } of series.stacks) {
    const normal: Point = [
      row[1] * column[2] - row[2] * column[1],
      row[2] * column[0] - row[0] * column[2],
      row[0] * column[1] - row[1] * column[0],
    ];
    for (let s = 0; s < count; s++) {
      number += 1;
      const position = [0, 1, 2].map(
        (i) =>
          centre[i] +
          s * stepMm * normal[i] -
          ((columns - 1) / 2) * pixelMm * row[i] -
          ((rows - 1) / 2) * pixelMm * column[i],
      );
      const pixels = new Int16Array(rows * columns);
      for (let r = 0; r < rows; r++) {
        for (let c = 0; c < columns; c++) {
          const at = (i: number) => position[i] + pixelMm * (c * row[i] + r * column[i]);
          pixels[r * columns + c] = Math.round(volume.at([at(0), at(1), at(2)]));
        }
      }
      const bytes = instance(series, number, position, [...row, ...column], thicknessMm, pixels);
      await writeFile(path.join(folder, `IM${String(number).padStart(4, '0')}.dcm`), bytes);
    }
  }
}

function instance(
  series: MrSeries,
  number: number,
  position: readonly number[],
  cosines: readonly number[],
  thicknessMm: number,
  pixels: Int16Array,
): Buffer {
  const ds = (values: readonly number[]) => values.map((v) => Number(v.toFixed(5)));
  return dicomBytes({
    elements: {
      '00080005 CS': 'ISO_IR 192',
      '00080008 CS': series.imageType ?? 'ORIGINAL\\PRIMARY\\M\\NORM',
      '00080016 UI': '1.2.840.10008.5.1.4.1.1.4',
      '00080018 UI': `${series.seriesInstanceUID}.${number}`,
      '00080020 DA': '20250101',
      '00080030 TM': '101500',
      '00080060 CS': 'MR',
      '00081030 LO': 'MR lumbar spine',
      '0008103E LO': series.description,
      '00100010 PN': series.patientName,
      '00100020 LO': series.patientName.replace('^', '-'),
      '00180020 CS': 'SE',
      '00180021 CS': 'SK',
      '00180050 DS': [thicknessMm],
      '00180080 DS': [series.repetitionTimeMs],
      '00180081 DS': [series.echoTimeMs],
      '00185100 CS': 'HFS',
      '0020000D UI': series.studyInstanceUID,
      '0020000E UI': series.seriesInstanceUID,
      '00200011 IS': String(series.number),
      '00200013 IS': String(number),
      '00200032 DS': ds(position),
      '00200037 DS': ds(cosines),
      '00200052 UI': series.frameOfReferenceUID,
      '00280002 US': 1,
      '00280004 CS': 'MONOCHROME2',
      '00280010 US': series.rows,
      '00280011 US': series.columns,
      '00280030 DS': [series.pixelMm, series.pixelMm],
      '00280100 US': 16,
      '00280101 US': 16,
      '00280102 US': 15,
      '00280103 US': 1,
      '00281050 DS': [350],
      '00281051 DS': [700],
      '7FE00010 OW': int16Bytes(pixels),
    },
  });
}
