import type { AxialNote, SeriesName, Substitution } from '../viewer/state';
import { millimetres } from './text';

/** "Series 4 (sag T2)", or "a series" where it has neither number nor description. */
function name({ number, description }: SeriesName): string {
  const series = number === '' ? 'a series' : `series ${number}`;
  return description === '' ? series : `${series} (${description})`;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** Which series is used in place of the active one, and why. */
export function substitutionText({
  because,
  plane,
  contrast,
  heightMm,
  active,
}: Substitution): string {
  const weighting = contrast === 'unknown' || contrast === 'other' ? '' : ` ${contrast}`;
  const chosen = `Chosen in this study: ${plane}${weighting}, ${heightMm.toFixed(0)} mm from head to foot.`;
  return `${chosen} ${capital(name(active))} is not used: ${whyNot(because, active.modality)}`;
}

function whyNot(because: Substitution['because'], modality: string): string {
  switch (because.code) {
    case 'no-images':
      return modality === ''
        ? 'it holds no CT or MR images.'
        : `it holds no CT or MR images (${modality}).`;
    case 'refused':
      return because.reason.message;
    case 'too-short':
      return `its axial slices cover only ${because.heightMm.toFixed(0)} mm.`;
    case 'not-axial':
      return 'its sagittal slices were computed from an axial series.';
  }
}

/** How the axial series lie to the level that is shown. */
export function axialText(note: AxialNote): string {
  switch (note.kind) {
    case 'cut': {
      const slice = `${capital(name(note.series))}: slice ${note.sliceNumber}`;
      return note.isGap
        ? `${slice} is nearest, ${millimetres(note.distanceMm)} off, in the gap between slices.`
        : `${slice} cuts it.`;
    }
    case 'none-cuts': {
      return note.distanceMm === null
        ? `No axial slice cuts it: ${name(note.series)} shows another part of the body.`
        : `No axial slice cuts it: the nearest, of ${name(note.series)}, is ${millimetres(note.distanceMm)} away.`;
    }
    case 'other-frame':
      return 'The axial series have another frame of reference: where they cut it is not known.';
    case 'no-axial':
      return 'The study has no axial series.';
  }
}
