import { say } from '../../text/say';
import type { CommandsManager, DisplaySetService } from '../host/ohif';
import { Notice } from '../host/notice';
import { isPersons, type LevelMark, type LevelMarkStore } from '../mark/types';
import type { Statement } from '../state';
import { fingerprints, isSame } from './reportedMarks';
import type { SavedLevels, StudyMemory } from './savedLevels';

/** The marks of a study that was left before they were saved. */
export interface Draft {
  readonly studyInstanceUID: string;
  readonly marks: readonly LevelMark[];
  /** That L3 is not in the scan, where a person has said so. */
  readonly statement: Statement | null;
  /** What was known of the study's reports. */
  readonly memory: StudyMemory;
  /** Path and query of the page that shows the study. */
  readonly address: string;
}

/**
 * What a person did and did not save, for as long as the page lives, in memory only: the next page says
 * what it is and how to get back, closing the tab is asked about, and opening the study again brings it
 * back.
 */
export class Drafts {
  private readonly drafts = new Map<string, Draft>();
  private readonly notice = new Notice('unsaved');
  private isUnsavedHere = false;

  constructor(
    private readonly displaySetService: DisplaySetService,
    private readonly commandsManager: CommandsManager,
  ) {}

  /** Whether something that a person did in the open study is not saved. */
  setUnsaved(isUnsaved: boolean): void {
    this.isUnsavedHere = isUnsaved;
    this.guard();
  }

  /** A study is left: what it has unsaved is kept, and said. */
  keep(drafts: readonly Draft[]): void {
    for (const draft of drafts) this.drafts.set(draft.studyInstanceUID, draft);
    this.isUnsavedHere = false;
    this.guard();
    const last = drafts.at(-1);
    if (last) this.say(last);
  }

  /** Whether a study's draft is still to come back. */
  has(studyInstanceUID: string): boolean {
    return this.drafts.has(studyInstanceUID);
  }

  /** Whether a study's draft are these marks, as they are. */
  holds(studyInstanceUID: string, marks: readonly LevelMark[]): boolean {
    const draft = this.drafts.get(studyInstanceUID);
    return draft !== undefined && isSame(fingerprints(draft.marks), fingerprints(marks));
  }

  /** The study's draft is saved after all. */
  forget(studyInstanceUID: string): void {
    if (!this.drafts.delete(studyInstanceUID)) return;
    this.notice.clear();
    this.guard();
  }

  /**
   * Puts the drafts of the studies that are open now among the marks, once each, with what was known of
   * their reports.
   *
   * @returns the drafts that came back
   */
  restore(marks: LevelMarkStore, saved: SavedLevels): readonly Draft[] {
    const open = this.displaySetService.getActiveDisplaySets();
    const due = [...this.drafts.values()].filter(
      (draft) =>
        draft.marks.every((mark) => displaySetOf(mark, open)) &&
        open.some(
          ({ StudyInstanceUID, Modality }) =>
            StudyInstanceUID === draft.studyInstanceUID && Modality !== 'SR',
        ),
    );
    for (const draft of due) {
      this.drafts.delete(draft.studyInstanceUID);
      saved.recall(draft.memory);
      for (const mark of draft.marks) {
        const { displaySetInstanceUID } = displaySetOf(mark, open)!;
        marks.put({ ...mark, displaySetInstanceUID, slice: null });
      }
    }
    if (due.length > 0) this.notice.clear();
    this.guard();
    return due;
  }

  private say({ marks, statement, address }: Draft): void {
    const names = statement ? [say('absent.is')] : marks.map(({ label }) => label);
    this.notice.show({
      kind: 'problem',
      text: say('unsaved.left', { names: names.join(say('list.comma')) }),
      advice: say('unsaved.leftAdvice'),
      action: {
        label: say('unsaved.return'),
        run: () => void this.commandsManager.runCommand('navigateHistory', { to: address }),
      },
    });
  }

  private guard(): void {
    window.removeEventListener('beforeunload', ask);
    if (this.isUnsavedHere || this.drafts.size > 0) window.addEventListener('beforeunload', ask);
  }
}

/**
 * What a person did in the open studies and did not save.
 *
 * @param statement a person's word that L3 is not in the scan of one of them
 * @param address of the page that shows them
 */
export function draftsOf({
  marks,
  saved,
  statement: word,
  address,
}: {
  readonly marks: readonly LevelMark[];
  readonly saved: SavedLevels;
  readonly statement: Statement | null;
  readonly address: string;
}): readonly Draft[] {
  const studies = new Set([
    ...marks.map((mark) => mark.studyInstanceUID),
    ...saved.studies(),
    ...(word ? [word.studyInstanceUID] : []),
  ]);
  return [...studies].flatMap((studyInstanceUID): Draft[] => {
    const own = marks.filter((mark) => mark.studyInstanceUID === studyInstanceUID);
    const isOfStudy = word?.studyInstanceUID === studyInstanceUID && own.length === 0;
    const isNew = isOfStudy && saved.statement(studyInstanceUID)?.reason !== word.reason;
    const isDeleted =
      !saved.isSaved(studyInstanceUID, own) && saved.deleted(studyInstanceUID).length > 0;
    const isUnsaved = own.some((mark) => isPersons(mark) && !saved.isMarkSaved(mark));
    if (!isUnsaved && !isDeleted && !isNew) return [];
    const memory = saved.memory(studyInstanceUID);
    return [{ studyInstanceUID, marks: own, statement: isOfStudy ? word : null, memory, address }];
  });
}

/** The browser asks, in words of its own, whether the page shall be left. */
function ask(event: BeforeUnloadEvent): void {
  event.preventDefault();
}

function displaySetOf(
  { seriesInstanceUID }: LevelMark,
  displaySets: ReturnType<DisplaySetService['getActiveDisplaySets']>,
) {
  return displaySets.find(({ SeriesInstanceUID }) => SeriesInstanceUID === seriesInstanceUID);
}
