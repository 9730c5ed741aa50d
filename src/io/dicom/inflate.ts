import { createInflate, createInflateRaw } from 'node:zlib';
import { damaged, DicomError } from '../../dicom/dicomError';
import { frameCount } from '../../dicom/frames';
import { PIXEL_DATA } from '../../dicom/dataSet';
import { parseDataSet } from '../../dicom/parseDataSet';

/** A header that inflates beyond this is hostile, bytes. */
const LONGEST_HEADER = 16 * 1024 ** 2;
/** What may follow the pixel data of an image, bytes. */
const LONGEST_TAIL = 1024 ** 2;
const LONGEST = 2 * 1024 ** 3;

/**
 * Inflates the data set of a deflated file (PS3.5 A.5), with a zlib header or without, as far as the
 * image size that its own header states.
 *
 * @throws DicomError when the compression is damaged, or holds more than the header says.
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

async function inflateAs(
  stream: ReturnType<typeof createInflateRaw>,
  body: Uint8Array,
): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let [total, limit, known] = [0, LONGEST_HEADER, false];
  stream.end(body);
  for await (const part of stream as AsyncIterable<Uint8Array>) {
    parts.push(part);
    total += part.length;
    if (total <= limit) continue;
    if (known) break;
    limit = lengthSaid(Buffer.concat(parts));
    known = true;
  }
  return Buffer.concat(parts);
}

/** How long the data set is, as its header says, with room for what may follow its pixels. */
function lengthSaid(beginning: Uint8Array): number {
  const encoding = { explicit: true, littleEndian: true };
  const { dataSet } = parseDataSet(beginning, encoding, { stopAtPixels: true });
  const pixels = dataSet.element(PIXEL_DATA);
  if (!pixels) throw damaged(`its header inflates to more than ${LONGEST_HEADER / 1024 ** 2} MiB`);
  const value = (tag: string) => dataSet.uint16(tag) ?? 1;
  const perFrame =
    value('x00280010') * value('x00280011') * value('x00280002') * (value('x00280100') / 8);
  const length = pixels.dataOffset + perFrame * frameCount(dataSet) + LONGEST_TAIL;
  if (length <= LONGEST) return length;
  throw damaged(`its image of ${Math.round(length / 1024 ** 3)} GiB is larger than any series`);
}
