import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { openStudy, openViewer } from '../harness';
import { marks, reports } from '../keeping';
import { INSTALL_ORTHANC, Orthanc, orthancIsInstalled } from '../orthanc';
import { writePhantomSeries } from '../../../src/phantom/writePhantomSeries';

jest.setTimeout(10 * 60_000);

const BIN = resolve('src/cli/find-l3.mjs');
const maybe = orthancIsInstalled() ? it : it.skip;

let folder = '';
let orthanc: Orthanc | null = null;
beforeAll(async () => (folder = await mkdtemp(join(tmpdir(), 'find-l3-recipe-'))));
afterAll(async () => {
  await orthanc?.stop();
  await rm(folder, { recursive: true, force: true });
});

maybe(
  `a study that comes to Orthanc opens at L3, by deploy/orthanc (${INSTALL_ORTHANC})`,
  async () => {
    orthanc = await Orthanc.start(
      { LuaScripts: [resolve('deploy/orthanc/find-l3.lua')], StableAge: 2 },
      (origin) => ({
        FIND_L3: `${process.execPath} ${BIN}`,
        FIND_L3_DICOMWEB: `${origin}/dicom-web`,
        FIND_L3_OUT: folder,
      }),
    );
    const scan = await writePhantomSeries(join(folder, 'in'), { columns: 128, sliceSpacingMm: 5 });
    await orthanc.upload(scan.files);
    const latest = Date.now() + 180_000;
    while ((await reports(orthanc)).length === 0) {
      if (Date.now() > latest) throw new Error(await readFile(join(folder, 'log'), 'utf8'));
      await new Promise((done) => setTimeout(done, 500));
    }
    const viewer = await openViewer({ dicomweb: orthanc.dicomweb });
    try {
      await openStudy(viewer, scan.studyInstanceUID);
      let shown = await marks(viewer.page);
      while (shown.length === 0) {
        await viewer.page.waitForTimeout(500);
        shown = await marks(viewer.page);
      }
      await viewer.screenshot('pacs-report-of-find-l3');
      const [line] = (await readFile(join(folder, 'results', 'results.jsonl'), 'utf8'))
        .split('\n')
        .slice(0, -1)
        .map((text) => JSON.parse(text) as { l3: { z_mm: number }; report: { state: string } });
      expect(line.report.state).toBe('stored');
      expect(shown).toMatchObject([
        { label: 'L3', seriesInstanceUID: scan.seriesInstanceUID, moved: null },
      ]);
      expect(shown[0].zMm).toBeCloseTo(line.l3.z_mm, 1);
    } finally {
      await viewer.close();
    }
  },
);
