import type { Types } from '@cornerstonejs/core';
import { toModalityUnits, type ModalityPixels } from '../../dicom/modalityUnits';
import type { Series, SlicePixels, VoxelSource } from '../../series/types';
import {
  asTheHostHas,
  bitsLieLowest,
  formatOfInstance,
  modalityValues,
  type HostPixels,
} from './hostValues';
import { ImageLoads, NoAnswer, SessionEnded, type LoadLimits } from './imageLoads';
import { instanceOf } from './instance';
import type { CornerstoneLibraries } from './ohif';
import { readRawFrame } from './rawFrames';
import { Problem } from './problem';

/** What image ids of DICOM begin with, by the host's loaders. */
const DICOM_SCHEMES = /^(wadors|wadouri|dicomweb|dicomfile):/;
/** Loads in flight; a browser opens six connections to a host on HTTP/1.1. */
const CONCURRENCY = 4;

/**
 * Reads the slices of a series through the host's own image loader, so that transfer syntaxes,
 * authorisation and what is already loaded are the host's business. What the host makes of the values is
 * set right by the command line's own function (`toModalityUnits`); where the host has lost them, the
 * frame is read past its decoder.
 *
 * The pixels handed out are the host's cached ones: readers must copy, never transfer or write.
 */
export class CornerstoneVoxelSource implements VoxelSource {
  private readonly waiting: (() => void)[] = [];
  private inFlight = 0;
  private readonly keepInCache: boolean;
  private readonly images: ImageLoads;

  /**
   * @param imageIds the host's image ids in the order of the described series (`series.sourceIndex`).
   * @param headers what a request for a frame must carry, authorisation above all.
   */
  constructor(
    private readonly libraries: CornerstoneLibraries,
    private readonly series: Series,
    private readonly imageIds: readonly string[],
    private readonly headers: () => Readonly<Record<string, string>> = () => ({}),
    limits?: LoadLimits,
  ) {
    const bytes = series.slices.reduce((sum, { rows, columns }) => sum + rows * columns * 2, 0);
    // A series that does not fit is read past the cache rather than pushing out what is displayed.
    this.keepInCache = libraries.cornerstone.cache.getBytesAvailable() > bytes * 1.5;
    this.images = new ImageLoads(libraries, this.keepInCache, headers, limits);
  }

  async readSlice(index: number, signal?: AbortSignal): Promise<ModalityPixels> {
    const imageId = this.imageIds[this.series.sourceIndex[index]];
    await this.takeTurn(signal);
    try {
      const values = await this.valuesOf(index, imageId, signal);
      signal?.throwIfAborted();
      return values;
    } catch (error) {
      if (signal?.aborted) throw signal.reason;
      throw this.named(await this.images.explained(error, imageId), index, imageId);
    } finally {
      this.inFlight -= 1;
      this.waiting.shift()?.();
    }
  }

  private async takeTurn(signal?: AbortSignal): Promise<void> {
    while (this.inFlight >= CONCURRENCY) {
      await new Promise<void>((resolve) => this.waiting.push(resolve));
      if (signal?.aborted) {
        this.waiting.shift()?.();
        throw signal.reason;
      }
    }
    signal?.throwIfAborted();
    this.inFlight += 1;
  }

  private async valuesOf(
    index: number,
    imageId: string,
    signal?: AbortSignal,
  ): Promise<ModalityPixels> {
    const { modality } = this.series;
    const { rows, columns } = this.series.slices[index];
    const instance = instanceOf(imageId, this.libraries) ?? {};
    const format = { ...formatOfInstance(instance), rows, columns };
    const isWhole = (image: Types.IImage) => pixelsOf(image).length === rows * columns;
    const host = this.hostPixels(await this.images.load(imageId, signal, isWhole), imageId);
    signal?.throwIfAborted();
    if (host.pixels.length !== rows * columns) {
      throw new Error(
        `the viewer decoded ${host.pixels.length} values where ${rows} x ${columns} are expected`,
      );
    }
    // Files that are no DICOM come in modality units, from a loader of our own.
    if (!DICOM_SCHEMES.test(imageId)) return asTheHostHas(host);
    const told = bitsLieLowest(format) ? modalityValues(host, format, modality) : null;
    if (told !== null) return told;
    const words = await this.images.ask(
      () => readRawFrame(imageId, format, this.headers(), signal),
      signal,
    );
    if (words !== null) {
      return toModalityUnits(words, format, host, { modality, storedBits: 'high-bit' });
    }
    // What a decoder hands out lies in the lowest bits, whatever High Bit says.
    const decoded = modalityValues(host, format, modality);
    if (decoded !== null) return decoded;
    throw new Error('the viewer changed its values, and they cannot be read without it');
  }

  private hostPixels(image: Types.IImage, imageId: string): HostPixels {
    const pixels = pixelsOf(image);
    // Scaled pixels are in modality units already, whatever slope and intercept still say.
    const scaled = image.preScale?.scaled === true;
    const lut = this.libraries.cornerstone.metaData.get('modalityLutModule', imageId) as
      { rescaleSlope?: unknown; rescaleIntercept?: unknown } | undefined;
    const used = scaled ? image.preScale?.scalingParameters : undefined;
    return {
      pixels,
      scaled,
      slope: finite(used?.rescaleSlope ?? lut?.rescaleSlope, 1),
      intercept: finite(used?.rescaleIntercept ?? lut?.rescaleIntercept, 0),
    };
  }

  private named(error: unknown, index: number, imageId: string): Problem {
    const { sopInstanceUID } = this.series.slices[index];
    const uid = sopInstanceUID ?? '';
    const options = { cause: error };
    const place = { number: index + 1, count: this.series.slices.length, uid: uid || imageId };
    if (error instanceof SessionEnded) {
      const advice = this.keepInCache ? 'problem.sessionAdvice' : 'problem.sessionAllAdvice';
      return new Problem({ key: 'problem.session', values: place }, { key: advice }, options);
    }
    if (error instanceof NoAnswer) {
      const values = { ...place, seconds: error.seconds, attempts: error.attempts };
      const advice = this.keepInCache ? 'problem.silentAdvice' : 'problem.silentAllAdvice';
      return new Problem({ key: 'problem.silent', values }, { key: advice }, options);
    }
    const why = messageOf(error);
    const values = { ...place, why };
    const key = uid ? 'problem.sliceUid' : 'problem.slice';
    return new Problem({ key, values }, { key: 'problem.sliceAdvice' }, options);
  }
}

function pixelsOf(image: Types.IImage): SlicePixels {
  return (image.voxelManager?.getScalarData() ?? image.getPixelData()) as SlicePixels;
}

function finite(value: unknown, otherwise: number): number {
  const parsed = Number(value ?? otherwise);
  return Number.isFinite(parsed) ? parsed : otherwise;
}

/** The host's loaders reject with errors, with `{ error }` around one, or with texts. */
function messageOf(error: unknown): string {
  if (error instanceof Error) return error.message;
  if (error && typeof error === 'object') {
    if ('error' in error) return messageOf(error.error);
    if ('status' in error) return `the server answered with status ${String(error.status)}`;
  }
  return String(error);
}
