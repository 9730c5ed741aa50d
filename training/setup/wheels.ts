import { createHash } from 'node:crypto';
import {
  createReadStream,
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { Machine } from './machine';
import type { Wheel } from './variants';

const PYTHON_VERSION = '3.11';
/** With less than this left, a step that failed has probably failed for want of room, bytes. */
const SCARCE = 1e9;

/**
 * Fetches a file from PyPI through pip, whole and with the hash it must have, or not at all.
 *
 * @param python the Python whose pip is used
 * @param folder where the file stays; one that is there already is used again
 * @returns the file's path
 * @throws Error when pip fails, the disk is full, or the file is another one
 */
export async function fetchWheel(
  machine: Machine,
  { requirement, file, sha256 }: Wheel,
  python: string,
  folder: string,
): Promise<string> {
  const path = join(folder, file);
  if (existsSync(path)) {
    if ((await sha256Of(path)) === sha256) {
      machine.say(`${file} is here already, SHA-256 as expected.`);
      return path;
    }
    machine.say(`${file} is damaged; fetching it again.`);
    rmSync(path);
  }
  const partial = join(folder, 'partial');
  rmSync(partial, { recursive: true, force: true });
  mkdirSync(join(partial, 'tmp'), { recursive: true });
  try {
    machine.say(`Fetching ${requirement} from PyPI ...`);
    const { status } = machine.run(
      python,
      [
        ...['-m', 'pip', 'download', '--quiet', '--no-deps', '--only-binary=:all:'],
        ...['--no-cache-dir', '--implementation', 'cp', '--python-version', PYTHON_VERSION],
        ...['manylinux2014', 'manylinux_2_17', 'manylinux1'].flatMap((name) => [
          '--platform',
          `${name}_x86_64`,
        ]),
        ...['-d', partial, requirement],
      ],
      // pip collects what it downloads in the folder for temporary files, which can be small.
      { env: { ...process.env, TMPDIR: join(partial, 'tmp') } },
    );
    const fetched = join(partial, file);
    if (status !== 0 || !existsSync(fetched)) {
      throw new Error(
        `pip could not fetch ${requirement}; what it said is above.${roomHint(machine, folder) || ' Is PyPI (or your mirror of it) reachable?'}`,
      );
    }
    const actual = await sha256Of(fetched);
    if (actual !== sha256) {
      throw new Error(
        `${file} has the SHA-256 ${actual}, not ${sha256}: it is not the file this was checked with. It was deleted; if your mirror of PyPI changes files, use PyPI itself.`,
      );
    }
    renameSync(fetched, path);
  } finally {
    rmSync(partial, { recursive: true, force: true });
  }
  return path;
}

async function sha256Of(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}

const roomHint = (machine: Machine, folder: string): string => {
  const free = machine.freeBytes(folder);
  return free < SCARCE
    ? ` The disk of ${folder} has only ${(free / 1e9).toFixed(2)} GB left: make room and repeat setup.`
    : '';
};

/** Unpacks the members whose names begin so (all when none is given) into a new folder. */
function unpack(
  machine: Machine,
  python: string,
  wheel: string,
  folder: string,
  beginnings: readonly string[],
): void {
  const code = `
import sys, zipfile
wheel, target, *beginnings = sys.argv[1:]
with zipfile.ZipFile(wheel) as archive:
    for name in archive.namelist():
        if name.startswith(tuple(beginnings)):
            archive.extract(name, target)`;
  const { status } = machine.run(python, ['-c', code, wheel, folder, ...beginnings]);
  if (status !== 0) {
    rmSync(folder, { recursive: true, force: true });
    throw new Error(
      `${wheel} could not be unpacked; what Python said is above.${roomHint(machine, dirname(folder))}`,
    );
  }
}

/** TensorFlow's library and headers into `deps` of the npm package, under the names it looks for. */
export function unpackLibrary(
  machine: Machine,
  python: string,
  wheel: string,
  npmPackage: string,
): void {
  machine.say('Unpacking the library ...');
  const partial = join(npmPackage, 'deps.partial');
  rmSync(partial, { recursive: true, force: true });
  const libraries = ['libtensorflow_cc.so.2', 'libtensorflow_framework.so.2'];
  unpack(machine, python, wheel, partial, [
    'tensorflow/include/',
    ...libraries.map((name) => `tensorflow/${name}`),
  ]);
  const inner = join(partial, 'tensorflow');
  const lib = join(inner, 'lib');
  mkdirSync(lib);
  for (const name of libraries) renameSync(join(inner, name), join(lib, name));
  // The names that TensorFlow.js's install script and its compiled addon ask for.
  symlinkSync('libtensorflow_cc.so.2', join(lib, 'libtensorflow.so'));
  symlinkSync('libtensorflow_cc.so.2', join(lib, 'libtensorflow.so.2.9.1'));
  symlinkSync('libtensorflow_framework.so.2', join(lib, 'libtensorflow_framework.so'));
  rmSync(join(npmPackage, 'deps'), { recursive: true, force: true });
  renameSync(inner, join(npmPackage, 'deps'));
  rmSync(partial, { recursive: true, force: true });
}

/** NVIDIA's libraries, unpacked into `<folder>/nvidia/<part>/lib`, complete or not at all. */
export function unpackCuda(
  machine: Machine,
  python: string,
  wheels: readonly string[],
  folder: string,
): void {
  machine.say("Unpacking NVIDIA's libraries ...");
  const partial = `${folder}.partial`;
  rmSync(partial, { recursive: true, force: true });
  for (const wheel of wheels) unpack(machine, python, wheel, partial, ['nvidia/']);
  rmSync(folder, { recursive: true, force: true });
  renameSync(partial, folder);
}

/** The folders to put on LD_LIBRARY_PATH. */
export function cudaLibraries(folder: string): string[] {
  const nvidia = join(folder, 'nvidia');
  if (!existsSync(nvidia)) return [];
  return readdirSync(nvidia)
    .map((part) => join(nvidia, part, 'lib'))
    .filter((lib) => existsSync(lib));
}
