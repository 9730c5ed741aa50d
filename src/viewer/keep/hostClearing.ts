import type { LevelMark } from '../mark/types';
import type { MeasurementService } from '../host/ohif';

/** What a person does first, whatever comes of it. */
const INPUT = ['pointerdown', 'keydown'] as const;

/**
 * The viewer's mode with tracking takes all measurements off the page once it has saved them, and shows
 * its report instead. Level marks come back then: nobody has deleted them. What a person clears after
 * the save is cleared.
 */
export class HostClearing {
  private kept: readonly LevelMark[] = [];
  private readonly subscription: { unsubscribe(): void };

  /** @param putBack puts the marks back after the host has taken them away */
  constructor(
    measurementService: MeasurementService,
    putBack: (marks: readonly LevelMark[]) => void,
  ) {
    const { MEASUREMENTS_CLEARED } = measurementService.EVENTS;
    this.subscription = measurementService.subscribe(MEASUREMENTS_CLEARED, () => {
      const marks = this.kept;
      this.forget();
      // The host's own listeners take the annotations away.
      if (marks.length > 0) queueMicrotask(() => putBack(marks));
    });
  }

  /** The host has just saved these. */
  saved(marks: readonly LevelMark[]): void {
    this.kept = marks;
    for (const event of INPUT) window.addEventListener(event, this.forget, true);
  }

  end(): void {
    this.forget();
    this.subscription.unsubscribe();
  }

  private readonly forget = (): void => {
    this.kept = [];
    for (const event of INPUT) window.removeEventListener(event, this.forget, true);
  };
}
