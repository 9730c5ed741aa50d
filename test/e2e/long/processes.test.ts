import { readdirSync } from 'node:fs';
import { at } from '../../unit/cli/patient';
import {
  ARGS,
  describeWhereItRuns,
  eachWithSeries,
  finish,
  isThere,
  paths,
  SERIES,
  start,
  until,
  workersOf,
} from '../../unit/batch/processes';
import { BIN } from '../../unit/batch/tree';

jest.setTimeout(180_000);
eachWithSeries();

// Killed ones are tests of every day.
describeWhereItRuns('a batch that ends before its time', () => {
  it('interrupted as a terminal does it: all end with 130, the lock is free', async () => {
    const { child, ended } = start(ARGS());
    await until(() => paths().length >= 1);
    const workers = workersOf(child);
    for (const pid of [...workers, child.pid as number]) process.kill(pid, 'SIGINT');
    expect(await ended).toMatchObject({ code: 130, stdout: '' });
    expect(workers.some(isThere)).toBe(false);
    expect(readdirSync(at('out'))).toEqual(['results.jsonl']);
    await finish();
  });

  it('a full disk: it says so, and goes on when there is room', async () => {
    // The system lets no file grow beyond 4 KiB: two lines and a half.
    const limited = `trap '' XFSZ; ulimit -f 4; exec "$@"`;
    const full = start(ARGS(), 'bash', ['-c', limited, 'bash', process.execPath, BIN, 'batch']);
    const { code, stderr } = await full.ended;
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /^find-l3 batch: .*results.jsonl cannot be written \(no space left\)\. What it holds is safe: make room and run the same command again\n$/,
    );
    expect(paths().length).toBeGreaterThan(0);
    expect(paths().length).toBeLessThan(SERIES);
    await finish();
  });
});
