import { NiftiError } from '../../nifti/niftiFile';
import { openNiftiVolume } from '../../nifti/niftiVolume';
import type { ReasonCode } from '../../reasons/reasons';
import { say, sayReason, type TextKey } from '../../text/say';
import { Problem } from '../host/problem';
import { openNiftiBlob } from './niftiBlob';
import { uidOfFile, windowOf, type NiftiFile } from './niftiStudy';

/** Advice for a NIfTI file where that for DICOM does not fit. */
const NIFTI_ADVICE: Partial<Record<ReasonCode, TextKey>> = {
  'unknown-orientation': 'nifti.orientationAdvice',
  'several-volumes': 'nifti.volumesAdvice',
  'unsupported-pixels': 'nifti.pixelsAdvice',
};

/** A file to open: by its address on the viewer's own server, or one that was dropped. */
export type NiftiSource =
  | { readonly kind: 'url'; readonly url: string }
  | { readonly kind: 'dropped'; readonly id: string };

export interface OpenOptions {
  readonly modality?: 'CT' | 'MR';
  /** Sent along with requests to the viewer's server. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** The NIfTI files of one viewer: what was dropped, and the volumes that are open. */
export class NiftiStore {
  private readonly dropped = new Map<string, File>();
  private files: readonly NiftiFile[] = [];
  private openings = 0;

  /** @param chosen what a person said of a series before, by its UID; it goes before the address */
  constructor(
    private readonly chosen: (uid: string) => 'CT' | 'MR' | undefined = () => undefined,
  ) {}

  /** Keeps a dropped file, unread, until the page is left. @returns its id */
  keep(file: File): string {
    const id = String(this.dropped.size + 1);
    this.dropped.set(id, file);
    return id;
  }

  volumeOf = (uid: string) => this.files.find((file) => file.uid === uid)?.volume;

  /**
   * Opens files in place of those that were open.
   *
   * @throws Problem naming the file that cannot be read, is no NIfTI file, or is refused.
   */
  async open(
    sources: readonly NiftiSource[],
    options: OpenOptions = {},
  ): Promise<readonly NiftiFile[]> {
    this.close();
    if (sources.length === 0) {
      throw new Problem({ key: 'nifti.unnamed' }, { key: 'nifti.unnamedAdvice' });
    }
    const opening = (this.openings += 1);
    const files: NiftiFile[] = [];
    for (const source of sources) files.push(await this.read(source, options));
    // Of two at a time, the one that was asked for last is the one that is shown.
    if (opening === this.openings) this.files = files;
    return files;
  }

  /** Forgets the volumes; dropped files can be opened again. */
  close(): void {
    this.files = [];
  }

  private async read(source: NiftiSource, options: OpenOptions): Promise<NiftiFile> {
    const [name, blob] =
      source.kind === 'url'
        ? await download(source.url, options.headers)
        : await this.readDropped(source.id);
    try {
      const file = await openNiftiBlob(blob);
      const uid = await uidOfFile(file);
      const volume = await openNiftiVolume(file, this.chosen(uid) ?? options.modality);
      if (volume.refusal) {
        const { message, advice } = sayReason(volume.refusal);
        const key = NIFTI_ADVICE[volume.refusal.code];
        const what = say('series.described', { series: name, description: message });
        throw new Problem(what, key ? { key } : advice);
      }
      return { name, uid, volume, window: await windowOf(volume) };
    } catch (error) {
      if (error instanceof NiftiError) {
        const values = { name, detail: error.message };
        throw new Problem({ key: 'nifti.damaged', values }, error.advice, { cause: error });
      }
      throw error;
    }
  }

  private async readDropped(id: string): Promise<[string, Blob]> {
    const file = this.dropped.get(id);
    if (!file) {
      throw new Problem({ key: 'nifti.gone' }, { key: 'nifti.goneAdvice' });
    }
    try {
      await file.slice(0, 1).arrayBuffer();
      return [file.name, file];
    } catch (cause) {
      const values = { name: file.name, why: messageOf(cause) };
      throw new Problem({ key: 'nifti.unread', values }, { key: 'nifti.goneAdvice' }, { cause });
    }
  }
}

async function download(
  address: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<[string, Blob]> {
  let url: URL;
  try {
    url = new URL(address, window.location.href);
  } catch {
    throw new Problem(
      { key: 'nifti.noAddress', values: { address } },
      { key: 'nifti.noAddressAdvice' },
    );
  }
  if (url.origin !== window.location.origin) {
    throw new Problem(
      { key: 'nifti.foreign', values: { address: url.href } },
      { key: 'nifti.foreignAdvice' },
    );
  }
  const name = decodeURIComponent(url.pathname.split('/').at(-1) ?? '') || url.pathname;
  const problem = (why: string, cause?: unknown) =>
    new Problem(
      { key: 'nifti.unfetched', values: { name, why } },
      { key: 'nifti.unfetchedAdvice' },
      { cause },
    );
  let response: Response;
  try {
    response = await fetch(url, { headers });
  } catch (cause) {
    throw problem(messageOf(cause), cause);
  }
  if (!response.ok) {
    throw problem(`HTTP ${response.status}`);
  }
  try {
    return [name, await response.blob()];
  } catch (cause) {
    throw problem(messageOf(cause), cause);
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
