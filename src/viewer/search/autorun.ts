import { customization } from '../host/settings';
import type { ExtensionParams } from '../host/ohif';
import { isSuitableSeries, targetDisplaySet } from '../study/target';

/** The viewer is left to settle for so long, so that saved levels come back first, ms. */
const SETTLES_IN_MS = 300;

/**
 * Searches that begin by themselves where the admin wants it: a suitable series without a mark, once
 * in a visit, however that search ends.
 */
export class Autorun {
  /** Series Instance UIDs that were searched, by whomever, since the page was opened. */
  private readonly searched = new Set<string>();
  private timer: ReturnType<typeof setTimeout> | undefined;

  /**
   * @param isMarked whether a series has a mark already
   * @param find searches what the active viewport shows, unasked
   */
  constructor(
    private readonly params: ExtensionParams,
    private readonly isMarked: (seriesInstanceUID: string) => boolean,
    private readonly find: () => void,
  ) {}

  /** The viewer shows something else: looks at it once it has settled. */
  consider(): void {
    this.cancel();
    const { customizationService } = this.params.servicesManager.services;
    if (!customization(customizationService, 'findL3.autorun')) return;
    this.timer = setTimeout(() => this.begin(), SETTLES_IN_MS);
  }

  /** A series is searched: it is not searched unasked again. */
  note(seriesInstanceUID: string | undefined): void {
    if (seriesInstanceUID) this.searched.add(seriesInstanceUID);
  }

  cancel(): void {
    clearTimeout(this.timer);
  }

  private begin(): void {
    const { servicesManager, extensionManager } = this.params;
    const target = targetDisplaySet(servicesManager.services, extensionManager);
    if (!target.ready) return;
    const { SeriesInstanceUID: series } = target.displaySet;
    if (!series || this.searched.has(series) || this.isMarked(series)) return;
    if (isSuitableSeries(target.displaySet, extensionManager)) this.find();
  }
}
