import { PALETTE } from '../../picture/palette';
import { dot } from '../../series/geometry';
import type { Slice, Vec3 } from '../../series/types';
import { say } from '../../text/say';
import { Problem } from '../host/problem';
import type { LevelMark } from '../mark/types';
import type { StudyImages } from './studyImages';

/** Pictures are at least so wide, so that their label can be read. */
const LEAST_WIDTH = 512;
/** Half the side of the frame around the vertebra, mm. */
const HALF_FRAME_MM = 38;
/** The usual window of soft tissue, HU: centre - width / 2 and centre + width / 2. */
const CT_WINDOW = [-160, 240] as const;

/**
 * The axial slice that a mark lies on, with the frame around its vertebra in the colours of the other
 * picture, as a PNG. Nothing of the header is in it but the sides, the slice's number and its height.
 *
 * @throws Problem where the slice cannot be read or the browser makes no picture
 */
export async function axialPicture(mark: LevelMark, images: StudyImages): Promise<Blob> {
  const plane = images.planeOf(mark);
  const image = await images.pixelsOf(mark);
  if (!plane || !image) throw noPicture();
  const zoom = Math.max(1, Math.ceil(LEAST_WIDTH / plane.columns));
  const canvas = document.createElement('canvas');
  canvas.width = plane.columns * zoom;
  canvas.height = Math.round((plane.rows * zoom * plane.rowSpacing) / plane.columnSpacing);
  const context = canvas.getContext('2d');
  if (!context) throw noPicture();
  const plain = document.createElement('canvas');
  plain.width = plane.columns;
  plain.height = plane.rows;
  plain.getContext('2d')?.putImageData(greyImage(image, plane), 0, 0);
  context.drawImage(plain, 0, 0, canvas.width, canvas.height);
  const pxPerMm = zoom / plane.columnSpacing;
  drawFrame(context, placeOn(plane, mark.pointLpsMm, pxPerMm), HALF_FRAME_MM * pxPerMm);
  drawTexts(context, canvas, labelOf(mark, images), sides(plane));
  const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, 'image/png'));
  if (!blob) throw noPicture();
  return blob;
}

function noPicture(): Problem {
  return new Problem({ key: 'problem.noPicture' }, { key: 'problem.noPictureAdvice' });
}

/** Where a point lies in the picture, pixels from its top left corner. */
function placeOn(plane: Slice, point: Vec3, pxPerMm: number): readonly [number, number] {
  const from = point.map((mm, i) => mm - plane.position[i]) as unknown as Vec3;
  const [x, y] = [dot(from, plane.rowCosines), dot(from, plane.columnCosines)];
  return [(x + plane.columnSpacing / 2) * pxPerMm, (y + plane.rowSpacing / 2) * pxPerMm];
}

/** Corners only, so that the vertebra stays free. */
function drawFrame(
  context: CanvasRenderingContext2D,
  [x, y]: readonly [number, number],
  half: number,
): void {
  context.strokeStyle = PALETTE.l3;
  context.lineWidth = 2;
  context.beginPath();
  for (const [sx, sy] of [
    [-1, -1],
    [1, -1],
    [1, 1],
    [-1, 1],
  ]) {
    const [cx, cy] = [x + sx * half, y + sy * half];
    context.moveTo(cx, cy - (sy * half) / 2);
    context.lineTo(cx, cy);
    context.lineTo(cx - (sx * half) / 2, cy);
  }
  context.stroke();
}

function drawTexts(
  context: CanvasRenderingContext2D,
  { width, height }: HTMLCanvasElement,
  label: string,
  [left, right]: readonly [string, string],
): void {
  const size = Math.round(width / 28);
  context.font = `${size}px sans-serif`;
  context.textBaseline = 'top';
  context.fillStyle = PALETTE.l3;
  context.textAlign = 'left';
  context.fillText(label, size / 2, size / 2);
  context.textBaseline = 'middle';
  context.fillStyle = PALETTE.level;
  context.fillText(left, size / 2, height / 2);
  context.textAlign = 'right';
  context.fillText(right, width - size / 2, height / 2);
}

function labelOf(mark: LevelMark, images: StudyImages): string {
  const { sliceNumber: number, sliceZMm } = images.exportedImage(mark);
  const mm = `${(sliceZMm ?? mark.pointLpsMm[2]).toFixed(1)} mm`;
  const place =
    number === null ? say('mark.place', { mm }) : say('mark.placeOnSlice', { number, mm });
  return `${mark.label} · ${place}`;
}

/** What of the patient lies at the picture's left and right edge. */
function sides({ rowCosines: [x] }: Slice): readonly [string, string] {
  if (Math.abs(x) < 0.7) return ['', ''];
  return x > 0 ? ['R', 'L'] : ['L', 'R'];
}

function greyImage(
  { values, modality }: { values: ArrayLike<number>; modality: string },
  { rows, columns }: Slice,
): ImageData {
  const [low, high] = modality === 'CT' ? CT_WINDOW : percentiles(values);
  const image = new ImageData(columns, rows);
  for (let i = 0; i < rows * columns; i++) {
    const grey = (255 * (values[i] - low)) / (high - low || 1);
    image.data.fill(grey, 4 * i, 4 * i + 3);
    image.data[4 * i + 3] = 255;
  }
  return image;
}

function percentiles(values: ArrayLike<number>): readonly [number, number] {
  const sorted = Float32Array.from(values).sort();
  const at = (share: number) => sorted[Math.floor(share * (sorted.length - 1))];
  return [at(0.01), at(0.995)];
}
