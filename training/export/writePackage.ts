import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ModelManifest } from '../../src/model/manifest';
import { openModelPackage } from '../../src/model/node';

export const MODEL_FILE = 'model.onnx';

/** Where a package goes. */
export interface Place {
  readonly name: string;
  /** Folder that gets the folder `name`. */
  readonly into: string;
  readonly replace: boolean;
}

/** @throws Error where a package is there already and is not to be replaced */
export function placeOf({ name, into, replace }: Place): string {
  const folder = join(into, name);
  if (existsSync(folder) && !replace) {
    throw new Error(`${folder} exists already. Choose another name, or give --replace.`);
  }
  return folder;
}

/**
 * Writes a package beside its place, opens it as the viewer does, and only then puts it in place.
 *
 * @throws Error where it does not open; what was in its place stays
 */
export async function writePackage(
  folder: string,
  { manifest, model, card }: { manifest: ModelManifest; model: Uint8Array; card: string },
): Promise<void> {
  const temporary = `${folder}.part`;
  rmSync(temporary, { recursive: true, force: true });
  mkdirSync(temporary, { recursive: true });
  try {
    writeFileSync(join(temporary, MODEL_FILE), model);
    writeFileSync(join(temporary, 'manifest.json'), `${JSON.stringify(manifest, null, 2)}\n`);
    writeFileSync(join(temporary, 'MODEL_CARD.md'), card);
    const opened = await openModelPackage(temporary);
    await opened.dispose();
    rmSync(folder, { recursive: true, force: true });
    renameSync(temporary, folder);
  } catch (error) {
    rmSync(temporary, { recursive: true, force: true });
    throw error;
  }
}
