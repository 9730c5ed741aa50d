import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import { measurements, openStudy, openViewer, shownImages, type OpenViewer } from './harness';
import { ensurePhantoms, type Phantoms } from './phantoms/phantoms';
import {
  clickFindL3,
  complaints,
  onPage,
  positionsIn,
  runCommand,
  searched,
  showMpr,
  shownZ,
  showSeries,
  TOLERANCE_MM,
  waitForMarkAt,
} from './search';

/** The host's cornerstone and its viewports, as far as these tests read them. */
interface ToolsWindow {
  readonly cornerstoneTools: {
    readonly annotation: {
      readonly state: {
        getAllAnnotations(): readonly { readonly metadata: { readonly toolName: string } }[];
      };
    };
    readonly ToolGroupManager: {
      getAllToolGroups(): readonly {
        hasTool(name: string): boolean;
        getViewportIds(): readonly string[];
        getActivePrimaryMouseButtonTool(): string | undefined;
      }[];
    };
  };
  readonly services: {
    readonly cornerstoneViewportService: {
      getCornerstoneViewport(id: string): {
        readonly element: HTMLElement;
      };
    };
    readonly measurementService: {
      getMeasurement(uid: string): object;
      update(uid: string, measurement: object, isNew: boolean): void;
    };
  };
}

const TOOL = 'L3Level';
const SLICE_MM = 3;
let phantoms: Phantoms;
let viewer: OpenViewer;
let positions: ReadonlyMap<string, readonly number[]>;

beforeAll(async () => {
  phantoms = await ensurePhantoms();
  positions = await positionsIn(phantoms.folder);
  viewer = await openViewer({ folders: [phantoms.folder] });
}, 300_000);

afterAll(() => viewer?.close());

const markZ = async () => (await measurements(viewer.page))[0].points![0][2];

const axialZ = async () =>
  (await shownImages(viewer.page)).find(({ viewportId }) => viewportId === 'mpr-axial')!
    .focalPoint[2];

/** The axial MPR view goes to a height, LPS mm. */
const waitForAxial = (zMm: number) =>
  eventually(async () => expect(Math.abs((await axialZ()) - zMm)).toBeLessThanOrEqual(SLICE_MM));

/** What is drawn of a level in a viewport: its texts, and the heights of its lines in the page. */
const drawn = (page: Page, viewportId: string) =>
  page.evaluate((id) => {
    const { element } = (
      window as unknown as ToolsWindow
    ).services.cornerstoneViewportService.getCornerstoneViewport(id);
    const svg = element.querySelector('svg.svg-layer')!;
    const texts = [...svg.querySelectorAll('g[data-annotation-uid] text')];
    const box = element.getBoundingClientRect();
    const strong = [...svg.querySelectorAll('line')].filter(
      (line) => Number(line.getAttribute('stroke-width')) === 2,
    );
    return {
      texts: texts.map(({ textContent }) => textContent).filter((text) => text !== ''),
      lines: strong.map((line) =>
        ['y1', 'y2'].map((name) => box.top + Number(line.getAttribute(name))),
      ),
      corners: svg.querySelectorAll('polyline').length,
    };
  }, viewportId);

/** The tools of the left mouse button, by tool group. */
const activeTools = (page: Page) =>
  page.evaluate(() =>
    (window as unknown as ToolsWindow).cornerstoneTools.ToolGroupManager.getAllToolGroups()
      .filter((group) => group.getViewportIds().length > 0)
      .map((group) => group.getActivePrimaryMouseButtonTool()),
  );

/** Tries until what is asserted holds: the host draws and follows in frames of its own. */
const eventually = async (assertion: () => Promise<void>) => {
  const latest = Date.now() + 10_000;
  for (;;) {
    try {
      return await assertion();
    } catch (error) {
      if (Date.now() > latest) throw error;
      await viewer.page.waitForTimeout(100);
    }
  }
};

/** The level's one line in a view lies at a height, LPS mm, by the host's own projection. */
const expectLineAt = (viewportId: string, zMm: number) =>
  eventually(async () => {
    const { y } = await onPage(viewer.page, viewportId, [0, 0, zMm]);
    const { lines } = await drawn(viewer.page, viewportId);
    expect(lines).toHaveLength(1);
    for (const end of lines[0]) expect(Math.abs(end - y)).toBeLessThan(0.5);
  });

const expectTexts = (viewportId: string, expected: unknown) =>
  eventually(async () => expect((await drawn(viewer.page, viewportId)).texts).toEqual(expected));

describe('in a stack: a tool of the host', () => {
  test('listed with its slice, drawn about the body on it', async () => {
    const { page } = viewer;
    await openStudy(viewer, phantoms.abdomen.studyInstanceUID);
    await showSeries(page, phantoms.abdomen.axialSeriesInstanceUID);
    await clickFindL3(page);
    expect(await searched(page)).toBe('found');
    expect(await measurements(page)).toMatchObject([{ label: 'L3', toolName: TOOL }]);
    const z = await markZ();
    expect(Math.abs(z - phantoms.abdomen.truth.L3[2])).toBeLessThanOrEqual(TOLERANCE_MM);
    expect(Math.abs((await shownZ(page, positions)) - z)).toBeLessThanOrEqual(SLICE_MM / 2);
    await expectTexts('default', [expect.stringMatching(/^L3 · (> )?\d+ %$/)]);
    expect((await drawn(page, 'default')).corners).toBe(4);
  }, 120_000);

  test('set from another slice; undo, redo', async () => {
    const { page } = viewer;
    const found = await markZ();
    await page.locator('[data-cy=find-l3-level-L4]').click();
    await page.getByText('Shown: L4').waitFor();
    const l4 = await shownZ(page, positions);
    await page.locator('[data-cy=find-l3-this-slice]').click();
    await eventually(async () =>
      expect(Math.abs((await markZ()) - l4)).toBeLessThanOrEqual(SLICE_MM / 2),
    );
    const made = await markZ();
    await page.locator('[data-cy=find-l3-moved]').waitFor();
    await runCommand(page, 'undo');
    await waitForMarkAt(page, found);
    await page.locator('[data-cy=find-l3-mark-hint]').waitFor();
    await eventually(async () =>
      expect(Math.abs((await shownZ(page, positions)) - found)).toBeLessThanOrEqual(SLICE_MM / 2),
    );
    await runCommand(page, 'redo');
    await waitForMarkAt(page, made);
    await runCommand(page, 'undo');
    await waitForMarkAt(page, found);
  }, 30_000);

  test('the measurement panel renames, hides, deletes; undo brings it back', async () => {
    const { page } = viewer;
    const [{ uid }] = await measurements(page);
    await page.evaluate((id) => {
      const { measurementService } = (window as unknown as ToolsWindow).services;
      const measurement = measurementService.getMeasurement(id);
      measurementService.update(id, { ...measurement, label: 'L3 (6 lumbar)' }, true);
    }, uid);
    const renamed = [expect.stringMatching(/^L3 \(6 lumbar\) · /)];
    await expectTexts('default', renamed);
    await page.locator('[data-cy="trackedMeasurements-btn"]').click();
    await page.getByText('L3 (6 lumbar)').first().waitFor();
    await viewer.screenshot('mark-1-measurement-panel');
    await runCommand(page, 'toggleVisibilityMeasurement', { uid });
    await expectTexts('default', []);
    await runCommand(page, 'toggleVisibilityMeasurement', { uid });
    await expectTexts('default', renamed);
    await runCommand(page, 'removeMeasurement', { uid });
    await expectTexts('default', []);
    expect(await measurements(page)).toEqual([]);
    await runCommand(page, 'undo');
    await expectTexts('default', renamed);
    expect(await measurements(page)).toMatchObject([{ uid, label: 'L3 (6 lumbar)' }]);
    await page.locator('[data-cy="findL3-btn"]').click();
  }, 30_000);
});

describe('in MPR', () => {
  test('a line across sagittal and coronal views at the height of the level', async () => {
    const { page } = viewer;
    await showMpr(page);
    await runCommand(page, 'jumpToLevel');
    const z = await markZ();
    await waitForAxial(z);
    for (const id of ['mpr-sagittal', 'mpr-coronal']) await expectLineAt(id, z);
    await viewer.screenshot('mark-2-mpr');
  }, 60_000);

  test('dragged in the sagittal view: axial view and panel follow, undo returns', async () => {
    const { page } = viewer;
    const before = await markZ();
    const [x, y] = phantoms.abdomen.truth.L3;
    const grip = await onPage(page, 'mpr-sagittal', [x, y + 20, before]);
    const target = await onPage(page, 'mpr-sagittal', [x, y + 20, before - 50]);
    // The first press on a viewport only makes it the active one.
    await page.mouse.click(target.x, target.y + 60);
    await page.mouse.move(grip.x, grip.y);
    await page.mouse.down();
    await page.mouse.move(target.x, (grip.y + target.y) / 2, { steps: 5 });
    await page.mouse.move(target.x, target.y, { steps: 5 });
    await waitForAxial(before - 50);
    await viewer.screenshot('mark-3-dragging');
    await page.mouse.up();
    const after = await markZ();
    expect(Math.abs(after - (before - 50))).toBeLessThan(2);
    const slider = page.locator('[data-cy=find-l3-slider]');
    expect(Number(await slider.getAttribute('aria-valuenow'))).toBeCloseTo(after, 1);
    await runCommand(page, 'undo');
    await waitForMarkAt(page, before);
    await waitForAxial(before);
    expect(Number(await slider.getAttribute('aria-valuenow'))).toBeCloseTo(before, 1);
    // The sagittal view is still one.
    await expectLineAt('mpr-sagittal', before);
  }, 30_000);

  test('moved in the panel’s picture, by keys and pointer: the views follow', async () => {
    const { page } = viewer;
    const before = await markZ();
    const slider = page.locator('[data-cy=find-l3-slider]');
    await slider.focus();
    await page.keyboard.press('ArrowUp');
    await waitForMarkAt(page, before + SLICE_MM);
    const box = (await slider.boundingBox())!;
    const [px, py] = [box.x + box.width / 2, box.y + box.height / 2];
    await page.mouse.move(px, py);
    await page.mouse.down();
    await page.mouse.move(px, py - 40, { steps: 8 });
    await page.mouse.up();
    const moved = await markZ();
    expect(moved).toBeGreaterThan(before + 20);
    await waitForAxial(moved);
    await expectLineAt('mpr-sagittal', moved);
    // The drag is one step, the key another.
    await runCommand(page, 'undo');
    await waitForMarkAt(page, before + SLICE_MM);
    await runCommand(page, 'undo');
    await waitForMarkAt(page, before);
  }, 30_000);

  test('all levels beside the spine, and the numbering one vertebra up by key', async () => {
    const { page } = viewer;
    const before = await markZ();
    await page.locator('[data-cy=find-l3-ruler]').click();
    await eventually(async () => {
      const { texts } = await drawn(page, 'mpr-sagittal');
      const names = texts.map((text) => text!.split(' ')[0]).sort();
      expect(names).toEqual(['L1', 'L2', 'L3', 'L4', 'L5', 'S1', 'T11', 'T12']);
    });
    await viewer.screenshot('mark-4-ruler');
    await page.mouse.click(...(await middleOf('mpr-coronal')));
    await page.keyboard.press('Shift+ArrowUp');
    await page.getByText('moved one vertebra up by hand').waitFor();
    const up = await markZ();
    expect(Math.abs(up - phantoms.abdomen.truth.L2[2])).toBeLessThanOrEqual(TOLERANCE_MM);
    await waitForAxial(up);
    await viewer.screenshot('mark-5-shifted');
    await runCommand(page, 'undo');
    await waitForMarkAt(page, before);
  }, 30_000);

  test('marked by hand: the tool is taken, one press marks, and what was active before is again', async () => {
    const { page } = viewer;
    const [{ uid }] = await measurements(page);
    await runCommand(page, 'removeMeasurement', { uid });
    await page.locator('[data-cy=find-l3-mark-hint]').getByText('Nothing is marked yet.').waitFor();
    const before = await activeTools(page);
    await page.locator('[data-cy=find-l3-take-tool]').click();
    expect(new Set(await activeTools(page))).toEqual(new Set([TOOL]));
    const [x, y, z] = phantoms.abdomen.truth.L4;
    const at = await onPage(page, 'mpr-sagittal', [x, y, z]);
    // The first press on a viewport only makes it the active one; this one is.
    await page.mouse.click(...(await middleOf('mpr-sagittal')), { button: 'middle' });
    await page.mouse.move(at.x, at.y);
    await page.mouse.down();
    await page.mouse.up();
    await waitForAxial(z);
    const [made, ...others] = await measurements(page);
    expect([made.label, others.length]).toEqual(['L3', 0]);
    expect(Math.abs(made.points![0][2] - z)).toBeLessThan(2);
    expect(await activeTools(page)).toEqual(before);
    await viewer.screenshot('mark-6-by-hand');
    await runCommand(page, 'undo');
    await eventually(async () => expect(await measurements(page)).toEqual([]));
    await runCommand(page, 'redo');
    await eventually(async () => expect(await measurements(page)).toHaveLength(1));
  }, 30_000);

  test('left, nothing of the tool remains, and the browser has no complaint', async () => {
    const { page } = viewer;
    await page.locator('[data-cy=return-to-work-list]').click();
    await page.getByText('PHANTOM, FEET FIRST').waitFor();
    const left = await page.evaluate((tool) => {
      const { annotation, ToolGroupManager } = (window as unknown as ToolsWindow).cornerstoneTools;
      const all = annotation.state.getAllAnnotations();
      return {
        marks: all.filter(({ metadata }) => metadata.toolName === tool).length,
        groups: ToolGroupManager.getAllToolGroups().filter((group) => group.hasTool(tool)).length,
      };
    }, TOOL);
    expect(left).toEqual({ marks: 0, groups: 0 });
    expect(complaints(viewer.log)).toEqual([]);
  }, 30_000);
});

async function middleOf(viewportId: string): Promise<[number, number]> {
  const box = await viewer.page.evaluate((id) => {
    const { element } = (
      window as unknown as ToolsWindow
    ).services.cornerstoneViewportService.getCornerstoneViewport(id);
    const { left, top, width, height } = element.getBoundingClientRect();
    return [left + width / 2, top + height * 0.9] as [number, number];
  }, viewportId);
  return box;
}
