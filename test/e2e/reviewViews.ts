import type { Page } from 'playwright-core';
import { TOLERANCE_MM } from './search';

interface View {
  readonly id: string;
  readonly focalPoint: readonly number[];
  readonly normal: readonly number[];
  readonly slabMm: number | null;
  /** Where the points that are asked for lie in the canvas, as shares of its width and height. */
  readonly shares: readonly (readonly [number, number])[];
}

/** The viewports of the grid as the host has them. */
export const views = (page: Page, points: readonly (readonly number[])[] = []) =>
  page.evaluate((of) => {
    const { services } = window as unknown as {
      services: {
        viewportGridService: { getState(): { viewports: Map<string, unknown> } };
        cornerstoneViewportService: {
          getCornerstoneViewport(id: string): {
            getCamera(): { focalPoint: number[]; viewPlaneNormal: number[] };
            getSlabThickness?: () => number;
            worldToCanvas(point: readonly number[]): [number, number];
            element: HTMLElement;
          } | null;
        };
      };
    };
    const { viewportGridService, cornerstoneViewportService } = services;
    return [...viewportGridService.getState().viewports.keys()].flatMap((id): View[] => {
      const viewport = cornerstoneViewportService.getCornerstoneViewport(id);
      if (!viewport) return [];
      const { focalPoint, viewPlaneNormal } = viewport.getCamera();
      const { clientWidth, clientHeight } = viewport.element;
      return [
        {
          id,
          focalPoint: [...focalPoint],
          normal: [...viewPlaneNormal],
          slabMm: viewport.getSlabThickness?.() ?? null,
          shares: of.map((point) => {
            const [x, y] = viewport.worldToCanvas(point);
            return [x / clientWidth, y / clientHeight] as const;
          }),
        },
      ];
    });
  }, points);

export const view = async (page: Page, id: string, points: readonly (readonly number[])[] = []) =>
  (await views(page, points)).find((one) => one.id === id)!;

/** Opens the layout, or leaves it, by the panel's button. */
export const press = (page: Page) =>
  page.locator('[data-cy=find-l3-review-layout]').click({ timeout: 120_000 });

/** Waits until the axial view of the layout is at a height, mm. */
export async function axialAt(page: Page, zMm: number): Promise<void> {
  await page.waitForFunction(
    ([z, within]) => {
      const { cornerstoneViewportService } = (
        window as unknown as {
          services: {
            cornerstoneViewportService: {
              getCornerstoneViewport(id: string): {
                getCamera(): { focalPoint: number[] };
                getActors?: () => readonly unknown[];
              } | null;
            };
          };
        }
      ).services;
      const axial = cornerstoneViewportService.getCornerstoneViewport('findL3-axial');
      const isFilled = (axial?.getActors?.().length ?? 0) > 0;
      return axial !== null && isFilled && Math.abs(axial.getCamera().focalPoint[2] - z) <= within;
    },
    [zMm, TOLERANCE_MM] as const,
    { timeout: 120_000 },
  );
  // The host places new views once more.
  await page.waitForTimeout(1500);
}
