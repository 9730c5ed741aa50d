import { levelsOf } from '../../finder/levelsOf';
import type { Answered } from '../../finder/types';
import { PALETTE } from '../../picture/palette';
import { rowOfZ } from '../../projection/maps';
import type { ChannelName, Projection } from '../../projection/types';
import { say } from '../../text/say';
import type { LevelMark } from '../mark/types';
import { Problem } from '../host/problem';

const SHOWN_FIRST: readonly ChannelName[] = ['mix', 'mean', 'max', 'lateral'];
/** Screen pixels a pixel of the projection. */
const SCALE = 4;

/** A level in the picture; the mark's label stands apart from those of the levels, which it may lie on. */
interface Line {
  readonly zMm: number;
  readonly label: string;
  readonly colour: string;
  readonly isMark: boolean;
}

/**
 * The searched projection with its levels and the mark, as a PNG. Nothing of the header is in it.
 *
 * @throws Problem where the browser makes no picture
 */
export async function levelPicture(finding: Answered, mark: LevelMark | null): Promise<Blob> {
  const { projection } = finding;
  const canvas = document.createElement('canvas');
  canvas.width = projection.width * SCALE;
  canvas.height = projection.height * SCALE;
  const context = canvas.getContext('2d');
  if (!context) throw noPicture();
  const plain = document.createElement('canvas');
  plain.width = projection.width;
  plain.height = projection.height;
  const image = greyImage(projection);
  plain.getContext('2d')?.putImageData(image, 0, 0);
  context.drawImage(plain, 0, 0, canvas.width, canvas.height);
  context.font = `${5 * SCALE}px sans-serif`;
  context.textBaseline = 'bottom';
  for (const line of linesOf(finding, mark)) {
    const y = Math.round((rowOfZ(projection, line.zMm) + 0.5) * SCALE);
    context.fillStyle = line.colour;
    context.fillRect(0, y, canvas.width, 2);
    context.textAlign = line.isMark ? 'right' : 'left';
    const x = line.isMark ? canvas.width - 2 * SCALE : 2 * SCALE;
    context.fillText(line.label, x, y - 1);
  }
  const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, 'image/png'));
  if (!blob) throw noPicture();
  return blob;
}

function noPicture(): Problem {
  return new Problem({ key: 'problem.noPicture' }, { key: 'problem.noPictureAdvice' });
}

function linesOf(finding: Answered, mark: LevelMark | null): Line[] {
  const levels = finding.status === 'found' ? levelsOf(finding) : [];
  const isFound = !mark || (!mark.moved && finding.status === 'found');
  const others = levels.map(({ name, zMm }) => ({
    zMm,
    label: name,
    colour: name === 'L3' && isFound ? PALETTE.l3 : PALETTE.level,
    isMark: false,
  }));
  if (isFound) return others;
  const label = finding.status === 'found' ? `${mark.level} · ${say('mark.moved')}` : mark.level;
  return [...others, { zMm: mark.pointLpsMm[2], label, colour: PALETTE.l3, isMark: true }];
}

function greyImage({ channels, data, width, height }: Projection): ImageData {
  const channel = SHOWN_FIRST.find((name) => channels.includes(name)) ?? channels[0];
  const start = channels.indexOf(channel) * height * width;
  const values = data.subarray(start, start + height * width);
  const sorted = values.filter((value) => value > 0).sort();
  const high = sorted[Math.floor(0.995 * (sorted.length - 1))] || 1;
  const image = new ImageData(width, height);
  values.forEach((value, i) => {
    const grey = 255 * Math.min(1, Math.max(0, value / high));
    image.data.set([grey, grey, grey, 255], 4 * i);
  });
  return image;
}
