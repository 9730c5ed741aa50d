import type { FastifyInstance } from 'fastify';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { StartError } from './startError';

/** The data source of the extension that opens them (`src/viewer/nifti`). */
const VIEWER_PATH = '/viewer/find-l3-nifti';

/** A NIfTI file that is served. */
export interface ServedNifti {
  readonly file: string;
  /** The path, with its query, that shows the file in the viewer. */
  readonly viewerPath: string;
}

/**
 * Serves NIfTI files as they are, each under a path of its own.
 * @throws StartError for a file that is not there, may not be read, or is no NIfTI file by its name
 */
export async function serveNiftiFiles(
  app: FastifyInstance,
  files: readonly string[],
): Promise<readonly ServedNifti[]> {
  return Promise.all(
    files.map(async (file, index) => {
      if (!/\.nii(\.gz)?$/i.test(file)) {
        throw new StartError(`${file} is no NIfTI file: its name ends neither in .nii nor .nii.gz`);
      }
      const isFile = await stat(file).then(
        (found) => found.isFile(),
        (failure: NodeJS.ErrnoException) => {
          const why =
            failure.code === 'ENOENT' ? 'does not exist' : `cannot be read: ${failure.message}`;
          throw new StartError(`The NIfTI file ${file} ${why}`);
        },
      );
      if (!isFile) throw new StartError(`${file} is a folder: give one NIfTI file`);
      const folder = `/nifti/${index + 1}`;
      app.get(`${folder}/*`, (_request, reply) =>
        reply
          .type('application/octet-stream')
          .header('Cache-Control', 'no-cache')
          .send(createReadStream(file)),
      );
      const path = `${folder}/${encodeURIComponent(basename(file))}`;
      return { file, viewerPath: `${VIEWER_PATH}?url=${encodeURIComponent(path)}` };
    }),
  );
}
