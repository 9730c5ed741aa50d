import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { madeBy } from './phantoms';

/** One study whose series show the same phantom, stored in different ways. */
export interface PixelKinds {
  readonly studyInstanceUID: string;
  /** Series Instance UIDs by what is special about the pixels. */
  readonly kinds: Readonly<Record<string, string>>;
  /** LPS z of mid-L3, mm. */
  readonly l3: number;
}

/** Makes the study, once for each version of its generator. */
export async function ensurePixelKinds(): Promise<PixelKinds & { readonly folder: string }> {
  const made = await madeBy('writePixelKinds.ts', 'phantoms-pixels');
  const table = JSON.parse(await readFile(path.join(made, 'studies.json'), 'utf8')) as PixelKinds;
  return { ...table, folder: path.join(made, 'study') };
}
