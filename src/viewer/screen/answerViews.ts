import { nearestSliceIndex } from '../../series/geometry';
import type { Vec3 } from '../../series/types';
import { AxialSeries } from './axialSeries';
import { cornerstoneOf, type ExtensionManager, type Services } from '../host/ohif';
import type { AxialNote } from '../state';
import { Views, type ShownSeries, type View } from './views';

/** Shows points of an answer: in the viewports as they are, or by opening a series in one. */
export class AnswerViews {
  private readonly views: Views;
  private readonly axialSeries: AxialSeries;

  constructor(
    private readonly services: Services,
    extensionManager: ExtensionManager,
  ) {
    this.views = new Views(services, cornerstoneOf(extensionManager));
    this.axialSeries = new AxialSeries(services, extensionManager);
  }

  /**
   * Moves the viewports that can show the point.
   *
   * @param point LPS mm
   * @returns these views, and for a sagittal answer how the study's axial series lie to the point
   */
  async show(
    shown: ShownSeries,
    point: Vec3,
  ): Promise<{ readonly views: readonly View[]; readonly axial: AxialNote | null }> {
    const views = await this.views.show(shown, point);
    return { views, axial: this.axialSeries.note(shown, point) };
  }

  /**
   * Opens in the active viewport what shows the point: the axial series that cuts it, else the
   * series of the answer.
   *
   * @returns whether it is there
   */
  async reveal(shown: ShownSeries, point: Vec3): Promise<boolean> {
    const viewportId = this.services.viewportGridService.getActiveViewportId();
    if (!viewportId) return false;
    const axial = this.axialSeries.note(shown, point);
    if (axial?.kind === 'cut') {
      return this.views.open(viewportId, axial.displaySetInstanceUID, axial.imageId);
    }
    const { series, imageIds, displaySetInstanceUID } = shown;
    const imageId = imageIds[series.sourceIndex[nearestSliceIndex(series, point)]];
    return this.views.open(viewportId, displaySetInstanceUID, imageId);
  }

  /**
   * Opens the axial series that cuts the point beside the answer's, or in its place where the grid
   * has no other viewport.
   *
   * @returns whether it is there; false where none cuts the point
   */
  async revealAxial(shown: ShownSeries, point: Vec3): Promise<boolean> {
    const axial = this.axialSeries.note(shown, point);
    const { viewportGridService } = this.services;
    const active = viewportGridService.getActiveViewportId();
    if (axial?.kind !== 'cut' || !active) return false;
    const showsAnswer = (id: string) =>
      viewportGridService
        .getDisplaySetsUIDsForViewport(id)
        ?.includes(shown.displaySetInstanceUID) ?? false;
    const others = [...viewportGridService.getState().viewports.keys()].filter(
      (id) => !showsAnswer(id),
    );
    const viewportId = others.includes(active) ? active : (others[0] ?? active);
    return this.views.open(viewportId, axial.displaySetInstanceUID, axial.imageId);
  }
}
