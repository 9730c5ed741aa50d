import { RELEASE } from '../../release/release';
import type { Absence } from '../../corrections/types';
import { levelsOf } from '../../finder/levelsOf';
import { unit } from '../../series/geometry';
import { language, say, sayMessage, type Message, type TextKey } from '../../text/say';
import type { Vec3 } from '../../series/types';
import { definitionOffsetMm } from '../../sr/definitionOffset';
import {
  cornerstoneOf,
  type CornerstoneLibraries,
  type ExtensionParams,
  type Subscription,
} from '../host/ohif';
import { percent } from '../../reasons/percent';
import type { FindL3State, Statement, Watched, Writer } from '../state';
import { markOf, type LevelAnnotation } from './annotation';
import { AnswerMarks } from './answerMarks';
import { AnswerPlacing } from './answerPlacing';
import { Follower } from '../screen/follower';
import { HEADWARDS, headwards, type LevelPlane } from '../screen/levelPlane';
import type { Screen } from '../screen/screen';
import type { SceneLine } from './levelDrawing';
import { isSameFrame, type Place } from '../screen/sliceFinder';
import { levelScene } from './levelScene';
import { LevelMarks } from './levelMarks';
import { createLevelTool, type LevelToolOwner } from './levelTool';
import { LevelToolGroups } from './levelToolGroups';
import { liftedOnSpine, pointOnPlane, shiftAt, shiftedLevels } from './spine';
import type { LevelDefinition, LevelMark, LevelMarkStore } from './types';

/** Places the level marks of a viewer and moves them: by the answer, by hand, by the panel. */
export class Marking implements LevelToolOwner {
  private readonly libraries: CornerstoneLibraries;
  private readonly marks: LevelMarks;
  private readonly toolGroups: LevelToolGroups;
  private readonly answers: AnswerMarks;
  /** What an answer, or a choice among its places, does to the marks. */
  readonly placing: AnswerPlacing;
  private readonly follower: Follower;
  private readonly subscriptions: readonly Subscription[];
  private drawnUnsaved = '';

  /** @param onShown told of a mark that the viewports were moved to */
  constructor(
    private readonly params: ExtensionParams,
    private readonly state: Watched<FindL3State>,
    writer: Writer<Pick<FindL3State, 'marking'>>,
    private readonly screen: Screen,
    onShown: (place: Place) => void,
  ) {
    this.libraries = cornerstoneOf(params.extensionManager);
    this.follower = new Follower(screen, onShown);
    this.marks = new LevelMarks(params, this.libraries, screen, (mark) =>
      this.follower.follow(mark),
    );
    this.answers = new AnswerMarks(params, state, writer, this.marks, screen);
    this.placing = new AnswerPlacing(params, state, this.marks, this.answers);
    this.marks.onChange(() => this.answers.refresh());
    const tool = createLevelTool(this.libraries, this);
    this.toolGroups = new LevelToolGroups(this.libraries, tool, () => this.refreshInHand());
    const { measurementService } = params.servicesManager.services;
    this.subscriptions = [
      measurementService.subscribe(
        measurementService.EVENTS.JUMP_TO_MEASUREMENT,
        ({ measurement }: { measurement: { uid: string } }) => {
          const mark = this.marks.get(measurement.uid);
          if (mark) this.follower.follow(mark);
        },
      ),
      { unsubscribe: state.subscribe(() => this.answers.refresh()) },
      { unsubscribe: state.subscribe(() => this.drawUnsaved()) },
      { unsubscribe: language.subscribe(() => this.marks.sayAgain()) },
    ];
  }

  get store(): LevelMarkStore {
    return this.marks;
  }

  /** The mark of the answer's series, else of what the active viewport shows. */
  currentMark(): LevelMark | undefined {
    return this.answers.currentMark();
  }

  /** Who is at the viewer, where it knows. */
  get user(): string | null {
    return this.marks.user();
  }

  /** Takes tool, marks, mapping and listeners back. */
  dispose(): void {
    for (const subscription of this.subscriptions) subscription.unsubscribe();
    this.toolGroups.dispose();
    this.marks.dispose();
  }

  /**
   * Moves the mark to a height; without an answer's mark, nothing happens.
   *
   * @param zMm LPS, mm
   * @param isLive one of the moves of a drag: the last one is not
   */
  moveLevelMark({ zMm, isLive = false }: { zMm?: number; isLive?: boolean } = {}): void {
    const mark = this.answers.currentMark();
    if (!mark || zMm === undefined || !Number.isFinite(zMm)) return;
    const plane: LevelPlane = { point: [0, 0, zMm], normal: HEADWARDS };
    this.move(mark, this.answers.onSpine(mark, plane), { isLive });
  }

  /** Marks the level on the slice that an axial viewport shows: the active one, or the one named. */
  setLevelFromCurrentSlice({ viewportId }: { viewportId?: string } = {}): void {
    const axial = this.screen.views().filter(({ plane }) => plane === 'axial');
    const view = axial.find((one) => one.viewportId === viewportId) ?? axial[0];
    const { viewPlaneNormal, focalPoint } = view?.viewport.getCamera() ?? {};
    if (!viewPlaneNormal || !focalPoint) return this.notify(say('mark.openAxial'));
    const normal = headwards(unit(viewPlaneNormal as Vec3));
    this.placeOn(view.viewportId, { point: focalPoint as Vec3, normal });
  }

  /** Moves the numbering by whole vertebrae: 1 calls the body above L3, -1 the one below. */
  shiftNumbering({ by = 1 }: { by?: number } = {}): void {
    const why = this.shiftObstacle(by);
    const finding = this.answers.answered();
    const mark = this.answers.currentMark();
    if (why !== null || !finding || !mark) {
      if (why !== null) this.notify(sayMessage(why));
      return;
    }
    const shift = shiftAt(finding, mark) + by;
    const l3 = shiftedLevels(finding, shift).find(({ name }) => name === 'L3')!;
    this.move(mark, this.answers.onDefinition(mark.definition, finding, shift, l3.pointLpsMm), {
      isRenumbered: true,
    });
  }

  /** Why the numbering cannot be moved by so many vertebrae, or null when it can. */
  shiftObstacle(by: number): Message | null {
    const because = (key: TextKey): Message => ({ key });
    const finding = this.answers.answered();
    const mark = this.answers.currentMark();
    if (!finding || levelsOf(finding).length === 0) return because('mark.noLevels');
    if (!mark) return because('mark.first');
    if (this.marks.isLocked(mark.annotationUID)) return because('mark.locked');
    const shift = shiftAt(finding, mark) + by;
    if (shiftedLevels(finding, shift).some(({ name }) => name === 'L3')) return null;
    return because(by > 0 ? 'mark.noneAbove' : 'mark.noneBelow');
  }

  /** Shows every visible level beside the spine, or hides them again. */
  toggleLevelRuler(): void {
    const { marking } = this.state.get();
    this.answers.set({ ruler: !marking.ruler });
    this.marks.render();
  }

  /** What of the vertebra is marked: the mark moves there, without counting as moved by hand. */
  setLevelDefinition({ definition = 'mid-body' }: { definition?: LevelDefinition } = {}): void {
    this.answers.set({ definition });
    const mark = this.answers.currentMark();
    const finding = this.answers.answered();
    if (!mark || !finding || mark.definition === definition) return;
    if (this.marks.isLocked(mark.annotationUID)) return this.answers.sayLocked();
    const levels = shiftedLevels(finding, shiftAt(finding, mark));
    const by =
      definitionOffsetMm(definition, levels, mark.level) -
      definitionOffsetMm(mark.definition, levels, mark.level);
    const lifted = (point: Vec3) => liftedOnSpine(finding, point, by);
    const foundPointLpsMm = mark.foundPointLpsMm && lifted(mark.foundPointLpsMm);
    const pointLpsMm = lifted(mark.pointLpsMm);
    this.marks.put({ ...mark, definition, foundPointLpsMm, pointLpsMm });
    this.follower.follow({ ...mark, pointLpsMm });
  }

  /** A person says that L3 is not in the searched scan: its mark goes. Null takes that back, and marks the answer. */
  setL3Absent({ absence = null }: { absence?: Absence | null } = {}): void {
    if (!this.answers.setAbsence(absence)) return this.answers.sayLocked();
    const finding = this.answers.answered();
    const uid = this.answers.answer()?.series.displaySetInstanceUID;
    if (absence !== null || finding?.status !== 'found' || !uid || this.marks.ofSeries(uid)) return;
    this.placing.markAnswer(finding, uid);
  }

  /** Brings back what a person had said of a scan, and not saved. */
  restoreStatement(statement: Statement): void {
    this.answers.restoreStatement(statement);
  }

  /** A person agrees with the current mark as it lies; without one, nothing happens. */
  confirmMark(): void {
    const mark = this.answers.currentMark();
    if (mark) this.marks.confirm(mark.annotationUID);
  }

  /** Moves the viewports to a mark, as its entry in the list of measurements does. */
  showLevelMark({ annotationUID }: { annotationUID?: string } = {}): void {
    const mark = annotationUID ? this.marks.get(annotationUID) : this.marks.list().at(-1);
    const viewportId = this.screen.activeViewportId;
    if (!mark || !viewportId) return;
    this.services.measurementService.jumpToMeasurement?.(viewportId, mark.annotationUID);
    this.follower.follow(mark, true);
  }

  /** Puts the level tool in hand: the next press in a viewport marks L3. Again: puts it back. */
  takeLevelTool(): void {
    if (this.toolGroups.isInHand) this.toolGroups.putBack();
    else this.toolGroups.take();
    this.refreshInHand();
  }

  // What the tool asks.

  labelOf(annotation: LevelAnnotation): string {
    const { data } = annotation;
    const { level } = data;
    const own = markOf(annotation);
    const all = this.marks.list();
    const isOne = all.filter((mark) => isSameFrame(mark, own)).length < 2;
    const { displaySetService } = this.services;
    const number = displaySetService.getDisplaySetByUID(level.displaySetInstanceUID)?.SeriesNumber;
    const { definition, probability, moved } = level;
    const part =
      definition === 'mid-body'
        ? data.label
        : say(`definition.label.${definition}`, { label: data.label });
    const isNamed = isOne || number === undefined;
    const name = isNamed ? part : say('mark.ofSeries', { label: part, number });
    const chance = probability === null ? say('mark.byHand') : percent(probability);
    const isUnsaved = this.state.get().keep.unsaved.includes(own.annotationUID);
    const unsaved = isUnsaved ? ` · ${say('state.unsavedMark')}` : '';
    return `${name} · ${moved ? say('mark.moved') : chance}${unsaved}`;
  }

  isShownIn(viewportId: string, annotation: LevelAnnotation): boolean {
    return this.screen.isShownIn(viewportId, markOf(annotation));
  }

  scene(viewportId: string): readonly SceneLine[] {
    return [...this.answerScene(viewportId), ...this.otherReports(viewportId)];
  }

  /** Levels that others have saved, until a person has decided which count. */
  private otherReports(viewportId: string): readonly SceneLine[] {
    const reports = this.state.get().keep.conflict?.reports ?? [];
    return reports.flatMap(({ sopInstanceUID, by, levels }) =>
      levels.flatMap((level, index): SceneLine[] => {
        const { displaySetInstanceUID, frameOfReferenceUID, pointLpsMm: point } = level;
        if (displaySetInstanceUID === null) return [];
        const frame = { displaySetInstanceUID, frameOfReferenceUID };
        if (!this.screen.isShownIn(viewportId, frame)) return [];
        const label = by ? `${level.label} · ${by}` : `${level.label} · ${say('mark.saved')}`;
        return [{ key: `other-${sopInstanceUID}-${index}`, label, kind: 'ghost', point }];
      }),
    );
  }

  private answerScene(viewportId: string): readonly SceneLine[] {
    const answer = this.answers.answer();
    const finding = this.answers.answered();
    if (!answer || !finding || !this.answers.isShownIn(viewportId)) return [];
    const mark = this.marks.ofSeries(answer.series.displaySetInstanceUID);
    return levelScene(finding, {
      ruler: this.state.get().marking.ruler,
      shift: mark ? shiftAt(finding, mark) : 0,
      markZMm: mark?.pointLpsMm[2] ?? null,
      proposal: this.state.get().marking.proposal,
    });
  }

  place(viewportId: string, point: Vec3) {
    const before = this.marks.list().length;
    const uid = this.placeOn(viewportId, { point, normal: HEADWARDS }, point, true);
    const annotation = uid === null ? undefined : this.marks.annotation(uid);
    return annotation ? { annotation, isNew: this.marks.list().length > before } : null;
  }

  drag(annotationUID: string, point: Vec3): void {
    const mark = this.marks.get(annotationUID);
    const annotation = this.marks.annotation(annotationUID);
    if (!mark || !annotation) return;
    const target = this.answers.onSpine(mark, { point, normal: annotation.data.normal });
    this.marks.moveTo(annotationUID, target, { isLive: true });
  }

  dropped(annotation: LevelAnnotation, isNew: boolean): void {
    this.marks.endMove();
    if (isNew) this.marks.made(annotation);
    if (this.toolGroups.isInHand) this.toolGroups.putBack();
  }

  // ---

  /** Marks the level on a plane in a viewport, by hand; the series' mark moves there if it has one. */
  private placeOn(
    viewportId: string,
    plane: LevelPlane,
    at: Vec3 = plane.point,
    isDrawn = false,
  ): string | null {
    const shown = this.screen.seriesIn(viewportId);
    const answer = this.answers.answer();
    const finding = this.answers.answered();
    const isAnswers = this.answers.isShownIn(viewportId);
    const uid = isAnswers ? answer?.series.displaySetInstanceUID : undefined;
    const displaySet = uid
      ? this.services.displaySetService.getDisplaySetByUID(uid)
      : shown?.displaySet;
    if (!shown || !displaySet?.SeriesInstanceUID || !displaySet.StudyInstanceUID) {
      this.notify(say('mark.noPosition'));
      return null;
    }
    const mark = this.marks.ofSeries(displaySet.displaySetInstanceUID);
    if (mark) {
      this.move(mark, this.answers.onSpine(mark, plane), { isLive: isDrawn });
      return mark.annotationUID;
    }
    const spine = isAnswers && finding ? this.answers.spineOf(finding) : () => null;
    const annotationUID = this.libraries.cornerstone.utilities.uuidv4();
    this.marks.put({
      annotationUID,
      level: 'L3',
      label: 'L3',
      definition: this.state.get().marking.definition,
      studyInstanceUID: displaySet.StudyInstanceUID,
      seriesInstanceUID: displaySet.SeriesInstanceUID,
      displaySetInstanceUID: displaySet.displaySetInstanceUID,
      frameOfReferenceUID: shown.frameOfReferenceUID,
      slice: null,
      foundPointLpsMm: null,
      pointLpsMm: pointOnPlane(plane, at, spine),
      probability: null,
      countedFrom: null,
      model: null,
      algorithm: { name: RELEASE.name, version: RELEASE.version },
      ...this.marks.acted('placed'),
    });
    const made = this.marks.annotation(annotationUID)!;
    if (!isDrawn) this.marks.made(made);
    this.follower.follow(this.marks.get(annotationUID)!);
    return annotationUID;
  }

  private move(
    mark: LevelMark,
    point: Vec3,
    options: { readonly isLive?: boolean; readonly isRenumbered?: boolean },
  ): void {
    if (!this.marks.moveTo(mark.annotationUID, point, options)) this.answers.sayLocked();
  }

  /** What is not saved is said beside the line. */
  private drawUnsaved(): void {
    const { unsaved } = this.state.get().keep;
    if (unsaved.join() === this.drawnUnsaved) return;
    this.drawnUnsaved = unsaved.join();
    this.marks.render();
  }

  private readonly refreshInHand = (): void => {
    const { isInHand: inHand } = this.toolGroups;
    if (inHand !== this.state.get().marking.inHand) this.answers.set({ inHand });
  };

  private get services() {
    return this.params.servicesManager.services;
  }

  private notify(message: string): void {
    this.services.uiNotificationService.show({ title: say('title'), message, type: 'info' });
  }
}
