import { say, sayReason } from '../text/say';
import type { AxialNote, SeriesName, Substitution } from '../viewer/state';
import { millimetres } from './text';

/** "series 4 (sag T2)", or "a series" where it has neither number nor description. */
function name({ number, description }: SeriesName, leads: boolean): string {
  const [unnamed, numbered] = leads
    ? (['series.ASeries', 'series.SeriesNumber'] as const)
    : (['series.aSeries', 'series.seriesNumber'] as const);
  const series = number === '' ? say(unnamed) : say(numbered, { number });
  return description === '' ? series : say('series.inBrackets', { series, description });
}

/** Which series is used in place of the active one, and why. */
export function substitutionText(substitution: Substitution): string {
  const { because, contrast, heightMm, active } = substitution;
  const plain = say(`plane.${substitution.plane}`);
  const isWeighted = contrast !== 'unknown' && contrast !== 'other';
  const plane = isWeighted ? say('plane.weighted', { plane: plain, contrast }) : plain;
  const chosen = say('instead.chosen', { plane, heightMm: heightMm.toFixed(0) });
  const why = whyNot(because, active.modality);
  return `${chosen} ${say('instead.notUsed', { series: name(active, true), why })}`;
}

function whyNot(because: Substitution['because'], modality: string): string {
  switch (because.code) {
    case 'no-images':
      return modality === '' ? say('instead.noImages') : say('instead.noImagesBut', { modality });
    case 'refused':
      return sayReason(because.reason).message;
    case 'too-short':
      return say('instead.tooShort', { heightMm: because.heightMm.toFixed(0) });
    case 'not-axial':
      return say('instead.notAxial');
  }
}

/** How the axial series lie to the level that is shown. */
export function axialText(note: AxialNote): string {
  switch (note.kind) {
    case 'cut': {
      const cut = { series: name(note.series, true), number: note.sliceNumber };
      return note.isGap
        ? say('axial.gap', { ...cut, distance: millimetres(note.distanceMm) })
        : say('axial.cuts', cut);
    }
    case 'none-cuts': {
      const series = name(note.series, false);
      return note.distanceMm === null
        ? say('axial.elsewhere', { series })
        : say('axial.noneCuts', { series, distance: millimetres(note.distanceMm) });
    }
    case 'other-frame':
      return say('axial.otherFrame');
    case 'no-axial':
      return say('axial.none');
  }
}
