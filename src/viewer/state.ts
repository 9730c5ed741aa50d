import type { Finding } from '../finder/types';
import type { LevelName } from '../levels/types';
import type { Progress } from '../projection/types';

/** What a person knows a series by. */
export interface SeriesLabel {
  readonly displaySetInstanceUID: string;
  readonly number: string;
  readonly description: string;
  readonly modality: string;
  readonly sliceCount: number;
}

/** The series that Find L3 would use now, or why it would use none. */
export type Target =
  | { readonly ready: true; readonly series: SeriesLabel }
  | { readonly ready: false; readonly why: string };

/** What the viewports were moved to last: a level or an alternative of the answer, or the mark. */
export type Shown =
  | { readonly kind: 'level'; readonly name: LevelName; readonly viewports: number }
  | { readonly kind: 'alternative'; readonly index: number; readonly viewports: number }
  | { readonly kind: 'mark'; readonly viewports: number };

/** The mark of Find L3 in the host's measurements, as it lies now. */
export interface MarkState {
  /** LPS z of its middle, mm. */
  readonly zMm: number;
  /** 1-based, in the order of the host's stack; null where the series has no axial slices. */
  readonly sliceNumber: number | null;
  /** Whether it lies where the answer put it, or where a person wants it. */
  readonly by: 'answer' | 'person';
}

export type Search =
  | { readonly phase: 'idle'; readonly note: string | null }
  | {
      readonly phase: 'running';
      readonly series: SeriesLabel;
      readonly progress: Progress | null;
    }
  | {
      readonly phase: 'answered';
      readonly series: SeriesLabel;
      readonly finding: Finding;
      readonly shown: Shown | null;
      readonly mark: MarkState | null;
    }
  | {
      readonly phase: 'failed';
      readonly series: SeriesLabel;
      /** What went wrong, and what to do about it. */
      readonly message: string;
      readonly advice: string;
    };

export interface FindL3State {
  readonly target: Target;
  readonly search: Search;
}

/** A value that can be watched; listeners are called after each change. */
export class Observable<T> {
  private readonly listeners = new Set<() => void>();

  constructor(private value: T) {}

  readonly get = (): T => this.value;

  set(value: T): void {
    if (Object.is(value, this.value)) return;
    this.value = value;
    for (const listener of [...this.listeners]) listener();
  }

  /** @returns a function that ends the subscription. */
  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  get listenerCount(): number {
    return this.listeners.size;
  }
}
