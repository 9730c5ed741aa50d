import { isEnabledInMode } from './customizations';
import { addHostEntries, panelIdOf } from './hostEntries';
import type { ExtensionParams, ServicesManager } from './ohif';
import { Keeping } from './report/keeping';
import { FindL3Session, type FinderFactory } from './session';

/** Find L3 in one viewer: the session, and what it adds to the modes of the host. */
export class FindL3Viewer {
  private static readonly all = new WeakMap<ServicesManager, FindL3Viewer>();

  readonly session: FindL3Session;
  readonly keeping: Keeping;
  private removeEntries: (() => void) | null = null;

  private constructor(
    private readonly params: ExtensionParams,
    private readonly panelId: string,
    createFinder: FinderFactory,
  ) {
    this.session = new FindL3Session(params, createFinder, () =>
      params.servicesManager.services.panelService.activatePanel(panelId, true),
    );
    this.keeping = new Keeping(params, this.session.state);
  }

  /** The one of a viewer, made when it is first asked for. */
  static of(
    params: ExtensionParams,
    extensionId: string,
    createFinder: FinderFactory,
  ): FindL3Viewer {
    const { servicesManager } = params;
    let viewer = this.all.get(servicesManager);
    if (!viewer) {
      viewer = new FindL3Viewer(params, panelIdOf(extensionId), createFinder);
      this.all.set(servicesManager, viewer);
    }
    return viewer;
  }

  /** The one of a viewer, if it was made: the host names less when a mode is left. */
  static existing(servicesManager: ServicesManager): FindL3Viewer | undefined {
    return this.all.get(servicesManager);
  }

  /** @param pathname of the page's address, which names the mode */
  enterMode(pathname: string): void {
    this.leaveMode();
    const { services } = this.params.servicesManager;
    if (!isEnabledInMode(services.customizationService, this.params.appConfig, pathname)) return;
    this.session.enter();
    if (this.session.marking) this.keeping.enter(this.session.marking);
    this.session.refreshTarget();
    this.removeEntries = addHostEntries(services, this.panelId);
  }

  /** Undoes `enterMode`, with whatever runs. */
  leaveMode(): void {
    this.removeEntries?.();
    this.removeEntries = null;
    this.keeping.leave();
    this.session.leave();
  }
}
