import type { Types } from '@cornerstonejs/core';
import { unit } from '../../series/geometry';
import type { Vec3 } from '../../series/types';
import type { CornerstoneLibraries, ExtensionParams, Viewport } from '../host/ohif';
import type { AxialSlices } from './axialSlices';
import { along, distanceFrom, HEADWARDS, showsAsSlice } from './levelPlane';
import type { LevelMark } from '../mark/types';

interface Goal {
  readonly mark: LevelMark;
  readonly everywhere: boolean;
}

/** Moves the axial viewports to where a mark goes; of many moves while one is shown, only the last counts. */
export class AxialFollower {
  private running: Promise<void> | null = null;
  private next: Goal | null = null;

  /** @param onShown told how many viewports show the mark's slice */
  constructor(
    private readonly params: ExtensionParams,
    private readonly libraries: CornerstoneLibraries,
    private readonly slices: AxialSlices,
    private readonly onShown: (viewports: number) => void,
  ) {}

  /** @param everywhere the sagittal and coronal views of a volume go there too */
  follow(mark: LevelMark, everywhere = false): void {
    this.next = { mark, everywhere };
    this.running ??= this.run().finally(() => (this.running = null));
  }

  private async run(): Promise<void> {
    while (this.next) {
      const goal = this.next;
      this.next = null;
      const shown = await this.show(goal).catch(() => 0);
      if (!this.next) this.onShown(shown);
    }
  }

  /** @returns how many viewports of the mark's frame of reference are open, the axial ones moved */
  private async show({ mark, everywhere }: Goal): Promise<number> {
    const { viewportGridService, cornerstoneViewportService } =
      this.params.servicesManager.services;
    const { ViewportType } = this.libraries.cornerstone.Enums;
    let shown = 0;
    for (const id of viewportGridService.getState().viewports.keys()) {
      const viewport = cornerstoneViewportService.getCornerstoneViewport(id);
      if (viewport?.getFrameOfReferenceUID() !== mark.frameOfReferenceUID) continue;
      const normal = viewport.getCamera().viewPlaneNormal as Vec3 | undefined;
      if (!normal) continue;
      const isAxial = showsAsSlice(HEADWARDS, unit(normal));
      const isVolume = viewport.type === ViewportType.ORTHOGRAPHIC;
      if (!isAxial) {
        shown += 1;
        if (!everywhere || !isVolume) continue;
        (viewport as Types.IVolumeViewport).jumpToWorld([...mark.pointLpsMm]);
        viewport.render();
      } else if (isVolume) shown += this.jump(viewport, mark);
      else if (viewport.type === ViewportType.STACK) shown += await this.scroll(id, viewport, mark);
    }
    return shown;
  }

  private jump(viewport: Viewport, mark: LevelMark): number {
    const near = this.slices.nearest(
      mark.frameOfReferenceUID,
      mark.pointLpsMm,
      mark.displaySetInstanceUID,
    );
    const point = near
      ? along(
          mark.pointLpsMm,
          near.normal,
          -distanceFrom({ point: near.position, normal: near.normal }, mark.pointLpsMm),
        )
      : mark.pointLpsMm;
    (viewport as Types.IVolumeViewport).jumpToWorld([...point]);
    viewport.render();
    return 1;
  }

  private async scroll(id: string, viewport: Viewport, mark: LevelMark): Promise<number> {
    const { viewportGridService } = this.params.servicesManager.services;
    const stack = viewport as Types.IStackViewport;
    for (const uid of viewportGridService.getDisplaySetsUIDsForViewport(id) ?? []) {
      const imageId = this.slices.imageOf(uid, mark.frameOfReferenceUID, mark.pointLpsMm);
      const index = imageId === null ? -1 : stack.getImageIds().indexOf(imageId);
      if (index < 0) continue;
      if (index !== stack.getCurrentImageIdIndex()) {
        await stack.setImageIdIndex(index);
        stack.render();
      }
      return 1;
    }
    return 0;
  }
}
