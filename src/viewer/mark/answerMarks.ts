import type { Absence } from '../../corrections/types';
import type { Answered } from '../../finder/types';
import type { Vec3 } from '../../series/types';
import { definitionOffsetMm } from '../../sr/definitionOffset';
import { say } from '../../text/say';
import type { ExtensionParams } from '../host/ohif';
import {
  answerOf,
  findingOf,
  type Answer,
  type FindL3State,
  type MarkingState,
  type MarkState,
  type Proposal,
  type Statement,
  type Watched,
  type Writer,
} from '../state';
import type { LevelPlane } from '../screen/levelPlane';
import type { Screen } from '../screen/screen';
import type { SeriesFrame } from '../screen/sliceFinder';
import type { LevelMarks } from './levelMarks';
import {
  liftedOnSpine,
  pointOnPlane,
  shiftAt,
  shiftedLevels,
  spinePointAt,
  vertebraeBetween,
} from './spine';
import type { LevelDefinition, LevelMark } from './types';

/** What the answer says about marks, and the state's slice about the mark, which only this writes. */
export class AnswerMarks {
  private finding: Answered | null = null;

  constructor(
    private readonly params: ExtensionParams,
    private readonly state: Watched<FindL3State>,
    private readonly writer: Writer<Pick<FindL3State, 'marking'>>,
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

  /**
   * Brings the state up to the annotations and the answer: a person's word that L3 is not in the scan holds
   * until a mark is there, or another series is answered.
   */
  refresh(): void {
    const now = this.currentMark();
    const finding = this.answered();
    const isNew = finding !== this.finding;
    this.finding = finding;
    const { mark: before, absence, statement } = this.state.get().marking;
    const mark = now ? this.stateOf(now) : null;
    const isSame = JSON.stringify(mark) === JSON.stringify(before);
    const isOther = finding !== null && finding.series.uid !== statement?.seriesInstanceUID;
    const isBack = (isNew && isOther) || (mark !== null && !isSame);
    this.set({
      mark: isSame ? before : mark,
      absence: isBack ? null : absence,
      statement: isBack ? null : statement,
      proposal: isNew ? null : this.besides(mark),
    });
  }

  /**
   * Takes down that a person says that L3 is not in the searched scan, and removes the marks of its
   * series; a mark that comes back (undo) takes the statement back, as null does.
   *
   * @returns false where a mark is locked, and nothing changed
   */
  setAbsence(absence: Absence | null): boolean {
    const answer = this.answer();
    if (absence === null) {
      this.set({ absence, statement: null });
      return true;
    }
    if (!answer || !this.answered()) return true;
    const uid = answer.series.displaySetInstanceUID;
    const own = this.marks
      .list()
      .filter(({ displaySetInstanceUID }) => displaySetInstanceUID === uid);
    if (own.some(({ annotationUID }) => this.marks.isLocked(annotationUID))) return false;
    for (const { annotationUID } of own) this.marks.remove(annotationUID);
    this.set({ absence, statement: this.statementOf(absence, answer) });
    return true;
  }

  /** A person has said before that L3 is not in a scan, and it is not saved. */
  restoreStatement(statement: Statement): void {
    this.set({ absence: statement.reason, statement });
  }

  private statementOf(reason: Absence, { series }: Answer): Statement | null {
    const { displaySetService } = this.services;
    const of = displaySetService.getDisplaySetByUID(series.displaySetInstanceUID);
    if (!of?.StudyInstanceUID || !of.SeriesInstanceUID) return null;
    const { StudyInstanceUID: studyInstanceUID, SeriesInstanceUID: seriesInstanceUID } = of;
    const at = new Date().toISOString();
    return { reason, studyInstanceUID, seriesInstanceUID, by: this.marks.user(), at };
  }

  /** The proposal beside the mark as it lies now. */
  private besides(mark: MarkState | null): Proposal | null {
    const { proposal } = this.state.get().marking;
    const finding = this.answered();
    if (!proposal || !mark || !finding) return proposal;
    const zMm = proposal.pointLpsMm[2];
    const differenceMm = zMm - mark.zMm;
    if (differenceMm === proposal.differenceMm) return proposal;
    return { ...proposal, differenceMm, vertebrae: vertebraeBetween(finding, mark.zMm, zMm) };
  }

  /** Says why a locked mark stays as it is. */
  sayLocked(): void {
    const { uiNotificationService } = this.services;
    uiNotificationService.show({ title: say('title'), message: say('mark.locked'), type: 'info' });
  }

  /** By how many vertebrae the names of the answer move where its series' mark lies on L3. */
  private shiftOf(mark: LevelMark): number {
    const finding = this.answered();
    return finding ? shiftAt(finding, mark) : 0;
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
      by: moved ? 'person' : mark.fromReport ? 'report' : 'answer',
      review: mark.review ?? null,
      isFromReport: mark.fromReport ?? false,
      shift: this.shiftOf(mark),
      definition,
      isLocked: this.marks.isLocked(annotationUID),
    };
  }

  /** What was searched last, or null. */
  answer(): Answer | null {
    return answerOf(this.state.get());
  }

  /** The finding that has a picture and levels, or null. */
  answered(): Answered | null {
    return findingOf(this.state.get());
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

  set(change: Partial<MarkingState>): void {
    const { marking } = this.state.get();
    const isNew = Object.entries(change).some(
      ([name, value]) => !Object.is(value, marking[name as keyof MarkingState]),
    );
    if (isNew) this.writer.set({ marking: { ...marking, ...change } });
  }

  private get services() {
    return this.params.servicesManager.services;
  }
}
