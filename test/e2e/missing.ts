import { type BrowserContext, type Page } from 'playwright-core';
import { openStudy, shownImages, waitForImage, type HostWindow, type OpenViewer } from './harness';
import { downloaded, marks, run, save, showPanel } from './keeping';
import type { Phantoms } from './phantoms/phantoms';
import { clickFindL3, searched, showMpr, showSeries, waitForMarkAt } from './search';

/** Of the phantom's axial series. */
const SLICE_MM = 3;
const MOVED_MM = 12;

/** Attributes of types 2 and 3 that a CT usually has, and the frame of reference, by keyword. */
export const OPTIONAL_ATTRIBUTES: Readonly<Record<string, string>> = {
  FrameOfReferenceUID: '00200052',
  SpecificCharacterSet: '00080005',
  ImageType: '00080008',
  StudyDate: '00080020',
  SeriesDate: '00080021',
  AcquisitionDate: '00080022',
  ContentDate: '00080023',
  StudyTime: '00080030',
  SeriesTime: '00080031',
  ContentTime: '00080033',
  AccessionNumber: '00080050',
  Manufacturer: '00080070',
  InstitutionName: '00080080',
  ReferringPhysicianName: '00080090',
  StudyDescription: '00081030',
  SeriesDescription: '0008103E',
  ManufacturerModelName: '00081090',
  PatientName: '00100010',
  PatientID: '00100020',
  PatientBirthDate: '00100030',
  PatientSex: '00100040',
  PatientAge: '00101010',
  BodyPartExamined: '00180015',
  SliceThickness: '00180050',
  KVP: '00180060',
  ProtocolName: '00181030',
  GantryDetectorTilt: '00181120',
  ConvolutionKernel: '00181210',
  PatientPosition: '00185100',
  StudyID: '00200010',
  SeriesNumber: '00200011',
  AcquisitionNumber: '00200012',
  InstanceNumber: '00200013',
  PositionReferenceIndicator: '00201040',
  SliceLocation: '00201041',
  WindowCenter: '00281050',
  WindowWidth: '00281051',
  RescaleType: '00281054',
};

/**
 * Lets the PACS tell of images without some attributes; its own reports stay as they are.
 *
 * @param tags eight hexadecimal digits each
 * @returns what ends it
 */
export async function withoutAttributes(
  context: BrowserContext,
  tags: readonly string[],
): Promise<() => Promise<void>> {
  const metadata = /\/metadata(\?.*)?$/;
  await context.route(metadata, async (route) => {
    const response = await route.fetch();
    const instances = (await response.json()) as Record<string, { Value?: unknown[] }>[];
    for (const instance of instances) {
      if (instance['00080060']?.Value?.[0] === 'SR') continue;
      for (const tag of tags) delete instance[tag];
    }
    await route.fulfill({ response, json: instances });
  });
  return () => context.unroute(metadata);
}

/** Heights that the axial views show, LPS mm. */
async function axialHeights(page: Page): Promise<readonly number[]> {
  return (await shownImages(page))
    .filter(({ viewPlaneNormal }) => Math.abs(viewPlaneNormal[2]) > 0.9)
    .map(({ focalPoint }) => focalPoint[2]);
}

async function waitForAxialAt(page: Page, zMm: number): Promise<void> {
  const latest = Date.now() + 15_000;
  const isThere = async () => {
    const heights = await axialHeights(page);
    return heights.length > 0 && heights.every((z) => Math.abs(z - zMm) <= SLICE_MM / 2 + 0.01);
  };
  while (!(await isThere()) && Date.now() < latest) await page.waitForTimeout(100);
  expect({ zMm, isThere: await isThere() }).toEqual({ zMm, isThere: true });
}

/**
 * A study's whole way: found, shown, moved, saved, back on the next visit, shown from there in three
 * planes, exported, and taken back from the PACS.
 *
 * @returns where L3 was found, LPS mm
 */
export async function wholeWorkflow(
  viewer: OpenViewer,
  { abdomen }: Phantoms,
  name: string,
): Promise<number> {
  const { page } = viewer;
  const open = async () => {
    await openStudy(viewer, abdomen.studyInstanceUID);
    await waitForImage(page);
  };
  await open();
  await showSeries(page, abdomen.axialSeriesInstanceUID);
  await clickFindL3(page);
  expect(await searched(page)).toBe('found');
  const [{ zMm: found }] = await marks(page);
  await waitForAxialAt(page, found);
  await run(page, 'moveLevelMark', { zMm: found + MOVED_MM });
  await waitForMarkAt(page, found + MOVED_MM);
  await waitForAxialAt(page, found + MOVED_MM);
  await viewer.screenshot(`missing-${name}-1`);
  expect(await save(page)).toContain('saved');

  await open();
  await waitForMarkAt(page, found + MOVED_MM);
  const [mark, ...more] = await marks(page);
  expect(more).toEqual([]);
  expect(mark).toMatchObject({
    seriesInstanceUID: abdomen.axialSeriesInstanceUID,
    foundPointLpsMm: [expect.any(Number), expect.any(Number), expect.closeTo(found, 2)],
    slice: { sopInstanceUID: expect.stringMatching(/^[\d.]+$/) },
  });
  await showSeries(page, abdomen.axialSeriesInstanceUID);
  await showMpr(page);
  await run(page, 'showLevelMark');
  await waitForAxialAt(page, found + MOVED_MM);
  await viewer.screenshot(`missing-${name}-2`);
  await showPanel(page);
  const csv = (await downloaded(page, 'csv')).bytes.toString('utf8').trim().split('\r\n');
  expect(csv).toHaveLength(2);
  expect(csv[1]).toContain(`,${Math.round((found + MOVED_MM) * 100) / 100},`);

  await page.evaluate(
    (uid) =>
      (
        window as unknown as HostWindow & {
          services: { measurementService: { remove(uid: string): void } };
        }
      ).services.measurementService.remove(uid),
    mark.uid,
  );
  expect(await save(page)).not.toBe('');
  return found;
}
