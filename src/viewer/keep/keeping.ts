import { RELEASE } from '../../release/release';
import { levelReport } from '../../sr/levelReport';
import { readLevelReport } from '../../sr/readLevelReport';
import { uidOf } from '../../sr/uid';
import { say, sayMessage, type TextKey } from '../../text/say';
import { instanceOf } from '../host/instance';
import { customization } from '../host/settings';
import type { Marking } from '../mark/marking';
import type { LevelMark, LevelMarkStore } from '../mark/types';
import {
  cornerstoneOf,
  type CornerstoneLibraries,
  type DisplaySet,
  type ExtensionParams,
  type Instance,
  type Subscription,
} from '../host/ohif';
import { Problem } from '../search/problem';
import { answerOf, findingOf, type FindL3State, type ViewerState, type Writer } from '../state';
import { imageIdsOf } from '../study/target';
import { absenceOf, correctionOf } from './correctionOf';
import { download } from './download';
import { HostClearing } from './hostClearing';
import { joinHostReports } from './hostReports';
import { levelPicture } from './levelPicture';
import { levelsCsv, levelsJson, type ExportedLevel } from './levelTable';
import { levelToReport } from './levelToReport';
import { SavedLevels } from './savedLevels';
import { storeObstacle, storeReport } from './storeReport';
import { noteText } from './noteText';
import type { KeepNote, KeepState, NamedMark, Possible } from './types';

export interface ExportOptions {
  readonly format?: 'csv' | 'json' | 'png';
  /** 'study': of the study that the active viewport shows. 'visit': all since the page was opened. */
  readonly scope?: 'study' | 'visit';
}

const POSSIBLE: Possible = { possible: true };
const no = (key: TextKey): Possible => ({ possible: false, why: { key } });

/** Keeps what was marked: in the PACS, in files, and for training. */
export class Keeping {
  private readonly writer: Writer<Pick<FindL3State, 'keep'>>;
  /** Every mark of this visit as it was last, also of studies that were left. */
  private readonly visit = new Map<string, ExportedLevel>();
  private present: Present | null = null;

  constructor(
    private readonly params: ExtensionParams,
    private readonly state: ViewerState,
  ) {
    this.writer = state.writer('keep');
  }

  /** Starts to watch the marks of a mode; a second call without `leave` changes nothing. */
  enter(marking: Marking): void {
    if (this.present) return;
    const { displaySetService, viewportGridService, measurementService } = this.services;
    const libraries = cornerstoneOf(this.params.extensionManager);
    const saved = new SavedLevels(displaySetService, marking.store);
    const restore = () => this.restore();
    const refresh = () => this.refresh();
    const restoreReport = (report: Instance) => {
      const isOurs = saved.restoreReport(report);
      refresh();
      return isOurs;
    };
    const clearing = new HostClearing(measurementService, (marks) => {
      for (const mark of marks) marking.store.put(mark);
    });
    const onStored = (report: Instance, marks: readonly LevelMark[]) => {
      const read = readLevelReport(report);
      if (read) saved.stored(read, marks);
      clearing.saved(marks);
      refresh();
    };
    const events = displaySetService.EVENTS;
    const subscriptions: Subscription[] = [
      displaySetService.subscribe(events.DISPLAY_SETS_CHANGED, restore),
      displaySetService.subscribe(
        events.DISPLAY_SETS_ADDED ?? events.DISPLAY_SETS_CHANGED,
        restore,
      ),
      viewportGridService.subscribe(viewportGridService.EVENTS.ACTIVE_VIEWPORT_ID_CHANGED, refresh),
    ];
    const ends = [
      ...subscriptions.map((subscription) => () => subscription.unsubscribe()),
      marking.store.onChange(refresh),
      this.state.subscribe(refresh),
      joinHostReports(this.params, libraries, marking.store, restoreReport, onStored),
      () => clearing.end(),
    ];
    this.present = { marking, marks: marking.store, libraries, saved, ends };
    this.restore();
    this.refresh();
  }

  leave(): void {
    this.present?.ends.forEach((end) => end());
    this.present = null;
    this.writer.reset();
  }

  /**
   * Saves the marks of every study in which something changed, each as a new report in the PACS.
   *
   * @returns whether all of them are saved now; what went wrong is in the state and was shown
   */
  async save(): Promise<boolean> {
    const { save } = this.keep;
    if (!save.possible) {
      this.notify(sayMessage(save.why), 'info');
      return false;
    }
    const { present } = this;
    if (!present) return false;
    this.set({ isSaving: true, note: null });
    this.refresh();
    let count = 0;
    try {
      for (const [study, marks] of this.unsaved(present)) {
        await this.saveStudy(present, study, marks);
        count += marks.length;
      }
      this.tell(count === 0 ? { kind: 'withdrawn' } : { kind: 'saved', count });
      return true;
    } catch (error) {
      this.tell({ kind: 'failed', error });
      return false;
    } finally {
      this.set({ isSaving: false });
      this.refresh();
    }
  }

  /** Downloads the marks as a table (CSV, JSON) or the searched projection with its levels (PNG). */
  async export({ format = 'csv', scope = 'study' }: ExportOptions = {}): Promise<void> {
    const { table, picture } = this.keep;
    const possible = format === 'png' ? picture : table;
    if (!possible.possible) {
      this.notify(sayMessage(possible.why), 'info');
      return;
    }
    try {
      if (format === 'png') {
        const finding = this.finding();
        if (!finding) return;
        download(await levelPicture(finding, this.markOfAnswer()), 'image/png', 'find-l3.png');
        return;
      }
      const levels = this.exported(scope);
      if (format === 'json') {
        download(levelsJson(levels, new Date()), 'application/json', 'find-l3.json');
      } else download(levelsCsv(levels), 'text/csv;charset=utf-8', 'find-l3.csv');
    } catch (error) {
      this.tell({ kind: 'failed', error });
    }
  }

  /** Downloads the de-identified item of the corrected or confirmed search, where the admin allows it. */
  exportCorrection(): void {
    const { correction } = this.keep;
    if (!correction.possible) {
      this.notify(sayMessage(correction.why), 'info');
      return;
    }
    const finding = this.finding();
    const mark = this.markOfAnswer();
    const absence = this.absence();
    const allowed = customization(this.services.customizationService, 'findL3.corrections');
    if (!finding || !allowed) return;
    try {
      const bytes = mark
        ? correctionOf(finding, mark, this.imageOf(mark) ?? {}, allowed.salt)
        : absence &&
          absenceOf(finding, absence.reason, this.firstImage(absence.of) ?? {}, allowed.salt);
      if (!bytes) return;
      const random = crypto.getRandomValues(new Uint32Array(1))[0].toString(16).padStart(8, '0');
      const name = `find-l3-${random}.correction`;
      download(new Uint8Array(bytes), 'application/octet-stream', name);
      this.tell({ kind: 'corrected' });
    } catch (error) {
      const detail = error instanceof Error ? error.message : String(error);
      const advice = { key: mark ? 'keep.correctionAdvice' : 'keep.leaveOut' } as const;
      const problem = new Problem({ key: 'keep.correctionFailed' }, advice, { detail });
      this.tell({ kind: 'failed', error: problem });
    }
  }

  private get services() {
    return this.params.servicesManager.services;
  }

  private async saveStudy(
    { libraries, saved, marking }: Present,
    study: string,
    marks: readonly LevelMark[],
  ): Promise<void> {
    const displaySet = marks[0] ? this.displaySetOf(marks[0]) : this.imagesOf(study);
    const image = marks[0] ? this.imageOf(marks[0]) : this.firstImage(displaySet);
    if (!image) {
      throw new Problem({ key: 'problem.noImage' }, { key: 'problem.noImageAdvice' });
    }
    const { uuidv4 } = libraries.cornerstone.utilities;
    const dataset = levelReport({
      levels: marks.map((mark) => levelToReport(mark, libraries)),
      image,
      modality: displaySet?.Modality ?? '',
      softwareVersion: RELEASE.version,
      observer: marking.user,
      now: new Date(),
      newUid: () => uidOf(uuidv4()),
      predecessors: saved.current(study),
    });
    await storeReport(this.params.extensionManager.getActiveDataSource?.()?.[0], dataset);
    const read = readLevelReport(dataset);
    if (read) saved.stored(read, marks);
  }

  /** Marks that differ from what is saved, by study; none where all that were saved are deleted. */
  private unsaved({ marks, saved }: Present): readonly [string, readonly LevelMark[]][] {
    const studies = [...new Set(marks.list().map(({ studyInstanceUID }) => studyInstanceUID))];
    const changed = studies
      .map((study): [string, readonly LevelMark[]] => [
        study,
        marks.list().filter(({ studyInstanceUID }) => studyInstanceUID === study),
      ])
      .filter(([study, ofStudy]) => !saved.isSaved(study, ofStudy));
    const withdrawn = saved.withdrawn().filter((study) => this.imagesOf(study));
    return [...changed, ...withdrawn.map((study): [string, readonly LevelMark[]] => [study, []])];
  }

  private restore(): void {
    const restored = this.present?.saved.restore() ?? [];
    if (restored.length === 0) return;
    this.tell({ kind: 'restored', marks: restored.map(nameOf) });
    this.refresh();
  }

  private refresh(): void {
    const { present } = this;
    if (!present) return;
    for (const mark of present.marks.list()) {
      this.visit.set(mark.annotationUID, { mark, series: this.seriesOf(mark) });
    }
    for (const { mark } of [...this.visit.values()]) {
      const isOpen = this.displaySetOf(mark) !== undefined;
      if (isOpen && !present.marks.get(mark.annotationUID)) this.visit.delete(mark.annotationUID);
    }
    const before = this.keep;
    const { note } = before;
    const isThere = ({ annotationUID }: NamedMark) =>
      present.marks.get(annotationUID) !== undefined;
    const unsaved = this.unsaved(present);
    const state: KeepState = {
      ...before,
      note: note?.kind === 'restored' ? { ...note, marks: note.marks.filter(isThere) } : note,
      withdraws: unsaved.length > 0 && unsaved.every(([, marks]) => marks.length === 0),
      save: this.canSave(present, before.isSaving),
      table: this.visit.size > 0 ? POSSIBLE : no('keep.markFirst'),
      picture: this.finding() ? POSSIBLE : no('keep.pictureFirst'),
      correction: this.canCorrect(),
      visitStudies: new Set([...this.visit.values()].map(({ mark }) => mark.studyInstanceUID)).size,
    };
    if (JSON.stringify(state) !== JSON.stringify(before)) this.set(state);
  }

  private canSave(present: Present, isSaving: boolean): Possible {
    if (isSaving) return no('keep.saving');
    const isUnsaved = this.unsaved(present).length > 0;
    if (present.marks.list().length === 0 && !isUnsaved) return no('keep.markFirst');
    const obstacle = storeObstacle(this.params.extensionManager.getActiveDataSource?.()?.[0]);
    if (obstacle) return { possible: false, why: obstacle };
    return isUnsaved ? POSSIBLE : no('keep.nothingNew');
  }

  private canCorrect(): Possible {
    if (!customization(this.services.customizationService, 'findL3.corrections')) {
      return no('keep.notAllowed');
    }
    if (!this.finding()) return no('keep.searchFirst');
    if (this.markOfAnswer() || this.absence()) return POSSIBLE;
    return no('keep.markOrSay');
  }

  private get keep(): KeepState {
    return this.state.get().keep;
  }

  private set(change: Partial<KeepState>): void {
    this.writer.set({ keep: { ...this.keep, ...change } });
  }

  private finding() {
    return findingOf(this.state.get());
  }

  private markOfAnswer(): LevelMark | null {
    const { mark } = this.state.get().marking;
    if (!this.finding() || !mark) return null;
    return this.present?.marks.get(mark.annotationUID) ?? null;
  }

  /** That a person says that L3 is not in the searched scan, and which that is. */
  private absence() {
    const answer = answerOf(this.state.get());
    const { absence } = this.state.get().marking;
    if (!answer || !absence) return null;
    const { displaySetInstanceUID } = answer.series;
    const of = this.services.displaySetService.getDisplaySetByUID(displaySetInstanceUID);
    return { reason: absence, of };
  }

  private exported(scope: ExportOptions['scope']): readonly ExportedLevel[] {
    const all = [...this.visit.values()];
    if (scope === 'visit') return all;
    const { viewportGridService, displaySetService } = this.services;
    const viewportId = viewportGridService.getActiveViewportId() ?? '';
    const [uid] = viewportGridService.getDisplaySetsUIDsForViewport(viewportId) ?? [];
    const study = uid && displaySetService.getDisplaySetByUID(uid)?.StudyInstanceUID;
    const ofStudy = all.filter(({ mark }) => mark.studyInstanceUID === study);
    return ofStudy.length > 0 ? ofStudy : all;
  }

  private displaySetOf({ displaySetInstanceUID }: LevelMark) {
    return this.services.displaySetService.getDisplaySetByUID(displaySetInstanceUID);
  }

  private seriesOf(mark: LevelMark): ExportedLevel['series'] {
    const displaySet = this.displaySetOf(mark);
    const number = displaySet?.SeriesNumber;
    return {
      number: number === undefined ? '' : String(number),
      description: displaySet?.SeriesDescription ?? '',
      modality: displaySet?.Modality ?? '',
    };
  }

  /** A series of images of a study, if the viewer has one. */
  private imagesOf(studyInstanceUID: string): DisplaySet | undefined {
    return this.services.displaySetService
      .getActiveDisplaySets()
      .find(
        (one) => one.StudyInstanceUID === studyInstanceUID && this.firstImage(one) !== undefined,
      );
  }

  /** An image of the mark's study, as the host knows it. */
  private imageOf(mark: LevelMark): Instance | undefined {
    const { libraries } = this.present ?? {};
    const marked = libraries && instanceOf(mark.slice?.imageId, libraries);
    return marked ?? this.firstImage(this.displaySetOf(mark));
  }

  private firstImage(displaySet: DisplaySet | undefined): Instance | undefined {
    if (!displaySet || displaySet.Modality === 'SR' || !this.present) return undefined;
    const [first] = imageIdsOf(displaySet, this.params.extensionManager);
    return instanceOf(first, this.present.libraries);
  }

  private tell(note: KeepNote): void {
    this.set({ note });
    const { message, detail, advice } = noteText(note);
    const text = [message, detail, advice].filter(Boolean).join(' ');
    this.notify(text, note.kind === 'failed' ? 'error' : 'success');
  }

  private notify(message: string, type: 'info' | 'success' | 'error'): void {
    const duration = type === 'error' ? 15_000 : 4_000;
    this.services.uiNotificationService.show({ title: say('title'), message, type, duration });
  }
}

const nameOf = ({ annotationUID, label }: LevelMark): NamedMark => ({ annotationUID, label });

interface Present {
  readonly marking: Marking;
  readonly marks: LevelMarkStore;
  readonly libraries: CornerstoneLibraries;
  readonly saved: SavedLevels;
  readonly ends: readonly (() => void)[];
}
