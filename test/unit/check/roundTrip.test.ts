import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import Fastify, { type FastifyInstance } from 'fastify';
import { dataSourceChecks } from '../../../src/check/dataSources';
import { roundTripChecks } from '../../../src/check/roundTrip';
import type { Check } from '../../../src/check/types';
import { DicomIndex } from '../../../src/server/dicomweb/dicomIndex';
import { dicomwebService } from '../../../src/server/dicomweb/dicomwebService';
import { InstanceStore } from '../../../src/server/store/instanceStore';

const signal = new AbortController().signal;
let folder: string;
let app: FastifyInstance;
/** Its DICOMweb root, once it serves. */
let root: string;
/** Requests that change something. */
let changes: string[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'find-l3-round-trip-'));
  changes = [];
  app = Fastify({ routerOptions: { maxParamLength: 5000 } });
  app.addHook('onRequest', async ({ method, url }) => {
    if (method !== 'GET') changes.push(`${method} ${url}`);
  });
});
afterEach(async () => {
  await app.close();
  await rm(folder, { recursive: true });
});

/** The project's own small server. */
async function serve(): Promise<void> {
  const index = new DicomIndex();
  const store = new InstanceStore({ folder }, index);
  await app.register(dicomwebService, { prefix: '/dicom-web', index, store });
  root = `${await app.listen({ port: 0, host: '127.0.0.1' })}/dicom-web`;
}

async function roundTrip(authorization: string | null = null): Promise<Record<string, Check>> {
  await serve();
  const credentials = async () => authorization;
  const found: Record<string, Check> = {};
  for await (const check of roundTripChecks({ root, credentials, signal, waitsMs: [0, 1] }))
    found[check.id] = check;
  return found;
}

const statuses = (checks: Record<string, Check>) =>
  Object.fromEntries(Object.entries(checks).map(([id, { status }]) => [id, status]));
const KEPT = { store: 'ok', 'read-back': 'ok', 'clean-up': 'warning' };

/** Edits what the server answers to a path. */
function edit(path: RegExp, change: (body: string) => string): void {
  app.addHook('onSend', async ({ method, url }, _reply, payload) =>
    method === 'GET' && path.test(url) ? change(String(payload)) : payload,
  );
}

test('a PACS that takes reports: stored, read back, and what is left is named', async () => {
  const checks = await roundTrip();
  expect(statuses(checks)).toEqual(KEPT);
  const [, study] = /patient FIND-L3-CHECK, study (2\.25\.\d+)/.exec(checks['clean-up'].text)!;
  const answer = await fetch(`${root}/studies?PatientID=FIND-L3-CHECK`);
  const studies = (await answer.json()) as Record<string, { Value: unknown[] }>[];
  expect(studies.map((one) => one['0020000D'].Value[0])).toEqual([study]);
});

test('a PACS that deletes studies is left as it was', async () => {
  let isDeleted = false;
  app.delete('/dicom-web/studies/:study', async (_request, reply) => {
    isDeleted = true;
    return reply.code(204).send();
  });
  app.addHook('onRequest', async ({ method }, reply) => {
    if (isDeleted && method === 'GET') await reply.code(204).send();
  });
  expect(statuses(await roundTrip())).toEqual({ ...KEPT, 'clean-up': 'ok' });
  // Only what was just made.
  expect(changes[1].replace('DELETE', 'POST')).toBe(changes[0]);
});

test('a PACS that says "deleted" and deletes nothing is found out', async () => {
  app.delete('/dicom-web/studies/:study', async (_request, reply) => reply.code(204).send());
  const checks = await roundTrip();
  expect(checks['clean-up']).toMatchObject({ status: 'warning' });
});

test('a PACS that says "stored" and drops it', async () => {
  app.addHook('onRequest', async ({ method }, reply) => {
    if (method === 'POST') await reply.code(200).send({});
  });
  const checks = await roundTrip();
  expect(checks['read-back']).toMatchObject({ status: 'failed' });
  expect(checks['read-back'].text).toContain('lists no report');
});

test('a PACS that leaves the content of reports out of their metadata', async () => {
  edit(/metadata/, (body) => body.replaceAll('0040A730', '0040A731'));
  const { 'read-back': check } = await roundTrip();
  expect(check).toMatchObject({ status: 'failed' });
  expect(check.text).toContain('no level in its metadata');
});

test('a PACS that changes the point', async () => {
  edit(/metadata/, (body) => body.replaceAll('12.25', '13.25'));
  const { 'read-back': check } = await roundTrip();
  expect(check).toMatchObject({ status: 'failed' });
  expect(check.text).toContain('comes back changed');
});

test.each([
  [405, 'failed', /refuses \(HTTP 405\)/],
  [403, 'failed', /asks for a login/],
])('a PACS that takes nothing (%i): nothing is left there', async (code, status, text) => {
  app.addHook('onRequest', async ({ method }, reply) => {
    if (method === 'POST') await reply.code(code).send();
  });
  const checks = await roundTrip();
  expect(statuses(checks)).toEqual({ store: status });
  expect(checks.store.text).toMatch(text);
  expect(checks.store.advice).not.toBe('');
});

test('a PACS that breaks off may have stored it', async () => {
  app.addHook('onRequest', async ({ method, raw }) => {
    if (method === 'POST') raw.destroy();
  });
  const checks = await roundTrip();
  expect(statuses(checks)).toEqual({ store: 'failed', 'clean-up': 'warning' });
  expect(checks['clean-up'].text).toContain('may be');
});

test('a PACS that fails after it stored', async () => {
  app.addHook('onRequest', async ({ method, url }, reply) => {
    if (method === 'GET' && url.includes('/series')) await reply.code(400).send();
  });
  const checks = await roundTrip();
  expect(statuses(checks)).toEqual({ ...KEPT, 'read-back': 'failed' });
});

test('credentials go with every request', async () => {
  app.addHook('onRequest', async ({ headers }, reply) => {
    if (headers.authorization !== 'Bearer secret') await reply.code(401).send();
  });
  expect(statuses(await roundTrip('Bearer secret'))).toEqual(KEPT);
});

test('all data sources are asked, and stored into only where that is wanted and where one stores', async () => {
  await serve();
  const asked = async (store: boolean, into: readonly string[]) => {
    const ids: string[] = [];
    const roots = { all: [root], store: into };
    const options = { credentials: async () => null, store, signal };
    for await (const { id } of dataSourceChecks(roots, new URL(root).origin, options)) ids.push(id);
    return ids;
  };
  expect(await asked(false, [root])).toEqual(['data-source']);
  expect(await asked(true, [])).toEqual(['data-source']);
  expect(changes).toEqual([]);
  expect(await asked(true, [root])).toEqual(['data-source', 'store', 'read-back', 'clean-up']);
  expect(changes.map((change) => change.split(' ')[0])).toEqual(['POST', 'DELETE']);
});

test('credentials that are none are named before anything is stored', async () => {
  await serve();
  const credentials = () => Promise.reject(new Error('these are no credentials'));
  const checks = dataSourceChecks({ all: [root], store: [root] }, new URL(root).origin, {
    ...{ credentials, store: true, signal },
  });
  await expect(checks.next()).rejects.toThrow('no credentials');
  expect(changes).toEqual([]);
});
