import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';

const PROGRAMS = path.resolve('test/e2e/phantoms');

export interface PhantomStudy {
  readonly studyInstanceUID: string;
  readonly axialSeriesInstanceUID: string;
  readonly localizerSeriesInstanceUID: string | null;
  /** Centres of the vertebral bodies in view, LPS mm. */
  readonly truth: Readonly<Record<string, readonly number[]>>;
}

/**
 * The studies of the default worklist in coarser pixels, one with a missing slice, one without the sacrum
 * and one with neither the sacrum nor ribs, as DICOM files.
 */
export interface Phantoms {
  readonly folder: string;
  readonly abdomen: PhantomStudy;
  readonly feetFirst: PhantomStudy;
  readonly chest: PhantomStudy;
  readonly missingSlice: PhantomStudy;
  readonly withoutSacrum: PhantomStudy;
  readonly withoutAnchors: PhantomStudy;
}

/** A study of several series, by name. */
export interface MrStudy {
  readonly studyInstanceUID: string;
  readonly seriesInstanceUIDs: Readonly<Record<string, string>>;
  /** Centres of the vertebral bodies in view, LPS mm. */
  readonly truth: Readonly<Record<string, readonly number[]>>;
}

export interface MrPhantoms {
  readonly folder: string;
  /** Localizer, sagittal T1 and T2, axial slices through the discs and others below L3. */
  readonly spine: MrStudy;
  /** Sagittal T2, and axial slices in another frame of reference. */
  readonly moved: MrStudy;
  /** A real sagittal series with axial slices made of it, where there is one. */
  readonly real?: MrStudy;
}

/** Makes the phantoms of the tests, once for each version of their generator. */
export async function ensurePhantoms(): Promise<Phantoms> {
  const folder = await madeBy('write.ts', 'phantoms-test');
  const table = await tableIn<PhantomStudy>(folder);
  return {
    folder,
    abdomen: table.abdomen,
    feetFirst: table['feet-first'],
    chest: table.chest,
    missingSlice: table['missing-slice'],
    withoutSacrum: table['without-sacrum'],
    withoutAnchors: table['without-anchors'],
  };
}

/** Makes the study of a bent spine, once for each version of its generator. */
export async function ensureScoliosis(): Promise<{ folder: string; study: PhantomStudy }> {
  const folder = await madeBy('writeScoliosis.ts', 'phantoms-scoliosis');
  const { scoliosis } = await tableIn<PhantomStudy>(folder);
  return { folder, study: scoliosis };
}

/** Makes the study whose texts are markup, once for each version of its generator. */
export async function ensureMarkupPhantom(): Promise<{ folder: string; study: PhantomStudy }> {
  const folder = await madeBy('writeMarkup.ts', 'phantoms-markup');
  const { markup } = await tableIn<PhantomStudy>(folder);
  return { folder, study: markup };
}

/** Makes the MR studies of the tests, once for each version of their generator. */
export async function ensureMrPhantoms(): Promise<MrPhantoms> {
  const folder = await madeBy('writeMr.ts', 'phantoms-mr');
  const { spine, moved, real } = await tableIn<MrStudy>(folder);
  return { folder, spine, moved, real };
}

/** Makes a CT study of two phases with PET and contours on the second, once for each version of its generator. */
export async function ensureObjects(): Promise<{ folder: string; study: MrStudy }> {
  const folder = await madeBy('writeObjects.ts', 'phantoms-objects');
  const { objects } = await tableIn<MrStudy>(folder);
  return { folder, study: objects };
}

/**
 * What a program of this folder writes, made once for each version of it, in a process of its own:
 * jest's sandbox slows pixel loops down.
 */
export async function madeBy(program: string, name: string): Promise<string> {
  const cache = path.resolve('.cache', name);
  const folder = path.join(cache, await generatorVersion(program));
  if (existsSync(folder)) return folder;
  await mkdir(cache, { recursive: true });
  const incoming = await mkdtemp(path.join(cache, '.incoming-'));
  try {
    const writer = path.join(PROGRAMS, program);
    await promisify(execFile)(process.execPath, ['--import', 'tsx', writer, incoming]);
    await rename(incoming, folder);
  } finally {
    await rm(incoming, { recursive: true, force: true });
  }
  const older = (await readdir(cache)).filter((entry) => path.join(cache, entry) !== folder);
  await Promise.all(older.map((entry) => rm(path.join(cache, entry), { recursive: true })));
  return folder;
}

async function tableIn<Study>(folder: string): Promise<Record<string, Study>> {
  return JSON.parse(await readFile(path.join(folder, 'studies.json'), 'utf8')) as Record<
    string,
    Study
  >;
}

/** The phantoms of CT are written by one file alone; the others share this folder's. */
async function generatorVersion(program: string): Promise<string> {
  const hash = createHash('sha256');
  const own = (await readdir(PROGRAMS)).sort().filter((file) => /^mr|^nifti|^markup/.test(file));
  for (const file of program === 'write.ts' ? [program] : [program, ...own]) {
    hash.update(await readFile(path.join(PROGRAMS, file)));
  }
  const sources = path.resolve('src/phantom');
  for (const name of (await readdir(sources)).sort()) {
    hash.update(name).update(await readFile(path.join(sources, name)));
  }
  return hash.digest('hex').slice(0, 16);
}
