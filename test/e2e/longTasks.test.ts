import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { mkdir, writeFile } from 'node:fs/promises';
import { openStudy, openViewer, type OpenViewer } from './harness';
import { recordTasks } from './longTasks';
import { ensurePhantoms, type Phantoms } from './phantoms/phantoms';
import { clickFindL3, searched, showSeries } from './search';

let phantoms: Phantoms;
let viewer: OpenViewer;

beforeAll(async () => {
  phantoms = await ensurePhantoms();
  viewer = await openViewer({ folders: [phantoms.folder] });
}, 300_000);

afterAll(() => viewer?.close());

test('a search hands over slices in many small tasks of the page', async () => {
  const { page } = viewer;
  await openStudy(viewer, phantoms.abdomen.studyInstanceUID);
  await showSeries(page, phantoms.abdomen.axialSeriesInstanceUID);
  await page.waitForLoadState('networkidle');
  const { pluginTasks, longTasks } = await recordTasks(page, async () => {
    await clickFindL3(page);
    expect(await searched(page)).toBe('found');
  });
  const report = {
    pluginTasks: pluginTasks.length,
    longestPluginTasksMs: pluginTasks.slice(0, 5),
    longTasksOfPageMs: longTasks,
  };
  await mkdir('test-output', { recursive: true });
  await writeFile('test-output/long-tasks.json', JSON.stringify(report, null, 2));
  console.log(JSON.stringify(report));
  expect(pluginTasks.length).toBeGreaterThan(100);
}, 180_000);
