import type { Screen, View } from '../screen/screen';
import type { LevelMark } from './types';

/** The host may still place a view that has just been set up; after so long it has, ms. */
const SETTLES_IN_MS = 400;
const INPUT = ['wheel', 'pointerdown', 'keydown'] as const;

/**
 * Brings views that come later to the level: all of a study that opens with a saved one, and those of a
 * layout or series that a person opens after an answer. A view comes once; what a person has touched
 * meanwhile stays.
 */
export class Arrivals {
  /** Views that came already, by what they show. */
  private known = new Set<string>();
  private annotationUID: string | null = null;
  private isTouched = false;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private readonly ends: readonly (() => void)[];

  /**
   * @param current the mark that counts
   * @param isBack whether a mark came back with the study, and every view is to show it
   */
  constructor(
    private readonly screen: Screen,
    private readonly current: () => LevelMark | undefined,
    private readonly isBack: (mark: LevelMark) => boolean,
  ) {
    this.ends = [screen.onChange(() => this.look()), screen.onScroll(() => this.look())];
    for (const name of INPUT) document.addEventListener(name, this.touch, true);
  }

  end(): void {
    clearTimeout(this.timer);
    for (const end of this.ends) end();
    for (const name of INPUT) document.removeEventListener(name, this.touch, true);
  }

  /** Looks which views are new, and moves those. */
  look(): void {
    const mark = this.current();
    const views = this.screen.views().filter((view) => this.screen.isReady(view));
    const keys = new Map(views.map((view) => [this.screen.contentOf(view), view]));
    const isOther = (mark?.annotationUID ?? null) !== this.annotationUID;
    this.annotationUID = mark?.annotationUID ?? null;
    if (isOther) {
      const movesAll = mark !== undefined && this.isBack(mark) && !this.isTouched;
      this.known = new Set(movesAll ? [] : keys.keys());
    }
    const fresh = [...keys].filter(([key]) => !this.known.has(key)).map(([, view]) => view);
    this.known = new Set(keys.keys());
    if (!mark || fresh.length === 0) return;
    this.isTouched = false;
    void this.move(mark, fresh);
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      const now = this.current();
      if (now && !this.isTouched) void this.move(now, fresh);
    }, SETTLES_IN_MS);
  }

  private async move(mark: LevelMark, views: readonly View[]): Promise<void> {
    for (const { viewportId } of views) {
      await this.screen.show(mark, { only: new Set([viewportId]) }).catch(() => []);
    }
  }

  private readonly touch = ({ target }: Event): void => {
    const isInView = this.screen
      .views()
      .some(({ viewport }) => target instanceof Node && viewport.element.contains(target));
    if (isInView) this.isTouched = true;
  };
}
