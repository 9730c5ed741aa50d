import { levelsOf } from '../../finder/levelsOf';
import type { Undetermined } from '../../finder/types';
import { LEVEL_NAMES, type LevelName } from '../../levels/types';
import type { Vec3 } from '../../series/types';
import type { Marking } from '../mark/marking';
import type { LevelMark } from '../mark/types';
import { HandInViews } from '../screen/handInViews';
import type { Screen, View } from '../screen/screen';
import type { Place } from '../screen/sliceFinder';
import {
  answerOf,
  findingOf,
  type FindL3State,
  type Shown,
  type Watched,
  type Writer,
} from '../state';

/** Two points that lie closer are the same place, mm. */
const SAME_PLACE_MM = 0.05;

type OwnState = Pick<FindL3State, 'shown' | 'axial'>;

/**
 * Brings places of the answer on screen, and says at any time what of it is there: from the viewports
 * alone, whoever moved them.
 */
export class Showing {
  /** What was brought on screen last; views that cut the body lengthwise show every height. */
  private chosen: Place | null = null;
  private seen: readonly unknown[] = [];
  private isSearching = false;
  private readonly hand: HandInViews;
  private readonly ends: readonly (() => void)[];

  constructor(
    private readonly state: Watched<FindL3State>,
    private readonly writer: Writer<OwnState>,
    private readonly screen: Screen,
    /** Null until the marks are there. */
    private readonly marking: () => Marking | null,
  ) {
    this.hand = new HandInViews(screen);
    this.ends = [
      () => this.hand.end(),
      screen.onChange(() => this.refresh()),
      screen.onScroll(() => this.refresh()),
      state.subscribe(() => this.follow()),
    ];
  }

  end(): void {
    for (const end of this.ends) end();
  }

  /** Where views that are opened later start: at the mark, else at what was shown last of the answer. */
  get place(): Place | null {
    const state = this.state.get();
    if (state.marking.absence) return null;
    return this.marking()?.currentMark() ?? (findingOf(state) && this.chosen);
  }

  /** A new answer: nothing of it was brought on screen yet. */
  forget(): void {
    this.chosen = null;
  }

  /** The viewports have been moved to a mark. */
  followed(place: Place): void {
    this.chosen = place;
    this.refresh();
  }

  /**
   * Shows what a search came to: L3, else the likeliest candidate or the lumbar vertebra nearest to L3. Where
   * no lumbar spine was recognised, or a person's mark lies, nothing moves; nor where nobody asked and a
   * person has had a hand in the views since the search began.
   *
   * @param mayOpen whether the series may be opened where no viewport shows it
   */
  async answer({ mayOpen = true, isUnasked = false } = {}): Promise<void> {
    const finding = findingOf(this.state.get());
    if (isUnasked && this.hand.isTouched) return;
    if (finding?.status === 'undetermined' && this.marking()?.currentMark()) return;
    const point = finding?.status === 'found' ? finding.l3.pointLpsMm : finding && spineOf(finding);
    await this.go(this.placeOf(point), mayOpen);
  }

  /**
   * Shows a level of the answer in the viewports, in the active one where none shows its series.
   * Without an answer that has it, nothing happens.
   *
   * @param mayOpen whether the series may be opened where no viewport shows it
   */
  async level(name: LevelName, { mayOpen = true } = {}): Promise<void> {
    await this.go(this.placeOf(this.pointOf(name)), mayOpen);
  }

  /** Shows an alternative of the answer in the viewports. */
  async alternative(index: number): Promise<void> {
    const point = findingOf(this.state.get())?.alternatives[index]?.pointLpsMm;
    const place = this.placeOf(point ?? null);
    if (place) await this.moveTo(place);
  }

  /** Shows the axial slice that cuts what was shown last of a sagittal answer; nothing where none does. */
  async axialSlice(): Promise<void> {
    const place = this.chosen;
    if (place && (await this.screen.openAxial(place))) await this.moveTo(place);
  }

  /**
   * Makes L3 what is on screen: the level or alternative of the answer that lies on the slice of the
   * axial view, else that slice.
   */
  async markThis(): Promise<void> {
    const { shown } = this.state.get();
    const answer = answerOf(this.state.get());
    const finding = findingOf(this.state.get());
    const marking = this.marking();
    if (!marking) return;
    const level =
      finding && shown?.level && finding.levels.find(({ name }) => name === shown.level);
    const isAnswer = finding?.status === 'found' && shown?.level === 'L3';
    const alternative =
      finding && shown ? finding.alternatives[shown.alternative ?? -1] : undefined;
    const choice = isAnswer ? finding.l3 : level || alternative;
    if (!answer || !finding || !choice || shown?.isMark) {
      marking.setLevelFromCurrentSlice({ viewportId: this.axialView()?.viewportId });
      return;
    }
    if (isAnswer && !marking.currentMark()) {
      marking.placing.markAnswer(finding, answer.series.displaySetInstanceUID);
      marking.confirmMark();
      return;
    }
    marking.placing.markChoice(choice.pointLpsMm, choice.probability);
    const place = this.placeOf(choice.pointLpsMm);
    if (place) await this.moveTo(place);
  }

  /** A person takes a numbering: L3 lies at an alternative of the answer (null: where it was found). */
  async choose(index: number | null): Promise<void> {
    const finding = findingOf(this.state.get());
    const found = finding?.status === 'found' ? finding.l3 : undefined;
    const choice = index === null ? found : finding?.alternatives[index];
    const place = this.placeOf(choice?.pointLpsMm ?? null);
    const placing = this.marking()?.placing;
    if (!choice || !place || !placing) return;
    const mark = this.marking()?.currentMark();
    const isThere = mark?.pointLpsMm.every((mm, i) => mm === choice.pointLpsMm[i]) ?? false;
    if (!isThere) placing.markChoice(choice.pointLpsMm, choice.probability);
    await this.go(place, true);
  }

  /** Whether the mark is on screen: on the slice of the axial view, or as a line where there is none. */
  get isMarkOnScreen(): boolean {
    this.refresh();
    return this.state.get().shown?.isMark ?? false;
  }

  private async go(place: Place | null, mayOpen: boolean): Promise<void> {
    if (!place) return;
    const views = await this.moveTo(place);
    if (views.length === 0 && mayOpen && (await this.screen.open(place))) await this.moveTo(place);
  }

  private async moveTo(place: Place): Promise<readonly View[]> {
    this.chosen = place;
    const views = await this.screen.show(place);
    this.refresh();
    return views;
  }

  /** What matters of the state has changed. */
  private follow(): void {
    const { search, marking } = this.state.get();
    const isSearching = search.phase === 'running' && !search.isQuiet;
    if (isSearching && !this.isSearching) this.hand.forget();
    this.isSearching = isSearching;
    const now = [search.phase === 'running' ? null : search, marking.mark];
    if (now.every((each, i) => Object.is(each, this.seen[i]))) return;
    this.seen = now;
    this.refresh();
  }

  private refresh(): void {
    const { shown: before, axial: axialBefore } = this.state.get();
    const isAnswered = answerOf(this.state.get()) !== null;
    const shown = this.look();
    const axial = isAnswered && this.chosen ? this.screen.axialNote(this.chosen) : null;
    const isSame = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b);
    this.writer.set({
      shown: isSame(shown, before) ? before : shown,
      axial: isSame(axial, axialBefore) ? axialBefore : axial,
    });
  }

  private look(): Shown | null {
    const finding = findingOf(this.state.get());
    const mark = this.marking()?.currentMark();
    const frame = this.frameOf(mark);
    const axial = this.axialView();
    const lengthwise = frame && !axial ? this.screen.views(frame)[0] : undefined;
    if (!axial && !lengthwise) return null;
    const isHere = (place: Place | null) => {
      if (!place) return false;
      return axial ? this.screen.showsSlice(axial, place) : this.isChosen(place);
    };
    const isPointHere = (point: Vec3) => isHere(this.placeOf(point));
    const levels = finding?.levels ?? [];
    const isL3Here = finding?.status === 'found' && isPointHere(finding.l3.pointLpsMm);
    const level = levels.find(
      ({ name, pointLpsMm }) =>
        !(name === 'L3' && finding?.status === 'found') && isPointHere(pointLpsMm),
    );
    const alternative = finding?.alternatives.findIndex(({ pointLpsMm }) =>
      isPointHere(pointLpsMm),
    );
    return {
      isMark: isHere(mark ?? null),
      level: isL3Here ? 'L3' : (level?.name ?? null),
      alternative: alternative === undefined || alternative < 0 ? null : alternative,
      slice: axial ? this.screen.sliceIn(axial) : null,
    };
  }

  private isChosen({ pointLpsMm, displaySetInstanceUID }: Place): boolean {
    const { chosen } = this;
    return (
      chosen?.displaySetInstanceUID === displaySetInstanceUID &&
      chosen.pointLpsMm.every((mm, i) => Math.abs(mm - pointLpsMm[i]) < SAME_PLACE_MM)
    );
  }

  /** The axial view that counts: of the answer's or the mark's frame of reference where there is one. */
  private axialView(): View | null {
    const frame = this.frameOf(this.marking()?.currentMark());
    const isAxial = ({ plane }: View) => plane === 'axial';
    const inFrame = frame ? this.screen.views(frame) : [];
    if (inFrame.length > 0) return inFrame.find(isAxial) ?? null;
    return this.screen.views().find(isAxial) ?? null;
  }

  private frameOf(mark: LevelMark | undefined) {
    const answer = answerOf(this.state.get());
    const finding = findingOf(this.state.get());
    if (!answer || !finding) return mark ?? null;
    const { displaySetInstanceUID } = answer.series;
    return { displaySetInstanceUID, frameOfReferenceUID: finding.series.frameOfReferenceUID };
  }

  /** A point of the answer's series; null without an answer. */
  private placeOf(pointLpsMm: Vec3 | null): Place | null {
    const answer = answerOf(this.state.get());
    const finding = findingOf(this.state.get());
    if (!answer || !finding || !pointLpsMm) return null;
    const { displaySetInstanceUID } = answer.series;
    const { frameOfReferenceUID } = finding.series;
    return { pointLpsMm, displaySetInstanceUID, frameOfReferenceUID };
  }

  private pointOf(name: LevelName): Vec3 | null {
    const finding = findingOf(this.state.get());
    if (finding?.status === 'found' && name === 'L3') return finding.l3.pointLpsMm;
    return finding?.levels.find((level) => level.name === name)?.pointLpsMm ?? null;
  }
}

/**
 * Where the spine of an answer without L3 is looked at: at the likeliest candidate, else at the lumbar
 * vertebra that comes nearest to L3. Null where no lumbar spine was recognised.
 */
function spineOf(finding: Undetermined): Vec3 | null {
  if (finding.reason.code === 'no-lumbar-spine') return null;
  const fromL3 = ({ name }: { readonly name: LevelName }) =>
    Math.abs(LEVEL_NAMES.indexOf(name) - LEVEL_NAMES.indexOf('L3'));
  const lumbar = levelsOf(finding).filter(({ name }) => name.startsWith('L'));
  const [nearest] = lumbar.sort((a, b) => fromL3(a) - fromL3(b));
  return (finding.alternatives[0] ?? nearest)?.pointLpsMm ?? null;
}
