import { rename, rm, writeFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { encode } from 'fast-png';
import type { Answered } from '../finder/types';
import { drawFinding } from '../picture/findingPicture';

const LONGEST_NAME = 100;

/**
 * Draws a finding and writes it as PNG, complete or not at all.
 *
 * @param temporary a path in the same folder, written first.
 * @throws Error naming the picture when it cannot be written; nothing is left of it then.
 */
export async function writePicture(
  finding: Answered,
  title: string,
  path: string,
  temporary: string,
): Promise<void> {
  const { width, height, data } = drawFinding(finding, title);
  const png = encode({ width, height, data, channels: 3, depth: 8 });
  try {
    await writeFile(temporary, png);
    await rename(temporary, path);
  } catch (cause) {
    await rm(temporary, { force: true });
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`${path}: the picture cannot be written (${why})`, { cause });
  }
}

/** The beginning of a file name in plain letters, from modality and the series' UID or file. */
export function pictureStem(modality: string, seriesUID: string): string {
  const plain = basename(seriesUID)
    .replace(/\.nii(\.gz)?$/i, '')
    .replace(/[^\w.-]+/g, '_')
    .replace(/^[.-]+/, '')
    .slice(0, LONGEST_NAME);
  return `${modality}-${plain || 'series'}`;
}
