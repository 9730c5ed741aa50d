import { requireProbability } from '../../finder/requireProbability';
import type { Finding } from '../../finder/types';
import type { Progress } from '../../projection/types';
import { assembleSeries } from '../../series/assembleSeries';
import { language, say, sayMessage, type Message } from '../../text/say';
import { Autorun } from './autorun';
import { installedIn } from '../host/installed';
import { customization } from '../host/settings';
import { sizeIfLarge } from './largeSeries';
import { LazyFinder, type FinderFactory } from './lazyFinder';
import { Marking } from '../mark/marking';
import type { ModelFolder } from './modelFolder';
import { ModelNews } from './modelNews';
import { cornerstoneOf, type ExtensionParams, type Subscription } from '../host/ohif';
import {
  type Answer,
  type FindL3State,
  type Search,
  type Target,
  type ViewerState,
  type Watched,
  type Writer,
} from '../state';
import {
  describeSeries,
  imageIdsOf,
  targetDisplaySet,
  type TargetDisplaySet,
  type TargetOptions,
} from '../study/target';
import { Arrivals } from '../mark/arrivals';
import type { LevelMark } from '../mark/types';
import { quietFinding, Reopening } from './reopening';
import { Screen } from '../screen/screen';
import { Showing } from './showing';
import { CornerstoneVoxelSource } from '../host/voxels';

type ReadyTarget = Extract<TargetDisplaySet, { ready: true }>;
type OwnState = Pick<FindL3State, 'target' | 'search' | 'model' | 'modelCard' | 'installed'>;

export interface SearchOptions extends TargetOptions {
  /** A person was asked and wants a large series to be read. */
  readonly readLarge?: boolean;
  /** The English name of the part to search of a series that holds several scans; else the best one. */
  readonly part?: string;
  /** Nobody clicked: a mark that is there already stays. */
  readonly isAutomatic?: boolean;
  /** The answer takes the focus. */
  readonly takesFocus?: boolean;
  /** Only the picture for a level that is there: it marks, moves and says nothing, and gives way to others. */
  readonly isQuiet?: boolean;
}

/** One viewer's search for L3: what is searched, what was found, what is shown. */
export class FindL3Session {
  private readonly state: Watched<FindL3State>;
  private readonly writer: Writer<OwnState>;
  private readonly showingWriter: Writer<Pick<FindL3State, 'shown' | 'axial'>>;
  private readonly markingWriter: Writer<Pick<FindL3State, 'marking'>>;
  private subscriptions: Subscription[] = [];
  private marksInView: Marking | null = null;
  private readonly finder: LazyFinder;
  private running: {
    readonly controller: AbortController;
    readonly outcome: Promise<Finding | null>;
    readonly isQuiet: boolean;
  } | null = null;
  private screen: Screen | null = null;
  private shows: Showing | null = null;
  private arrivals: Arrivals | null = null;
  private readonly autorun: Autorun;
  private reopening: Reopening | null = null;
  private readonly model: ModelNews;

  constructor(
    private readonly params: ExtensionParams,
    createFinder: FinderFactory,
    /** Brings the panel to the front, so that progress is seen. */
    private readonly revealPanel: () => void,
    modelFolder: ModelFolder,
    state: ViewerState,
  ) {
    this.state = state;
    this.writer = state.writer('target', 'search', 'model', 'modelCard', 'installed');
    this.showingWriter = state.writer('shown', 'axial');
    this.markingWriter = state.writer('marking');
    this.finder = new LazyFinder(createFinder);
    const look = () => installedIn(params, modelFolder.pluginUrl);
    this.model = new ModelNews(modelFolder, look, state, this.writer);
    this.autorun = new Autorun(
      params,
      (uid) => this.marking?.store.list().some((mark) => mark.seriesInstanceUID === uid) ?? false,
      () => void this.find({ isAutomatic: true }),
    );
  }

  private get services() {
    return this.params.servicesManager.services;
  }

  /** Marks and what moves them; null outside the modes that have Find L3. */
  get marking(): Marking | null {
    return this.marksInView;
  }

  /** What is on screen of the answer and the mark; null outside the modes that have Find L3. */
  get showing(): Showing | null {
    return this.shows;
  }

  get isEntered(): boolean {
    return this.marksInView !== null;
  }

  /** Starts to watch the viewer; a second call without `leave` changes nothing. */
  enter(): void {
    if (this.isEntered) return;
    const { displaySetService } = this.services;
    this.screen = new Screen(this.params);
    this.marksInView = new Marking(
      this.params,
      this.state,
      this.markingWriter,
      this.screen,
      (place) => this.shows?.followed(place),
    );
    this.shows = new Showing(this.state, this.showingWriter, this.screen, () => this.marksInView);
    const { screen, marksInView } = this;
    const isBack = (mark: LevelMark) =>
      mark.fromReport === true || this.state.get().keep.note?.kind === 'unsaved-restored';
    this.arrivals = new Arrivals(screen, () => {
      const mark = marksInView.currentMark();
      if (mark) return { id: mark.annotationUID, place: mark, isBack: isBack(mark) };
      const place = this.shows?.place;
      return place ? { id: 'answer', place, isBack: false } : null;
    });
    const reopening = new Reopening(
      () => {
        const mark = marksInView.currentMark();
        const isIdle = this.state.get().search.phase === 'idle';
        return isIdle && mark && isBack(mark) && this.showsSaved ? mark : undefined;
      },
      (displaySetInstanceUID) => void this.find({ displaySetInstanceUID, isQuiet: true }),
    );
    this.reopening = reopening;
    const definition = customization(this.services.customizationService, 'findL3.definition');
    this.marksInView.setLevelDefinition({ definition });
    const refresh = () => {
      this.refreshTarget();
      this.autorun.consider();
    };
    language.follow();
    this.subscriptions = [
      { unsubscribe: this.state.subscribe(() => this.arrivals?.look()) },
      { unsubscribe: this.state.subscribe(() => reopening.consider()) },
      { unsubscribe: language.subscribe(() => this.refreshToolbar()) },
      { unsubscribe: this.screen.onChange(refresh) },
      displaySetService.subscribe(displaySetService.EVENTS.DISPLAY_SETS_CHANGED, refresh),
    ];
  }

  /** Stops what runs, ends the worker, forgets the answer and every subscription. */
  leave(): void {
    this.running?.controller.abort();
    this.running = null;
    this.autorun.cancel();
    for (const subscription of this.subscriptions) subscription.unsubscribe();
    this.subscriptions = [];
    this.marksInView?.dispose();
    this.marksInView = null;
    this.arrivals?.end();
    this.arrivals = null;
    this.reopening?.end();
    this.reopening = null;
    this.shows?.end();
    this.shows = null;
    this.screen = null;
    this.finder.dispose();
    this.writer.reset();
    this.showingWriter.reset();
    this.markingWriter.reset();
  }

  /** Why a search with these options cannot start now, or null when it can. No side effects. */
  obstacle(options: TargetOptions = {}): Message | null {
    if (this.running?.isQuiet === false) return { key: 'search.running' };
    const target = targetDisplaySet(this.services, this.params.extensionManager, options);
    return target.ready ? null : target.why;
  }

  /**
   * Searches L3 in the active viewport's series (or the one named), shows it and marks it.
   *
   * @returns the finding, or null when nothing was searched, the search failed, or it was cancelled;
   * the state says which. A call during a search gives that search's outcome. A large series is not
   * searched unless `readLarge` is set: a person is asked in the panel.
   */
  async find(options: SearchOptions = {}): Promise<Finding | null> {
    if (!this.isEntered) {
      this.notify(say('search.notHere'));
      return null;
    }
    const { readLarge = false, isQuiet = false } = options;
    if (this.running && (isQuiet || !this.running.isQuiet)) return this.running.outcome;
    const target = this.targetOf(options);
    if (!isQuiet) this.revealPanel();
    if (!target.ready) {
      if (!isQuiet) this.notify(sayMessage(target.why));
      return null;
    }
    const known = options.part === undefined && quietFinding(this.state.get(), target.displaySet);
    if (known) {
      await this.conclude(known, target.series, options, true);
      return known;
    }
    if (!isQuiet) this.autorun.note(target.displaySet.SeriesInstanceUID);
    if (!readLarge && this.asksAbout(target, isQuiet)) return null;
    this.running?.controller.abort();
    const controller = new AbortController();
    const outcome = this.search(target, controller.signal, options).finally(() => {
      if (this.running?.controller !== controller) return;
      this.running = null;
      this.refreshToolbar();
    });
    this.running = { controller, outcome, isQuiet };
    this.refreshToolbar();
    return outcome;
  }

  /** Cancels the search that runs or is asked about, if there is one. */
  cancel(): void {
    this.running?.controller.abort();
    const { search } = this.state.get();
    if (search.phase === 'asking') this.setSearch({ phase: 'idle', note: 'search.cancelled' });
  }

  /** Takes back what a series was searched as: the answer, and a mark that no person had a hand in. */
  takeBack(displaySetInstanceUID: string): void {
    this.marksInView?.placing.forgetAnswer(displaySetInstanceUID);
    const { search } = this.state.get();
    const isIts =
      'series' in search && search.series.displaySetInstanceUID === displaySetInstanceUID;
    if (isIts) this.cancel();
    if (isIts && search.phase !== 'running')
      this.setSearch({ phase: 'idle', note: 'modality.changed' });
  }

  /** Shows what is installed, and what the model package says of itself: training, results, limits. */
  async showModelCard(): Promise<void> {
    if (!this.isEntered) return;
    this.revealPanel();
    await this.model.showCard();
  }

  hideModelCard(): void {
    this.model.hideCard();
  }

  refreshTarget(): void {
    const found = targetDisplaySet(this.services, this.params.extensionManager);
    const target: Target = found.ready
      ? { ready: true, series: found.series }
      : { ready: false, why: found.why };
    if (JSON.stringify(target) === JSON.stringify(this.state.get().target)) return;
    this.writer.set({ target });
    this.refreshToolbar();
  }

  private async search(
    { displaySet, series: label }: ReadyTarget,
    signal: AbortSignal,
    options: SearchOptions,
  ): Promise<Finding | null> {
    const { isQuiet } = options;
    this.setSearch({ phase: 'running', series: label, progress: null, isQuiet });
    const shownAtStart = this.screen?.activeDisplaySetUIDs().join(' ');
    try {
      const libraries = cornerstoneOf(this.params.extensionManager);
      const imageIds = imageIdsOf(displaySet, this.params.extensionManager);
      const check = assembleSeries(describeSeries(displaySet, imageIds, libraries), options.part);
      let finding: Finding;
      if (check.ok) {
        void this.model.lookUp();
        const finder = await this.finder.get();
        signal.throwIfAborted();
        finding = await finder.find({
          series: check.series,
          source: new CornerstoneVoxelSource(
            libraries,
            check.series,
            imageIds,
            () => this.services.userAuthenticationService?.getAuthorizationHeader?.() ?? {},
          ),
          onProgress: this.progressReporter(signal),
          signal,
        });
        const { customizationService } = this.services;
        const demanded = customization(customizationService, 'findL3.minProbability');
        finding = requireProbability(finding, demanded ?? 0);
      } else {
        finding = { status: 'refused', reason: check.reason, warnings: check.warnings };
      }
      signal.throwIfAborted();
      const mayOpen = this.screen?.activeDisplaySetUIDs().join(' ') === shownAtStart;
      await this.conclude(finding, label, options, mayOpen);
      return finding;
    } catch (error) {
      if (!this.isEntered) return null;
      if (isQuiet) {
        const isLast = this.running?.controller.signal === signal;
        if (isLast) this.setSearch({ phase: 'idle', note: null });
        if (!signal.aborted) console.warn('Find L3: no picture for the saved level', error);
      } else if (signal.aborted) this.setSearch({ phase: 'idle', note: 'search.cancelled' });
      else this.setSearch({ phase: 'failed', series: label, error });
      return null;
    }
  }

  private async conclude(
    finding: Finding,
    series: Answer['series'],
    { isAutomatic = false, takesFocus = false, isQuiet = false }: SearchOptions,
    mayOpen: boolean,
  ): Promise<void> {
    const { displaySetInstanceUID } = series;
    if (isQuiet) {
      if (finding.status === 'refused') this.setSearch({ phase: 'idle', note: null });
      else this.setSearch({ phase: 'answered', series, finding, isQuiet });
      return;
    }
    const isUnasked = isAutomatic;
    this.setSearch({ phase: 'answered', series, finding, takesFocus, isUnasked });
    const isMarked = this.marking?.store
      .list()
      .some((mark) => mark.displaySetInstanceUID === displaySetInstanceUID);
    // A mark that came meanwhile, saved or set by hand, was not to be moved.
    if (isAutomatic && isMarked) return;
    if (this.state.get().marking.statement) return;
    const placing = this.marksInView?.placing;
    if (finding.status === 'found') placing?.markAnswer(finding, displaySetInstanceUID);
    else placing?.forgetAnswer(displaySetInstanceUID);
    await nextTask();
    await this.showing?.answer({ mayOpen, isUnasked });
  }

  private progressReporter(signal: AbortSignal): (progress: Progress) => void {
    return (progress) => {
      const { search } = this.state.get();
      if (!signal.aborted && search.phase === 'running') this.setSearch({ ...search, progress });
    };
  }

  private targetOf(options: SearchOptions): TargetDisplaySet {
    const { search } = this.state.get();
    const uid = options.displaySetInstanceUID;
    if (search.phase === 'asking' && uid === search.series.displaySetInstanceUID) {
      const displaySet = this.services.displaySetService.getDisplaySetByUID(uid);
      if (displaySet) return { ready: true, displaySet, series: search.series };
    }
    return targetDisplaySet(this.services, this.params.extensionManager, options);
  }

  private get showsSaved(): boolean {
    return customization(this.services.customizationService, 'findL3.pictureOfSaved');
  }

  /** Asks before a large series is read; quietly it is not read. */
  private asksAbout({ displaySet, series }: ReadyTarget, isQuiet: boolean): boolean {
    const size = sizeIfLarge(imageIdsOf(displaySet, this.params.extensionManager), this.params);
    if (size && !isQuiet) this.setSearch({ phase: 'asking', series, size });
    return size !== null;
  }

  private setSearch(search: Search): void {
    const isNew = search.phase !== 'running' || this.state.get().search.phase !== 'running';
    const isQuiet = 'isQuiet' in search && search.isQuiet;
    if (isNew && !isQuiet) this.showing?.forget();
    if (this.isEntered) this.writer.set({ search });
  }

  private refreshToolbar(): void {
    if (!this.isEntered) return;
    const viewportId = this.screen?.activeViewportId;
    this.services.toolbarService.refreshToolbarState({ viewportId });
  }

  private notify(message: string): void {
    this.services.uiNotificationService.show({ title: say('title'), message, type: 'info' });
  }
}

/** Lets the page paint and react between steps that each cost something. */
function nextTask(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve));
}
