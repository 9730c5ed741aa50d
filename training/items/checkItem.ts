import { LEVEL_NAMES } from '../../src/levels/types';
import { isNegative, type TrainingItem } from './item';
import { GRID_MM } from './toItem';

/** Distances between the centres of neighbouring bodies that occur in adults, mm, with room to spare. */
const SPACING_MM = { least: 15, most: 60 } as const;
const MIN_SIZE = 24;

/**
 * Why an item cannot be trained on: levels out of order, missing in between, too near or too far,
 * outside the picture, or a picture without contrast.
 *
 * @returns the reasons; none means that it is usable.
 */
export function faultsOf(item: TrainingItem): string[] {
  const faults: string[] = [];
  if (item.height < MIN_SIZE || item.width < MIN_SIZE)
    faults.push(`the picture is only ${item.height} x ${item.width} pixels`);
  if (item.max.length !== item.height * item.width || item.mean.length !== item.max.length)
    faults.push('its planes do not have height x width values');
  else if (!hasContrast(item.max)) faults.push('the picture is empty');
  if (isNegative(item)) {
    if (item.levels.length > 0) faults.push('a negative must not have levels');
    return faults;
  }
  if (!item.levels.some(({ name }) => name === 'L3') && !startsBelowL3(item))
    faults.push('L3 is not labelled');
  for (let i = 0; i < item.levels.length; i++) {
    const level = item.levels[i];
    if (!Number.isFinite(level.row) || !Number.isFinite(level.column)) {
      faults.push(`${level.name} has no place`);
      continue;
    }
    if (item.kind === 'labelled' && !isInside(item, level))
      faults.push(
        `${level.name} lies outside the picture (row ${level.row.toFixed(0)}, column ${level.column.toFixed(0)})`,
      );
    if (i === 0) continue;
    const above = item.levels[i - 1];
    const step = LEVEL_NAMES.indexOf(level.name) - LEVEL_NAMES.indexOf(above.name);
    if (step !== 1) faults.push(`${above.name} is followed by ${level.name}`);
    if (level.row <= above.row) {
      faults.push(`${level.name} is not below ${above.name}`);
      continue;
    }
    const apart = GRID_MM * Math.hypot(level.row - above.row, level.column - above.column);
    if (apart < SPACING_MM.least || apart > SPACING_MM.most)
      faults.push(`${above.name} and ${level.name} are ${apart.toFixed(0)} mm apart`);
  }
  return faults;
}

/** The picture begins with L4 or lower: L3 is not in view, but levels below it are. */
function startsBelowL3({ levels }: TrainingItem): boolean {
  return levels.length > 0 && LEVEL_NAMES.indexOf(levels[0].name) > LEVEL_NAMES.indexOf('L3');
}

function isInside(item: TrainingItem, { row, column }: { row: number; column: number }): boolean {
  return row > -0.5 && row < item.height - 0.5 && column > -0.5 && column < item.width - 0.5;
}

function hasContrast(plane: Uint8Array): boolean {
  let [low, high] = [255, 0];
  for (const value of plane) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return high - low > 40;
}
