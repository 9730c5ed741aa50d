import { Gunzip } from 'fflate';
import type { ByteSource } from '../../nifti/byteSource';
import { takeInflated, type Spill } from '../../nifti/inflated';
import { damagedGzip, isGzip, LONGEST_HEADER, readNiftiHeader } from '../../nifti/niftiFile';
import type { NiftiInput } from '../../nifti/niftiVolume';

/**
 * Opens a NIfTI file of the browser, decompressed as far as its header asks where it is gzip. The
 * browser keeps large blobs on its disk.
 *
 * @throws NiftiError when it is no NIfTI file, or its compression is damaged.
 */
export async function openNiftiBlob(blob: Blob): Promise<NiftiInput> {
  const bytes = blobSource(blob);
  const beginning = await bytes.read(0, LONGEST_HEADER);
  if (!isGzip(beginning)) return { header: readNiftiHeader(beginning), bytes };
  try {
    return await takeInflated(inflatedByBrowser(blob), blob.size, openSpill);
  } catch (error) {
    if (!(error instanceof DamagedGzip)) throw error;
    const { cause } = error;
    try {
      return await takeInflated(inflatedByMembers(blob), blob.size, openSpill);
    } catch (again) {
      throw again instanceof DamagedGzip ? damagedGzip(cause) : again;
    }
  }
}

/** What the browser says of a gzip file that it does not decompress to the end. */
class DamagedGzip extends Error {}

function blobSource(blob: Blob): ByteSource {
  return {
    size: blob.size,
    async read(offset, length) {
      return new Uint8Array(await blob.slice(offset, offset + length).arrayBuffer());
    },
  };
}

async function openSpill(): Promise<Spill> {
  let blob = new Blob();
  return {
    async write(bytes) {
      blob = new Blob([blob, new Uint8Array(bytes)]);
    },
    source: () => Promise.resolve(blobSource(blob)),
  };
}

async function* inflatedByBrowser(blob: Blob): AsyncGenerator<Uint8Array> {
  const reader = blob.stream().pipeThrough(new DecompressionStream('gzip')).getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read().catch((cause: unknown) => {
        throw new DamagedGzip('', { cause });
      });
      if (done) return;
      yield value;
    }
  } finally {
    void reader.cancel().catch(() => undefined);
  }
}

/** A file of several members one behind the other, of which a browser reads the first alone. */
async function* inflatedByMembers(blob: Blob): AsyncGenerator<Uint8Array> {
  const starts = [0, ...(await laterMembers(blob))];
  if (starts.length === 1) throw new DamagedGzip();
  for (const [i, start] of starts.entries()) {
    yield* inflatedByBrowser(blob.slice(start, starts[i + 1] ?? blob.size));
  }
}

/** Where the members of a gzip file behind the first one begin. */
async function laterMembers(blob: Blob): Promise<number[]> {
  const starts: number[] = [];
  const gunzip = new Gunzip(() => undefined);
  gunzip.onmember = (start) => starts.push(start);
  const reader = blob.stream().getReader();
  for (;;) {
    const { done, value } = await reader.read();
    try {
      gunzip.push(done ? new Uint8Array() : value, done);
    } catch (cause) {
      throw new DamagedGzip('', { cause });
    }
    if (done) return starts;
  }
}
