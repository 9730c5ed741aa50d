import { RELEASE } from '../../release/release';
import { levelReport } from '../../sr/levelReport';
import { readLevelReport } from '../../sr/readLevelReport';
import { uidOf } from '../../sr/uid';
import { say, sayMessage } from '../../text/say';
import {
  cornerstoneOf,
  type CornerstoneLibraries,
  type ExtensionParams,
  type Instance,
  type Subscription,
} from '../host/ohif';
import type { Marking } from '../mark/marking';
import { isPersons, type LevelMark, type LevelMarkStore } from '../mark/types';
import { Problem } from '../search/problem';
import type { FindL3State, ViewerState, Writer } from '../state';
import { Drafts, type Draft } from './drafts';
import { Exporting } from './exporting';
import { HostClearing } from './hostClearing';
import { joinHostReports } from './hostReports';
import { levelToReport } from './levelToReport';
import { noteText } from './noteText';
import { PacsReports } from './pacsReports';
import { SavedLevels } from './savedLevels';
import { storeObstacle, storeReport } from './storeReport';
import { StudyImages } from './studyImages';
import {
  no,
  POSSIBLE,
  type ConflictChoice,
  type KeepNote,
  type KeepState,
  type NamedMark,
  type Possible,
  type ReportConflict,
} from './types';

/** Keeps what was marked: in the PACS, in files, and for training. */
export class Keeping {
  private readonly writer: Writer<Pick<FindL3State, 'keep'>>;
  private readonly pacs: PacsReports;
  private readonly images: StudyImages;
  private readonly drafts: Drafts;
  readonly exporting: Exporting;
  /** Saved levels that a person deleted before leaving a study. */
  private readonly gone = new Set<string>();
  private present: Present | null = null;

  constructor(
    private readonly params: ExtensionParams,
    private readonly state: ViewerState,
  ) {
    this.writer = state.writer('keep');
    this.pacs = new PacsReports(params);
    this.images = new StudyImages(params);
    this.drafts = new Drafts(this.services.displaySetService, params.commandsManager);
    this.exporting = new Exporting(
      params,
      state,
      this.images,
      (note) => this.tell(note),
      (message) => this.notify(message, 'info'),
    );
  }

  /** Starts to watch the marks of a mode; a second call without `leave` changes nothing. */
  enter(marking: Marking): void {
    if (this.present) return;
    const { displaySetService, viewportGridService, measurementService } = this.services;
    const libraries = cornerstoneOf(this.params.extensionManager);
    const saved = new SavedLevels(displaySetService, marking.store, this.gone);
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
    const address = window.location.pathname + window.location.search;
    this.present = { marking, marks: marking.store, libraries, saved, address, ends };
    this.restore();
    this.refresh();
  }

  /** Keeps what is unsaved of the studies that were open; the marks must still be there. */
  leave(): void {
    const { present } = this;
    present?.ends.forEach((end) => end());
    if (present) this.drafts.keep(this.draftsOf(present));
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
        if (await this.isForestalled(present, study)) return false;
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

  /** A person decides between the marks and what others have saved; the decision is saved. */
  async resolve(choice: ConflictChoice = 'mine'): Promise<boolean> {
    const { present } = this;
    const { conflict } = this.keep;
    if (!present || !conflict) return false;
    const { uuidv4 } = present.libraries.cornerstone.utilities;
    this.set({ conflict: null });
    const isToSave = present.saved.settle(conflict, choice, uuidv4);
    this.refresh();
    if (isToSave) return this.save();
    this.tell({ kind: 'theirs' });
    return true;
  }

  /** Whether others have saved a report of the study that nobody here has seen: a person decides first. */
  private async isForestalled({ saved }: Present, study: string): Promise<boolean> {
    const unseen = await this.pacs.unseen(study, (uid) => saved.has(uid));
    if (unseen.length === 0) return false;
    for (const read of unseen) saved.learn(read);
    const reports = unseen.map((read) => saved.describe(read));
    this.set({ conflict: { studyInstanceUID: study, seen: 'saving', reports } });
    this.tell({ kind: 'conflict' });
    return true;
  }

  private get services() {
    return this.params.servicesManager.services;
  }

  private async saveStudy(
    { libraries, saved, marking }: Present,
    study: string,
    marks: readonly LevelMark[],
  ): Promise<void> {
    const displaySet = marks[0] ? this.images.displaySetOf(marks[0]) : this.images.imagesOf(study);
    const image = marks[0] ? this.images.imageOf(marks[0]) : this.images.firstImage(displaySet);
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
    const withdrawn = saved.withdrawn().filter((study) => this.images.imagesOf(study));
    return [...changed, ...withdrawn.map((study): [string, readonly LevelMark[]] => [study, []])];
  }

  private restore(): void {
    const { present } = this;
    if (!present) return;
    const restored = present.saved.restore();
    const back = this.drafts.restore(present.marks);
    this.showRivals(present);
    if (back.length > 0) {
      const marks = back.flatMap((draft) => draft.marks.map(nameOf));
      this.tell({ kind: 'unsaved-restored', marks });
      this.refresh();
      return;
    }
    if (restored.length === 0) return;
    this.tell({ kind: 'restored', marks: restored.map(nameOf) });
    this.refresh();
  }

  private draftsOf({ marks, saved, address }: Present): readonly Draft[] {
    const all = marks.list();
    const studies = new Set([...all.map((mark) => mark.studyInstanceUID), ...saved.studies()]);
    return [...studies].flatMap((studyInstanceUID): Draft[] => {
      const own = all.filter((mark) => mark.studyInstanceUID === studyInstanceUID);
      const deleted = saved.isSaved(studyInstanceUID, own) ? [] : saved.deleted(studyInstanceUID);
      const isUnsaved = own.some((mark) => isPersons(mark) && !saved.isMarkSaved(mark));
      if (!isUnsaved && deleted.length === 0) return [];
      for (const uid of deleted) this.gone.add(uid);
      return [{ studyInstanceUID, marks: own, deleted, address }];
    });
  }

  /** Reports that were there on opening and do not know of each other. */
  private showRivals({ saved }: Present): void {
    if (this.keep.conflict?.seen === 'saving') return;
    const [conflict = null] = saved.studies().flatMap((study): ReportConflict[] => {
      const reports = this.images.imagesOf(study) ? saved.rivals(study) : [];
      if (reports.length === 0) return [];
      return [
        {
          studyInstanceUID: study,
          seen: 'opening',
          reports: reports.map((read) => saved.describe(read)),
        },
      ];
    });
    this.set({ conflict });
  }

  private refresh(): void {
    const { present } = this;
    if (!present) return;
    this.exporting.note(present.marks);
    const before = this.keep;
    const { note } = before;
    const isThere = ({ annotationUID }: NamedMark) =>
      present.marks.get(annotationUID) !== undefined;
    const unsaved = this.unsaved(present);
    const persons = present.marks
      .list()
      .filter((mark) => isPersons(mark) && !present.saved.isMarkSaved(mark))
      .map(({ annotationUID }) => annotationUID);
    const isUnsaved =
      persons.length > 0 || unsaved.some(([study]) => present.saved.deleted(study).length > 0);
    this.drafts.setUnsaved(isUnsaved);
    const state: KeepState = {
      ...before,
      note: note && 'marks' in note ? { ...note, marks: note.marks.filter(isThere) } : note,
      withdraws: unsaved.length > 0 && unsaved.every(([, marks]) => marks.length === 0),
      save: this.canSave(present, before.isSaving),
      ...this.exporting.possible(),
      unsaved: persons,
      isUnsaved,
    };
    if (JSON.stringify(state) !== JSON.stringify(before)) this.set(state);
  }

  private canSave(present: Present, isSaving: boolean): Possible {
    if (isSaving) return no('keep.saving');
    if (this.keep.conflict) return no('conflict.first');
    const isUnsaved = this.unsaved(present).length > 0;
    if (present.marks.list().length === 0 && !isUnsaved) return no('keep.markFirst');
    const obstacle = storeObstacle(this.params.extensionManager.getActiveDataSource?.()?.[0]);
    if (obstacle) return { possible: false, why: obstacle };
    return isUnsaved ? POSSIBLE : no('keep.nothingNew');
  }

  private get keep(): KeepState {
    return this.state.get().keep;
  }

  private set(change: Partial<KeepState>): void {
    this.writer.set({ keep: { ...this.keep, ...change } });
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
  /** Of the page: path and query. */
  readonly address: string;
  readonly marking: Marking;
  readonly marks: LevelMarkStore;
  readonly libraries: CornerstoneLibraries;
  readonly saved: SavedLevels;
  readonly ends: readonly (() => void)[];
}
