import { dirname, sep } from 'node:path';
import { DicomError } from '../../dicom/dicomError';
import type { DicomFrame } from '../../dicom/instance';
import { toModalityUnits } from '../../dicom/modalityUnits';
import { decoderOf, isReadableTransferSyntax } from '../../dicom/transferSyntax';
import { MOST } from '../../limits/most';
import { phrase, type Phrase } from '../../reasons/phrases';
import { reason } from '../../reasons/reasons';
import { groupedBy } from '../../series/groups';
import type { Series, SlicePixels, VoxelSource } from '../../series/types';
import { frameDecoder, mostThreads } from '../decoder/frameDecoder';
import { SlicesAhead } from '../slicesAhead';
import { InputError } from '../types';
import type { LoadedSeries, OpenOptions } from '../types';
import type { InstanceFile } from './dicomInstance';
import { openFrames, type StoredFrames } from './storedFrames';

interface Entry {
  readonly instance: InstanceFile;
  readonly frame: DicomFrame;
}

/**
 * Makes a series of the instances that share a Series Instance UID, in the order they were found.
 *
 * @param options `modality` stands for the one that the files do not state; `threads` decode.
 */
export function dicomSeries(
  input: string,
  instances: readonly InstanceFile[],
  { modality: given, threads }: Pick<OpenOptions, 'modality' | 'threads'> = {},
): LoadedSeries {
  const [first] = instances;
  const entries = instances.flatMap((instance) =>
    instance.frames.map((frame): Entry => ({ instance, frame })),
  );
  const [modalities] = groupedBy(
    instances.filter(({ modality }) => modality !== ''),
    ({ modality }) => modality,
  ).sort((a, b) => b.length - a.length);
  const typical = modalities?.find(({ frames }) => frames[0].slice.imagePositionPatient) ?? first;
  const modality = modalities?.[0].modality ?? given ?? '';
  return {
    kind: 'series',
    input,
    path: instances.length === 1 ? first.path : commonFolder(instances.map(({ path }) => path)),
    firstFile: first.path,
    description: {
      uid: first.seriesInstanceUID,
      modality,
      frameOfReferenceUID: typical.frameOfReferenceUID,
      ...typical.about,
      slices: entries.map(({ instance, frame: { slice } }) => ({
        ...slice,
        pixelFault: pixelFaultOf(instance),
        hasModalityLut: instance.hasModalityLut,
      })),
    },
    modalityGuessed: false,
    refusal: modality === '' ? reason('modality-missing') : null,
    openVoxels: (series) => {
      const source = voxelSource(series, entries);
      const ahead = slicesAhead(instances, threads);
      return ahead === 0 ? source : new SlicesAhead(source, series.sourceIndex.length, ahead);
    },
  };
}

/** How many slices are read ahead: enough for each thread to have one and the next, where there is decoding to do. */
function slicesAhead(instances: readonly InstanceFile[], threads = mostThreads()): number {
  if (!instances.some(({ transferSyntaxUID }) => decoderOf(transferSyntaxUID))) return 0;
  const bytes = instances.map(({ format }) => format.rows * format.columns * 4);
  const held = Math.floor(MOST.aheadBytes / Math.max(1, ...bytes));
  return Math.max(1, Math.min(2 * threads, held));
}

function pixelFaultOf({ transferSyntaxUID: uid }: InstanceFile): Phrase | null {
  return isReadableTransferSyntax(uid) ? null : phrase('transfer-syntax', { uid });
}

function voxelSource(series: Series, entries: readonly Entry[]): VoxelSource {
  // A multi-frame file is parsed once, not once a frame.
  let last: { path: string; frames: Promise<StoredFrames> } | null = null;
  const framesOf = (instance: InstanceFile, signal?: AbortSignal) => {
    if (instance.frames.length === 1) return openFrames(instance, signal);
    if (last?.path !== instance.path) {
      last = { path: instance.path, frames: openFrames(instance) };
    }
    return last.frames;
  };
  return {
    async readSlice(index, signal) {
      signal?.throwIfAborted();
      const entry = entries[series.sourceIndex[index]];
      if (entry === undefined) throw new Error(`Series ${series.uid} has no slice ${index}`);
      const { instance, frame } = entry;
      const frames = await framesOf(instance, signal);
      const words = await readFrame(instance, frames, frame.index, signal);
      signal?.throwIfAborted();
      const storedBits = decoderOf(instance.transferSyntaxUID) ? 'lowest' : 'high-bit';
      const { modality } = series;
      return toModalityUnits(words, instance.format, frame, { modality, storedBits });
    },
  };
}

async function readFrame(
  { path, format }: InstanceFile,
  frames: StoredFrames,
  frameIndex: number,
  signal?: AbortSignal,
): Promise<SlicePixels> {
  const decoder = decoderOf(frames.transferSyntaxUID);
  try {
    if (decoder === null) return await frames.native(frameIndex);
    const encoded = await frames.encoded(frameIndex);
    return await frameDecoder().decode(decoder, encoded, format, signal);
  } catch (error) {
    if (!(error instanceof DicomError)) throw error;
    const what = `frame ${frameIndex + 1} cannot be read: ${error.message}`;
    throw new InputError(path, what, error.advice, { cause: error });
  }
}

function commonFolder(paths: readonly string[]): string {
  const folders = paths.map((path) => dirname(path).split(sep));
  const [first, ...others] = folders;
  const shared = first.findIndex((name, depth) => others.some((other) => other[depth] !== name));
  return (shared === -1 ? first : first.slice(0, shared)).join(sep) || sep;
}
