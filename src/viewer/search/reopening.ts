import type { Finding } from '../../finder/types';
import type { DisplaySet } from '../host/ohif';
import type { LevelMark } from '../mark/types';
import { answerOf, type FindL3State } from '../state';

/** The study's own images come first, ms. */
const SETTLES_IN_MS = 1000;

/**
 * Has the picture and the neighbouring vertebrae of a level made that came back with its study, once a
 * series and visit of the study, where nothing else is searched.
 */
export class Reopening {
  /** Series Instance UIDs. */
  private readonly done = new Set<string>();
  private timer: ReturnType<typeof setTimeout> | undefined;

  /**
   * @param due the mark that came back and has no picture; undefined where there is none
   * @param search searches the series of the mark without marking, moving or saying anything
   */
  constructor(
    private readonly due: () => LevelMark | undefined,
    private readonly search: (displaySetInstanceUID: string) => void,
  ) {}

  /** Something has changed: looks at it once it has settled. */
  consider(): void {
    if (!this.next()) return;
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      const mark = this.next();
      if (!mark) return;
      this.done.add(mark.seriesInstanceUID);
      this.search(mark.displaySetInstanceUID);
    }, SETTLES_IN_MS);
  }

  end(): void {
    clearTimeout(this.timer);
  }

  private next(): LevelMark | undefined {
    const mark = this.due();
    return mark && !this.done.has(mark.seriesInstanceUID) ? mark : undefined;
  }
}

/** What a quiet search has found of a series already. */
export function quietFinding(
  state: Pick<FindL3State, 'search'>,
  { displaySetInstanceUID }: DisplaySet,
): Finding | null {
  const answer = answerOf(state);
  const isIts = answer?.series.displaySetInstanceUID === displaySetInstanceUID;
  return answer?.isQuiet && isIts ? answer.finding : null;
}
