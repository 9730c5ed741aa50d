import { createReadStream } from 'node:fs';
import { createGunzip } from 'node:zlib';
import { pipeline } from 'node:stream';
import { bytesText, within } from '../../limits/most';
import { takeInflated } from '../../nifti/inflated';
import * as nifti from '../../nifti/niftiFile';
import type { NiftiHeader } from '../../nifti/niftiFile';
import { endOfVoxels } from '../../nifti/niftiVoxels';
import type { NiftiInput } from '../../nifti/niftiVolume';
import type { SlicePixels } from '../../series/types';
import { InputError } from '../types';
import { FileSource, openSpill } from '../fileSource';

const NIFTI_NAME = /\.nii(\.gz)?$/i;
const PAIR_NAME = /\.hdr$/i;
const IMAGE_NAME = /\.img$/i;

/** Whether a file is taken for NIfTI by its name alone. */
export function isNiftiName(path: string): boolean {
  return NIFTI_NAME.test(path);
}

/** Whether a file is NIfTI: by its name, or as the header of a pair by its first bytes. */
export async function isNiftiFile(path: string): Promise<boolean> {
  if (isNiftiName(path)) return true;
  if (!PAIR_NAME.test(path)) return false;
  const file = await FileSource.of(path);
  return nifti.isPairHeader(await file.read(0, nifti.LONGEST_HEADER));
}

/** Whether a file holds the voxels of a NIfTI pair whose header lies beside it. */
export async function isImageOfPair(path: string): Promise<boolean> {
  if (!IMAGE_NAME.test(path)) return false;
  return isNiftiFile(path.replace(IMAGE_NAME, (end) => (end === '.IMG' ? '.HDR' : '.hdr'))).catch(
    () => false,
  );
}

/** The file with the voxels of a pair, by the name of its header; null for a name that is no header's. */
export function imageOfPair(header: string): string | null {
  if (!PAIR_NAME.test(header)) return null;
  return header.replace(PAIR_NAME, (end) => (end === '.HDR' ? '.IMG' : '.img'));
}

/**
 * Opens a NIfTI file, decompressed as far as its header asks where it is gzip, or a pair by its
 * header (.hdr, with its .img beside it).
 *
 * @throws InputError naming the file when it cannot be read or is no NIfTI file.
 */
export async function openNiftiFile(path: string, signal?: AbortSignal): Promise<NiftiInput> {
  try {
    const file = await FileSource.of(path);
    const beginning = await file.read(0, nifti.LONGEST_HEADER);
    const voxels = imageOfPair(path);
    if (voxels !== null) {
      const header = nifti.readNiftiHeader(beginning, { isPair: true });
      return { header, bytes: await FileSource.of(voxels) };
    }
    if (!nifti.isGzip(beginning)) return { header: nifti.readNiftiHeader(beginning), bytes: file };
    return await takeInflated(inflated(path, signal), file.size, () => openSpill(path));
  } catch (error) {
    signal?.throwIfAborted();
    throw naming(path, error);
  }
}

async function* inflated(path: string, signal?: AbortSignal): AsyncGenerator<Uint8Array> {
  const stream = createGunzip();
  // What fails is told by the stream that is read here.
  pipeline(createReadStream(path, { signal }), stream, () => undefined);
  try {
    for await (const part of stream) yield part as Uint8Array;
  } catch (cause) {
    signal?.throwIfAborted();
    throw nifti.damagedGzip(cause);
  } finally {
    stream.destroy();
  }
}

/**
 * Header and voxels of a NIfTI file that is held in memory.
 *
 * @returns `beginning`: the bytes before the voxels, header and extensions.
 * @throws InputError naming the file when it cannot be read, or is too large to be held.
 */
export async function readNifti(path: string): Promise<{
  readonly header: NiftiHeader;
  readonly beginning: Uint8Array;
  readonly voxels: () => SlicePixels;
}> {
  const { header, bytes } = await openNiftiFile(path);
  const end = endOfVoxels(header);
  if (!within('heldBytes', end)) {
    throw new InputError(path, `holds ${bytesText(end)} of voxels`, 'Reduce it first.');
  }
  const all = await bytes.read(0, end);
  return {
    header,
    beginning: all.slice(0, header.voxOffset),
    voxels: () => named(path, () => nifti.readNiftiVoxels(all, header)),
  };
}

/** Runs what reads a file; a NiftiError becomes an InputError that names it. */
function named<T>(path: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw naming(path, error);
  }
}

/** An error of the nifti room with the name of the file; others as they are. */
export function naming(path: string, error: unknown): unknown {
  if (!(error instanceof nifti.NiftiError)) return error;
  return new InputError(path, error.message, error.advice, { cause: error });
}
