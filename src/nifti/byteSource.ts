/** Bytes that are read a stretch at a time: of a file on a disk, of a blob, or held in memory. */
export interface ByteSource {
  readonly size: number;
  /**
   * The bytes from `offset` on, fewer where they end.
   *
   * @returns bytes of the reader's own, except where they were held in memory from the start.
   */
  read(offset: number, length: number): Promise<Uint8Array>;
}

/** Bytes that are held in memory. */
export function heldBytes(bytes: Uint8Array): ByteSource {
  return {
    size: bytes.length,
    read: (offset, length) => Promise.resolve(bytes.subarray(offset, offset + length)),
  };
}

/** Part of a source, from its beginning. */
export function upTo(source: ByteSource, size: number): ByteSource {
  if (source.size <= size) return source;
  return {
    size,
    read: (offset, length) => source.read(offset, Math.max(0, Math.min(length, size - offset))),
  };
}
