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
import { isFooterInSight } from '../host/panelInSight';
import { showUnsavedBadge } from '../host/unsavedBadge';
import type { Marking } from '../mark/marking';
import { isPersons, type LevelMark, type LevelMarkStore } from '../mark/types';
import { Problem } from '../host/problem';
import type { FindL3State, Statement, ViewerState, Writer } from '../state';
import { canConfirm } from './confirming';
import { Drafts, draftsOf } from './drafts';
import { Exporting } from './exporting';
import { HostClearing } from './hostClearing';
import { joinHostReports } from './hostReports';
import { levelToReport } from './levelToReport';
import { noteText, toneOf, type Tone } from './noteText';
import { PacsReports } from './pacsReports';
import { SavedLevels } from './savedLevels';
import { storeObstacle, storeReport } from './storeReport';
import { unsavedStudies, type UnsavedStudy } from './unsavedStudies';
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

/** A study that opens shows its panel after so long, ms. */
const PANEL_OPENS_IN_MS = 600;

/** Keeps what was marked: in the PACS, in files, and for training. */
export class Keeping {
  private readonly writer: Writer<Pick<FindL3State, 'keep'>>;
  private readonly pacs: PacsReports;
  private readonly images: StudyImages;
  private readonly drafts: Drafts;
  readonly exporting: Exporting;
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

  /**
   * Starts to watch the marks of a mode; a second call without `leave` changes nothing.
   *
   * @param isMarkOnScreen whether a person sees the current mark
   */
  enter(marking: Marking, isMarkOnScreen: () => boolean): void {
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
    const address = window.location.pathname + window.location.search;
    const { store: marks } = marking;
    this.present = { marking, marks, libraries, saved, address, isMarkOnScreen, ends };
    this.restore();
    this.refresh();
  }

  /** Keeps what is unsaved of the studies that were open; the marks must still be there. */
  leave(): void {
    const { present } = this;
    present?.ends.forEach((end) => end());
    if (present) {
      const { statement } = this.state.get().marking;
      this.drafts.keep(draftsOf({ ...present, marks: present.marks.list(), statement }));
    }
    this.present = null;
    showUnsavedBadge(false);
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
        // What was sent before may have turned out to be stored.
        const isThere = present.saved.isSaved(study, marks) && !this.statementOf(study);
        if (!isThere) await this.saveStudy(present, study, marks);
        count += marks.length;
      }
      const isAbsent = this.state.get().marking.statement !== null;
      const kind = isAbsent ? 'absent' : 'withdrawn';
      this.tell(count === 0 ? { kind } : { kind: 'saved', count });
      return true;
    } catch (error) {
      this.tell({ kind: 'failed', error });
      return false;
    } finally {
      if (this.present === present) this.set({ isSaving: false });
      this.refresh();
    }
  }

  /**
   * A person agrees with what is marked, and it is saved where something can be stored. Only what is on
   * screen is agreed with: where it is not, it is brought there.
   *
   * @param event of the key, if it was one: while it is held down, nothing is confirmed
   * @returns whether it is confirmed, and saved where that is possible
   */
  async confirm(event?: { readonly repeat?: boolean }): Promise<boolean> {
    const { present } = this;
    if (event?.repeat || !present) return false;
    const { confirm, save } = this.keep;
    if (!confirm.possible) {
      this.notify(sayMessage(confirm.why), 'info');
      return false;
    }
    const { mark } = this.state.get().marking;
    if (mark && !present.isMarkOnScreen()) {
      present.marking.showLevelMark({ annotationUID: mark.annotationUID });
      this.notify(say('confirm.look'), 'info');
      return false;
    }
    present.marking.confirmMark();
    const hasPacs =
      storeObstacle(this.params.extensionManager.getActiveDataSource?.()?.[0]) === null;
    return hasPacs || save.possible ? this.save() : true;
  }

  /** A person decides between the marks and what others have saved; the decision is saved. */
  async resolve(choice: ConflictChoice = 'mine'): Promise<boolean> {
    const { present } = this;
    const { conflict } = this.keep;
    if (!present || !conflict) return false;
    const { uuidv4 } = present.libraries.cornerstone.utilities;
    const isToSave = present.saved.settle(conflict, choice, uuidv4);
    this.refresh();
    if (isToSave) return this.save();
    this.tell({ kind: 'theirs' });
    return true;
  }

  /** Whether others have saved a report of the study that nobody here has seen: a person decides first. */
  private async isForestalled({ saved }: Present, study: string): Promise<boolean> {
    for (const read of await this.pacs.unseen(study, (uid) => saved.has(uid))) saved.learn(read);
    if (!saved.conflict(study)) return false;
    this.tell({ kind: 'conflict' });
    return true;
  }

  private get services() {
    return this.params.servicesManager.services;
  }

  private async saveStudy(
    present: Present,
    study: string,
    marks: readonly LevelMark[],
  ): Promise<void> {
    const { libraries, saved, marking } = present;
    const displaySet = marks[0] ? this.images.displaySetOf(marks[0]) : this.images.imagesOf(study);
    const image = marks[0] ? this.images.imageOf(marks[0]) : this.images.firstImage(displaySet);
    if (!image) {
      throw new Problem({ key: 'problem.noImage' }, { key: 'problem.noImageAdvice' });
    }
    const { uuidv4 } = libraries.cornerstone.utilities;
    const dataset = levelReport({
      levels: marks.map((mark) => levelToReport(mark, libraries)),
      absence: marks.length === 0 ? this.statementOf(study) : null,
      image,
      modality: displaySet?.Modality ?? '',
      softwareVersion: RELEASE.version,
      observer: marking.user,
      now: new Date(),
      newUid: () => uidOf(uuidv4()),
      predecessors: saved.current(study),
    });
    const read = readLevelReport(dataset);
    if (read) saved.sending(read, marks);
    await storeReport(this.params.extensionManager.getActiveDataSource?.()?.[0], dataset);
    if (read) saved.stored(read, marks);
    // Left meanwhile: nothing of it is unsaved any more.
    if (this.present !== present && this.drafts.holds(study, marks)) this.drafts.forget(study);
  }

  private unsaved({ marks, saved }: Present): readonly UnsavedStudy[] {
    const { statement } = this.state.get().marking;
    const isOpen = (study: string) => this.images.imagesOf(study) !== undefined;
    return unsavedStudies(marks.list(), saved, statement, isOpen);
  }

  /** A person's word that L3 is not in the scan of this study. */
  private statementOf(study: string): Statement | null {
    const { statement } = this.state.get().marking;
    return statement?.studyInstanceUID === study ? statement : null;
  }

  private restore(): void {
    const { present } = this;
    if (!present) return;
    const back = this.drafts.restore(present.marks, present.saved);
    const restored = present.saved.restore((study) => this.drafts.has(study));
    const [statement] = back.flatMap((draft) => draft.statement ?? []);
    if (statement) present.marking.restoreStatement(statement);
    this.refresh();
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

  private marksOf({ marks }: Present, study: string): readonly LevelMark[] {
    return marks.list().filter(({ studyInstanceUID }) => studyInstanceUID === study);
  }

  /** Between the marks and other reports of an open study, a person has to decide. */
  private conflictOf({ saved }: Present): ReportConflict | null {
    const open = saved.studies().filter((study) => this.images.imagesOf(study));
    return open.flatMap((study) => saved.conflict(study) ?? [])[0] ?? null;
  }

  private refresh(): void {
    const { present } = this;
    if (!present) return;
    const statement = this.savedStatement(present);
    const said = this.state.get().marking.statement ?? statement;
    this.exporting.note(present.marks, said ? [said] : []);
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
      persons.length > 0 ||
      unsaved.some(
        ([study]) => present.saved.deleted(study).length > 0 || this.statementOf(study) !== null,
      );
    this.drafts.setUnsaved(isUnsaved);
    showUnsavedBadge(isUnsaved);
    const conflict = this.conflictOf(present);
    const known = {
      ...before,
      conflict,
      saved: present.marks
        .list()
        .filter((mark) => present.saved.isMarkSaved(mark))
        .map(({ annotationUID }) => annotationUID),
      note: note && 'marks' in note ? { ...note, marks: note.marks.filter(isThere) } : note,
      withdraws:
        unsaved.length > 0 &&
        unsaved.every(([study, marks]) => marks.length === 0 && !this.statementOf(study)),
      statement,
      save: this.canSave(present, before.isSaving, conflict !== null),
      ...this.exporting.possible(),
      unsaved: persons,
      isUnsaved,
    };
    const { user } = present.marking;
    const confirm = canConfirm({ state: this.state.get(), keep: known, user });
    const state: KeepState = { ...known, confirm };
    if (JSON.stringify(state) !== JSON.stringify(before)) this.set(state);
  }

  private savedStatement(present: Present): Statement | null {
    const open = present.saved
      .studies()
      .filter((study) => this.images.imagesOf(study))
      .filter((study) => !this.marksOf(present, study).some(isPersons));
    return open.flatMap((study) => present.saved.statement(study) ?? [])[0] ?? null;
  }

  private canSave(present: Present, isSaving: boolean, hasConflict: boolean): Possible {
    if (isSaving) return no('keep.saving');
    if (hasConflict) return no('conflict.first');
    const isUnsaved = this.unsaved(present).length > 0;
    const isSaid = present.marks.list().length > 0 || this.state.get().marking.statement !== null;
    if (!isSaid && !isUnsaved) return no('keep.markFirst');
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
    const notify = () => {
      if (!isFooterInSight()) this.notify(text, toneOf(note));
    };
    const isOpening = note.kind === 'restored' || note.kind === 'unsaved-restored';
    if (isOpening)
      setTimeout(() => this.keep.note?.kind === note.kind && notify(), PANEL_OPENS_IN_MS);
    else notify();
  }

  private notify(message: string, type: Tone): void {
    const duration = { error: 15_000, warning: 15_000, info: 2_500, success: 4_000 }[type];
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
  readonly isMarkOnScreen: () => boolean;
  readonly ends: readonly (() => void)[];
}
