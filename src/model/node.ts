import { readFile } from 'node:fs/promises';
import path from 'node:path';
import * as ort from 'onnxruntime-web';
import { readManifest } from './manifest';
import { messageOf, ModelError } from './modelError';
import { openLevelModel, type ModelPackage } from './openLevelModel';
import type { RuntimeHost } from './runtimeHost';
import type { LevelModel } from './types';

/**
 * onnxruntime-web in Node: its wasm runtime on one thread, so that the answer is the browser's to
 * the last bit.
 */
function nodeRuntime(): RuntimeHost {
  ort.env.wasm.numThreads = 1;
  return { ort, threads: 1 };
}

/**
 * Reads a model package (a folder with `manifest.json` and the model file beside it).
 *
 * @throws ModelError 'download' naming the file that cannot be read, 'manifest' naming the wrong field
 */
export async function readModelPackage(directory: string): Promise<ModelPackage> {
  const manifestPath = path.join(directory, 'manifest.json');
  const manifest = readManifest(await read(manifestPath), manifestPath);
  return { manifest, modelBytes: await read(path.join(directory, manifest.file)) };
}

/**
 * Reads, verifies and opens a model package for the command line, the bench or training.
 *
 * @throws ModelError as `readModelPackage` and `openLevelModel` do
 */
export async function openModelPackage(directory: string): Promise<LevelModel> {
  return openLevelModel(await readModelPackage(directory), nodeRuntime());
}

async function read(file: string): Promise<Buffer> {
  return readFile(file).catch((error) => {
    throw new ModelError(
      'download',
      `${file} cannot be read (${messageOf(error)}); a model package is a folder with ` +
        'manifest.json and the model file it names',
      { cause: error },
    );
  });
}
