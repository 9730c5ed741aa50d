import type { Alternative, Finding, Found, Timing } from '../finder/types';
import type { RuntimeObstacleCode, RuntimeReport } from '../model/types';
import type { Progress } from '../projection/types';
import { say, sayPhrases, sayReason, type TextKey } from '../text/say';
import type { LevelDefinition } from '../viewer/mark/types';
import { percent } from '../reasons/percent';
import type { PhraseCode } from '../reasons/phrases';
import type { MarkState, SeriesLabel } from '../viewer/state';

/** What the panel says of numbers and states, made of the texts of `src/text`. */

export function seriesText({ number, description }: SeriesLabel): string {
  const series = number === '' ? say('series.unnamed') : say('series.numbered', { number });
  return description === '' ? series : say('series.described', { series, description });
}

export function seriesKind({ modality, sliceCount }: SeriesLabel): string {
  return say('series.images', { modality, count: sliceCount });
}

export function stageName(progress: Progress | null): string {
  return progress ? say(`stage.${progress.stage}`) : say('stage.starting');
}

/** The stage with its numbers, for example "Reading slices 120/300". */
export function stageText(progress: Progress | null): string {
  const stage = stageName(progress);
  if (!progress || progress.of <= 0) return stage;
  const { done, of } = progress;
  return progress.stage === 'model'
    ? say('stage.megabytes', { stage, done: megabytes(done), of: megabytes(of) })
    : say('stage.count', { stage, done, of });
}

export function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(1);
}

/** "−214.2 mm", with a true minus sign. */
export function millimetres(mm: number): string {
  return `${mm.toFixed(1).replace('-', '−')} mm`;
}

export function heightText(zMm: number): string {
  return say('answer.height', { mm: millimetres(zMm) });
}

/** Probability in words, for those who read no numbers. */
export function confidence(probability: number): string {
  if (probability >= 0.9) return say('answer.confidenceHigh');
  return say(probability >= 0.7 ? 'answer.confidenceModerate' : 'answer.confidenceLow');
}

/** The slice as a line of its own, or within a line that goes on. */
export function sliceText(
  number: number | null,
  count: number,
  key: 'answer.slice' | 'answer.sliceInText' | 'answer.head' = 'answer.slice',
): string | null {
  return number === null ? null : say(key, { number, count });
}

/** Why a place is offered. */
export function whyText({ because, why }: Alternative): string {
  return because ? sayPhrases(because) : why;
}

const GPU_OBSTACLES: Readonly<Record<RuntimeObstacleCode, TextKey>> = {
  'not-wanted': 'gpu.notWanted',
  insecure: 'gpu.insecure',
  'no-webgpu': 'gpu.missing',
  'no-adapter': 'gpu.noAdapter',
  failed: 'gpu.failed',
};

export function runtimeText({ runtime, fallbackCode, threads }: RuntimeReport): string {
  if (runtime === 'webgpu') return say('runtime.webgpu');
  const processor = say('runtime.wasm', { count: threads });
  if (!fallbackCode) return processor;
  const why = say(GPU_OBSTACLES[fallbackCode]);
  return say('runtime.because', { runtime: processor, why });
}

/** What the browser or the runtime said, in English, where `runtimeText` has no words for it. */
export function runtimeDetail({ fallbackCode, fallbackReason }: RuntimeReport): string | null {
  return fallbackCode === 'failed' ? fallbackReason : null;
}

export function timingText({ read, project, model, decode }: Timing): string {
  const seconds = (ms: number) => (ms / 1000).toFixed(1);
  const total = seconds(read + project + model + decode);
  return say('answer.timing', { total, read: seconds(read), model: seconds(model) });
}

export const DEFINITIONS: readonly LevelDefinition[] = [
  'mid-body',
  'superior-endplate',
  'inferior-endplate',
];

/** How a place is offered that one of the two counts gives. */
const COUNTS: readonly PhraseCode[] = ['counted-sacrum', 'counted-last-rib'];

/** What the numbering rests on, and by how much a person has moved it. */
export function numberingText(
  { countedFrom, alternatives }: Pick<Found, 'countedFrom' | 'alternatives'>,
  shift: number,
): string {
  const isContradicted = alternatives.some(({ because }) =>
    because?.some(({ code }) => COUNTS.includes(code)),
  );
  const differ = countedFrom === 'both' && isContradicted;
  const counted = say(differ ? 'counted.bothDiffering' : `counted.${countedFrom}`);
  if (shift === 0) return counted;
  const key = shift > 0 ? 'counted.thenUp' : 'counted.thenDown';
  return say(key, { counted, count: Math.abs(shift) });
}

/** Slice and height of a mark. */
export function placeText({ sliceNumber, zMm }: MarkState): string {
  const mm = millimetres(zMm);
  return sliceNumber === null
    ? say('mark.place', { mm })
    : say('mark.placeOnSlice', { number: sliceNumber, mm });
}

/** Where a person has put the mark, and how far from the answer. */
export function markText(mark: MarkState, answerZMm: number | null): string {
  const place = placeText(mark);
  const moved = answerZMm === null ? 0 : mark.zMm - answerZMm;
  if (Math.abs(moved) < 0.05) return say('mark.yours', { place });
  const distance = millimetres(Math.abs(moved));
  return say(moved > 0 ? 'mark.yoursAbove' : 'mark.yoursBelow', { place, distance });
}

/** What was found, beside what a person has made of it. */
export function foundText(number: number | null, zMm: number): string {
  const mm = millimetres(zMm);
  return number === null ? say('mark.found', { mm }) : say('mark.foundOnSlice', { number, mm });
}

/** What a screen reader is told when the state changes. */
export function announcement(finding: Finding): string {
  if (finding.status === 'found') {
    const { zMm, probability } = finding.l3;
    return say('answer.spoken', { mm: millimetres(zMm), percent: percent(probability) });
  }
  const what = say(finding.status === 'refused' ? 'answer.refused' : 'answer.undetermined');
  return say('answer.spokenNot', { what, why: sayReason(finding.reason).message });
}
