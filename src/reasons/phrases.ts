/** A part of a sentence that is chosen by code, so that it can be said in other languages. */
export interface Phrase {
  readonly code: PhraseCode;
  readonly values?: TextValues;
}

/** What a text names. Plain texts (a DICOM attribute's value) are the same in every language. */
export type TextValues = Readonly<Record<string, string | number | Phrase | readonly Phrase[]>>;

/** English texts by code; `{name}` stands for a value. */
export const PHRASE_TEXTS = {
  // how a place for L3 was counted, or where it lies to another one
  'counted-sacrum': 'counted up from the sacrum',
  'counted-last-rib': 'counted down from the last rib',
  likeliest: 'the likeliest place',
  'highest-response': 'the highest response',
  'higher-0': 'less than one vertebra higher',
  'higher-1': 'one vertebra higher',
  'higher-2': 'two vertebrae higher',
  'higher-3': 'three vertebrae higher',
  'higher-n': '{count} vertebrae higher',
  'lower-0': 'less than one vertebra lower',
  'lower-1': 'one vertebra lower',
  'lower-2': 'two vertebrae lower',
  'lower-3': 'three vertebrae lower',
  'lower-n': '{count} vertebrae lower',
  // why a level cannot be counted or is ambiguous
  'no-sacrum': 'the sacrum is not in view',
  'no-anchor': 'neither the sacrum nor the last rib is in view',
  'no-body': 'no vertebral body is seen where the count puts L3',
  'counts-differ': 'counted up from the sacrum, L3 is {offset} than counted down from the last rib',
  'two-places': '{percent} against {otherPercent} {why}',
  // what is wrong with images
  'samples-per-pixel': '{count} samples per pixel',
  photometric: 'photometric interpretation {name}',
  'bits-allocated': '{count} bits allocated',
  'image-size': 'an image of {rows} x {columns} pixels',
  'frame-position': 'no position per frame',
  'no-orientation': 'no Image Orientation (Patient)',
  'no-position': 'no Image Position (Patient)',
  'no-spacing': 'no Pixel Spacing',
  'bad-orientation': 'Image Orientation (Patient) is not a pair of perpendicular unit vectors',
  // a size that no scan of a person has
  'size-pixels': '{mm} mm between pixels',
  'size-slices': '{mm} mm between slices',
  'size-extent': '{mm} mm in all',
  'size-slice': 'a slice of {rows} x {columns} pixels',
  'size-count': '{count} slices',
  'size-voxels': '{count} voxels',
  'size-forms': 'voxels of {sform} mm by its sform, of {pixdim} mm by its pixdim and qform',
  'modality-lut': 'a Modality LUT instead of a rescale',
  'transfer-syntax': 'transfer syntax {uid}',
  // what shows that values are no HU
  'values-between': 'they lie between {min} and {max}',
  'values-high': 'many lie above {limit}',
  'values-shifted': 'most of the body lies near {value}',
  // why images are no slices of a series
  localizer: 'a localizer',
  'secondary-capture': 'a secondary capture',
  'other-orientation': 'another orientation',
  'other-size': 'another size',
  apart: 'more than {gapMm} mm from the others',
  'set-aside': '{why} ({count})',
  // parts of a series by what tells them apart
  'part-study': 'study {value} of {count}',
  'part-patient': 'patient {value} of {count}',
  'part-frame': 'frame of reference {value} of {count}',
  'part-phase': 'phase {value}',
  'part-echo': 'echo {value}',
  'part-acquisition': 'acquisition {value}',
  'part-trigger-time': 'trigger time {value} ms',
  'part-echo-time': 'echo time {value} ms',
  'part-kernel': 'kernel {value}',
  'part-image-type': 'image type {value}',
  'part-matrix': 'images of {value}',
  'part-pass': 'pass {value} of {count}',
  part: '{name} ({count} images)',
  'more-parts': '{count} more',
  // what is wrong with a NIfTI file
  'nifti-unplaced': 'neither sform nor qform is set',
  'nifti-not-finite': 'the affine is not finite',
  'nifti-singular': 'the affine is singular',
  'nifti-sheared': 'the affine is sheared within the slices',
  'nifti-datatype': 'NIfTI datatype {name}',
} as const;

export type PhraseCode = keyof typeof PHRASE_TEXTS;

export function phrase(code: PhraseCode, values?: TextValues): Phrase {
  return values ? { code, values } : { code };
}

/** Phrases in English, after commas. */
export function phrasesText(phrases: readonly Phrase[]): string {
  return phrases.map(phraseText).join(', ');
}

/** The phrase in English. */
export function phraseText({ code, values = {} }: Phrase): string {
  return filled(PHRASE_TEXTS[code], values, `Phrase ${code}`);
}

/**
 * An English text with its values; several phrases follow each other after commas.
 *
 * @throws Error when the text names a value that was not given (a programming mistake).
 */
export function filled(text: string, values: TextValues, of: string): string {
  return text.replace(/\{(\w+)\}/g, (_, name: string) => {
    if (!(name in values)) throw new Error(`${of} needs the value ${name}`);
    const value = values[name];
    if (typeof value !== 'object') return String(value);
    return phrasesText('code' in value ? [value] : value);
  });
}
