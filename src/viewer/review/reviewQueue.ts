import { say } from '../../text/say';
import { Grid } from '../host/grid';
import type { ExtensionParams } from '../host/ohif';
import { Problem } from '../host/problem';
import { customization } from '../host/settings';
import type { Keeping } from '../keep/keeping';
import type { LevelMark } from '../mark/types';
import type { FindL3Session } from '../search/session';
import type { FindL3State, ViewerState, Writer } from '../state';
import { pacsLevels } from './pacsList';
import { doubtsFirst, nextItem, NoReviewList, readReviewList, type ReviewItem } from './reviewList';
import { NO_REVIEW, type ReviewState } from './types';

/** Of the page's address: a list on the viewer's own server. */
const PARAMETER = 'findL3Review';
/** Saved levels come back within this, ms; only then is a study searched. */
const SETTLES_IN_MS = 600;

/** Where a list comes from: a file, an address on the viewer's own server, or the reports in the PACS. */
export type ReviewSource =
  { readonly file: Blob } | { readonly address: string } | { readonly pacs: true };

/**
 * Studies that a person looks through one after the other: which there are, which are done, and the next
 * one. It lasts as long as the page; what is done for good is what the PACS has of a person.
 */
export class ReviewQueue {
  private readonly writer: Writer<Pick<FindL3State, 'review'>>;
  private items: readonly ReviewItem[] = [];
  private readonly done = new Set<string>();
  private loading: AbortController | null = null;
  private searched: string | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private ends: readonly (() => void)[] = [];
  private askedAtStart = false;

  constructor(
    private readonly params: ExtensionParams,
    private readonly state: ViewerState,
    private readonly session: FindL3Session,
    private readonly keeping: Keeping,
  ) {
    this.writer = state.writer('review');
  }

  /** A mode is entered: follows what is open in it. */
  enter(): void {
    this.leave();
    const look = () => this.look();
    this.ends = [new Grid(this.services).onChange(look), this.state.subscribe(() => this.note())];
    this.openAtStart();
    this.note();
    look();
  }

  leave(): void {
    clearTimeout(this.timer);
    this.searched = null;
    this.ends.forEach((end) => end());
    this.ends = [];
  }

  /** Opens a list; the first study that is to be looked at is a step of `next` away. */
  async open(source: ReviewSource): Promise<void> {
    this.loading?.abort();
    const loading = new AbortController();
    this.loading = loading;
    this.set({ ...NO_REVIEW, phase: 'loading' });
    try {
      const isPacs = 'pacs' in source;
      const listed = isPacs ? null : readReviewList(await textOf(source, loading.signal));
      const only = listed && new Set(listed.map(({ studyInstanceUID }) => studyInstanceUID));
      const levels = await pacsLevels(this.params, loading.signal, only ?? undefined);
      loading.signal.throwIfAborted();
      if (isPacs && !levels) {
        throw new Problem({ key: 'review.noSearch' }, { key: 'review.noSearchAdvice' });
      }
      this.items = listed ?? doubtsFirst(levels?.toReview ?? []);
      this.done.clear();
      for (const study of levels?.done ?? []) if (only?.has(study)) this.done.add(study);
      if (this.items.length === 0) {
        throw new Problem({ key: 'review.nothing' }, { key: 'review.nothingAdvice' });
      }
      this.set({ phase: 'open' });
      this.note();
      this.look();
    } catch (error) {
      if (loading.signal.aborted) return;
      this.items = [];
      this.set({ ...NO_REVIEW, phase: 'failed', error: problemOf(error) });
    }
  }

  close(): void {
    this.loading?.abort();
    this.items = [];
    this.done.clear();
    this.set(NO_REVIEW);
  }

  /** Opens the next study that nobody is done with; the host loads no page anew. */
  next(): void {
    const item = nextItem(this.items, this.done, this.study);
    if (!item) {
      const key = this.items.length === 0 ? 'review.none' : 'review.allDone';
      this.inform(say(key));
      return;
    }
    const url = new URL(window.location.href);
    url.searchParams.set('StudyInstanceUIDs', item.studyInstanceUID);
    for (const name of [
      'SeriesInstanceUIDs',
      'initialSeriesInstanceUID',
      'initialSOPInstanceUID',
    ]) {
      url.searchParams.delete(name);
    }
    const to = `${url.pathname}${url.search}`;
    this.params.commandsManager.runCommand('navigateHistory', { to }, 'DEFAULT');
  }

  /**
   * A person agrees with what is marked and painted, and goes on to the next study once it is saved.
   *
   * @param event of the key: one that is held down does nothing
   */
  async confirm(event?: { readonly repeat?: boolean }): Promise<void> {
    if (event?.repeat) return;
    if (!this.state.get().review.current) return this.inform(say('review.notListed'));
    if (!this.state.get().review.isCurrentDone && !(await this.keeping.confirm(event))) return;
    this.next();
  }

  /** Does what a key of the review asks for, where a study of the list is open; a key that is held down does nothing. */
  whileListed(event: { readonly repeat?: boolean } | undefined, act: () => unknown): unknown {
    if (event?.repeat) return undefined;
    return this.state.get().review.current ? act() : this.inform(say('review.notListed'));
  }

  /** Which study the page shows; null where it shows several or none. */
  private get study(): string | null {
    const uids = new URLSearchParams(window.location.search).getAll('StudyInstanceUIDs');
    return uids.length === 1 && !uids[0].includes(',') ? uids[0] : null;
  }

  private openAtStart(): void {
    if (this.askedAtStart) return;
    this.askedAtStart = true;
    const { customizationService } = this.services;
    const address =
      new URLSearchParams(window.location.search).get(PARAMETER) ??
      customization(customizationService, 'findL3.reviewList');
    if (address) void this.open({ address });
  }

  /** Takes down how far the list is. */
  private note(): void {
    const { review } = this.state.get();
    if (review.phase !== 'open') return;
    const { study } = this;
    const at = this.items.findIndex((item) => item.studyInstanceUID === study);
    if (study && at >= 0) {
      if (this.isDone(study)) this.done.add(study);
      else if (this.isOpenAgain(study)) this.done.delete(study);
    }
    const done = this.items.filter((item) => this.done.has(item.studyInstanceUID)).length;
    const state: ReviewState = {
      ...review,
      total: this.items.length,
      done,
      position: at < 0 ? null : at + 1,
      current: this.items[at] ?? null,
      isCurrentDone: study !== null && this.done.has(study),
      hasNext: nextItem(this.items, this.done, study) !== null,
    };
    if (JSON.stringify(state) !== JSON.stringify(review)) this.set(state);
  }

  /** Whether a person stands for what is marked in a study, and it is where it can be kept. */
  private isDone(study: string): boolean {
    const { keep, marking } = this.state.get();
    const hasPacs = keep.save.possible || keep.save.why.key !== 'keep.noPacs';
    const marks = this.marksOf(study);
    const isKept = (mark: LevelMark) => !hasPacs || keep.saved.includes(mark.annotationUID);
    if (marks.length > 0) return marks.every((mark) => mark.review && isKept(mark));
    const statement = hasPacs ? keep.statement : marking.statement;
    return statement?.studyInstanceUID === study;
  }

  /** Something was changed since, and is not saved. */
  private isOpenAgain(study: string): boolean {
    return this.marksOf(study).length > 0 && this.state.get().keep.isUnsaved;
  }

  private marksOf(study: string): readonly LevelMark[] {
    const marks = this.session.marking?.store.list() ?? [];
    return marks.filter(({ studyInstanceUID }) => studyInstanceUID === study);
  }

  /** Searches the listed series of the open study once, where no saved level comes back. */
  private look(): void {
    this.note();
    const { review } = this.state.get();
    const series = review.current?.seriesInstanceUID;
    const { study } = this;
    if (!series || !study || this.searched === study || this.done.has(study)) return;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      const displaySet = this.services.displaySetService
        .getActiveDisplaySets()
        .find(({ SeriesInstanceUID }) => SeriesInstanceUID === series);
      if (!displaySet || this.searched === study || this.marksOf(study).length > 0) return;
      this.searched = study;
      const { displaySetInstanceUID } = displaySet;
      void this.session.find({ displaySetInstanceUID, isAutomatic: true, takesFocus: true });
    }, SETTLES_IN_MS);
  }

  private set(change: Partial<ReviewState>): void {
    this.writer.set({ review: { ...this.state.get().review, ...change } });
  }

  private inform(message: string): void {
    this.services.uiNotificationService.show({ title: say('title'), message, type: 'info' });
  }

  private get services() {
    return this.params.servicesManager.services;
  }
}

async function textOf(
  source: Exclude<ReviewSource, { pacs: true }>,
  signal: AbortSignal,
): Promise<string> {
  if ('file' in source) return new Response(source.file).text();
  const url = new URL(source.address, window.location.href);
  if (url.origin !== window.location.origin) {
    const values = { address: url.href };
    throw new Problem({ key: 'nifti.foreign', values }, { key: 'review.dropAdvice' });
  }
  const response = await fetch(url, { signal, cache: 'no-cache' });
  if (response.ok) return response.text();
  const values = { name: url.pathname, why: `HTTP ${response.status}` };
  throw new Problem({ key: 'nifti.unfetched', values }, { key: 'nifti.unfetchedAdvice' });
}

function problemOf(error: unknown): unknown {
  if (!(error instanceof NoReviewList)) return error;
  const key = error.why === 'empty' ? 'review.emptyList' : 'review.noList';
  return new Problem({ key }, { key: 'review.noListAdvice' }, { cause: error });
}
