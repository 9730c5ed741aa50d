import { createHash } from 'node:crypto';
import * as v from 'valibot';
import { RELEASE } from '../release/release';
import { ask, saidInstead } from './ask';
import { cachingChecks } from './caching';
import { hasKey, stringsOf, type KeyedString } from './configStrings';
import { dataSourceChecks, type DataSourceOptions, type Roots } from './dataSources';
import { pagePolicyProblems, workerPolicyProblems } from './policy';
import type { Answer, Check } from './types';

/** `manifest.json` of the extension's folder, as the build writes it. */
const MANIFEST = v.object({
  name: v.literal('find-l3'),
  version: v.string(),
  commit: v.string(),
  files: v.array(v.object({ name: v.string(), bytes: v.number(), sha256: v.string() })),
});
type Manifest = v.InferOutput<typeof MANIFEST>;

const SCRIPT = /^(text|application)\/(x-)?(javascript|ecmascript)$/;
/** Of the files of the extension; browsers run a script and compile WebAssembly by type only. */
const TYPES: readonly (readonly [RegExp, RegExp, string])[] = [
  [/\.js$/, SCRIPT, 'text/javascript'],
  [/\.wasm$/, /^application\/wasm$/, 'application/wasm'],
  [/\.json$/, /json$/, 'application/json'],
];
const COPY_AGAIN = 'Copy the folder of Find L3 again, complete and unchanged.';

/** The extension as it was found. */
interface Found {
  /** Address of its folder, ending in a slash. */
  readonly folder: string;
  /** Address of the script that app-config.js names. */
  readonly script: string;
  readonly manifest: Manifest;
}

/**
 * Asks a deployed viewer from outside, as a browser would. With `store`, and only then, something is changed: a report
 * of a made study is stored in its PACS.
 *
 * @param address of the viewer's folder, where its worklist is
 * @returns what was found, in the order in which it was asked; what depends on something that failed is
 *   left out
 */
export async function* checkViewer(
  address: string,
  options: DataSourceOptions,
): AsyncGenerator<Check> {
  const base = new URL(address.endsWith('/') || /\.html?$/.test(address) ? address : `${address}/`);
  const folder = new URL('./', base).href;
  const page = await ask(base.href);
  yield pageCheck(page);
  if (page.status !== 200 || page.type !== 'text/html') return;

  yield await routeCheck(folder);
  const config = await ask(new URL('app-config.js', folder).href);
  yield configCheck(config);
  if (config.status !== 200 || !SCRIPT.test(config.type)) return;

  const strings = stringsOf(config.text);
  const found = await findExtension(strings, base.href);
  yield found ? versionCheck(found) : notFound(strings);
  const roots = rootsOf(strings, base.href);
  if (found) yield* extensionChecks(found);
  yield* cachingChecks(config, found);
  yield secureCheck(base);
  const worker = found && workerOf(found);
  const workerAnswer = worker ? await ask(worker) : null;
  yield isolationCheck(page, workerAnswer);
  yield policyCheck(page, workerAnswer, roots.all);
  yield* dataSourceChecks(roots, base.origin, options);
}

function pageCheck(page: Answer): Check {
  const ok = page.status === 200 && page.type === 'text/html';
  return {
    id: 'viewer',
    status: ok ? 'ok' : 'failed',
    text: ok ? `${page.url} is a page` : `${page.url}: ${saidInstead(page)}`,
    advice: ok ? '' : 'Give the address at which people open the viewer’s worklist.',
  };
}

/** A link to a study is no file: the server must answer it with the viewer's page. */
async function routeCheck(folder: string): Promise<Check> {
  const url = new URL('viewer?StudyInstanceUIDs=1.2.3', folder).href;
  const answer = await ask(url, { headers: { Accept: 'text/html' } });
  const ok = answer.status === 200 && answer.type === 'text/html';
  return {
    id: 'links',
    status: ok ? 'ok' : 'failed',
    text: ok ? 'a link to a study opens the viewer' : `${url}: ${saidInstead(answer)}`,
    advice: ok ? '' : 'Let the server answer with index.html what is no file (try_files).',
  };
}

function configCheck(config: Answer): Check {
  const ok = config.status === 200 && SCRIPT.test(config.type);
  if (ok && !hasKey(config.text, 'extensions')) {
    return {
      id: 'app-config',
      status: 'failed',
      text: 'app-config.js has no list of extensions, without which OHIF does not start',
      advice: 'Write an empty one, extensions: [], where there is none to name.',
    };
  }
  return {
    id: 'app-config',
    status: ok ? 'ok' : 'failed',
    text: ok ? 'app-config.js is there' : `${config.url}: ${saidInstead(config)}`,
    advice: ok ? '' : 'Put app-config.js into the viewer’s folder, served with a JavaScript type.',
  };
}

async function findExtension(strings: readonly KeyedString[], base: string): Promise<Found | null> {
  const scripts = strings.map(({ value }) => value).filter((value) => /\.js$/.test(value));
  for (const value of new Set(scripts)) {
    const script = new URL(value, base).href;
    const folder = new URL('./', script).href;
    const answer = await ask(new URL('manifest.json', folder).href);
    const manifest = v.safeParse(MANIFEST, json(answer.text));
    if (answer.status === 200 && manifest.success) {
      return { folder, script, manifest: manifest.output };
    }
  }
  return null;
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function notFound(strings: readonly KeyedString[]): Check {
  const named = strings.filter(({ value }) => /find-l3.*\.js$/.test(value));
  const [first] = named;
  return {
    id: 'version',
    status: 'failed',
    text: first
      ? `app-config.js names ${first.value}, and no manifest.json of Find L3 lies beside that`
      : 'app-config.js names no script with a manifest.json of Find L3 beside it',
    advice: `extensions: ['/plugins/find-l3/${RELEASE.version}/index.js'] in app-config.js, and the folder there.`,
  };
}

function versionCheck({ manifest, script }: Found): Check {
  const { version, commit } = manifest;
  const same = version === RELEASE.version;
  return {
    id: 'version',
    status: same ? 'ok' : 'warning',
    text: `Find L3 ${version} (commit ${commit}) from ${script}`,
    advice: same ? '' : `This is find-l3 ${RELEASE.version}: what it asks may differ.`,
  };
}

async function* extensionChecks({ folder, script, manifest }: Found): AsyncGenerator<Check> {
  const damaged: string[] = [];
  const mistyped: string[] = [];
  let plainWasm = false;
  for (const { name, bytes, sha256 } of manifest.files) {
    const answer = await ask(new URL(name, folder).href);
    if (answer.status !== 200) damaged.push(`${name}: ${saidInstead(answer)}`);
    else if (createHash('sha256').update(answer.bytes).digest('hex') !== sha256) {
      damaged.push(
        `${name}: ${answer.bytes.length} bytes, another content than the ${bytes} of the release`,
      );
    }
    const rule = TYPES.find(([ending]) => ending.test(name));
    const wrong = rule ? !rule[1].test(answer.type) : answer.type === 'text/html';
    if (answer.status === 200 && wrong) {
      mistyped.push(`${name} is ${answer.type || 'of no type'}${rule ? `, not ${rule[2]}` : ''}`);
    }
    if (name.endsWith('.wasm') && answer.status === 200) {
      plainWasm ||= !answer.headers['content-encoding'];
    }
  }
  const files = `${manifest.files.length} files`;
  yield judged('files', damaged, `${files} are those of the release`, COPY_AGAIN);
  const script0 = manifest.files.some(({ name }) => new URL(name, folder).href === script);
  if (!script0) {
    yield judged('script', [`${script} is no file of the release`], '', COPY_AGAIN);
  }
  yield judged(
    'types',
    mistyped,
    'content types are right',
    'Give these endings their types (mime.types).',
  );
  const missing = await ask(new URL('no-such-file.js', folder).href);
  yield judged(
    'missing-files',
    missing.status === 404 ? [] : [`${missing.url}: ${saidInstead(missing)}, not 404`],
    'a file that is not there is 404',
    'Let the fallback to index.html spare what looks like a file: a page of before an update takes it for a script.',
  );
  yield judged(
    'compression',
    plainWasm ? ['the ONNX runtime (27 MB) is sent as it is'] : [],
    'the ONNX runtime is sent compressed',
    'Let the server gzip application/wasm: 6.7 MB instead of 27 MB for each new browser.',
    'warning',
  );
}

function judged(
  id: string,
  problems: readonly string[],
  well: string,
  advice: string,
  otherwise: 'failed' | 'warning' = 'failed',
): Check {
  if (problems.length === 0) return { id, status: 'ok', text: well, advice: '' };
  return { id, status: otherwise, text: problems.join('; '), advice };
}

function workerOf({ folder, manifest }: Found): string | null {
  const worker = manifest.files.find(({ name }) => name.endsWith('/worker.js'));
  return worker ? new URL(worker.name, folder).href : null;
}

function secureCheck({ protocol, hostname }: URL): Check {
  const local = ['localhost', '127.0.0.1', '[::1]'].includes(hostname);
  const ok = protocol === 'https:' || local;
  return {
    id: 'secure-context',
    status: ok ? 'ok' : 'warning',
    text: ok
      ? 'a secure context: GPU and clipboard are allowed'
      : 'plain http: no GPU, no clipboard',
    advice: ok ? '' : 'Serve the viewer by HTTPS.',
  };
}

function isolationCheck(page: Answer, worker: Answer | null): Check {
  const embedder = /^(require-corp|credentialless)/;
  const problems: string[] = [];
  if (page.headers['cross-origin-opener-policy'] !== 'same-origin') {
    problems.push('the page has no Cross-Origin-Opener-Policy: same-origin');
  }
  for (const [what, answer] of [
    ['page', page],
    ['worker', worker],
  ] as const) {
    if (answer && !embedder.test(answer.headers['cross-origin-embedder-policy'] ?? '')) {
      problems.push(`the ${what} has no Cross-Origin-Embedder-Policy: require-corp`);
    }
  }
  return judged(
    'threads',
    problems,
    'isolated: the model runs on several threads',
    'It works on one thread. For several send both headers with everything.',
    'warning',
  );
}

function policyCheck(page: Answer, worker: Answer | null, roots: readonly string[]): Check {
  const header = page.headers['content-security-policy'];
  if (!header) {
    const advice = 'node deploy/csp.mjs VIEWER_FOLDER writes one for the viewer at hand.';
    return { id: 'csp', status: 'warning', text: 'no Content-Security-Policy', advice };
  }
  const workerHeader = worker?.headers['content-security-policy'];
  const problems = [
    ...pagePolicyProblems(header, page.text, page.url, [page.url, ...roots]),
    ...(workerHeader ? workerPolicyProblems(workerHeader).map((what) => `worker: ${what}`) : []),
  ];
  return judged(
    'csp',
    problems,
    'the Content-Security-Policy allows what viewer and extension need',
    'node deploy/csp.mjs VIEWER_FOLDER writes one for the viewer at hand.',
  );
}

function rootsOf(strings: readonly KeyedString[], base: string): Roots {
  const named = (keys: RegExp) => [
    ...new Set(
      strings
        .filter(({ key, value }) => keys.test(key) && value !== '')
        .map(({ value }) => new URL(value, base).href.replace(/\/$/, '')),
    ),
  ];
  return { all: named(/^(qido|wado)Root$/), store: named(/^wadoRoot$/) };
}
