import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { openViewer, type OpenViewer } from '../harness';
import { OPTIONAL_ATTRIBUTES, wholeWorkflow, withoutAttributes } from '../missing';
import { ensurePhantoms, type Phantoms } from '../phantoms/phantoms';
import { complaints, TOLERANCE_MM } from '../search';

let phantoms: Phantoms;
let viewer: OpenViewer;
let storeDir: string;

beforeAll(async () => {
  phantoms = await ensurePhantoms();
  storeDir = await mkdtemp(path.join(tmpdir(), 'find-l3-store-'));
  viewer = await openViewer({ folders: [phantoms.folder], storeDir });
}, 300_000);

afterAll(async () => {
  await viewer?.close();
  await rm(storeDir, { recursive: true, force: true });
});

test.each([
  ...Object.keys(OPTIONAL_ATTRIBUTES).map((name) => [name]),
  Object.keys(OPTIONAL_ATTRIBUTES),
])(
  'a CT without %s is found, moved, saved, back again and exported',
  async (...names: string[]) => {
    const tags = names.map((name) => OPTIONAL_ATTRIBUTES[name]);
    const end = await withoutAttributes(viewer.context, tags);
    const found = await wholeWorkflow(viewer, phantoms, names.length > 1 ? 'all' : names[0]);
    await end();
    expect(Math.abs(found - phantoms.abdomen.truth.L3[2])).toBeLessThanOrEqual(TOLERANCE_MM);
    expect(complaints(viewer.log)).toEqual([]);
  },
  240_000,
);
