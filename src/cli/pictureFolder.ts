import { randomUUID } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { pictureStem, writePicture } from '../batch/writePicture';
import type { Answered } from '../finder/types';

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
    const path = join(this.path, this.nameFor(finding.series.modality, seriesUID));
    await writePicture(finding, seriesUID, path, join(this.path, `.${randomUUID()}.tmp`));
    return path;
  }

  /** A file name of plain letters that no other series of this run has. */
  private nameFor(modality: string, seriesUID: string): string {
    const stem = pictureStem(modality, seriesUID);
    let name = stem;
    for (let n = 2; this.taken.has(name.toLowerCase()); n++) name = `${stem}-${n}`;
    this.taken.add(name.toLowerCase());
    return `${name}.png`;
  }
}
