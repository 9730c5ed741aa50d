import { isCounted } from '../finder/counted';
import type { Answered, LevelPosition } from '../finder/types';
import { columnOfY, rowOfZ } from '../projection/maps';
import type { ChannelName } from '../projection/types';
import { percent } from '../reasons/percent';
import { Canvas, textWidth, wrap } from './canvas';
import type { Colour } from './canvas';
import { GLYPH_HEIGHT } from './font';
import { PALETTE, rgb } from './palette';

const BACKGROUND: Colour = [24, 26, 30];
const TEXT: Colour = [230, 230, 230];
const FAINT: Colour = [140, 145, 150];
const L3 = rgb(PALETTE.l3);
const LEVEL = rgb(PALETTE.level);
const ALTERNATIVE = rgb(PALETTE.alternative);

const PAD = 8;
const LABEL = 2;
const LINE = GLYPH_HEIGHT * LABEL + PAD;
const SMALL_LINE = GLYPH_HEIGHT + 4;
const RIGHT_GUTTER = textWidth('T12 -1234.5', LABEL) + 2 * PAD;
const LEFT_GUTTER = textWidth('L3? 0.99', LABEL) + 2 * PAD;
/** Half the width of a level's mark, mm. */
const MARK_MM = 14;
const TALLEST_PANEL = 1500;

/**
 * Draws the projection, one panel a channel, with every level that was named, L3 across the whole
 * panel, and the other places L3 could be at. Labels give z in LPS mm.
 */
export function drawFinding(finding: Answered, title: string): Canvas {
  const { projection } = finding;
  const { height, width } = projection;
  // A mix of max and mean shows nothing that they do not.
  const channels = projection.channels.filter(
    (channel, _, all) => channel !== 'mix' || !(all.includes('max') && all.includes('mean')),
  );
  const zoom = height * 3 > TALLEST_PANEL ? 2 : 3;
  const panelWidth = width * zoom;
  const panelsWidth = channels.length * (panelWidth + PAD) - PAD;
  const totalWidth = LEFT_GUTTER + panelsWidth + RIGHT_GUTTER;
  const about = [
    ...wrap(title, totalWidth - 2 * PAD),
    ...(finding.status === 'found'
      ? []
      : wrap(`${finding.reason.message} ${finding.reason.advice}`, totalWidth - 2 * PAD)),
  ];
  const top = PAD + LINE + about.length * SMALL_LINE + PAD + SMALL_LINE;
  const canvas = new Canvas(totalWidth, top + height * zoom + PAD + SMALL_LINE + PAD, BACKGROUND);

  canvas.text(PAD, PAD, headline(finding), finding.status === 'found' ? L3 : ALTERNATIVE, LABEL);
  about.forEach((line, i) => canvas.text(PAD, PAD + LINE + i * SMALL_LINE, line, TEXT));
  const { name, version } = finding.model;
  const footer = `Not for diagnostic use. Model ${name} ${version}.`;
  canvas.text(PAD, top + height * zoom + PAD, footer, FAINT);

  const yOf = (position: LevelPosition) =>
    top + Math.round((rowOfZ(projection, position.zMm) + 0.5) * zoom);
  const panels = channels.map((channel, i) => ({
    channel,
    left: LEFT_GUTTER + i * (panelWidth + PAD),
  }));
  const mark = (position: LevelPosition, colour: Colour, dash?: number) => {
    const column = columnOfY(projection, position.pointLpsMm[1]);
    const half = MARK_MM / projection.mmPerPixel;
    const [from, to] = [column - half, column + half].map((c) =>
      Math.round(Math.min(width - 1, Math.max(0, c)) * zoom),
    );
    for (const { left } of panels) {
      canvas.horizontal(left + from, left + to, yOf(position), colour, dash);
    }
  };
  const besideRight = LEFT_GUTTER + panelsWidth + PAD;
  const label = (x: number, position: LevelPosition, text: string, colour: Colour) =>
    canvas.text(x, yOf(position) - (GLYPH_HEIGHT * LABEL) / 2, text, colour, LABEL);

  for (const { channel, left } of panels) {
    canvas.text(left, top - SMALL_LINE, channel, FAINT);
    paintChannel(canvas, finding, channel, left, top, zoom);
  }
  for (const alternative of finding.alternatives) {
    mark(alternative, ALTERNATIVE, 3);
    const chance = isCounted(finding) ? ` ${percent(alternative.probability)}` : '';
    label(PAD, alternative, `L3?${chance}`, ALTERNATIVE);
  }
  for (const level of finding.levels) {
    if (level.name === 'L3' && finding.status === 'found') continue;
    mark(level, LEVEL);
    label(besideRight, level, `${level.name.padEnd(3)} ${level.zMm.toFixed(1)}`, LEVEL);
  }
  if (finding.status === 'found') {
    const y = yOf(finding.l3);
    for (const { left } of panels) canvas.fill(left - PAD, y - 1, panelWidth + PAD, 2, L3);
    label(besideRight, finding.l3, `L3  ${finding.l3.zMm.toFixed(1)}`, L3);
  }
  return canvas;
}

function headline(finding: Answered): string {
  if (finding.status === 'undetermined') return 'L3 undetermined';
  const { zMm, probability, sliceIndex } = finding.l3;
  const slice = sliceIndex === null ? '' : `  slice index ${sliceIndex}`;
  return `L3 at z ${zMm.toFixed(1)} mm  p ${percent(probability)}${slice}`;
}

function paintChannel(
  canvas: Canvas,
  { projection }: Answered,
  channel: ChannelName,
  left: number,
  top: number,
  zoom: number,
): void {
  const { data, height, width } = projection;
  const index = projection.channels.indexOf(channel);
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const value = data[(index * height + row) * width + column];
      const grey = Math.round(255 * Math.min(1, Math.max(0, value)));
      canvas.fill(left + column * zoom, top + row * zoom, zoom, zoom, [grey, grey, grey]);
    }
  }
}
