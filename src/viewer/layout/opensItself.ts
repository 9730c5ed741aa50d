import { answerOf, type FindL3State } from '../state';
import type { HandInViews } from '../screen/handInViews';

/** The answer's own moves come first, and the host's for a study that opens, ms. */
const SETTLES_IN_MS = 600;

/**
 * Opens the layout without being asked: with the answer of a search that began by itself, and with a level
 * that comes back with its study. Once each, and not where a person has had a hand in the views meanwhile.
 */
export class OpensItself {
  private readonly seen = new Set<unknown>();
  private isSearching = false;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly hand: HandInViews,
    private readonly open: () => void,
  ) {}

  /** Looks at the state whether there is something new to open for. */
  look(state: FindL3State): void {
    const { search } = state;
    const isSearching = search.phase === 'running' && !search.isQuiet;
    if (isSearching && !this.isSearching) this.hand.forget();
    this.isSearching = isSearching;
    const due = this.due(state);
    if (due === null || this.seen.has(due)) return;
    this.seen.add(due);
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      if (!this.hand.isTouched) this.open();
    }, SETTLES_IN_MS);
  }

  end(): void {
    clearTimeout(this.timer);
  }

  private due(state: FindL3State): unknown {
    const answer = answerOf(state);
    if (answer && !answer.isQuiet) {
      return answer.isUnasked && answer.finding.status !== 'refused' ? answer.finding : null;
    }
    const { mark } = state.marking;
    return mark?.isFromReport ? mark.annotationUID : null;
  }
}
