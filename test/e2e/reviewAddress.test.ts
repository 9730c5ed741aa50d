import { expect, test } from '@jest/globals';
import { openViewer, waitForImage } from './harness';
import { ensurePhantoms } from './phantoms/phantoms';
import { complaints } from './search';

test('a list by the page’s address opens with the study, and its next one without a page load', async () => {
  const { folder, abdomen, withoutAnchors } = await ensurePhantoms();
  const list = [
    { ...study(abdomen), status: 'found', l3: { probability: 0.9 } },
    { ...study(withoutAnchors), status: 'undetermined' },
  ];
  const body = list.map((line) => JSON.stringify(line)).join('\n');
  const viewer = await openViewer({
    folders: [folder],
    prepare: async (context) => {
      await context.route(
        ({ pathname }) => pathname === '/lists/results.jsonl',
        (route) => route.fulfill({ body, contentType: 'application/jsonl' }),
      );
    },
  });
  try {
    const { page, server } = viewer;
    const query = `StudyInstanceUIDs=${abdomen.studyInstanceUID}&findL3Review=/lists/results.jsonl`;
    await page.goto(`${server.url}/viewer?${query}`);
    await waitForImage(page);
    await page.evaluate(() => Object.assign(window, { isSamePage: true }));
    const queue = (at: number) => page.locator(`[data-cy=find-l3-queue][data-position="${at}"]`);
    // What could not be determined comes first.
    await queue(2).waitFor({ timeout: 60_000 });
    await page.keyboard.press('Shift+N');
    await queue(1).waitFor({ timeout: 60_000 });
    expect(new URL(page.url()).searchParams.get('StudyInstanceUIDs')).toBe(
      withoutAnchors.studyInstanceUID,
    );
    expect(await page.evaluate(() => 'isSamePage' in window)).toBe(true);
    expect(complaints(viewer.log)).toEqual([]);
  } finally {
    await viewer.close();
  }
}, 300_000);

function study(of: { studyInstanceUID: string; axialSeriesInstanceUID: string }) {
  const { studyInstanceUID, axialSeriesInstanceUID: seriesInstanceUID } = of;
  return { studyInstanceUID, seriesInstanceUID };
}
