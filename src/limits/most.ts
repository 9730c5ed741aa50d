const KIB = 1024;
const MIB = 1024 ** 2;

/**
 * How much anything that is read may say of itself. What says more is damaged or hostile, or beyond
 * what this program is for; whoever reads asks before it allocates or loops, so that a header costs
 * less than 512 MB and 5 s, whatever it says.
 */
export const MOST = {
  /** Bytes of a header that is compressed. */
  headerBytes: 16 * MIB,
  /** Bytes of one text value; lists of numbers are texts in DICOM. */
  textBytes: MIB,
  /** Bytes of an inflated data set, or of voxels, that are held at once; more is read from a disk. */
  heldBytes: 352 * MIB,
  /** Bytes that one byte of a large compressed image may stand for: its noise does not compress. */
  inflation: 200,
  /** Elements and items of one data set; an enhanced series of 10,000 frames has 500,000. */
  elements: 1_000_000,
  /** Sequences within sequences. */
  nesting: 32,
  /** Fragments of compressed pixel data that are followed one read at a time. */
  fragmentReads: 16 * KIB,
  /** Pixels of one slice. */
  slicePixels: 4096 ** 2,
  /** Components and tiles of a compressed slice. */
  components: 4,
  tiles: 4096,
  /** How long one compressed slice may take to be decoded: the largest takes a few. */
  decodingSeconds: 30,
  /** Bytes of slices that are read before they are asked for. */
  aheadBytes: 64 * MIB,
  /** Slices of a series; 0.2 mm apart they reach from head to foot. */
  slices: 10_000,
  /** Voxels of a series. */
  voxels: 2 ** 32,
  /** Bytes of the cells that a scan is reduced to, and of cells that are more than its voxels. */
  cellBytes: 320 * MIB,
  emptyCellBytes: 128 * MIB,
} as const;

/** Whether a number that a file states is within its limit; what is no number is not. */
export function within(limit: keyof typeof MOST, stated: number): boolean {
  return stated <= MOST[limit];
}

/** A number of bytes for a person: "1.2 GiB", "352 MiB". */
export function bytesText(bytes: number): string {
  if (bytes >= 1024 * MIB) return `${(bytes / 1024 / MIB).toFixed(1)} GiB`;
  return bytes >= MIB ? `${Math.round(bytes / MIB)} MiB` : `${Math.ceil(bytes / KIB)} KiB`;
}
