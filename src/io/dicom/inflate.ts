import { constants, createGunzip, createInflate, createInflateRaw } from 'node:zlib';
import { PIXEL_DATA, type DataSet } from '../../dicom/dataSet';
import { damaged, DicomError } from '../../dicom/dicomError';
import { frameCount } from '../../dicom/frames';
import { parseDataSet } from '../../dicom/parseDataSet';
import { fileStart, readBody } from '../../dicom/part10';
import { bytesText, MOST, within } from '../../limits/most';

/** What may follow the pixel data of an image, bytes. */
const LONGEST_TAIL = 1024 ** 2;

/**
 * Inflates the data set of a deflated file (PS3.5 A.5), with a zlib header or without, as far as the
 * image size that its own header states.
 *
 * @throws DicomError when the compression is damaged, or its header or image are larger than any.
 */
export async function inflate(body: Uint8Array): Promise<Uint8Array> {
  const hasHeader = (body[0] & 0x0f) === 8 && ((body[0] << 8) | body[1]) % 31 === 0;
  try {
    return await inflateAs(hasHeader ? createInflate() : createInflateRaw(), body);
  } catch (cause) {
    if (cause instanceof DicomError) throw cause;
    if (!hasHeader) throw damaged('its compression is damaged', { cause });
    return inflateAs(createInflateRaw(), body).catch((again: unknown) => {
      if (again instanceof DicomError) throw again;
      throw damaged('its compression is damaged', { cause: again });
    });
  }
}

/**
 * Decompresses a DICOM file that lies in a gzip, as far as the image size that its own header states.
 *
 * @throws DicomError when the compression is damaged, or its header or image are larger than any.
 */
export async function gunzip(file: Uint8Array): Promise<Uint8Array> {
  const header = (beginning: Uint8Array) => {
    const start = fileStart(beginning);
    return start && readBody(beginning, start.bodyOffset, start, { stopAtPixels: true }).dataSet;
  };
  return inflateAs(createGunzip(), file, header).catch((cause: unknown) => {
    if (cause instanceof DicomError) throw cause;
    throw damaged('its gzip compression is damaged', { cause });
  });
}

/** What the beginning of a gzip decompresses to, at most `length` bytes; nothing where it is damaged. */
export async function gunzipBeginning(part: Uint8Array, length: number): Promise<Uint8Array> {
  const stream = createGunzip({ finishFlush: constants.Z_SYNC_FLUSH });
  stream.end(part);
  const parts: Uint8Array[] = [];
  let total = 0;
  try {
    for await (const bytes of stream as AsyncIterable<Uint8Array>) {
      parts.push(bytes);
      total += bytes.length;
      if (total >= length) break;
    }
  } catch {
    // told when the file is read
  }
  return Buffer.concat(parts).subarray(0, length);
}

type Stream = ReturnType<typeof createInflateRaw> | ReturnType<typeof createGunzip>;

/** @param headerIn the header of an image whose beginning is long enough to hold any, or null. */
async function inflateAs(
  stream: Stream,
  body: Uint8Array,
  headerIn: (beginning: Uint8Array) => DataSet | null = deflatedHeader,
): Promise<Uint8Array> {
  const beginning: Uint8Array[] = [];
  let whole: Uint8Array | null = null;
  let total = 0;
  stream.end(body);
  for await (const part of stream as AsyncIterable<Uint8Array>) {
    if (whole === null) {
      beginning.push(part);
      total += part.length;
      if (within('headerBytes', total)) continue;
      const start = Buffer.concat(beginning);
      whole = new Uint8Array(lengthSaid(headerIn(start)));
      total = Math.min(start.length, whole.length);
      whole.set(start.subarray(0, total));
    } else {
      const taken = part.subarray(0, whole.length - total);
      whole.set(taken, total);
      total += taken.length;
    }
    if (total === whole.length) break;
  }
  return whole?.subarray(0, total) ?? Buffer.concat(beginning);
}

function deflatedHeader(beginning: Uint8Array): DataSet {
  const encoding = { explicit: true, littleEndian: true };
  return parseDataSet(beginning, encoding, { stopAtPixels: true }).dataSet;
}

/** How long a data set is, as its header says, with room for what may follow its pixels. */
function lengthSaid(dataSet: DataSet | null): number {
  const pixels = dataSet?.element(PIXEL_DATA);
  if (!dataSet || !pixels)
    throw damaged(`its header inflates to more than ${bytesText(MOST.headerBytes)}`);
  const value = (tag: string) => dataSet.uint16(tag) ?? 1;
  const perFrame =
    value('x00280010') * value('x00280011') * value('x00280002') * (value('x00280100') / 8);
  const length = pixels.dataOffset + Math.ceil(perFrame * frameCount(dataSet)) + LONGEST_TAIL;
  if (within('heldBytes', length)) return length;
  throw new DicomError(
    `its image inflates to ${bytesText(length)}, more than is read from a compressed file`,
    'Export it without compression, or one frame a file.',
  );
}
