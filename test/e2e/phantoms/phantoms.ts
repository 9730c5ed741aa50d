import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';

const CACHE = path.resolve('.cache/phantoms-test');
const WRITER = path.resolve('test/e2e/phantoms/write.ts');

export interface PhantomStudy {
  readonly studyInstanceUID: string;
  readonly axialSeriesInstanceUID: string;
  readonly localizerSeriesInstanceUID: string | null;
  /** Centres of the vertebral bodies in view, LPS mm. */
  readonly truth: Readonly<Record<string, readonly number[]>>;
}

/** The studies of the default worklist and one each with a missing slice and without the sacrum, as DICOM files. */
export interface Phantoms {
  readonly folder: string;
  readonly abdomen: PhantomStudy;
  readonly scoliosis: PhantomStudy;
  readonly feetFirst: PhantomStudy;
  readonly chest: PhantomStudy;
  readonly missingSlice: PhantomStudy;
  readonly withoutSacrum: PhantomStudy;
}

/**
 * Makes the phantoms of the tests, once for each version of their generator, in a process of its
 * own: jest's sandbox slows pixel loops down.
 */
export async function ensurePhantoms(): Promise<Phantoms> {
  const folder = path.join(CACHE, await generatorVersion());
  if (!existsSync(folder)) {
    await mkdir(CACHE, { recursive: true });
    const incoming = await mkdtemp(path.join(CACHE, '.incoming-'));
    try {
      await promisify(execFile)(process.execPath, ['--import', 'tsx', WRITER, incoming]);
      await rename(incoming, folder);
    } finally {
      await rm(incoming, { recursive: true, force: true });
    }
    const older = (await readdir(CACHE)).filter((name) => path.join(CACHE, name) !== folder);
    await Promise.all(older.map((name) => rm(path.join(CACHE, name), { recursive: true })));
  }
  const table = JSON.parse(await readFile(path.join(folder, 'studies.json'), 'utf8')) as Record<
    string,
    PhantomStudy
  >;
  return {
    folder,
    abdomen: table.abdomen,
    scoliosis: table.scoliosis,
    feetFirst: table['feet-first'],
    chest: table.chest,
    missingSlice: table['missing-slice'],
    withoutSacrum: table['without-sacrum'],
  };
}

async function generatorVersion(): Promise<string> {
  const hash = createHash('sha256').update(await readFile(WRITER));
  const sources = path.resolve('src/phantom');
  for (const name of (await readdir(sources)).sort()) {
    hash.update(name).update(await readFile(path.join(sources, name)));
  }
  return hash.digest('hex').slice(0, 16);
}
