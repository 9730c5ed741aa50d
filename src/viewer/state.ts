import type { Absence } from '../corrections/types';
import type { Answered, Finding } from '../finder/types';
import type { LevelName } from '../levels/types';
import type { Vec3 } from '../series/types';
import type { Progress } from '../projection/types';
import type { Message, TextKey } from '../text/say';
import type { ModalitySource } from './study/assumedModality';
import type { Choice } from './study/chooseSeries';
import type { SeriesSize } from './search/largeSeries';
import type { Installed } from './host/installed';
import type { HandOverState } from './handover/types';
import { NO_LAYOUT, type LayoutState } from './layout/types';
import { unavailable, type KeepState } from './keep/types';
import { NO_REVIEW, type ReviewState } from './review/types';
import type { ReportedAbsence, Review } from '../sr/types';
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
  /** Present when its own header does not say the modality: who does. */
  readonly assumed?: ModalitySource;
  /** Present when it stands in for the series of the active viewport. */
  readonly instead?: Substitution;
}

/** The series that Find L3 would use now, or why it would use none. */
export type Target =
  | { readonly ready: true; readonly series: SeriesLabel }
  | { readonly ready: false; readonly why: Message };

/** What is on screen: on the slice of the axial view, or as the last line chosen where there is none. */
export interface Shown {
  readonly isMark: boolean;
  /** A level of the answer, under the name that it was found by. */
  readonly level: LevelName | null;
  /** Index of an alternative of the answer. */
  readonly alternative: number | null;
  /** Of the axial view, 1-based, of so many, in the order of the host's stack; null where none is open. */
  readonly slice: { readonly number: number; readonly count: number } | null;
}

/** The mark of the answer's series, as it lies now. */
export interface MarkState {
  readonly annotationUID: string;
  readonly label: string;
  /** LPS z, mm. */
  readonly zMm: number;
  /** 1-based, in the order of the host's stack; null where no axial slice of the series is near. */
  readonly sliceNumber: number | null;
  /** Whether it lies where the answer put it, where a person wants it, or where a report has it. */
  readonly by: 'answer' | 'person' | 'report';
  /** That a person has looked at it; null while nobody has. */
  readonly review: Review | null;
  /** It came back from a report, and nobody here has confirmed it. */
  readonly isFromReport: boolean;
  /** Vertebrae by which a person moved the numbering up (negative: down). */
  readonly shift: number;
  readonly definition: LevelDefinition;
  /** Locked in the measurement panel: it cannot be moved. */
  readonly isLocked: boolean;
}

/** A person's word that L3 is not in a scan. */
export interface Statement extends ReportedAbsence {
  readonly studyInstanceUID: string;
}

/** An answer beside the mark of a person, who decides between the two. */
export interface Proposal {
  /** What the mark's definition means by L3 there, LPS mm. */
  readonly pointLpsMm: Vec3;
  readonly probability: number;
  /** How far it lies above the mark (negative: below), mm. */
  readonly differenceMm: number;
  /** Vertebrae by which it is higher than the mark (negative: lower). */
  readonly vertebrae: number;
}

/** What is marked, and what a person has switched on for marking. */
export interface MarkingState {
  /** The mark of the answer's series, else of what the active viewport shows. */
  readonly mark: MarkState | null;
  /** A person says that L3 is not in the searched scan, and why; no mark is there then. */
  readonly absence: Absence | null;
  /** The same with who says so, when, and of which study; null exactly when `absence` is. */
  readonly statement: Statement | null;
  readonly proposal: Proposal | null;
  /** Whether every visible level is drawn beside the spine. */
  readonly ruler: boolean;
  /** What of the vertebra the next mark lies on. */
  readonly definition: LevelDefinition;
  /** Whether the level tool is the active one: the next press of the button marks. */
  readonly inHand: boolean;
}

export const INITIAL_MARKING: MarkingState = {
  mark: null,
  absence: null,
  statement: null,
  proposal: null,
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
      readonly isQuiet?: boolean;
    }
  | {
      readonly phase: 'answered';
      readonly series: SeriesLabel;
      readonly finding: Finding;
      /** It was asked for by key or in the panel: the answer takes the focus. */
      readonly takesFocus?: boolean;
      /** The search began by itself. */
      readonly isUnasked?: boolean;
      /**
       * Nobody asked where L3 is: the picture and the vertebrae beside a level that came back with its study.
       */
      readonly isQuiet?: boolean;
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

/**
 * What the viewer knows, in slices of one writer each (`ViewerState`). It holds keys, numbers and
 * errors, never a finished text: texts are made where they are shown, in the language of that moment.
 */
export interface FindL3State {
  // Written by the search, the last two of these by what shows its answer.
  readonly target: Target;
  readonly search: Search;
  /** Null: no view shows the series of the answer or of the mark. */
  readonly shown: Shown | null;
  /** Where the axial series of the study stand to what is shown; null for an axial search. */
  readonly axial: AxialNote | null;
  /** Null until the model was looked for. */
  readonly model: ModelSource | null;
  readonly modelCard: ModelCardState;
  /** As it was when the card was opened last; null before. */
  readonly installed: Installed | null;
  /** Written by the marking. */
  readonly marking: MarkingState;
  /** Written by what keeps the marks. */
  readonly keep: KeepState;
  /** Written by what hands the slice at L3 on. */
  readonly handOver: HandOverState;
  /** Written by the layout Review L3. */
  readonly layout: LayoutState;
  /** Written by the queue of studies to review. */
  readonly review: ReviewState;
}

export function initialState(): FindL3State {
  return {
    target: { ready: false, why: { key: 'target.loading' } },
    search: { phase: 'idle', note: null },
    shown: null,
    axial: null,
    model: null,
    modelCard: { phase: 'closed' },
    installed: null,
    marking: INITIAL_MARKING,
    keep: unavailable(),
    handOver: {
      slice: null,
      possible: { possible: false, why: { key: 'target.loading' } },
      isReading: false,
      note: null,
    },
    layout: NO_LAYOUT,
    review: NO_REVIEW,
  };
}

export type Answer = Extract<Search, { phase: 'answered' }>;

/** The outcome of the last search, also one that was refused; null before it and while one runs. */
export function answerOf({ search }: Pick<FindL3State, 'search'>): Answer | null {
  return search.phase === 'answered' ? search : null;
}

/** The last search's finding with its picture; null where there is none. */
export function findingOf(state: Pick<FindL3State, 'search'>): Answered | null {
  const finding = answerOf(state)?.finding;
  return finding && finding.status !== 'refused' ? finding : null;
}

/** Whether the last word on L3 is a person's: a place, or that it is not in the scan. */
export function isCorrected({ mark, absence }: Pick<MarkingState, 'mark' | 'absence'>): boolean {
  return absence !== null || (mark !== null && mark.by !== 'answer');
}

/** A value that can be read and watched, but not changed. */
export interface Watched<T> {
  readonly get: () => T;
  /** @returns a function that ends the subscription */
  readonly subscribe: (listener: () => void) => () => void;
}

/** Changes some keys of the state, and nobody else does. */
export interface Writer<Slice> {
  set(change: Partial<Slice>): void;
  /** Back to how it was before anything happened. */
  reset(): void;
}

/** The state of one viewer: everybody reads all of it, each key has one writer. */
export class ViewerState implements Watched<FindL3State> {
  private readonly all = new Observable(initialState());
  private readonly taken = new Set<keyof FindL3State>();
  readonly get = this.all.get;
  readonly subscribe = this.all.subscribe;

  /**
   * The writer of a slice.
   *
   * @throws Error when one of its keys has a writer already
   */
  writer<Key extends keyof FindL3State>(...keys: readonly Key[]): Writer<Pick<FindL3State, Key>> {
    const twice = keys.find((key) => this.taken.has(key));
    if (twice) throw new Error(`The state's ${twice} has a writer already.`);
    for (const key of keys) this.taken.add(key);
    const set = (change: Partial<Pick<FindL3State, Key>>) => {
      const before = this.all.get();
      const isNew = keys.some((key) => key in change && !Object.is(change[key], before[key]));
      if (isNew) this.all.set({ ...before, ...change });
    };
    const reset = () => {
      const initial = initialState();
      set(Object.fromEntries(keys.map((key) => [key, initial[key]])) as Pick<FindL3State, Key>);
    };
    return { set, reset };
  }

  get listenerCount(): number {
    return this.all.listenerCount;
  }
}

/** A value that can be watched; listeners are called after each change. */
export class Observable<T> implements Watched<T> {
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
