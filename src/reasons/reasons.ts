import { filled, type TextValues } from './phrases';

/**
 * The one closed list of reasons why a series is refused, why a level is undetermined, or what a
 * person should know about an answer. Every code has one English text here; the viewer translates
 * by code and values. A reason is data: it is shown, written to JSON and compared by its code.
 */
export interface Reason {
  readonly code: ReasonCode;
  /** What is wrong, in one English sentence, with the numbers that matter. */
  readonly message: string;
  /** What the person can do about it, in one English sentence. */
  readonly advice: string;
  /** What the texts of the code name, for other languages; absent where they name nothing. */
  readonly values?: TextValues;
}

/** English texts by code; `{name}` stands for a value. */
export const REASON_TEXTS = {
  // refusals: the series cannot be read as anatomy with known geometry
  'too-few-slices': {
    message: 'The series has too few slices to show a spine ({count} slices, {extentMm} mm).',
    advice: 'Choose an axial series that covers the abdomen, or a sagittal series of the spine.',
  },
  localizer: {
    message: 'The series is a localizer (scout), not a stack of slices.',
    advice: 'Choose the axial or sagittal series that was planned on it.',
  },
  'mixed-orientations': {
    message: 'The slices do not share one orientation ({count} orientations).',
    advice: 'Choose a series with one slice orientation.',
  },
  coronal: {
    message: 'The slices are coronal; mid-L3 cannot be measured on them.',
    advice: 'Choose an axial or sagittal series of the same study.',
  },
  oblique: {
    message: 'The slices are tilted {degrees} degrees from the axial and sagittal planes.',
    advice: 'Choose a series tilted less than {limit} degrees, or reformat this one.',
  },
  'unknown-orientation': {
    message: 'The slices carry no usable patient orientation or position ({detail}).',
    advice: 'Use the original series with its Image Orientation and Image Position (Patient).',
  },
  'duplicate-positions': {
    message:
      'Slices lie at positions that other slices of the series already hold ({count} of them).',
    advice: 'Split the series (for example by phase, echo or time point) and choose one part.',
  },
  'several-volumes': {
    message: 'The series holds {count} volumes (time points, echoes or phases) in one.',
    advice: 'Split the series and choose one volume.',
  },
  'missing-slices': {
    message: 'Slices are missing: a gap of {gapMm} mm where {spacingMm} mm is expected.',
    advice: 'Load the series again; if the gap stays, use another series.',
  },
  'uneven-spacing': {
    message: 'The slice spacing varies between {minMm} and {maxMm} mm.',
    advice: 'The answer uses each slice’s own position; check it in the neighbourhood of L3.',
  },
  'implausible-size': {
    message: 'The images have a size that no scan of a person has ({detail}).',
    advice:
      'The file may state its units wrongly (metres or micrometres for mm): export or convert it again.',
  },
  'unsupported-pixels': {
    message: 'The pixels cannot be read as one grey value each ({detail}).',
    advice: 'Use the original monochrome series.',
  },
  'unsupported-modality': {
    message: 'Modality {modality} is not supported.',
    advice: 'Choose a CT or MR series.',
  },
  'modality-missing': {
    message: 'The files do not state their modality (0008,0060).',
    advice: 'State it with --modality CT or --modality MR, or use the original series.',
  },
  'multi-frame': {
    message: 'The multi-frame object lacks what is needed to place its frames ({detail}).',
    advice: 'Convert it to single-frame DICOM or to NIfTI.',
  },
  'gantry-tilt': {
    message: 'The gantry was tilted by {degrees} degrees.',
    advice: 'The tilt is taken into account; z is given at the centre of the vertebral body.',
  },
  'modality-guessed': {
    message: 'The file does not state its modality; {modality} was inferred from its values.',
    advice: 'State it with --modality CT or --modality MR if this is wrong.',
  },
  'instance-uid-not-unique': {
    message:
      'Several images carry one SOP Instance UID ({count} of {of}), which therefore names none of them.',
    advice: 'Go by the height and the number of the slice; export the series again for reports.',
  },
  'several-parts': {
    message:
      'The series holds {count} parts that cannot be one scan. Searched: {searched}. Others: {others}.',
    advice: 'Check that this is the part you want; the viewer searches the others on request.',
  },
  'images-set-aside': {
    message: 'Images were set aside that are no slices of the series, {count} of {of}: {why}.',
    advice: 'The answer rests on the other images alone.',
  },
  'other-body-part': {
    message: 'The header names another part of the body (“{text}”).',
    advice: 'More is asked for before a level is named; check that this is the right series.',
  },
  'interleaved-acquisitions': {
    message: 'The slices come from several acquisitions that lie over each other.',
    advice: 'Anatomy may have moved between them; check the answer where they overlap.',
  },
  'values-not-hu': {
    message: 'The values of this CT are no Hounsfield units: {detail}.',
    advice:
      'Use the original series with its Rescale Slope and Intercept, not windowed and not normalised.',
  },
  'empty-image': {
    message: 'The projection is empty: no tissue was found in the series.',
    advice: 'Check that the series shows a patient and that its pixels were decoded.',
  },
  // undetermined: the series is fine, the level cannot be named
  'l3-not-in-view': {
    message: 'L3 is not in the field of view.',
    advice: 'Choose a series that covers the lumbar spine.',
  },
  'no-lumbar-spine': {
    message:
      'No lumbar spine is recognised: no chain of lumbar vertebrae parted by discs is seen in the series.',
    advice: 'Choose a series that shows the lumbar spine, or mark the level yourself.',
  },
  'cannot-count': {
    message: 'The level cannot be counted: {detail}.',
    advice:
      'Choose a series that shows the sacrum (on CT the last ribs will do), or mark the level yourself.',
  },
  ambiguous: {
    message: 'Two numberings are possible ({detail}).',
    advice: 'Compare the candidates and pick one, or mark the level yourself.',
  },
  'not-sure-enough': {
    message: 'L3 is not sure enough: {percent} where {least} is asked for.',
    advice: 'Check the likeliest place, which is offered, or mark the level yourself.',
  },
  'model-output-invalid': {
    message: 'The model gave no usable output ({detail}).',
    advice: 'Try again; if it stays, report it with the model name and version.',
  },
} as const;

export type ReasonCode = keyof typeof REASON_TEXTS;

export const REASON_CODES = Object.keys(REASON_TEXTS) as readonly ReasonCode[];

/**
 * Makes a reason from its code; `{name}` in the texts is replaced by `values.name`.
 *
 * @throws Error when the texts name a value that was not given (a programming mistake).
 */
export function reason(code: ReasonCode, values: TextValues = {}): Reason {
  const fill = (text: string) => filled(text, values, `Reason ${code}`);
  const { message, advice } = REASON_TEXTS[code];
  const texts = { code, message: fill(message), advice: fill(advice) };
  return Object.keys(values).length > 0 ? { ...texts, values } : texts;
}
