import { dirname, sep } from 'node:path';
import { decodeFrame } from '../../dicom/codecs';
import { DicomError } from '../../dicom/dicomError';
import { encodedFrame, nativeFrame } from '../../dicom/frames';
import type { DicomFrame } from '../../dicom/instance';
import { toModalityUnits } from '../../dicom/modalityUnits';
import type { DicomData } from '../../dicom/part10';
import { decoderOf, isReadableTransferSyntax } from '../../dicom/transferSyntax';
import { reason } from '../../reasons/reasons';
import type { Reason } from '../../reasons/reasons';
import type { Series, SlicePixels, VoxelSource } from '../../series/types';
import { InputError } from '../types';
import type { LoadedSeries, OpenOptions } from '../types';
import { readDicomData } from './dicomFile';
import type { InstanceFile } from './dicomInstance';

interface Entry {
  readonly instance: InstanceFile;
  readonly frame: DicomFrame;
}

/**
 * Makes a series of the instances that share a Series Instance UID, in the order they were found.
 *
 * @param options `modality` stands for the one that the files do not state.
 */
export function dicomSeries(
  input: string,
  instances: readonly InstanceFile[],
  { modality }: Pick<OpenOptions, 'modality'> = {},
): LoadedSeries {
  const [first] = instances;
  const entries = instances.flatMap((instance) =>
    instance.frames.map((frame): Entry => ({ instance, frame })),
  );
  const shared = sharedUids(entries);
  const nameless = (sop: string | null) => sop !== null && shared.has(sop);
  const values = {
    count: entries.filter(({ frame }) => nameless(frame.slice.sopInstanceUID)).length,
    of: entries.length,
  };
  return {
    kind: 'series',
    input,
    path: instances.length === 1 ? first.path : commonFolder(instances.map(({ path }) => path)),
    firstFile: first.path,
    description: {
      uid: first.seriesInstanceUID,
      modality: first.modality || (modality ?? ''),
      frameOfReferenceUID: first.frameOfReferenceUID,
      ...first.about,
      slices: entries.map(({ frame: { slice } }) =>
        nameless(slice.sopInstanceUID) ? { ...slice, sopInstanceUID: null } : slice,
      ),
    },
    modalityGuessed: false,
    warnings: shared.size > 0 ? [reason('instance-uid-not-unique', values)] : [],
    refusal: refusalOf(instances, modality),
    openVoxels: (series) => voxelSource(series, entries),
  };
}

/** The SOP Instance UIDs under which images of different places lie; a copy has its original's place. */
function sharedUids(entries: readonly Entry[]): ReadonlySet<string> {
  const places = new Map<string, string>();
  const shared = new Set<string>();
  for (const { frame } of entries) {
    const { sopInstanceUID, frameNumber, imagePositionPatient } = frame.slice;
    if (sopInstanceUID === null || frameNumber !== null) continue;
    const place = imagePositionPatient?.join() ?? '';
    if ((places.get(sopInstanceUID) ?? place) !== place) shared.add(sopInstanceUID);
    places.set(sopInstanceUID, place);
  }
  return shared;
}

function refusalOf(
  instances: readonly InstanceFile[],
  given: OpenOptions['modality'],
): Reason | null {
  const modality = instances[0].modality || given;
  if (!modality) return reason('modality-missing');
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
  const dataOf = (instance: InstanceFile, signal?: AbortSignal) => {
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
      const words = await readFrame(instance, await dataOf(instance, signal), frame.index);
      signal?.throwIfAborted();
      const storedBits = decoderOf(instance.transferSyntaxUID) ? 'lowest' : 'high-bit';
      const { modality } = series;
      return toModalityUnits(words, instance.format, frame, { modality, storedBits });
    },
  };
}

async function readFrame(
  { path, format }: InstanceFile,
  { dataSet, transferSyntaxUID }: DicomData,
  frameIndex: number,
): Promise<SlicePixels> {
  const decoder = decoderOf(transferSyntaxUID);
  try {
    if (decoder === null) return nativeFrame(dataSet, format, transferSyntaxUID, frameIndex);
    return await decodeFrame(decoder, await encodedFrame(dataSet, frameIndex), format);
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
