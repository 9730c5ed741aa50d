import { ensurePhantoms } from '../../src/server/phantoms';
import { openStudy, openViewer } from '../e2e/harness';
import type { Figure } from './main';

interface Answer {
  readonly total: number;
  readonly runtime: string;
  readonly stages: Readonly<Record<string, number>>;
}

/** Click to jump in the stock viewer on the phantom, first (with downloads) and again, per runtime. */
export async function benchViewer(): Promise<Figure[]> {
  const figures: Figure[] = [];
  const folder = await ensurePhantoms(
    process.cwd(),
    () => console.log('Making the phantom CT studies ...'),
    () => undefined,
  );
  for (const webgpu of [false, true]) {
    const viewer = await openViewer({ folders: [folder], webgpu });
    let fetched = 0;
    viewer.page.on('response', (response) => {
      if (!response.url().includes('/plugins/find-l3/')) return;
      fetched += Number(response.headers()['content-length'] ?? 0);
    });
    try {
      const studies = (await fetch(`${viewer.server.url}/dicomweb/studies`).then((r) =>
        r.json(),
      )) as { '0020000D': { Value: string[] } }[];
      await openStudy(viewer, studies[0]['0020000D'].Value[0]);
      for (const round of ['first', 'again']) {
        const answer: Answer = await viewer.page.evaluate(async () => {
          const host = window as unknown as {
            commandsManager: { runCommand(name: string, options: object): Promise<HostFinding> };
          };
          interface HostFinding {
            readonly timing: Readonly<Record<string, number>>;
            readonly runtime: { readonly runtime: string };
          }
          const start = performance.now();
          const finding = await host.commandsManager.runCommand('findL3', {});
          return {
            total: performance.now() - start,
            runtime: finding.runtime.runtime,
            stages: finding.timing,
          };
        });
        const name = `${answer.runtime}, ${round}`;
        figures.push({ what: `${name}: command to jump`, value: answer.total, unit: 'ms' });
        for (const [stage, ms] of Object.entries(answer.stages)) {
          figures.push({ what: `${name}: of that, ${stage}`, value: ms, unit: 'ms' });
        }
      }
      figures.push({
        what: `${webgpu ? 'webgpu' : 'wasm'}: bytes fetched from the plugin folder`,
        value: fetched / 1e6,
        unit: 'MB',
      });
    } finally {
      await viewer.close();
    }
  }
  return figures;
}
