/** Rows and columns of a compressed image, as its own stream says them. */
export interface StreamSize {
  readonly rows: number;
  readonly columns: number;
  /** Of JPEG 2000; 1 where the kind has no more, or none that its decoder makes room for. */
  readonly components: number;
  readonly tiles: number;
}

/**
 * Reads the size that a JPEG, JPEG-LS or JPEG 2000 stream states, by which its decoder allocates.
 *
 * @returns null where the stream states none, as RLE, or is not understood.
 */
export function streamSize(bytes: Uint8Array): StreamSize | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  // SOC, then SIZ, which comes first (ISO/IEC 15444-1 A.5.1).
  if (bytes.length >= 42 && view.getUint32(0) === 0xff4fff51) {
    const [right, bottom, left, top, tileWidth, tileHeight, tileLeft, tileTop] = [
      8, 12, 16, 20, 24, 28, 32, 36,
    ].map((at) => view.getUint32(at));
    const across = Math.ceil((right - tileLeft) / tileWidth);
    const down = Math.ceil((bottom - tileTop) / tileHeight);
    const components = view.getUint16(40);
    return { rows: bottom - top, columns: right - left, components, tiles: across * down };
  }
  if (bytes.length < 4 || view.getUint16(0) !== 0xffd8) return null;
  for (let at = 2; at + 9 <= bytes.length && bytes[at] === 0xff;) {
    const marker = bytes[at + 1];
    if (marker === 0xff) at += 1;
    else if (isFrameHeader(marker)) {
      const [rows, columns] = [view.getUint16(at + 5), view.getUint16(at + 7)];
      return { rows, columns, components: 1, tiles: 1 };
    } else at += 2 + view.getUint16(at + 2);
  }
  return null;
}

/** SOF of JPEG (ISO/IEC 10918-1 table B.1) or JPEG-LS. */
function isFrameHeader(marker: number): boolean {
  return (
    marker === 0xf7 || (marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker))
  );
}
