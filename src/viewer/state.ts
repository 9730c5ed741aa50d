import type { Absence } from '../corrections/types';
import type { Finding } from '../finder/types';
import type { LevelName } from '../levels/types';
import type { Progress } from '../projection/types';
import { say, type TextKey } from '../text/say';
import type { Choice } from './study/chooseSeries';
import type { SeriesSize } from './search/largeSeries';
import type { LevelDefinition } from './mark/types';

/** What a person knows a series by. */
export interface SeriesName {
  readonly number: string;
  readonly description: string;
}

/** Why and how a series was chosen in place of the one that the active viewport shows. */
export type Substitution = Omit<Extract<Choice, { rule: 'instead' }>, 'rule' | 'index'> & {
  /** What the active viewport shows. */
  readonly active: SeriesName & { readonly modality: string };
};

/** How the axial series of the study lie to a point, when a sagittal series was searched. */
export type AxialNote =
  /** Slice `sliceNumber` (1-based, in the order of the host's stack) cuts it. */
  | {
      readonly kind: 'cut';
      readonly series: SeriesName;
      readonly displaySetInstanceUID: string;
      /** The host's image id of the slice. */
      readonly imageId: string;
      readonly sliceNumber: number;
      /** Distance of the point from the slice's own plane, mm. */
      readonly distanceMm: number;
      /** The point lies in the gap between two slices, and this is the nearer one. */
      readonly isGap: boolean;
      /** Whether a viewport shows that slice now. */
      readonly isShown: boolean;
    }
  /** Axial series share its frame of reference, but none has a slice there. */
  | { readonly kind: 'none-cuts'; readonly series: SeriesName; readonly distanceMm: number | null }
  /** There are axial series, but in another frame of reference. */
  | { readonly kind: 'other-frame' }
  | { readonly kind: 'no-axial' };

export interface SeriesLabel extends SeriesName {
  readonly displaySetInstanceUID: string;
  readonly modality: string;
  readonly sliceCount: number;
  /** Present when it stands in for the series of the active viewport. */
  readonly instead?: Substitution;
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

/** The mark of the answer's series, as it lies now. */
export interface MarkState {
  readonly annotationUID: string;
  readonly label: string;
  /** LPS z, mm. */
  readonly zMm: number;
  /** 1-based, in the order of the host's stack; null where no axial slice of the series is near. */
  readonly sliceNumber: number | null;
  /** Whether it lies where the answer put it, or where a person wants it. */
  readonly by: 'answer' | 'person';
  /** Vertebrae by which a person moved the numbering up (negative: down). */
  readonly shift: number;
  readonly definition: LevelDefinition;
  /** Locked in the measurement panel: it cannot be moved. */
  readonly isLocked: boolean;
}

/** What a person has switched on for marking. */
export interface MarkingState {
  /** Whether every visible level is drawn beside the spine. */
  readonly ruler: boolean;
  /** What of the vertebra the next mark lies on. */
  readonly definition: LevelDefinition;
  /** Whether the level tool is the active one: the next press of the button marks. */
  readonly inHand: boolean;
}

export const INITIAL_MARKING: MarkingState = {
  ruler: false,
  definition: 'mid-body',
  inHand: false,
};

export type Search =
  | { readonly phase: 'idle'; readonly note: TextKey | null }
  /** The series is so large that a person is asked before it is read. */
  | {
      readonly phase: 'asking';
      readonly series: SeriesLabel;
      readonly size: SeriesSize;
    }
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
      /** A person says that L3 is not in the searched scan, and why; no mark is there then. */
      readonly absence?: Absence | null;
      /** Where the axial series of the study stand to what is shown; absent for an axial search. */
      readonly axial?: AxialNote | null;
    }
  | {
      readonly phase: 'failed';
      readonly series: SeriesLabel;
      /** What went wrong; `explain` says it and what to do about it. */
      readonly error: unknown;
    };

/** Where the model comes from. */
export interface ModelSource {
  readonly name: string;
  readonly version: string;
  readonly bytes: number;
  /** Of the package's folder. */
  readonly address: string;
}

/** The model package's own description, once a person asks for it. */
export type ModelCardState =
  | { readonly phase: 'closed' }
  | { readonly phase: 'loading' }
  | { readonly phase: 'missing'; readonly address: string }
  | { readonly phase: 'open'; readonly text: string };

export interface FindL3State {
  readonly target: Target;
  readonly search: Search;
  readonly marking: MarkingState;
  /** Null until the model was looked for. */
  readonly model: ModelSource | null;
  readonly modelCard: ModelCardState;
}

export function initialState(): FindL3State {
  return {
    target: { ready: false, why: say('target.loading') },
    search: { phase: 'idle', note: null },
    marking: INITIAL_MARKING,
    model: null,
    modelCard: { phase: 'closed' },
  };
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
