import type { Absence } from '../../corrections/types';
import type { Finding } from '../../finder/types';
import type { Vec3 } from '../../series/types';
import type { FindL3State, MarkState, Observable, Search } from '../state';
import type { LevelPlane } from '../screen/levelPlane';
import type { Screen } from '../screen/screen';
import type { SeriesFrame } from '../screen/sliceFinder';
import type { LevelMarks } from './levelMarks';
import {
  definitionOffsetMm,
  liftedOnSpine,
  pointOnPlane,
  shiftedLevels,
  spinePointAt,
} from './spine';
import type { LevelDefinition, LevelMark } from './types';

type Answer = Extract<Search, { phase: 'answered' }>;
type Answered = Exclude<Finding, { status: 'refused' }>;

/** What the answer says about marks, and what the panel's state says about its mark. */
export class AnswerMarks {
  constructor(
    private readonly state: Observable<FindL3State>,
    private readonly marks: LevelMarks,
    private readonly screen: Screen,
  ) {}

  /** The mark's point moved along the spine until the plane holds it. */
  onSpine(mark: LevelMark, plane: LevelPlane): Vec3 {
    const answer = this.answer();
    const finding = this.answered();
    const isAnswers = answer?.series.displaySetInstanceUID === mark.displaySetInstanceUID;
    const spine = isAnswers && finding ? this.spineOf(finding) : () => null;
    return pointOnPlane(plane, mark.pointLpsMm, spine);
  }

  /** The centre line of the spine by height, mm. */
  spineOf(finding: Answered): (zMm: number) => Vec3 | null {
    return (zMm) => spinePointAt(finding, zMm);
  }

  /** A point in the middle of L3 moved to what a definition means by the level. */
  onDefinition(definition: LevelDefinition, finding: Answered, shift: number, middle: Vec3): Vec3 {
    const by = definitionOffsetMm(definition, shiftedLevels(finding, shift), 'L3');
    return by === 0 ? middle : liftedOnSpine(finding, middle, by);
  }

  /** The mark of the answer's series, else of what the active viewport shows. */
  currentMark(): LevelMark | undefined {
    const answer = this.answer();
    if (answer) return this.marks.ofSeries(answer.series.displaySetInstanceUID);
    const uids = this.screen.activeDisplaySetUIDs();
    return uids.flatMap((uid) => this.marks.ofSeries(uid) ?? [])[0];
  }

  /** Brings the panel's idea of the mark up to the annotation. */
  refresh(): void {
    const answer = this.answer();
    if (!answer) return;
    const mark = this.marks.ofSeries(answer.series.displaySetInstanceUID);
    const next = mark ? this.stateOf(mark) : null;
    if (JSON.stringify(next) === JSON.stringify(answer.mark)) return;
    this.setAnswer({ mark: next, absence: next ? null : answer.absence });
  }

  /**
   * Takes down that a person says that L3 is not in the searched scan, and removes the marks of its
   * series; a mark that comes back (undo) takes the statement back, as null does.
   *
   * @returns false where a mark is locked, and nothing changed
   */
  setAbsence(absence: Absence | null): boolean {
    const answer = this.answer();
    if (!answer || !this.answered()) return true;
    const uid = answer.series.displaySetInstanceUID;
    const own = absence
      ? this.marks.list().filter(({ displaySetInstanceUID }) => displaySetInstanceUID === uid)
      : [];
    if (own.some(({ annotationUID }) => this.marks.isLocked(annotationUID))) return false;
    for (const { annotationUID } of own) this.marks.remove(annotationUID);
    this.setAnswer({ absence });
    return true;
  }

  private stateOf(mark: LevelMark): MarkState {
    const { annotationUID, label, pointLpsMm, definition, moved, displaySetInstanceUID } = mark;
    const near = this.screen.sliceAt(mark);
    const isOwn = near?.displaySet.displaySetInstanceUID === displaySetInstanceUID;
    return {
      annotationUID,
      label,
      zMm: pointLpsMm[2],
      sliceNumber: near && isOwn ? near.number : null,
      by: moved ? 'person' : 'answer',
      shift: this.marks.shiftOf(annotationUID),
      definition,
      isLocked: this.marks.isLocked(annotationUID),
    };
  }

  /** What was searched last, or null. */
  answer(): Answer | null {
    const { search } = this.state.get();
    return search.phase === 'answered' ? search : null;
  }

  /** The finding that has a picture and levels, or null. */
  answered(): Answered | null {
    const finding = this.answer()?.finding;
    return finding && finding.status !== 'refused' ? finding : null;
  }

  /** Whether a viewport shows images in the frame of reference of the answer. */
  isShownIn(viewportId: string): boolean {
    const answer = this.answer();
    const finding = this.answered();
    if (!answer || !finding) return false;
    const { displaySetInstanceUID } = answer.series;
    const { frameOfReferenceUID } = finding.series;
    const frame: SeriesFrame = { displaySetInstanceUID, frameOfReferenceUID };
    return this.screen.isShownIn(viewportId, frame);
  }

  setAnswer(change: Partial<Pick<Answer, 'shown' | 'mark' | 'absence'>>): void {
    const answer = this.answer();
    if (answer) this.state.set({ ...this.state.get(), search: { ...answer, ...change } });
  }
}
