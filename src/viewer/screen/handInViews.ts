import type { Screen } from './screen';

const INPUT = ['wheel', 'pointerdown', 'keydown'] as const;

/** Notes when a person has a hand in a viewport. */
export class HandInViews {
  private isTouchedNow = false;

  constructor(private readonly screen: Screen) {
    for (const name of INPUT) document.addEventListener(name, this.note, true);
  }

  /** Since it began, or was forgotten. */
  get isTouched(): boolean {
    return this.isTouchedNow;
  }

  forget(): void {
    this.isTouchedNow = false;
  }

  end(): void {
    for (const name of INPUT) document.removeEventListener(name, this.note, true);
  }

  private readonly note = ({ target }: Event): void => {
    const isInView = this.screen
      .views()
      .some(({ viewport }) => target instanceof Node && viewport.element.contains(target));
    if (isInView) this.isTouchedNow = true;
  };
}
