import React from 'react';
import type { Found } from '../finder/types';
import { percent } from '../reasons/percent';
import { say } from '../text/say';
import { sliceNumberOf } from '../viewer/screen/sliceNumber';
import { isCorrected, type MarkingState } from '../viewer/state';
import { confidence, foundText, heightText, millimetres, numberingText, sliceText } from './text';

/** What a person says, above what was found: the last word is theirs. */
export function Corrected(props: {
  readonly marking: MarkingState;
  /** Images of the series that is marked; null where it is not known. */
  readonly sliceCount: number | null;
  /** Also of a mark that nobody has touched. */
  readonly isAlways?: boolean;
}): React.ReactElement | null {
  const { mark, absence } = props.marking;
  const isThere = isCorrected(props.marking) || (props.isAlways && mark !== null);
  if (!isThere) return null;
  const { label = '', sliceNumber = null, zMm = 0 } = mark ?? {};
  const count = props.sliceCount;
  const heading =
    sliceNumber === null || count === null
      ? label
      : say('mark.label', { label, number: sliceNumber, count });
  return (
    <div className="corrected" data-cy="find-l3-corrected" data-z-mm={mark?.zMm}>
      <h2 className="level" tabIndex={-1}>
        {absence ? say('absent.is') : heading}
      </h2>
      <p className="numbers">
        <span>{absence ? say(`absent.says.${absence}`) : heightText(zMm)}</span>
        <span className="tag">{tagOf(props.marking)}</span>
      </p>
    </div>
  );
}

function tagOf({ mark, absence }: MarkingState): string {
  if (absence) return say('absent.statement');
  if (mark?.review) return say(`mark.tag.${mark.review.act}`);
  return say(mark?.by === 'person' ? 'mark.byHand' : 'mark.tag.unconfirmed');
}

/** Slice, height, confidence and what it was counted from; small beside what a person has made of it. */
export function FoundHead(props: {
  readonly finding: Found;
  readonly sliceCount: number;
  readonly marking: MarkingState;
}): React.ReactElement {
  const { finding, marking } = props;
  const { l3, series } = finding;
  const number = sliceNumberOf(series, l3.sliceIndex);
  const data = { 'data-z-mm': l3.zMm, 'data-slice-number': number ?? undefined };
  const numbering = (
    <p className="quiet" data-cy="find-l3-numbering">
      {numberingText(finding, marking.mark?.shift ?? 0)}
    </p>
  );
  if (isCorrected(marking)) {
    return (
      <>
        <p className="numbers quiet" data-cy="find-l3-found" {...data}>
          <span>{foundText(number, l3.zMm)}</span>
          <span>{percent(l3.probability)}</span>
        </p>
        {numbering}
      </>
    );
  }
  return (
    <div data-cy="find-l3-found" {...data}>
      <h2 className="level" tabIndex={-1}>
        {sliceText(number, props.sliceCount, 'answer.head') ?? 'L3'}
      </h2>
      <p className="numbers">
        <span>{heightText(l3.zMm)}</span>
        <span className="quiet">± {millimetres(l3.sdMm)}</span>
      </p>
      <p>
        {confidence(l3.probability)} <strong>({percent(l3.probability)})</strong>
      </p>
      {numbering}
    </div>
  );
}
