import { HandInViews } from '../screen/handInViews';
import type { Screen, View } from '../screen/screen';
import type { Place } from '../screen/sliceFinder';

/** The host may still place a view that has just been set up; after so long it has, ms. */
const SETTLES_IN_MS = 400;

/** Where views go. */
export interface Goal {
  /** Of the mark, or of what else is to be seen there. */
  readonly id: string;
  readonly place: Place;
  /** It came back with the study, and every view is to show it. */
  readonly isBack: boolean;
}

/**
 * Brings views that come later to the level: all of a study that opens with a saved one, and those of a
 * layout or series that a person opens after an answer. A view comes once; what a person has touched
 * meanwhile stays.
 */
export class Arrivals {
  /** Views that came already, by what they show. */
  private known = new Set<string>();
  private goalId: string | null = null;
  private readonly hand: HandInViews;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private readonly ends: readonly (() => void)[];

  /** @param current the mark that counts, else what is shown of an answer without one; null: neither */
  constructor(
    private readonly screen: Screen,
    private readonly current: () => Goal | null,
  ) {
    this.ends = [screen.onChange(() => this.look()), screen.onScroll(() => this.look())];
    this.hand = new HandInViews(screen);
  }

  end(): void {
    clearTimeout(this.timer);
    for (const end of this.ends) end();
    this.hand.end();
  }

  /** Looks which views are new, and moves those. */
  look(): void {
    const goal = this.current();
    const views = this.screen.views().filter((view) => this.screen.isReady(view));
    const keys = new Map(views.map((view) => [this.screen.contentOf(view), view]));
    const isOther = (goal?.id ?? null) !== this.goalId;
    this.goalId = goal?.id ?? null;
    if (isOther) {
      const movesAll = goal?.isBack && !this.hand.isTouched;
      this.known = new Set(movesAll ? [] : keys.keys());
    }
    const fresh = [...keys].filter(([key]) => !this.known.has(key)).map(([, view]) => view);
    this.known = new Set(keys.keys());
    if (!goal || fresh.length === 0) return;
    this.hand.forget();
    void this.move(goal, fresh);
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      const now = this.current();
      if (now && !this.hand.isTouched) void this.move(now, fresh);
    }, SETTLES_IN_MS);
  }

  private async move({ place }: Goal, views: readonly View[]): Promise<void> {
    for (const { viewportId } of views) {
      await this.screen.show(place, { only: new Set([viewportId]) }).catch(() => []);
    }
  }
}
