import { bytesText, MOST, within } from '../limits/most';
import { heldBytes, type ByteSource } from './byteSource';
import { LONGEST_HEADER, NiftiError, readNiftiHeader, type NiftiHeader } from './niftiFile';
import { bytesNeeded, type NiftiInput } from './niftiVolume';

/** Where bytes go that are too many to be held. */
export interface Spill {
  write(bytes: Uint8Array): Promise<void>;
  /** What was written. */
  source(): Promise<ByteSource>;
}

/**
 * Takes as much of a NIfTI file, while it is decompressed, as its own header asks for; what is too much
 * to be held goes where the host has room. Of what follows so much is decompressed, and not kept, that
 * an ordinary file is read to its checksum.
 *
 * @param parts of the decompressed file, in order; iteration ends when enough has come.
 * @param compressedSize bytes of the compressed file.
 * @throws NiftiError when it is no NIfTI file, or says that it holds more than it can.
 */
export async function takeInflated(
  parts: AsyncIterable<Uint8Array>,
  compressedSize: number,
  openSpill: () => Promise<Spill>,
): Promise<NiftiInput> {
  let start: Uint8Array[] = [];
  let taking: Taking | null = null;
  let total = 0;
  let surplus = 0;
  for await (const part of parts) {
    if (taking?.isEnough()) {
      surplus += part.length;
      if (!within('headerBytes', surplus)) break;
    } else if (taking === null) {
      start.push(part);
      total += part.length;
      if (total < LONGEST_HEADER) continue;
      taking = await startTaking(joined(start), compressedSize, openSpill);
      start = [];
    } else await taking.take(part);
  }
  taking ??= await startTaking(joined(start), compressedSize, openSpill);
  return { header: taking.header, bytes: await taking.source() };
}

interface Taking {
  readonly header: NiftiHeader;
  take(part: Uint8Array): Promise<void>;
  isEnough(): boolean;
  source(): Promise<ByteSource>;
}

async function startTaking(
  beginning: Uint8Array,
  compressedSize: number,
  openSpill: () => Promise<Spill>,
): Promise<Taking> {
  const header = readNiftiHeader(beginning);
  const needed = bytesNeeded(header);
  const held = within('heldBytes', needed);
  if (!held && needed > MOST.inflation * compressedSize) {
    throw new NiftiError(
      `says that it holds ${bytesText(needed)}, which ${bytesText(compressedSize)} of a compressed scan cannot`,
      'Export or download the file again.',
    );
  }
  const memory = held ? new Uint8Array(needed) : null;
  const spill = held ? null : await openSpill();
  let total = 0;
  const taking: Taking = {
    header,
    async take(part) {
      const taken = part.subarray(0, needed - total);
      memory?.set(taken, total);
      await spill?.write(taken);
      total += taken.length;
    },
    isEnough: () => total === needed,
    source: async () => spill?.source() ?? heldBytes(memory!.subarray(0, total)),
  };
  await taking.take(beginning);
  return taking;
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
