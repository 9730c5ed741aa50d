import type { Answered, Found } from '../../finder/types';
import { RELEASE } from '../../release/release';
import type { Vec3 } from '../../series/types';
import { cornerstoneOf, type ExtensionParams } from '../host/ohif';
import type { FindL3State, Proposal, Watched } from '../state';
import type { AnswerMarks } from './answerMarks';
import type { LevelMarks } from './levelMarks';
import { shiftAt, vertebraeBetween } from './spine';
import { isPersons, type LevelMark } from './types';

/** A mark and an answer that lie closer are at the same place, mm. */
const SAME_PLACE_MM = 2;

/** What to mark of an answer. */
interface Choice {
  readonly point: Vec3;
  readonly probability: number;
  readonly countedFrom: LevelMark['countedFrom'];
  /** A person chose it among the candidates. */
  readonly isChoice: boolean;
}

/**
 * Puts marks where answers are. A mark that a person has had a hand in is never moved by an answer:
 * that one is proposed beside it.
 */
export class AnswerPlacing {
  constructor(
    private readonly params: ExtensionParams,
    private readonly state: Watched<FindL3State>,
    private readonly marks: LevelMarks,
    private readonly answers: AnswerMarks,
  ) {}

  /**
   * Marks the answer, in place of the program's own mark of its series (undo brings that one back), or
   * proposes it beside a person's.
   */
  markAnswer(finding: Found, displaySetInstanceUID: string): void {
    const existing = this.marks.ofSeries(displaySetInstanceUID);
    if (existing && this.isHeld(existing)) this.propose(finding, existing);
    else this.put(finding, displaySetInstanceUID, existing, choiceOf(finding));
  }

  /** A person prefers the proposal to the mark beside it: the mark goes there. */
  useProposal(): void {
    const finding = this.answers.answered();
    const answer = this.answers.answer();
    if (!this.state.get().marking.proposal || finding?.status !== 'found' || !answer) return;
    const { displaySetInstanceUID } = answer.series;
    const existing = this.marks.ofSeries(displaySetInstanceUID);
    if (existing && this.marks.isLocked(existing.annotationUID)) return this.answers.sayLocked();
    this.put(finding, displaySetInstanceUID, existing, choiceOf(finding), existing?.definition);
    this.answers.set({ proposal: null });
  }

  /** A person prefers the mark to the proposal beside it. */
  keepMark(): void {
    this.answers.set({ proposal: null });
  }

  /** Takes back the program's mark of a series that is searched anew without an answer; a person's stays. */
  forgetAnswer(displaySetInstanceUID: string): void {
    const mark = this.marks.ofSeries(displaySetInstanceUID);
    if (!mark || this.isHeld(mark)) return;
    this.marks.remove(mark.annotationUID);
  }

  /** Marks a level or an alternative of the answer that a person chose. */
  markChoice(point: Vec3, probability: number): void {
    const answer = this.answers.answer();
    const finding = this.answers.answered();
    if (!answer || !finding) return;
    const { displaySetInstanceUID } = answer.series;
    const existing = this.marks.ofSeries(displaySetInstanceUID);
    if (existing && this.marks.isLocked(existing.annotationUID)) return this.answers.sayLocked();
    if (existing && finding.status === 'found') {
      const target = this.answers.onDefinition(existing.definition, finding, 0, point);
      const { definition } = existing;
      const after = shiftAt(finding, { pointLpsMm: target, definition });
      const isRenumbered = after !== shiftAt(finding, existing);
      this.marks.moveTo(existing.annotationUID, target, { isRenumbered });
    } else {
      const choice = { point, probability, countedFrom: null, isChoice: true };
      this.put(finding, displaySetInstanceUID, existing, choice);
    }
  }

  /** A person stands for the mark, or has locked it. */
  private isHeld(mark: LevelMark): boolean {
    return isPersons(mark) || this.marks.isLocked(mark.annotationUID);
  }

  private propose(finding: Found, mark: LevelMark): void {
    const { definition } = mark;
    const point = this.answers.onDefinition(definition, finding, 0, finding.l3.pointLpsMm);
    const differenceMm = point[2] - mark.pointLpsMm[2];
    const proposal: Proposal = {
      pointLpsMm: point,
      probability: finding.l3.probability,
      differenceMm,
      vertebrae: vertebraeBetween(finding, mark.pointLpsMm[2], point[2]),
    };
    this.answers.set({ proposal: Math.abs(differenceMm) < SAME_PLACE_MM ? null : proposal });
  }

  private put(
    finding: Answered,
    displaySetInstanceUID: string,
    existing: LevelMark | undefined,
    choice: Choice,
    definition = this.state.get().marking.definition,
  ): void {
    const { frameOfReferenceUID, uid: seriesInstanceUID } = finding.series;
    const { displaySetService } = this.params.servicesManager.services;
    const displaySet = displaySetService.getDisplaySetByUID(displaySetInstanceUID);
    if (!displaySet?.StudyInstanceUID) return;
    const point = this.answers.onDefinition(definition, finding, 0, choice.point);
    const { uuidv4 } = cornerstoneOf(this.params.extensionManager).cornerstone.utilities;
    const mark: LevelMark = {
      annotationUID: existing?.annotationUID ?? uuidv4(),
      level: 'L3',
      label: existing?.label ?? 'L3',
      definition,
      studyInstanceUID: displaySet.StudyInstanceUID,
      seriesInstanceUID,
      displaySetInstanceUID,
      frameOfReferenceUID,
      slice: null,
      foundPointLpsMm: point,
      pointLpsMm: point,
      probability: choice.probability,
      countedFrom: choice.countedFrom,
      model: finding.model,
      algorithm: { name: RELEASE.name, version: RELEASE.version },
      ...(choice.isChoice ? this.marks.acted('renumbered') : { moved: null, review: null }),
    };
    this.marks.put(mark, { byHand: choice.isChoice });
  }
}

function choiceOf({ l3, countedFrom }: Found): Choice {
  const { pointLpsMm: point, probability } = l3;
  return { point, probability, countedFrom, isChoice: false };
}
