import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { openViewer, waitForImage } from '../harness';
import { expectHandedOver } from '../keeping';
import { ensurePhantoms } from '../phantoms/phantoms';
import { clickFindL3, searched } from '../search';

test('files opened from this computer are handed over as they are', async () => {
  const phantoms = await ensurePhantoms();
  const images = path.join(phantoms.folder, 'worklist', 'abdomen');
  const names = (await readdir(images, { recursive: true })).filter((f) => f.endsWith('.dcm'));
  const files = names.map((name) => path.join(images, name));
  const viewer = await openViewer({ folders: [] });
  try {
    const { page } = viewer;
    await page.goto(`${viewer.server.url}/local`);
    await page.locator('input[type=file]').first().setInputFiles(files);
    await waitForImage(page);
    await clickFindL3(page);
    expect(await searched(page)).toBe('found');
    await expectHandedOver(page, files);
  } finally {
    await viewer.close();
  }
}, 240_000);
