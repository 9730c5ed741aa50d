import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { readBack } from '../../unit/sr/dicomFile';
import { measurements, openStudy, openViewer } from '../harness';
import {
  EDITED_SLICE,
  hydrate,
  markOnSlice,
  marks,
  reopened,
  reports,
  save,
  saveAsHost,
  showPanel,
  type Mark,
} from '../keeping';
import { INSTALL_ORTHANC, Orthanc, orthancIsInstalled } from '../orthanc';
import { ensurePhantoms, type PhantomStudy } from '../phantoms/phantoms';
import { clickFindL3, searched } from '../search';

const maybe = orthancIsInstalled() ? describe : describe.skip;

maybe(`levels that the host saves in a PACS (${INSTALL_ORTHANC})`, () => {
  let orthanc: Orthanc;
  let study: PhantomStudy;
  /** The mark as it was saved last. */
  let edited: Mark;

  beforeAll(async () => {
    const phantoms = await ensurePhantoms();
    study = phantoms.abdomen;
    orthanc = await Orthanc.start();
    const images = path.join(phantoms.folder, 'worklist', 'abdomen');
    const names = (await readdir(images, { recursive: true })).filter((f) => f.endsWith('.dcm'));
    await orthanc.upload(names.map((name) => path.join(images, name)));
    const viewer = await openViewer({ dicomweb: orthanc.dicomweb });
    try {
      const { page } = viewer;
      await openStudy(viewer, study.studyInstanceUID);
      await clickFindL3(page);
      expect(await searched(page)).toBe('found');
      expect(await save(page)).toContain('saved to the PACS');
      await reopened(viewer, study);
      await showPanel(page);
      await markOnSlice(page, EDITED_SLICE);
      [edited] = await marks(page);
      expect(await save(page)).toContain('saved to the PACS');
      expect(await reports(orthanc)).toHaveLength(2);
    } finally {
      await viewer.close();
    }
  }, 300_000);

  afterAll(() => orthanc?.stop());

  test('the host’s own save keeps the mark with everything, and brings it back as a mark', async () => {
    let movedTo: number;
    const viewer = await openViewer({ dicomweb: orthanc.dicomweb });
    try {
      const { page } = viewer;
      const mark = await reopened(viewer, study);
      // The newest of two, with everything; the display set is this viewer's own.
      const { displaySetInstanceUID } = mark;
      expect(mark).toEqual({
        ...edited,
        displaySetInstanceUID,
        slice: mark.slice,
        fromReport: true,
      });
      expect(mark.slice!.sopInstanceUID).toBe(edited.slice!.sopInstanceUID);
      await viewer.screenshot('host-report-1-newest');

      await markOnSlice(page, EDITED_SLICE + 5);
      [{ zMm: movedTo }] = await marks(page);
      await saveAsHost(page);
      const all = await reports(orthanc);
      expect(all).toHaveLength(3);
      const texts = all.map((file) => JSON.stringify(readBack(file)));
      const own = texts.find((text) => text.includes('host save'))!;
      expect(own).toContain('Cornerstone3DTools@^0.1.0:Probe:L3Level');
      expect(own).toContain(mark.model!.sha256);
      expect((await marks(page)).map(({ uid }) => uid)).toEqual([mark.uid]);
      expect((await measurements(page)).map(({ uid }) => uid)).toEqual([mark.uid]);
    } finally {
      await viewer.close();
    }
    const again = await openViewer({ dicomweb: orthanc.dicomweb });
    try {
      const mark = await reopened(again, study);
      expect(mark.zMm).toBeCloseTo(movedTo, 2);
      await again.screenshot('host-report-2-host-saved');
      await hydrate(again.page);
      expect(await measurements(again.page)).toMatchObject([{ uid: mark.uid }]);
      expect((await measurements(again.page))[0].toolName).toBe('L3Level');
    } finally {
      await again.close();
    }
  }, 180_000);
});
