import type { Screen } from './screen';
import type { Place } from './sliceFinder';

interface Goal {
  readonly place: Place;
  readonly axialOnly: boolean;
}

/** Moves the views after a place that moves; of many moves while one is shown, only the last counts. */
export class Follower {
  private running: Promise<void> | null = null;
  private next: Goal | null = null;

  /** @param onShown told of the place that the views are at */
  constructor(
    private readonly screen: Screen,
    private readonly onShown: (place: Place) => void,
  ) {}

  /** @param everywhere the sagittal and coronal views go there too */
  follow(place: Place, everywhere = false): void {
    this.next = { place, axialOnly: !everywhere };
    this.running ??= this.run().finally(() => (this.running = null));
  }

  private async run(): Promise<void> {
    while (this.next) {
      const { place, axialOnly } = this.next;
      this.next = null;
      await this.screen.show(place, { axialOnly }).catch(() => []);
      if (!this.next) this.onShown(place);
    }
  }
}
