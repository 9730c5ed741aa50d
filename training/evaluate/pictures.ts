import type { Projection } from '../../src/projection/types';
import { columnOfY, rowOfZ } from '../../src/projection/maps';
import type { Case } from '../items/cases';
import { GREEN, RED, contactSheet, type SheetMark } from '../items/contactSheet';
import type { Outcome } from './judge';

const BLUE = [110, 160, 255] as const;

/**
 * Draws a case: truth in green, the model's levels in blue, its place for L3 in red; the model's first
 * channel and, where it has one, the lateral band beside it.
 *
 * @param levels by the model, z in mm of the projection
 * @returns a PNG file's bytes
 */
export function drawOutcome(
  truth: Case,
  outcome: Outcome,
  projection: Projection,
  levels: readonly { readonly name: string; readonly zMm: number }[],
): Uint8Array {
  const { height, width, channels } = projection;
  const marks: SheetMark[] = truth.levels.map(({ name, zMm, yMm }) => ({
    row: rowOfZ(projection, zMm),
    column: yMm === null ? null : columnOfY(projection, yMm),
    label: name,
    colour: GREEN,
  }));
  if (truth.l3ZMm !== null && truth.levels.length === 0)
    marks.push({ row: rowOfZ(projection, truth.l3ZMm), column: null, label: 'L3', colour: GREEN });
  for (const { name, zMm } of levels)
    marks.push({
      row: rowOfZ(projection, zMm),
      column: width - 8,
      label: '',
      colour: BLUE,
      note: name,
    });
  if (outcome.guessZMm !== null)
    marks.push({ row: rowOfZ(projection, outcome.guessZMm), column: null, label: '', colour: RED });
  const panelOf = (title: string, channel: number) => ({
    title,
    height,
    width,
    plane: planeOf(projection, channel),
    marks,
  });
  const panels = [panelOf(`${truth.id} ${outcome.verdict}`, 0)];
  const lateral = channels.indexOf('lateral');
  if (lateral > 0) panels.push(panelOf('lateral band', lateral));
  return contactSheet(panels, panels.length, 3);
}

function planeOf({ data, height, width }: Projection, channel: number): Uint8Array {
  const size = height * width;
  return Uint8Array.from(data.subarray(channel * size, (channel + 1) * size), (value) =>
    Math.round(255 * Math.min(1, Math.max(0, value))),
  );
}
