import { forOtherPart } from '../levels/decision';
import { decodeLevels, type Decode, type DecodedLevels } from '../levels/decodeLevels';
import type { LevelEstimate, LevelEvidence } from '../levels/types';
import { ModelError } from '../model/modelError';
import type { LevelModel, ModelIdentity, ModelManifest } from '../model/types';
import { patientPointOf } from '../projection/maps';
import { projectSeries } from '../projection/projectSeries';
import { implausibleToProject, type ProjectionOptions } from '../projection/projectionBuilder';
import type { Progress, Projection } from '../projection/types';
import { phraseText, type Phrase } from '../reasons/phrases';
import { reason, type ReasonCode } from '../reasons/reasons';
import { nearestSliceIndex } from '../series/geometry';
import { HounsfieldCheck } from '../series/hounsfield';
import type { Series, VoxelSource } from '../series/types';
import type { Finding, HeatMap, LevelPosition, Timing } from './types';

export interface FindOptions {
  readonly onProgress?: (progress: Progress) => void;
  readonly signal?: AbortSignal;
  /** How levels are read off the evidence; `decodeLevels` unless another way is compared with it. */
  readonly decode?: Decode;
}

/** A model on its way: its manifest is there first, so that slices are read while the rest loads. */
export interface OpeningModel {
  readonly manifest: Promise<ModelManifest>;
  readonly model: Promise<LevelModel>;
}

/** What is not to be said of a patient where the values may be at fault. */
const ABOUT_VIEW: readonly ReasonCode[] = ['l3-not-in-view', 'cannot-count'];

/** The projection that a model wants of a series: its channels, and its window for the modality. */
function projectionOptionsFor(series: Series, manifest: ModelManifest): ProjectionOptions {
  return { channels: manifest.input.channels, window: manifest.input.windows[series.modality] };
}

/**
 * Finds mid-L3 in a checked series: reads every slice once, projects, runs the model, decodes.
 *
 * @param model open, or on its way: the slices are read as soon as its manifest is there, and
 *   progress says 'model' while the search has to wait for it
 * @returns a finding; what cannot be named is 'undetermined' with a reason, never a guess
 * @throws the source's error when a slice cannot be read, ModelError when the projection does not
 *   fit the model, the signal's reason when aborted (nothing is kept then)
 */
export async function findL3({
  series,
  source,
  model,
  onProgress,
  signal,
  decode,
}: FindOptions & {
  readonly series: Series;
  readonly source: VoxelSource;
  readonly model: LevelModel | OpeningModel;
}): Promise<Finding> {
  const isOpen = 'run' in model;
  const awaitsModel = () => !isOpen && onProgress?.({ stage: 'model', done: 0, of: 0 });
  const of = series.slices.length;
  let read = 0;
  const hounsfield = new HounsfieldCheck();
  const timed: VoxelSource = {
    async readSlice(index, abort) {
      const start = performance.now();
      const slice = await source.readSlice(index, abort);
      read += performance.now() - start;
      if (series.modality === 'CT') hounsfield.add(slice.pixels, slice);
      return slice;
    },
  };
  signal?.throwIfAborted();
  const tooLarge = implausibleToProject(series);
  if (tooLarge) return { status: 'refused', reason: tooLarge, warnings: series.warnings };
  awaitsModel();
  const manifest = await model.manifest;
  signal?.throwIfAborted();
  onProgress?.({ stage: 'reading', done: 0, of });
  const start = performance.now();
  const projection = await projectSeries(series, timed, {
    ...projectionOptionsFor(series, manifest),
    signal,
    onProgress: (done) => {
      onProgress?.({ stage: 'reading', done, of });
      if (done === of) onProgress?.({ stage: 'projecting', done: 0, of: 0 });
    },
  });
  const project = performance.now() - start - read;
  const detail = hounsfield.fault();
  if (detail) {
    const why = reason('values-not-hu', { detail });
    return { status: 'refused', reason: why, warnings: series.warnings };
  }
  awaitsModel();
  const finding = await finishFinding({
    series,
    projection,
    model: isOpen ? model : await model.model,
    timing: { read, project },
    onProgress,
    signal,
    decode,
  });
  const doubt = hounsfield.suspicion();
  const isAboutView = finding.status === 'undetermined' && ABOUT_VIEW.includes(finding.reason.code);
  if (!doubt || !isAboutView) return finding;
  return { ...finding, reason: reason('values-not-hu', { detail: doubt }) };
}

/**
 * The second half of a search, from a finished projection on: inference and decoding.
 *
 * @param timing milliseconds spent on reading and projecting
 */
async function finishFinding({
  series,
  projection,
  model,
  timing,
  onProgress,
  signal,
  decode = decodeLevels,
}: FindOptions & {
  readonly series: Series;
  readonly projection: Projection;
  readonly model: LevelModel;
  readonly timing: Pick<Timing, 'read' | 'project'>;
}): Promise<Finding> {
  signal?.throwIfAborted();
  if (!projection.data.some((value) => value > 0)) {
    return { status: 'refused', reason: reason('empty-image'), warnings: series.warnings };
  }
  onProgress?.({ stage: 'inference', done: 0, of: 0 });
  const runStart = performance.now();
  const outcome = await evidenceOf(model, projection, signal);
  signal?.throwIfAborted();
  const decodeStart = performance.now();
  const answered = {
    series,
    projection,
    window: model.manifest.input.windows[series.modality],
    model: identityOf(model.manifest),
    runtime: model.runtime,
    warnings: series.warnings,
  };
  const times = { ...timing, model: decodeStart - runStart };
  if ('unusable' in outcome) {
    return {
      ...answered,
      status: 'undetermined',
      reason: reason('model-output-invalid', { detail: outcome.unusable }),
      timing: { ...times, decode: 0 },
      levels: [],
      alternatives: [],
    };
  }
  onProgress?.({ stage: 'decoding', done: 0, of: 0 });
  const isElsewhere = series.warnings.some(({ code }) => code === 'other-body-part');
  const usual = model.manifest.decision;
  const decision = isElsewhere ? forOtherPart(usual) : usual;
  const decoded = decode(outcome.evidence, decision, projection.mmPerPixel);
  const place = (spot: Spot) => positionOf(series, projection, spot);
  const named = (level: LevelEstimate) => ({ name: level.name, ...place(level) });
  const levels = decoded.levels.map(named);
  const bodies = decoded.bodies.map(named);
  const alternatives = candidatesOf(decoded).map((spot) => ({
    ...place(spot),
    why: spot.because.map(phraseText).join(', '),
    because: spot.because,
  }));
  signal?.throwIfAborted();
  const shared = {
    ...answered,
    levels,
    bodies,
    alternatives,
    heat: heatOf(outcome.evidence),
    timing: { ...times, decode: performance.now() - decodeStart },
  };
  const { conclusion, l3 } = decoded;
  if (!conclusion.found) return { ...shared, status: 'undetermined', reason: conclusion.reason };
  if (!l3) throw new Error('The levels were decoded as found, without a place for L3');
  return {
    ...shared,
    status: 'found',
    l3: { ...place(l3), sdMm: l3.sdMm },
    countedFrom: conclusion.countedFrom,
  };
}

async function evidenceOf(
  model: LevelModel,
  projection: Projection,
  signal?: AbortSignal,
): Promise<{ readonly evidence: LevelEvidence } | { readonly unusable: string }> {
  try {
    return { evidence: await model.run(projection, signal) };
  } catch (error) {
    if (error instanceof ModelError && error.code !== 'input') return { unusable: error.message };
    throw error;
  }
}

function heatOf({ levels, maps, height, width, stride }: LevelEvidence): HeatMap {
  const size = height * width;
  const at = levels.indexOf('L3') * size;
  return { values: maps.slice(at, at + size), height, width, stride };
}

/** Where these are the reason, no place is worth offering. */
const WITHOUT_CANDIDATES: readonly ReasonCode[] = ['l3-not-in-view', 'no-lumbar-spine'];

/** Places of the projection, in its rows and columns. */
interface Spot {
  readonly row: number;
  readonly column: number;
  readonly probability: number;
}

function candidatesOf(decoded: DecodedLevels): (Spot & { readonly because: readonly Phrase[] })[] {
  const { conclusion, l3, candidates } = decoded;
  if (conclusion.found) return [...candidates];
  if (!l3 || WITHOUT_CANDIDATES.includes(conclusion.reason.code)) return [];
  return [{ ...l3, because: decoded.l3Because }, ...candidates];
}

function positionOf(series: Series, projection: Projection, spot: Spot): LevelPosition {
  const point = patientPointOf(projection, spot.row, spot.column);
  const index = nearestSliceIndex(series, point);
  const slice = series.slices[index];
  return {
    zMm: point[2],
    pointLpsMm: point,
    sliceIndex: series.plane === 'axial' ? index : null,
    sopInstanceUID: slice.sopInstanceUID,
    frameNumber: slice.frameNumber,
    probability: spot.probability,
  };
}

function identityOf({ name, version, sha256, manifestSha256 }: ModelManifest): ModelIdentity {
  return { name, version, sha256, manifestSha256 };
}
