import { fileStart, isDeflated, readBody } from '../../dicom/part10';
import type { LocalFiles } from './localFiles';
import { firstPart } from './multipart';
import { Problem } from './problem';

/** As it is stored, in whatever syntax (PS3.18 section 8.7.3.5.2). */
const ACCEPT = 'multipart/related; type="application/dicom"; transfer-syntax=*';
const SOP_INSTANCE_UID = 'x00080018';

/** Where the file of an image is to be had. */
export interface InstanceSource {
  /** What a request must carry, authorisation above all. */
  readonly headers: Readonly<Record<string, string>>;
  readonly localFiles: LocalFiles;
  readonly signal?: AbortSignal;
}

/**
 * The DICOM file of an image, byte for byte as PACS, server or this computer has it.
 *
 * @param imageId the host's: `wadors:` with the address of a frame, `wadouri:` or `dicomweb:` with that of
 * a file, or `dicomfile:` of this computer
 * @throws Problem saying why it cannot be had
 */
export async function instanceFile(
  imageId: string,
  sopInstanceUID: string,
  { headers, localFiles, signal }: InstanceSource,
): Promise<Uint8Array> {
  const [, scheme, address] = /^([\w-]+):(.*)$/.exec(imageId) ?? [];
  const bytes =
    scheme === 'wadors'
      ? await asked(address.replace(/\/frames\/\d+$/, ''), { ...headers, Accept: ACCEPT }, signal)
      : scheme === 'wadouri' || scheme === 'dicomweb'
        ? await asked(address.replace(/([?&])frame=\d+(&|$)/, keepSeparator), headers, signal)
        : scheme === 'dicomfile'
          ? await ofThisComputer(sopInstanceUID, localFiles)
          : null;
  if (bytes === null) throw new Problem({ key: 'hand.noDicom' }, { key: 'hand.noDicomAdvice' });
  if (!isInstance(bytes, sopInstanceUID)) {
    throw new Problem({ key: 'hand.other' }, { key: 'hand.otherAdvice' });
  }
  return bytes;
}

function keepSeparator(_: string, before: string, after: string): string {
  return after === '&' ? before : '';
}

async function asked(
  address: string,
  headers: Readonly<Record<string, string>>,
  signal?: AbortSignal,
): Promise<Uint8Array> {
  let why: string;
  let cause: unknown;
  try {
    const response = await fetch(address, { headers, signal });
    const body = new Uint8Array(await response.arrayBuffer());
    const type = response.headers.get('Content-Type') ?? '';
    if (response.ok) return firstPart(body, type).bytes;
    why = `HTTP ${response.status}`;
  } catch (error) {
    signal?.throwIfAborted();
    cause = error;
    why = error instanceof Error ? error.message : String(error);
  }
  throw new Problem(
    { key: 'hand.unread', values: { why } },
    { key: 'hand.unreadAdvice' },
    { cause },
  );
}

async function ofThisComputer(sopInstanceUID: string, localFiles: LocalFiles): Promise<Uint8Array> {
  const file = await localFiles.holding(sopInstanceUID);
  if (!file) throw new Problem({ key: 'hand.gone' }, { key: 'hand.goneAdvice' });
  return new Uint8Array(await file.arrayBuffer());
}

/** A deflated header is not looked into. */
function isInstance(bytes: Uint8Array, sopInstanceUID: string): boolean {
  const start = fileStart(bytes);
  if (start === null) return false;
  if (isDeflated(bytes, start)) return true;
  const { dataSet } = readBody(bytes, start.bodyOffset, start, { stopAtPixels: true });
  return dataSet.text(SOP_INSTANCE_UID) === sopInstanceUID;
}
