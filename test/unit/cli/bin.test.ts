import { spawn } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { at, putPatient, putPatientNifti } from './patient';

jest.setTimeout(180_000);

const ROOT = join(__dirname, '../../..');
const BIN = join(ROOT, 'src/cli/find-l3.mjs');
const itWithModel = existsSync(join(ROOT, 'models/l3-unet3plus/model.onnx')) ? it : it.skip;

/** Runs the program as a shell would; `during` may signal it or stop reading. */
function run(
  args: string[],
  during: (child: ReturnType<typeof spawn>, stderr: string) => void = () => undefined,
): Promise<{ code: number | null; stdout: string; stderr: string }> {
  return new Promise((done, fail) => {
    // Compiled quickly rather than well: each of these searches little.
    const child = spawn(process.execPath, ['--liftoff-only', BIN, ...args]);
    let [stdout, stderr] = ['', ''];
    child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => {
      stderr += chunk.toString();
      during(child, stderr);
    });
    child.on('error', fail);
    child.on('close', (code) => done({ code, stdout, stderr }));
  });
}

describe('the program itself', () => {
  it('says what is wrong with its arguments and ends with 2', async () => {
    const { code, stdout, stderr } = await run(['--wrong']);
    expect(code).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toMatch(/unknown option '--wrong'/);
  });

  itWithModel('runs the shipped model; stdout is JSON lines and nothing else', async () => {
    await putPatient('ct');
    await putPatient('compressed', { compressed: true });
    await putPatientNifti('scan.nii');
    const inputs = ['ct', 'compressed', 'scan.nii'].map(at);
    const { code, stdout } = await run([...inputs, '--json']);
    expect(code).toBe(0);
    const lines = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines.map(({ input }) => input)).toEqual(inputs);
    const [plain, compressed] = lines.map(({ status, reason, l3 }) => ({ status, reason, l3 }));
    expect(compressed).toEqual(plain);
  });

  itWithModel('stops on an interrupt with 130 and leaves nothing half-written', async () => {
    await putPatient('ct');
    let asked = false;
    const { code, stdout } = await run(
      [at('ct'), '--json', '--out', at('out')],
      (child, stderr) => {
        if (!asked && stderr.includes('reading slices')) asked = child.kill('SIGINT');
      },
    );
    expect(asked).toBe(true);
    expect(code).toBe(130);
    expect(stdout).toBe('');
    expect(readdirSync(at('out'))).toEqual([]);
  });

  itWithModel('ends quietly when nobody reads its lines any more', async () => {
    await putPatient('ct');
    const { code, stderr } = await run([at('ct'), at('ct'), '--json'], (child) => {
      child.stdout?.destroy();
    });
    expect(code).toBe(0);
    expect(stderr).not.toMatch(/EPIPE/);
  });
});
