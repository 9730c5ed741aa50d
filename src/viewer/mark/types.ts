import type { Found } from '../../finder/types';
import type { LevelName } from '../../levels/types';
import type { ModelIdentity } from '../../model/types';
import type { Vec3 } from '../../series/types';
import type { ImageReference } from '../host/instance';
import type { Review } from '../../sr/types';
import type { LevelDefinition } from '../host/settings';

export type { LevelDefinition };

/** A level of the spine that the finder or a person marked, with where it comes from. */
export interface LevelMark {
  /** The annotation's in cornerstone and the measurement's in OHIF. */
  readonly annotationUID: string;
  readonly level: LevelName;
  /** What a person reads beside the line; the level's name until someone renames it. */
  readonly label: string;
  readonly definition: LevelDefinition;
  readonly studyInstanceUID: string;
  /** The series that was searched, or that was shown when a person marked the level by hand. */
  readonly seriesInstanceUID: string;
  readonly displaySetInstanceUID: string;
  /** Null: its series has none. */
  readonly frameOfReferenceUID: string | null;
  /**
   * The axial slice nearest to `pointLpsMm`; null when no axial series of the study is known. Of a
   * series without frame of reference that is not axial, its own image nearest to the point.
   */
  readonly slice: ImageReference | null;
  /** Where the algorithm found it, LPS mm; null when a person placed it by hand. */
  readonly foundPointLpsMm: Vec3 | null;
  /** Where it lies now, LPS mm. */
  readonly pointLpsMm: Vec3;
  /** Of the found level, 0..1; null when a person placed it by hand. */
  readonly probability: number | null;
  /** What the numbering was counted from; null when it was not counted. */
  readonly countedFrom: Found['countedFrom'] | null;
  /** What found it; null when a person placed it by hand. */
  readonly model: ModelIdentity | null;
  readonly algorithm: AlgorithmIdentity;
  /** The last person's change; null while it lies where the algorithm put it. */
  readonly moved: MoveRecord | null;
  /** That a person has looked at it; null while nobody has. */
  readonly review?: Review | null;
  /** It came back from a saved report, and nobody has put an answer in its place since. */
  readonly fromReport?: boolean;
}

/** Whether a person stands for a mark: no search moves it. A saved one counts, as a person has saved it. */
export function isPersons({ moved, review, fromReport }: LevelMark): boolean {
  return Boolean(moved ?? review) || fromReport === true;
}

export interface AlgorithmIdentity {
  readonly name: string;
  readonly version: string;
}

export interface MoveRecord {
  /** The viewer's user where it names one, otherwise null. */
  readonly by: string | null;
  /** ISO 8601, UTC. */
  readonly at: string;
}

/** All marks of the viewer's present mode: what the annotations say now, in the order they were made. */
export interface LevelMarkStore {
  list(): readonly LevelMark[];
  get(annotationUID: string): LevelMark | undefined;
  /** Adds a mark (one that was saved before) or replaces the one of the same annotation UID. */
  put(mark: LevelMark): void;
  /** Takes a mark away; one that is not there is no error. */
  remove(annotationUID: string): void;
  /**
   * Calls back after marks were added, moved, renamed or removed.
   *
   * @returns a function that ends the subscription.
   */
  onChange(listener: () => void): () => void;
}
