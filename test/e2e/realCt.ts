import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { measurements, openStudy, openViewer, type OpenViewer } from './harness';
import { clickFindL3, complaints, positionsIn, searched, shownZ } from './search';

interface Case {
  readonly case: string;
  readonly path: string;
  readonly l3_z_mm: number;
  readonly tolerance_mm: number;
}

const FOLDER = path.resolve('../shared/data/ct');
const TABLE = path.join(FOLDER, 'cases.json');
const cases = existsSync(TABLE) ? (JSON.parse(readFileSync(TABLE, 'utf8')) as Case[]) : [];
const known = (name: string) => cases.find((entry) => entry.case === name);

/** Declares the test of a real CT, which is skipped where the folder of real data is not. */
export function describeRealCt(name: string, what: string): void {
  describe(`a real CT: ${name} (${what})`, () => {
    const truth = known(name);
    let viewer: OpenViewer;
    let studyInstanceUID: string;

    (truth ? beforeAll : () => undefined)(async () => {
      viewer = await openViewer({ folders: [path.join(FOLDER, truth!.path)] });
      const response = await fetch(`${viewer.server.url}/dicomweb/studies`);
      const studies = (await response.json()) as { '0020000D': { Value: string[] } }[];
      expect(studies).toHaveLength(1);
      studyInstanceUID = studies[0]['0020000D'].Value[0];
    }, 120_000);

    afterAll(() => viewer?.close());

    (truth ? test : test.skip)(
      'shows the slice of mid-L3',
      async () => {
        const { page } = viewer;
        await openStudy(viewer, studyInstanceUID);
        const positions = await positionsIn(path.join(FOLDER, truth!.path));
        const off = async () => Math.abs((await shownZ(page, positions)) - truth!.l3_z_mm);
        expect(await off()).toBeGreaterThan(50);
        await clickFindL3(page);
        expect(await searched(page)).toBe('found');
        await viewer.screenshot(`real-${name}`);
        expect(await off()).toBeLessThanOrEqual(truth!.tolerance_mm);
        expect((await measurements(page)).map(({ label }) => label)).toEqual(['L3']);
        expect(complaints(viewer.log)).toEqual([]);
      },
      240_000,
    );
  });
}
