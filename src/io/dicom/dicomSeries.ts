import { dirname, sep } from 'node:path';
import { reason } from '../../reasons/reasons';
import type { Reason } from '../../reasons/reasons';
import type { Series, SlicePixels, VoxelSource } from '../../series/types';
import type { LoadedSeries } from '../types';
import { readDicomData } from './dicomFile';
import type { DicomData } from './dicomFile';
import type { DicomFrame, DicomInstance, PixelFormat } from './dicomInstance';
import { isReadableTransferSyntax, readFrame } from './framePixels';

/** Hounsfield units of air, which stands for pixels outside the image. */
const AIR_HU = -1024;
/** Padding between these HU could as well be tissue, so it is left as it is. */
const TISSUE_HU = { low: -1000, high: 3071 };

interface Entry {
  readonly instance: DicomInstance;
  readonly frame: DicomFrame;
}

/** Makes a series of the instances that share a Series Instance UID, in the order they were found. */
export function dicomSeries(input: string, instances: readonly DicomInstance[]): LoadedSeries {
  const [first] = instances;
  const entries = instances.flatMap((instance) =>
    instance.frames.map((frame): Entry => ({ instance, frame })),
  );
  return {
    kind: 'series',
    input,
    path: instances.length === 1 ? first.path : commonFolder(instances.map(({ path }) => path)),
    firstFile: first.path,
    description: {
      uid: first.seriesInstanceUID,
      modality: first.modality,
      frameOfReferenceUID: first.frameOfReferenceUID,
      ...first.about,
      slices: entries.map(({ frame }) => frame.slice),
    },
    modalityGuessed: false,
    refusal: refusalOf(instances),
    openVoxels: (series) => voxelSource(series, entries),
  };
}

function refusalOf(instances: readonly DicomInstance[]): Reason | null {
  const [{ modality }] = instances;
  if (modality !== 'CT' && modality !== 'MR') return null; // refused by its modality
  const foreign = instances.find((i) => !isReadableTransferSyntax(i.transferSyntaxUID));
  if (foreign) {
    const detail = `transfer syntax ${foreign.transferSyntaxUID}`;
    return reason('unsupported-pixels', { detail });
  }
  if (instances.some((instance) => instance.hasModalityLut)) {
    return reason('unsupported-pixels', { detail: 'a Modality LUT instead of a rescale' });
  }
  return null;
}

function voxelSource(series: Series, entries: readonly Entry[]): VoxelSource {
  // A multi-frame file is parsed once, not once a frame.
  let last: { path: string; data: Promise<DicomData> } | null = null;
  const dataOf = (instance: DicomInstance, signal?: AbortSignal) => {
    if (instance.frames.length === 1) return readDicomData(instance.path, signal);
    if (last?.path !== instance.path) {
      last = { path: instance.path, data: readDicomData(instance.path) };
    }
    return last.data;
  };
  return {
    async readSlice(index, signal) {
      signal?.throwIfAborted();
      const entry = entries[series.sourceIndex[index]];
      if (entry === undefined) throw new Error(`Series ${series.uid} has no slice ${index}`);
      const { instance, frame } = entry;
      const pixels = await readFrame(instance, await dataOf(instance, signal), frame.index);
      signal?.throwIfAborted();
      if (series.modality === 'CT') blankPadding(pixels, instance.format, frame);
      return { pixels, slope: frame.slope, intercept: frame.intercept };
    },
  };
}

/**
 * Turns Pixel Padding Value (PS3.3 C.7.5.1.1.2) into air, where its HU cannot be tissue. Some
 * writers declare a padding value that is a tissue value too; those pixels stay.
 */
function blankPadding(
  pixels: SlicePixels,
  { padding }: PixelFormat,
  { slope, intercept }: DicomFrame,
): void {
  if (padding === null) return;
  const [a, b] = [padding.low * slope + intercept, padding.high * slope + intercept];
  if (Math.max(a, b) > TISSUE_HU.low && Math.min(a, b) < TISSUE_HU.high) return;
  const air = Math.round((AIR_HU - intercept) / slope);
  for (let i = 0; i < pixels.length; i++) {
    if (pixels[i] >= padding.low && pixels[i] <= padding.high) pixels[i] = air;
  }
}

function commonFolder(paths: readonly string[]): string {
  const folders = paths.map((path) => dirname(path).split(sep));
  const [first, ...others] = folders;
  const shared = first.findIndex((name, depth) => others.some((other) => other[depth] !== name));
  return (shared === -1 ? first : first.slice(0, shared)).join(sep) || sep;
}
