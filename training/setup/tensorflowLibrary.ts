import { createHash } from 'node:crypto';
import {
  createReadStream,
  existsSync,
  mkdirSync,
  renameSync,
  rmSync,
  statfsSync,
  symlinkSync,
} from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { DOWNLOADS_FOLDER, TRAINING_FOLDER } from '../paths';
import { has, run, say } from './processes';

export type Source = 'auto' | 'vendor' | 'pypi';

interface Variant {
  readonly npmPackage: string;
  readonly version: string;
  readonly wheel: { readonly requirement: string; readonly file: string; readonly sha256: string };
  /** Room that download and unpacking need, bytes. */
  readonly room: number;
}

/**
 * TensorFlow.js 4.22 was written for libtensorflow 2.9.1. The Python package of 2.15.1 holds the
 * same C library, is the last that Python 3.11 and CUDA 12.2 share, and PyPI never changes a file.
 */
const CPU: Variant = {
  npmPackage: '@tensorflow/tfjs-node',
  version: '4.22.0',
  wheel: {
    requirement: 'tensorflow-cpu==2.15.1',
    file: 'tensorflow_cpu-2.15.1-cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64.whl',
    sha256: '54660c074d7241a503e81edfd9f5ef5af88f64051b72e2945f26318c790f2d26',
  },
  room: 1.5e9,
};
const PYTHON_VERSION = '3.11';
const VENDOR_ARCHIVE =
  'https://storage.googleapis.com/tensorflow/libtensorflow/libtensorflow-cpu-linux-x86_64-2.9.1.tar.gz';
const TWO_MINUTES = 120_000;

/**
 * Makes `@tensorflow/tfjs-node` work: native library in its `deps` folder, addon compiled, both
 * proved by a computation. Does nothing when they work already.
 *
 * @throws Error that says which program, permission or room is missing and what to do
 */
export async function setUpTensorFlow({
  from,
  gpu,
}: {
  from: Source;
  gpu: boolean;
}): Promise<void> {
  if (gpu) throw new Error('The GPU variant is not offered yet; set up without --gpu.');
  const variant = CPU;
  const folder = join(TRAINING_FOLDER, 'node_modules', ...variant.npmPackage.split('/'));
  const ready = prove(variant);
  if (ready.works) {
    say(`TensorFlow ${ready.version} works already: nothing to do.`);
    return;
  }
  checkRoom(variant);
  if (from !== 'pypi') {
    const reached = await vendorAnswers();
    if (reached) {
      say("Fetching TensorFlow's library from its vendor ...");
      const { status } = run('node', ['scripts/install.js'], {
        cwd: folder,
        env: buildEnvironment(),
      });
      const proof = prove(variant);
      if (status === 0 && proof.works) {
        say(`TensorFlow ${proof.version} works.`);
        return;
      }
      if (from === 'vendor')
        throw new Error("The vendor's installation failed; what it said is above.");
      say('That failed; taking the library from PyPI instead.');
      rmSync(join(folder, 'deps'), { recursive: true, force: true });
    } else if (from === 'vendor') {
      throw new Error(`The vendor's site cannot be reached (${VENDOR_ARCHIVE}). Try --from pypi.`);
    } else {
      say("The vendor's site cannot be reached; taking the library from PyPI.");
    }
  }
  const python = checkPrograms();
  const wheel = await fetchWheel(variant, python);
  unpack(wheel, folder, python);
  compile(folder);
  const proof = prove(variant);
  if (!proof.works) {
    throw new Error(`TensorFlow was built but does not run:\n${proof.why}`);
  }
  say(`TensorFlow ${proof.version} works.`);
}

type Proof = { works: true; version: string } | { works: false; why: string };

/** Loads the library in a process of its own and multiplies two matrices with it. */
function prove({ npmPackage }: Variant): Proof {
  const code = `
    const tf = require(${JSON.stringify(npmPackage)});
    const product = tf.matMul([[1, 2], [3, 4]], [[5, 6], [7, 8]]).arraySync();
    if (JSON.stringify(product) !== '[[19,22],[43,50]]') throw new Error('wrong product ' + product);
    console.log('version=' + tf.backend().binding.TF_Version);`;
  const { status, stdout, stderr } = run(process.execPath, ['-e', code], {
    cwd: TRAINING_FOLDER,
    quiet: true,
    env: { ...process.env, TF_CPP_MIN_LOG_LEVEL: '2' },
  });
  const version = /version=(\S+)/.exec(stdout)?.[1];
  return status === 0 && version
    ? { works: true, version }
    : { works: false, why: stderr.trim().split('\n').slice(-12).join('\n') };
}

function checkRoom({ room }: Variant): void {
  const { bavail, bsize } = statfsSync(TRAINING_FOLDER);
  const free = bavail * bsize;
  if (free < room) {
    throw new Error(
      `The disk of ${TRAINING_FOLDER} has ${(free / 1e9).toFixed(1)} GB left; setup needs ${(room / 1e9).toFixed(1)} GB. Make room and repeat.`,
    );
  }
}

async function vendorAnswers(): Promise<boolean> {
  try {
    const answer = await fetch(VENDOR_ARCHIVE, {
      method: 'HEAD',
      signal: AbortSignal.timeout(10_000),
    });
    return answer.ok;
  } catch {
    return false;
  }
}

/** @returns the Python to use */
function checkPrograms(): string {
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    throw new Error(
      `The way through PyPI is for Linux on x64; this is ${process.platform} on ${process.arch}. Use --from vendor.`,
    );
  }
  const python = ['python3', 'python'].find((name) => has(name, ['-m', 'pip', '--version']));
  const compiler = process.env.CXX ?? 'g++';
  const missing = [
    ...(python ? [] : ['Python 3 with pip']),
    ...(has('make', ['--version']) ? [] : ['make']),
    ...(has(compiler, ['--version']) ? [] : [`a C++ compiler (${compiler})`]),
  ];
  if (missing.length > 0) {
    throw new Error(
      `Setup needs ${missing.join(', ')}. On Debian or Ubuntu: apt-get install build-essential python3 python3-pip`,
    );
  }
  return python!;
}

async function fetchWheel({ wheel }: Variant, python: string): Promise<string> {
  const path = join(DOWNLOADS_FOLDER, wheel.file);
  if (existsSync(path)) {
    if ((await sha256Of(path)) === wheel.sha256) {
      say(`${wheel.file} is here already, SHA-256 as expected.`);
      return path;
    }
    say(`${wheel.file} is damaged; fetching it again.`);
    rmSync(path);
  }
  mkdirSync(DOWNLOADS_FOLDER, { recursive: true });
  const partial = join(DOWNLOADS_FOLDER, 'partial');
  rmSync(partial, { recursive: true, force: true });
  say(`Fetching ${wheel.requirement} from PyPI (large) ...`);
  const { status } = run(python, [
    ...['-m', 'pip', 'download', '--quiet', '--no-deps', '--only-binary=:all:'],
    ...['--implementation', 'cp', '--python-version', PYTHON_VERSION],
    ...['--platform', 'manylinux2014_x86_64', '--platform', 'manylinux_2_17_x86_64'],
    ...['-d', partial, wheel.requirement],
  ]);
  const fetched = join(partial, wheel.file);
  if (status !== 0 || !existsSync(fetched)) {
    throw new Error(
      `pip could not fetch ${wheel.requirement}; what it said is above. Is PyPI (or your mirror of it) reachable?`,
    );
  }
  const actual = await sha256Of(fetched);
  if (actual !== wheel.sha256) {
    rmSync(partial, { recursive: true });
    throw new Error(
      `${wheel.file} has the SHA-256 ${actual}, not ${wheel.sha256}: it is not the file this was checked with. It was deleted.`,
    );
  }
  renameSync(fetched, path);
  rmSync(partial, { recursive: true });
  say('SHA-256 as expected.');
  return path;
}

async function sha256Of(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}

/** Library and headers into `deps`, under the names that TensorFlow.js looks for. */
function unpack(wheel: string, folder: string, python: string): void {
  say('Unpacking the library ...');
  const partial = join(folder, 'deps.partial');
  rmSync(partial, { recursive: true, force: true });
  const code = `
import sys, zipfile
wheel, target = sys.argv[1:]
with zipfile.ZipFile(wheel) as archive:
    for name in archive.namelist():
        if name.startswith("tensorflow/include/") or name in (
            "tensorflow/libtensorflow_cc.so.2", "tensorflow/libtensorflow_framework.so.2"):
            archive.extract(name, target)`;
  if (run(python, ['-c', code, wheel, partial]).status !== 0) {
    rmSync(partial, { recursive: true, force: true });
    throw new Error('The library could not be unpacked; what Python said is above.');
  }
  const inner = join(partial, 'tensorflow');
  const lib = join(inner, 'lib');
  mkdirSync(lib);
  for (const name of ['libtensorflow_cc.so.2', 'libtensorflow_framework.so.2']) {
    renameSync(join(inner, name), join(lib, name));
  }
  symlinkSync('libtensorflow_cc.so.2', join(lib, 'libtensorflow.so'));
  // The names that TensorFlow.js's install script and its compiled addon ask for.
  symlinkSync('libtensorflow_cc.so.2', join(lib, 'libtensorflow.so.2.9.1'));
  symlinkSync('libtensorflow_framework.so.2', join(lib, 'libtensorflow_framework.so'));
  rmSync(join(folder, 'deps'), { recursive: true, force: true });
  renameSync(inner, join(folder, 'deps'));
  rmSync(partial, { recursive: true, force: true });
}

function compile(folder: string): void {
  say('Compiling the connection between Node and TensorFlow ...');
  const { status, stdout, stderr } = run('node', ['scripts/install.js'], {
    cwd: folder,
    quiet: true,
    timeout: 5 * TWO_MINUTES,
    env: buildEnvironment(),
  });
  if (status !== 0) {
    throw new Error(
      `The connection could not be compiled:\n${(stdout + stderr).trim().slice(-3000)}`,
    );
  }
}

/** Headers of the running Node where they lie beside it, so that none are fetched. */
function buildEnvironment(): NodeJS.ProcessEnv {
  const prefix = dirname(dirname(process.execPath));
  const headers = existsSync(join(prefix, 'include', 'node', 'node_api.h'));
  return {
    ...process.env,
    PATH: [
      dirname(process.execPath),
      join(TRAINING_FOLDER, 'node_modules', '.bin'),
      process.env.PATH ?? '',
    ].join(delimiter),
    ...(headers && !process.env.npm_config_nodedir ? { npm_config_nodedir: prefix } : {}),
  };
}
