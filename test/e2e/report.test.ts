import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Page } from 'playwright-core';
import { ask, isInstalled, readBack } from '../unit/sr/dicomFile';
import { measurements, openStudy, openViewer } from './harness';
import {
  EDITED_SLICE,
  expectFiles,
  expectHandedOver,
  hydrate,
  markOnSlice,
  marks,
  MOVED_UP_MM,
  referencedInstance,
  refusingOrthanc,
  reopened,
  reports,
  run,
  SALT,
  save,
  showPanel,
  type Mark,
} from './keeping';
import { INSTALL_ORTHANC, orthancIsInstalled, type Orthanc } from './orthanc';
import { ensurePhantoms, type PhantomStudy } from './phantoms/phantoms';
import { clickFindL3, complaints, searched, watchForeignRequests } from './search';

const maybe = orthancIsInstalled() ? describe : describe.skip;

/**
 * What a page asks for, from now on. Slices that fail on their way would make the host put a notification
 * over the footer, for good.
 */
function requestsOf(page: Page) {
  let underWay = 0;
  page.on('request', () => underWay++);
  page.on('requestfinished', () => underWay--);
  page.on('requestfailed', () => underWay--);
  return {
    /** Waits until nothing has been under way for a second. */
    async end() {
      for (let quiet = 0; quiet < 10; quiet = underWay === 0 ? quiet + 1 : 0) {
        await page.waitForTimeout(100);
      }
    },
  };
}

maybe(`levels in a PACS (${INSTALL_ORTHANC})`, () => {
  let orthanc: Orthanc;
  let study: PhantomStudy;
  let folder: string;
  let flag: string;
  /** The images' own. */
  let files: string[];
  /** The mark as it was saved last. */
  let edited: Mark;

  beforeAll(async () => {
    const phantoms = await ensurePhantoms();
    study = phantoms.abdomen;
    folder = await mkdtemp(path.join(tmpdir(), 'find-l3-report-'));
    flag = path.join(folder, 'refuse');
    orthanc = await refusingOrthanc(folder, flag);
    const images = path.join(phantoms.folder, 'worklist', 'abdomen');
    const names = (await readdir(images, { recursive: true })).filter((f) => f.endsWith('.dcm'));
    files = names.map((name) => path.join(images, name));
    await orthanc.upload(files);
  }, 300_000);

  afterAll(async () => {
    await orthanc?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  test('found, moved, saved; back on another computer; moved and saved again; the PACS fails', async () => {
    const customizations = { 'findL3.corrections': { $set: { salt: SALT } } };
    const first = await openViewer({ dicomweb: orthanc.dicomweb, customizations });
    const foreign = watchForeignRequests(first);
    let found: number;
    try {
      const { page } = first;
      await openStudy(first, study.studyInstanceUID);
      await clickFindL3(page);
      expect(await searched(page)).toBe('found');
      [{ zMm: found }] = await marks(page);
      await run(page, 'moveLevelMark', { zMm: found + MOVED_UP_MM });
      expect(await save(page)).toContain('saved to the PACS');
      await first.screenshot('report-1-saved');
      await expectFiles(page, found + MOVED_UP_MM);
      await expectHandedOver(page, files);
      expect(foreign).toEqual([]);
      expect(complaints(first.log)).toEqual([]);
    } finally {
      await first.close();
    }

    const [file, ...more] = await reports(orthanc);
    expect(more).toEqual([]);
    expect(readBack(file)).toMatchObject({
      Modality: 'SR',
      StudyInstanceUID: study.studyInstanceUID,
      PatientID: 'PHANTOM-001',
    });
    if (isInstalled('dciodvfy')) {
      const said = ask('dciodvfy', [], file)!;
      expect(said.split('\n').filter((line) => /error/i.test(line))).toEqual([]);
    }
    if (isInstalled('dsrdump')) expect(ask('dsrdump', [], file)).toContain('L3 vertebra');

    const second = await openViewer({ dicomweb: orthanc.dicomweb });
    try {
      const { page } = second;
      const requests = requestsOf(page);
      const mark = await reopened(second, study);
      expect(mark.zMm).toBeCloseTo(found + MOVED_UP_MM, 2);
      expect(mark.foundPointLpsMm![2]).toBeCloseTo(found, 2);
      expect(mark.probability).toBeGreaterThan(0.5);
      expect(mark.model!.sha256).toMatch(/^[0-9a-f]{64}$/);
      expect(mark.moved!.at).toMatch(/^20\d\d-/);
      await second.screenshot('report-2-restored');

      await showPanel(page);
      await markOnSlice(page, EDITED_SLICE);
      [edited] = await marks(page);
      expect(edited).toMatchObject({ uid: mark.uid, foundPointLpsMm: mark.foundPointLpsMm });
      expect(Math.abs(edited.zMm - mark.zMm)).toBeGreaterThan(5);

      await requests.end();
      await orthanc.halt();
      expect(await save(page)).toMatch(/cannot be reached.*Your mark stays/);
      await second.screenshot('report-3-pacs-down');
      await orthanc.resume();
      await writeFile(flag, '');
      expect(await save(page)).toMatch(/does not list it.*Your mark stays/);
      await second.screenshot('report-4-refused');
      await rm(flag);
      expect(await marks(page)).toEqual([edited]);
      expect(await reports(orthanc)).toHaveLength(1);
      expect(await save(page)).toContain('saved to the PACS');
      expect(complaints(second.log)).toEqual([]);
    } finally {
      await second.close();
    }

    const both = await reports(orthanc);
    expect(both).toHaveLength(2);
    const [old, young] = both.map(readBack);
    expect(young.SeriesInstanceUID).toBe(old.SeriesInstanceUID);
    expect(JSON.stringify(young.PredecessorDocumentsSequence)).toContain(
      old.SOPInstanceUID as string,
    );
  }, 240_000);

  test('a viewer without the extension reads the newest as a probe on its axial image', async () => {
    const plain = await openViewer({ dicomweb: orthanc.dicomweb, pluginDir: null });
    try {
      const { page } = plain;
      await openStudy(plain, study.studyInstanceUID);
      await hydrate(page);
      const [probe, ...more] = await measurements(page);
      expect(more).toEqual([]);
      expect(probe).toMatchObject({ toolName: 'Probe', label: 'L3' });
      const young = readBack((await reports(orthanc)).at(-1)!);
      const [z] = probe.points!.map(([, , mm]) => mm);
      expect(JSON.stringify(young)).toContain(await referencedInstance(page));
      expect(JSON.stringify(young)).toContain(z.toFixed(1));
      await plain.screenshot('report-7-unextended');
    } finally {
      await plain.close();
    }
  }, 120_000);
});
