import { randomUUID } from 'node:crypto';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { encode } from 'fast-png';
import type { Answered } from '../finder/types';
import { drawFinding } from '../picture/findingPicture';

const LONGEST_NAME = 100;

/** The folder that `--out` names: one PNG a series, each complete or not there. */
export class PictureFolder {
  private readonly taken = new Set<string>();

  private constructor(readonly path: string) {}

  /** @throws Error saying so when the folder cannot be made. */
  static async open(path: string): Promise<PictureFolder> {
    try {
      await mkdir(path, { recursive: true });
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : String(cause);
      throw new Error(`${path}: the folder for the pictures cannot be made (${why})`, { cause });
    }
    return new PictureFolder(path);
  }

  /**
   * Draws the finding and writes it under a name made from the series' UID (DICOM) or file (NIfTI).
   *
   * @returns the path of the picture.
   * @throws Error naming the picture when it cannot be written; nothing is left of it then.
   */
  async write(finding: Answered, seriesUID: string): Promise<string> {
    const canvas = drawFinding(finding, seriesUID);
    const { width, height, data } = canvas;
    const png = encode({ width, height, data, channels: 3, depth: 8 });
    const path = join(this.path, this.nameFor(finding.series.modality, seriesUID));
    const temporary = join(this.path, `.${randomUUID()}.tmp`);
    try {
      await writeFile(temporary, png);
      await rename(temporary, path);
    } catch (cause) {
      await rm(temporary, { force: true });
      const why = cause instanceof Error ? cause.message : String(cause);
      throw new Error(`${path}: the picture cannot be written (${why})`, { cause });
    }
    return path;
  }

  /** A file name of plain letters that no other series of this run has. */
  private nameFor(modality: string, seriesUID: string): string {
    const plain = basename(seriesUID)
      .replace(/\.nii(\.gz)?$/i, '')
      .replace(/[^\w.-]+/g, '_')
      .replace(/^[.-]+/, '')
      .slice(0, LONGEST_NAME);
    const stem = `${modality}-${plain || 'series'}`;
    let name = stem;
    for (let n = 2; this.taken.has(name.toLowerCase()); n++) name = `${stem}-${n}`;
    this.taken.add(name.toLowerCase());
    return `${name}.png`;
  }
}
