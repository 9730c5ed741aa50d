import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import * as nifti from '../../nifti/niftiFile';
import type { NiftiHeader } from '../../nifti/niftiFile';
import type { SlicePixels } from '../../series/types';
import { InputError, unreadable } from '../types';

/**
 * Bytes of a NIfTI file, decompressed where it is gzip.
 *
 * @throws InputError naming the file when it cannot be read.
 */
export async function readNiftiBytes(path: string, signal?: AbortSignal): Promise<Buffer> {
  let bytes: Buffer;
  try {
    bytes = await readFile(path, { signal });
  } catch (cause) {
    signal?.throwIfAborted();
    throw unreadable(path, cause);
  }
  if (!nifti.isGzip(bytes)) return bytes;
  try {
    return await promisify(gunzip)(bytes);
  } catch (cause) {
    throw naming(path, nifti.damagedGzip(cause));
  }
}

/** As `readNiftiHeader` of the nifti room. @throws InputError naming the file. */
export function readNiftiHeader(path: string, bytes: Uint8Array): NiftiHeader {
  return named(path, () => nifti.readNiftiHeader(bytes));
}

/** As `readNiftiVoxels` of the nifti room. @throws InputError naming the file. */
export function readNiftiVoxels(path: string, bytes: Uint8Array, header: NiftiHeader): SlicePixels {
  return named(path, () => nifti.readNiftiVoxels(bytes, header));
}

/** Runs what reads a file; a NiftiError becomes an InputError that names it. */
export function named<T>(path: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw naming(path, error);
  }
}

function naming(path: string, error: unknown): unknown {
  if (!(error instanceof nifti.NiftiError)) return error;
  return new InputError(path, error.message, error.advice, { cause: error });
}
