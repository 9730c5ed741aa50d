import { MOST, within } from '../limits/most';
import type { SlicePixels } from '../series/types';
import type { ByteSource } from './byteSource';
import { bitsPerVoxel, cutOff, readNiftiVoxels, voxelCount, voxelsOf } from './niftiFile';
import type { NiftiHeader } from './niftiFile';
import { copyPlane, copySlice, type NiftiSlices } from './niftiSlices';

/** Bytes that are read at a time where a volume is too large to be held. */
const BLOCK_BYTES = 16 * 1024 ** 2;

/** The stored values of a volume. */
export interface NiftiVoxels {
  /** Lowest and highest finite stored value. */
  readonly range: readonly [number, number];
  /** A copy of slice `index`, row-major, rows x columns. */
  slice(slices: NiftiSlices, index: number): Promise<SlicePixels>;
}

/** Where the voxels of a header end in its file, bytes; where its header does when it has none to read. */
export function endOfVoxels(header: NiftiHeader): number {
  return header.voxOffset + voxelCount(header) * ((bitsPerVoxel(header.datatype) ?? 0) / 8);
}

/**
 * Reads the voxels of a header once, for their range. A volume that is not too large is held in
 * memory; a larger one is read again slice by slice.
 *
 * @throws NiftiError when the file ends before its voxels do, before anything is allocated.
 */
export async function openVoxels(source: ByteSource, header: NiftiHeader): Promise<NiftiVoxels> {
  const end = endOfVoxels(header);
  if (source.size < end) throw cutOff(source.size, end);
  if (!within('heldBytes', end)) {
    const streamed = new StreamedVoxels(source, header);
    return { range: await streamed.range(), slice: (...which) => streamed.slice(...which) };
  }
  const voxels = readNiftiVoxels(await source.read(0, end), header);
  return {
    range: widened([Infinity, -Infinity], voxels),
    slice: (slices, index) => Promise.resolve(copySlice(voxels, slices, index)),
  };
}

class StreamedVoxels {
  private readonly bytesPerVoxel: number;
  /** Voxels of a plane of the slowest axis. */
  private readonly plane: number;
  private readonly planes: number;
  /** Neighbouring slices that were read together, where a slice lies in all planes. */
  private block: { readonly first: number; readonly slices: readonly SlicePixels[] } | null = null;

  constructor(
    private readonly source: ByteSource,
    private readonly header: NiftiHeader,
  ) {
    this.bytesPerVoxel = bitsPerVoxel(header.datatype)! / 8;
    this.plane = header.size[0] * header.size[1];
    this.planes = header.size[2];
  }

  async range(): Promise<readonly [number, number]> {
    let range: readonly [number, number] = [Infinity, -Infinity];
    const most = Math.max(1, Math.floor(BLOCK_BYTES / this.bytesPerVoxel));
    const count = voxelCount(this.header);
    for (let at = 0; at < count; at += most) {
      range = widened(range, await this.voxels(at, Math.min(most, count - at)));
    }
    return range;
  }

  async slice(slices: NiftiSlices, index: number): Promise<SlicePixels> {
    const { block } = this;
    const known = block?.slices[index - block.first];
    if (known) return known.slice();
    const isPlane = Math.abs(slices.slice.stride) === this.plane;
    const sliceBytes = slices.row.count * slices.column.count * this.bytesPerVoxel;
    const together = isPlane ? 1 : Math.max(1, Math.floor(MOST.heldBytes / 2 / sliceBytes));
    const first = Math.floor(index / together) * together;
    this.block = null;
    const read = await this.read(slices, first, Math.min(together, slices.slice.count - first));
    if (!isPlane) this.block = { first, slices: read };
    return isPlane ? read[0] : read[index - first].slice();
  }

  private async read(slices: NiftiSlices, first: number, count: number): Promise<SlicePixels[]> {
    const { slice, row, column } = slices;
    const size = row.count * column.count;
    const isPlane = Math.abs(slice.stride) === this.plane;
    const only = slice.stride > 0 ? first : slice.count - 1 - first;
    const [from, to] = isPlane ? [only, only + 1] : [0, this.planes];
    let into: SlicePixels[] | null = null;
    for (let k = from; k < to; k++) {
      const plane = await this.voxels(k * this.plane, this.plane);
      const Pixels = plane.constructor as new (length: number) => SlicePixels;
      into ??= Array.from({ length: count }, () => new Pixels(size));
      copyPlane(plane, k, slices, first, into);
    }
    return into!;
  }

  private async voxels(at: number, count: number): Promise<SlicePixels> {
    const { header, bytesPerVoxel } = this;
    const offset = header.voxOffset + at * bytesPerVoxel;
    const bytes = await this.source.read(offset, count * bytesPerVoxel);
    if (bytes.length < count * bytesPerVoxel) {
      throw cutOff(offset + bytes.length, endOfVoxels(header));
    }
    return voxelsOf(bytes, header);
  }
}

function widened(range: readonly [number, number], voxels: SlicePixels): [number, number] {
  let [least, most] = range;
  for (let i = 0; i < voxels.length; i++) {
    const value = voxels[i];
    if (value < least && value !== -Infinity) least = value;
    if (value > most && value !== Infinity) most = value;
  }
  return [least, most];
}
