import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { openStudy, openViewer } from '../harness';
import { showPanel, unfold } from '../keeping';
import { ensurePhantoms } from '../phantoms/phantoms';
import { complaints } from '../search';

const STUDIES = 20;
/** Every UID of the phantoms; their third part is long enough to say the number of a copy. */
const UID = /2\.25\.\d{30,}/g;

let folder: string;
const studies: { studyInstanceUID: string; seriesInstanceUID: string }[] = [];

/** The abdomen under other UIDs of the same length. */
beforeAll(async () => {
  const { abdomen, folder: phantoms } = await ensurePhantoms();
  const source = path.join(phantoms, 'worklist', 'abdomen');
  const names = (await readdir(source, { recursive: true })).filter((f) => f.endsWith('.dcm'));
  const files = await Promise.all(names.map((name) => readFile(path.join(source, name), 'latin1')));
  folder = await mkdtemp(path.join(tmpdir(), 'find-l3-queue-'));
  for (let number = 10; number < 10 + STUDIES; number++) {
    const renamed = (text: string) => text.replace(UID, (uid) => `2.25.${number}${uid.slice(7)}`);
    const copy = path.join(folder, 'images', String(number));
    await mkdir(copy, { recursive: true });
    for (const [i, bytes] of files.entries()) {
      await writeFile(path.join(copy, `${i}.dcm`), renamed(bytes), 'latin1');
    }
    studies.push({
      studyInstanceUID: renamed(abdomen.studyInstanceUID),
      seriesInstanceUID: renamed(abdomen.axialSeriesInstanceUID),
    });
  }
}, 300_000);
afterAll(() => rm(folder, { recursive: true, force: true }));

test('a batch’s list: each study opens without a page load, is searched, confirmed by key, and the next one opens', async () => {
  const list = studies.map((study, i) => {
    return JSON.stringify({ ...study, status: 'found', l3: { probability: 0.99 - i / 100 } });
  });
  const viewer = await openViewer({
    folders: [path.join(folder, 'images')],
    storeDir: path.join(folder, 'store'),
  });
  try {
    const { page, server } = viewer;
    await openStudy(viewer, studies[0].studyInstanceUID);
    await page.evaluate(() => Object.assign(window, { isSamePage: true }));
    await showPanel(page);
    await unfold(page);
    const buffer = Buffer.from(list.join('\n'));
    const file = { name: 'results.jsonl', mimeType: 'application/jsonl', buffer };
    await page.locator('[data-cy=find-l3-queue-file]').setInputFiles(file);
    const queue = page.locator('[data-cy=find-l3-queue][data-phase=open]');
    await queue.waitFor({ timeout: 30_000 });
    await page.locator('[data-cy=find-l3-queue-next]').click();
    for (let done = 0; done < STUDIES; done++) {
      // The least sure comes first; the study that was open already is the last of them.
      await page
        .locator(`[data-cy=find-l3-queue][data-position="${done + 1}"][data-done="${done}"]`)
        .waitFor({ timeout: 60_000 });
      await page.locator('[data-cy=find-l3-queue-confirm][aria-disabled=false]').waitFor({
        timeout: 120_000,
      });
      if (done === 0) await viewer.screenshot('queue-1');
      await page.waitForFunction(
        () => document.querySelector('[data-cy=find-l3-shown]')?.textContent === 'Shown: L3',
        undefined,
        { timeout: 60_000 },
      );
      await page.keyboard.press('Shift+C');
    }
    await page.locator(`[data-cy=find-l3-queue][data-done="${STUDIES}"]`).waitFor({
      timeout: 60_000,
    });
    await viewer.screenshot('queue-2');
    expect(await page.evaluate(() => 'isSamePage' in window)).toBe(true);
    const answer = await fetch(`${server.url}/dicomweb/series?Modality=SR`);
    const reports = (await answer.json()) as { '0020000D': { Value: string[] } }[];
    expect(new Set(reports.map((one) => one['0020000D'].Value[0]))).toEqual(
      new Set(studies.map(({ studyInstanceUID }) => studyInstanceUID)),
    );
    expect(complaints(viewer.log)).toEqual([]);
  } finally {
    await viewer.close();
  }
}, 1_200_000);
