import { PIXEL_DATA } from '../../dicom/dataSet';
import { frameAlone, nativeFrame } from '../../dicom/frames';
import { fileStart, isDeflated, readBody } from '../../dicom/part10';
import type { PixelFormat } from '../../dicom/pixelFormat';
import { EXPLICIT_LITTLE_ENDIAN, isNative } from '../../dicom/transferSyntax';
import type { SlicePixels } from '../../series/types';
import { frameNumberOf } from './instance';
import { firstPart } from './multipart';

/** Any syntax: frames come as they are stored (PS3.18 section 8.7.3). */
const ACCEPT = 'multipart/related; type=application/octet-stream; transfer-syntax=*';

/**
 * Reads the numbers of a native frame from where the host's loader reads them, past its decoder.
 *
 * @param imageId `wadors:` with the address of a frame, or `wadouri:` or `dicomweb:` with that of a file.
 * @param headers what the host sends along, authorisation above all.
 * @returns null where the frame is compressed, or where its bytes cannot be reached.
 * @throws Error when the server does not answer with it.
 */
export async function readRawFrame(
  imageId: string,
  format: PixelFormat,
  headers: Readonly<Record<string, string>>,
  signal?: AbortSignal,
): Promise<SlicePixels | null> {
  const [, scheme, address] = /^(\w+):(.*)$/.exec(imageId) ?? [];
  if (scheme === 'wadors') {
    const response = await asked(address, { ...headers, Accept: ACCEPT }, signal);
    const type = response.headers.get('Content-Type') ?? '';
    const bytes = new Uint8Array(await response.arrayBuffer());
    const part = firstPart(bytes, type);
    const syntax = /transfer-syntax="?([\d.]+)/.exec(part.type)?.[1] ?? EXPLICIT_LITTLE_ENDIAN;
    if (!isNative(syntax)) return null;
    return nativeFrame(frameAlone(part.bytes), format, syntax, 0);
  }
  if (scheme !== 'wadouri' && scheme !== 'dicomweb') return null;
  const response = await asked(address.replace(/[?&]frame=\d+$/, ''), headers, signal);
  const bytes = new Uint8Array(await response.arrayBuffer());
  const start = fileStart(bytes);
  if (start === null || isDeflated(bytes, start)) return null;
  const { dataSet, transferSyntaxUID } = readBody(bytes, start.bodyOffset, start);
  if (!isNative(transferSyntaxUID) || !dataSet.has(PIXEL_DATA)) return null;
  return nativeFrame(dataSet, format, transferSyntaxUID, (frameNumberOf(imageId) ?? 1) - 1);
}

async function asked(
  address: string,
  headers: Readonly<Record<string, string>>,
  signal?: AbortSignal,
): Promise<Response> {
  const response = await fetch(address, { headers, signal });
  if (response.ok) return response;
  throw new Error(`the server answered with status ${response.status}`);
}
