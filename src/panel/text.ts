import type { Absence } from '../corrections/types';
import type { Finding, Timing } from '../finder/types';
import type { RuntimeReport } from '../model/types';
import type { Progress } from '../projection/types';
import type { LevelDefinition } from '../viewer/mark/types';
import { percent } from '../viewer/percent';
import type { MarkState, SeriesLabel } from '../viewer/state';

/** Every text of the panel is made here or comes with a Reason, so that it can be translated. */

export const TEXT = {
  title: 'Find L3',
  find: 'Find L3',
  cancel: 'Cancel',
  again: 'Try again',
  intro:
    'Finds the slice through the middle of the L3 vertebral body, shows it, and marks it with a line that you can move.',
  disclaimer: 'Not for diagnostic use',
  undetermined: 'L3 could not be determined',
  refused: 'This series cannot be used',
  failed: 'The search did not finish',
  alternatives: 'Alternatives',
  candidates: 'Candidates',
  markHere: 'Mark as L3',
  markShown: 'Shown: your mark',
  notShown: 'No viewport shows this series. Open it, then choose L3 in the picture.',
  keep: 'Keep',
  save: 'Save to PACS',
  saving: 'Saving …',
  saveNone: 'Save to PACS: no level',
  saveNoneTitle:
    'All marks of this study were deleted: the PACS is told that it has no level any more',
  correction: 'Correction',
  correctionHint: 'Download this case for training, without anything that names the patient',
  export: 'Export',
  pictureHint: 'Choose a line to show',
  correct: 'Correct the mark',
  levelLine: 'level line',
  dragHint: 'To correct it, drag the line: here, or in a sagittal or coronal view.',
  noMark: 'Nothing is marked yet.',
  locked: 'The mark is locked. Unlock it in the measurement panel to move it.',
  takeTool: 'Mark it yourself',
  takeToolTitle: 'Then press in a view at the height of L3',
  inHand: 'Press on L3 in a view',
  fromSlice: 'Mark shown slice',
  fromSliceTitle: 'Mark the slice that the axial view shows as L3',
  shiftUp: 'One up',
  shiftUpTitle: 'The vertebra above is L3: move all names one vertebra up',
  shiftDown: 'One down',
  shiftDownTitle: 'The vertebra below is L3: move all names one vertebra down',
  notInView: 'L3 is not in this scan',
  notInViewTitle: 'Removes the mark, and lets this case be exported as a correction',
  absenceBack: 'It is in this scan after all',
  absent: 'L3 is not in this scan',
  bySomeone: 'by hand',
  saidBySomeone: 'your statement',
  noVertebra: 'No further vertebra was found there.',
  heat: 'Heat map',
  heatTitle: 'What the network takes for L3, before the counting',
  ruler: 'All levels',
  rulerTitle: 'Show all visible levels beside the spine in sagittal and coronal views',
  marks: 'Line marks',
  endplateEstimated:
    'The endplates are estimated from the distance to the neighbouring vertebra (37 % of it), not measured on the image.',
} as const;

/** Why L3 is not in view, on a button. */
export const ABSENCES: Readonly<Record<Absence, string>> = {
  'ends-above-l3': 'It ends above L3 (chest)',
  'begins-below-l3': 'It begins below L3 (pelvis)',
};

/** Why L3 is not in view, in a sentence. */
export const ABSENCE_TEXT: Readonly<Record<Absence, string>> = {
  'ends-above-l3': 'The scan ends above L3.',
  'begins-below-l3': 'The scan begins below L3.',
};

/** Names a mark that a person went away from, to go back to. */
export function showText(label: string): string {
  return `Show ${label}`;
}

/** What was found, beside what a person has made of it. */
export function foundText(slice: string | null, zMm: number): string {
  return `Found: ${slice ? `${slice.toLowerCase()}, ` : ''}z ${millimetres(zMm)}`;
}

export function visitText(studies: number): string {
  return `CSV and JSON of all ${studies} studies of this visit`;
}

export function seriesText({ number, description }: SeriesLabel): string {
  const name = number === '' ? 'Series' : `Series ${number}`;
  return description === '' ? name : `${name}: ${description}`;
}

export function seriesKind({ modality, sliceCount }: SeriesLabel): string {
  return `${modality}, ${sliceCount} ${sliceCount === 1 ? 'image' : 'images'}`;
}

const STAGES: Record<Progress['stage'], string> = {
  model: 'Loading the model',
  reading: 'Reading slices',
  projecting: 'Projecting',
  inference: 'Running the model',
  decoding: 'Naming the levels',
};

export function stageName(progress: Progress | null): string {
  return progress ? STAGES[progress.stage] : 'Starting';
}

/** The stage with its numbers, for example "Reading slices 120/300". */
export function stageText(progress: Progress | null): string {
  if (!progress || progress.of <= 0) return stageName(progress);
  if (progress.stage === 'model') {
    return `${stageName(progress)} ${megabytes(progress.done)} of ${megabytes(progress.of)} MB`;
  }
  return `${stageName(progress)} ${progress.done}/${progress.of}`;
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(1);
}

/** "−214.2 mm", with a true minus sign. */
export function millimetres(mm: number): string {
  return `${mm.toFixed(1).replace('-', '−')} mm`;
}

/** Probability in words, for those who read no numbers. */
export function confidence(probability: number): string {
  if (probability >= 0.9) return 'High confidence';
  if (probability >= 0.7) return 'Moderate confidence, compare the neighbours';
  return 'Low confidence, compare the neighbours';
}

export function sliceText(sliceNumber: number | null, sliceCount: number): string | null {
  return sliceNumber === null ? null : `Slice ${sliceNumber} of ${sliceCount}`;
}

type CountedFrom = Extract<Finding, { status: 'found' }>['countedFrom'];

export function countedFromText(from: CountedFrom): string {
  return {
    sacrum: 'Counted up from the sacrum',
    'last-rib': 'Counted down from the last rib',
    both: 'Counted up from the sacrum and down from the last rib',
  }[from];
}

export function runtimeText({ runtime, fallbackReason, threads }: RuntimeReport): string {
  if (runtime === 'webgpu') return 'Graphics card (WebGPU)';
  const processor = `Processor (wasm, ${threads} ${threads === 1 ? 'thread' : 'threads'})`;
  return fallbackReason ? `${processor}: ${fallbackReason}` : processor;
}

export function timingText({ read, project, model, decode }: Timing): string {
  const seconds = (ms: number) => (ms / 1000).toFixed(1);
  const total = seconds(read + project + model + decode);
  return `${total} s (reading ${seconds(read)}, model ${seconds(model)})`;
}

export const DEFINITIONS: Readonly<Record<LevelDefinition, string>> = {
  'mid-body': 'middle of the body',
  'superior-endplate': 'superior endplate',
  'inferior-endplate': 'inferior endplate',
};

/** What the line marks, in a sentence. */
export const DEFINITION_TEXT: Readonly<Record<LevelDefinition, string>> = {
  'mid-body': 'Mid-L3: the height of the centre of the L3 vertebral body.',
  'superior-endplate': 'Marked: the superior endplate of L3, estimated from its distance to L2.',
  'inferior-endplate': 'Marked: the inferior endplate of L3, estimated from its distance to L4.',
};

/** What the numbering rests on, and by how much a person has moved it. */
export function numberingText(from: CountedFrom, shift: number): string {
  if (shift === 0) return countedFromText(from);
  const vertebrae = Math.abs(shift) === 1 ? 'one vertebra' : `${Math.abs(shift)} vertebrae`;
  return `${countedFromText(from)}, then moved ${vertebrae} ${shift > 0 ? 'up' : 'down'} by hand`;
}

/** Slice and height of a mark. */
export function placeText({ sliceNumber, zMm }: MarkState): string {
  return `${sliceNumber === null ? '' : `slice ${sliceNumber}, `}z ${millimetres(zMm)}`;
}

/** Where a person has put the mark, and how far from the answer. */
export function markText(mark: MarkState, answerZMm: number | null): string {
  const text = `Your mark: ${placeText(mark)}`;
  if (answerZMm === null) return text;
  const moved = mark.zMm - answerZMm;
  if (Math.abs(moved) < 0.05) return text;
  return `${text} (${millimetres(Math.abs(moved))} ${moved > 0 ? 'above' : 'below'} the answer)`;
}

/** What a screen reader is told when the state changes. */
export function announcement(finding: Finding): string {
  if (finding.status === 'refused') return `${TEXT.refused}. ${finding.reason.message}`;
  if (finding.status === 'undetermined') return `${TEXT.undetermined}. ${finding.reason.message}`;
  const { l3 } = finding;
  return `L3 found at z ${millimetres(l3.zMm)}, ${percent(l3.probability)}.`;
}
