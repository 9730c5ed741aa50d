import { existsSync, readdirSync } from 'node:fs';
import { at } from '../cli/patient';
import {
  ARGS,
  describeWhereItRuns,
  eachWithSeries,
  EXPECTED,
  finish,
  isThere,
  paths,
  SERIES,
  start,
  until,
  workersOf,
} from './processes';

jest.setTimeout(180_000);
eachWithSeries();

describeWhereItRuns('a batch whose processes end', () => {
  it('killed outright: until then a second says who is there, the workers end, and the next run does nothing twice', async () => {
    const { child, ended } = start(ARGS());
    await until(() => existsSync(at('out/results.jsonl')));
    const second = await start(ARGS()).ended;
    expect(second.code).toBe(1);
    expect(second.stderr).toMatch(
      new RegExp(`^find-l3 batch: .*results.jsonl is in use by process ${child.pid} on [^\n]*\n$`),
    );
    await until(() => paths().length >= 1);
    const workers = workersOf(child);
    expect(workers).toHaveLength(1);
    child.kill('SIGKILL');
    expect((await ended).signal).toBe('SIGKILL');
    expect(readdirSync(at('out'))).toContain('results.jsonl.lock');
    await until(() => !workers.some(isThere));
    expect(paths().length).toBeLessThan(SERIES);
    await finish();
  });

  it('a worker killed: another one takes its series', async () => {
    const { child, ended } = start([...ARGS(), '--jobs', '2']);
    await until(() => paths().length >= 1);
    const [worker] = workersOf(child);
    process.kill(worker, 'SIGKILL');
    expect((await ended).code).toBe(0);
    expect(paths().sort()).toEqual(EXPECTED.map((path) => at(`in/${path}`)));
  });
});
