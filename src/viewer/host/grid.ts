import type { DisplaySet, Services, Viewport } from './ohif';

/** The host's grid of viewports: which there are, which is active, and what each shows. */
export class Grid {
  constructor(private readonly services: Services) {}

  /** Null while the host has none. */
  get activeId(): string | null {
    return this.services.viewportGridService.getActiveViewportId() ?? null;
  }

  /** All viewports, in the host's order. */
  ids(): readonly string[] {
    return [...this.services.viewportGridService.getState().viewports.keys()];
  }

  /** Cornerstone's viewport; null where the cell is empty or still being set up. */
  viewport(viewportId: string): Viewport | null {
    return this.services.cornerstoneViewportService.getCornerstoneViewport(viewportId) ?? null;
  }

  displaySetUIDs(viewportId: string): readonly string[] {
    return this.services.viewportGridService.getDisplaySetsUIDsForViewport(viewportId) ?? [];
  }

  /** What a viewport shows, as far as it is loaded. */
  displaySets(viewportId: string): readonly DisplaySet[] {
    const { displaySetService } = this.services;
    return this.displaySetUIDs(viewportId).flatMap(
      (uid) => displaySetService.getDisplaySetByUID(uid) ?? [],
    );
  }

  /**
   * Calls back when another viewport is active, or when the viewports or what they show change.
   *
   * @returns a function that ends the subscription
   */
  onChange(listener: () => void): () => void {
    const { viewportGridService: grid, cornerstoneViewportService: viewports } = this.services;
    const subscriptions = [
      grid.subscribe(grid.EVENTS.ACTIVE_VIEWPORT_ID_CHANGED, listener),
      grid.subscribe(grid.EVENTS.GRID_STATE_CHANGED, listener),
      grid.subscribe(grid.EVENTS.VIEWPORTS_READY, listener),
      viewports.subscribe(viewports.EVENTS.VIEWPORT_DATA_CHANGED, listener),
    ];
    return () => subscriptions.forEach((subscription) => subscription.unsubscribe());
  }
}
