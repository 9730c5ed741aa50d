import { say } from '../text/say';
import { openPanel } from './host/panelInSight';
import { searchButton } from './host/searchButton';
import {
  customization,
  isEnabledInMode,
  settingProblems,
  settingProblemText,
} from './host/settings';
import { addHostEntries, panelIdOf } from './host/hostEntries';
import type { ModelFolder } from './search/modelFolder';
import type { ExtensionParams, ServicesManager } from './host/ohif';
import { LocalFiles } from './host/localFiles';
import { HandingOver } from './handover/handingOver';
import { Keeping } from './keep/keeping';
import type { FinderFactory } from './search/lazyFinder';
import { ReviewLayout } from './layout/reviewLayout';
import { ReviewQueue } from './review/reviewQueue';
import { OutcomeNews, standingOf } from './search/outcomeNews';
import { FindL3Session } from './search/session';
import { ViewerState } from './state';
import { AssumedModalities, type Modality } from './study/assumedModality';

/** Which series a person says is what. */
export interface ModalityOptions {
  readonly modality?: Modality;
  readonly displaySetInstanceUID?: string;
}

const SETTING_PROBLEM_MS = 15_000;

/** Find L3 in one viewer: the session, and what it adds to the modes of the host. */
export class FindL3Viewer {
  private static readonly all = new WeakMap<ServicesManager, FindL3Viewer>();

  readonly state = new ViewerState();
  readonly session: FindL3Session;
  readonly keeping: Keeping;
  readonly handingOver: HandingOver;
  readonly layout: ReviewLayout;
  readonly review: ReviewQueue;
  private readonly toldProblems = new Set<string>();
  private news: OutcomeNews | null = null;
  private removeEntries: (() => void) | null = null;

  private constructor(
    private readonly params: ExtensionParams,
    private readonly panelId: string,
    createFinder: FinderFactory,
    modelFolder: ModelFolder,
  ) {
    const { panelService } = params.servicesManager.services;
    const reveal = () => panelService.activatePanel(panelId, true);
    this.session = new FindL3Session(params, createFinder, reveal, modelFolder, this.state);
    this.keeping = new Keeping(params, this.state);
    const localFiles = LocalFiles.of(params.servicesManager);
    this.handingOver = new HandingOver(params, this.state, localFiles);
    this.layout = new ReviewLayout(params, this.state);
    this.review = new ReviewQueue(params, this.state, this.session, this.keeping);
  }

  /** The one of a viewer, made when it is first asked for. */
  static of(
    params: ExtensionParams,
    extensionId: string,
    createFinder: FinderFactory,
    modelFolder: ModelFolder,
  ): FindL3Viewer {
    const { servicesManager } = params;
    let viewer = this.all.get(servicesManager);
    if (!viewer) {
      viewer = new FindL3Viewer(params, panelIdOf(extensionId), createFinder, modelFolder);
      this.all.set(servicesManager, viewer);
    }
    return viewer;
  }

  /** The one of a viewer, if it was made: the host names less when a mode is left. */
  static existing(servicesManager: ServicesManager): FindL3Viewer | undefined {
    return this.all.get(servicesManager);
  }

  /** What the toolbar's button looks like and says. */
  get button() {
    const { customizationService } = this.params.servicesManager.services;
    const keys = customization(customizationService, 'findL3.hotkey');
    return searchButton(standingOf(this.state.get().search), keys);
  }

  /** @param pathname of the page's address, which names the mode */
  enterMode(pathname: string): void {
    this.leaveMode();
    const { services } = this.params.servicesManager;
    this.tellSettingProblems();
    if (!isEnabledInMode(services.customizationService, this.params.appConfig, pathname)) return;
    this.session.enter();
    this.news = new OutcomeNews(this.state, services.uiNotificationService, () =>
      openPanel(services, this.panelId),
    );
    const { marking } = this.session;
    if (marking) {
      this.keeping.enter(marking, () => this.session.showing?.isMarkOnScreen ?? false);
      this.handingOver.enter(() => marking.currentMark());
      this.layout.enter({
        place: () => this.session.showing?.place ?? null,
        toggleLevels: () => marking.toggleLevelRuler(),
      });
      this.review.enter();
    }
    this.session.refreshTarget();
    this.removeEntries = addHostEntries(services, this.panelId);
  }

  /**
   * A person says whether a series is CT or MR whose file does not; the active viewport's when none is
   * named. What was found as the other is taken back; what persons marked and saved stays.
   */
  chooseModality({ modality, displaySetInstanceUID }: ModalityOptions = {}): void {
    const { services } = this.params.servicesManager;
    const { displaySetService } = services;
    const target = this.state.get().target;
    const uid =
      displaySetInstanceUID ?? (target.ready ? target.series.displaySetInstanceUID : undefined);
    const displaySet = uid === undefined ? undefined : displaySetService.getDisplaySetByUID(uid);
    if (!displaySet || !modality) return;
    if (AssumedModalities.of(services).choose(displaySet, modality)) {
      this.session.takeBack(displaySet.displaySetInstanceUID);
    }
    const { DISPLAY_SETS_CHANGED } = displaySetService.EVENTS;
    const all = displaySetService.getActiveDisplaySets();
    displaySetService._broadcastEvent?.(DISPLAY_SETS_CHANGED, all);
    this.session.refreshTarget();
  }

  /** Each once a visit: the admin reads the console, others see that something is not as it should be. */
  private tellSettingProblems(): void {
    const { customizationService, uiNotificationService } = this.params.servicesManager.services;
    for (const problem of settingProblems(customizationService, this.params.appConfig)) {
      const message = settingProblemText(problem);
      if (this.toldProblems.has(message)) continue;
      this.toldProblems.add(message);
      console.warn(`Find L3: ${message}`);
      const duration = SETTING_PROBLEM_MS;
      uiNotificationService.show({ title: say('title'), message, type: 'warning', duration });
    }
  }

  /** Undoes `enterMode`, with whatever runs. */
  leaveMode(): void {
    this.removeEntries?.();
    this.removeEntries = null;
    this.news?.end();
    this.news = null;
    this.review.leave();
    this.layout.leave();
    this.handingOver.leave();
    this.keeping.leave();
    this.session.leave();
  }
}
