import { createHash } from 'node:crypto';
import type { FileStamp } from './types';

/**
 * SHA-256 of the paths, sizes and times of change of a series' files, in any order, in hexadecimal.
 *
 * @param modality what the person gave for files that do not state theirs: it decides the answer, too.
 */
export function fingerprintOf(files: readonly FileStamp[], modality: string | null): string {
  const lines = files.map(({ path, bytes, changed }) => `${path}\t${bytes}\t${changed}`).sort();
  return createHash('sha256')
    .update([...lines, ...(modality ? [`modality ${modality}`] : [])].join('\n'))
    .digest('hex');
}
