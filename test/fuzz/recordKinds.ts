import { decodeCorrections, encodeCorrection } from '../../src/corrections/correctionFile';
import { makeCorrection } from '../../src/corrections/makeCorrection';
import { personKey } from '../../src/corrections/personKey';
import { LEVEL_NAMES } from '../../src/levels/types';
import { readManifest } from '../../src/model/manifest';
import { ModelError } from '../../src/model/modelError';
import { fromDicomJson } from '../../src/sr/dicomJson';
import { levelReport } from '../../src/sr/levelReport';
import { readLevelReport } from '../../src/sr/readLevelReport';
import type { Dataset } from '../../src/sr/types';
import { tinyPackage } from '../unit/model/tinyPackage';
import { source } from '../unit/sr/levels';
import { Unexplained, type Kind } from './fuzz';
import { mutatedBytes, mutatedTree } from './mutate';

const REPORT = levelReport(source());
const LEVELS = JSON.stringify(readLevelReport(REPORT)?.levels);

/** Structured reports as the host naturalises them, and as DICOM JSON. */
export const REPORTS: Kind = {
  name: 'SR data sets',
  count: 5_000,
  make: (random) => mutatedTree(REPORT, random),
  read(input) {
    fromDicomJson(input);
    const read = readLevelReport(input as Dataset);
    for (const { level, pointLpsMm } of read?.levels ?? []) {
      if (!LEVEL_NAMES.includes(level) || !pointLpsMm.every(Number.isFinite)) {
        throw new Unexplained(`a level ${level} at ${pointLpsMm.join()}`);
      }
    }
    return Promise.resolve(read ? 'accepted' : 'refused');
  },
  healthy() {
    if (JSON.stringify(readLevelReport(REPORT)?.levels) === LEVELS) return Promise.resolve();
    throw new Unexplained('a healthy report is misread');
  },
};

const [HEIGHT, WIDTH] = [120, 24];
const CORRECTION = encodeCorrection(
  makeCorrection({
    projection: {
      channels: ['max', 'mean'],
      data: Float32Array.from({ length: 2 * HEIGHT * WIDTH }, (_, i) => (i % 255) / 255),
      height: HEIGHT,
      width: WIDTH,
      mmPerPixel: 2,
      topZMm: 1000,
      frontYMm: 0,
      spineXMm: new Float32Array(HEIGHT),
      inView: new Uint8Array(HEIGHT).fill(1),
    },
    modality: 'CT',
    window: { kind: 'hu', low: -200, high: 800 },
    model: { name: 'l3-unet3plus', version: '0.1.0', sha256: 'ab'.repeat(32) },
    person: personKey({ patientId: 'X', salt: 'a salt that stays in the hospital' }),
    outcome: 'found',
    found: (['L2', 'L3', 'L4'] as const).map((name, i) => ({
      name,
      pointLpsMm: [0, 20, 900 - 30 * i],
      probability: 0.5,
    })),
    l3PointLpsMm: [0, 20, 868],
  }),
);

/** Files of corrections. */
export const CORRECTIONS: Kind = {
  name: 'corrections',
  count: 10_000,
  make(random) {
    const line = CORRECTION.indexOf(10);
    if (random.chance(0.5)) return mutatedBytes(CORRECTION, random, line + 1);
    const header: unknown = JSON.parse(Buffer.from(CORRECTION.subarray(0, line)).toString());
    const changed = JSON.stringify(mutatedTree(header, random)) ?? '';
    return Buffer.concat([Buffer.from(changed), CORRECTION.subarray(line)]);
  },
  read(input) {
    try {
      for (const { max, height, width, final } of decodeCorrections(input as Uint8Array)) {
        const rows = final.levels.map(({ row }) => row);
        if (max.length !== height * width || !rows.every(Number.isFinite)) {
          throw new Unexplained('a correction of another size or place than it says');
        }
      }
      return Promise.resolve('accepted' as const);
    } catch (error) {
      const explained = error instanceof Error && /^Correction \d+ of the file/.test(error.message);
      if (explained) return Promise.resolve('refused' as const);
      throw error;
    }
  },
  healthy() {
    const [correction, ...others] = decodeCorrections(CORRECTION);
    if (others.length === 0 && correction.final.levels.length > 0) return Promise.resolve();
    throw new Unexplained('a healthy correction is misread');
  },
};

const { manifest } = tinyPackage();
const MANIFEST = JSON.parse(JSON.stringify(manifest)) as object;

/** Manifests of models. */
export const MANIFESTS: Kind = {
  name: 'model manifests',
  count: 200,
  make: (random) =>
    random.chance(0.4)
      ? mutatedBytes(Buffer.from(JSON.stringify(MANIFEST)), random)
      : Buffer.from(JSON.stringify(mutatedTree(MANIFEST, random)) ?? ''),
  read(input) {
    try {
      readManifest(input as Uint8Array, 'manifest.json');
      return Promise.resolve('accepted' as const);
    } catch (error) {
      if (error instanceof ModelError) return Promise.resolve('refused' as const);
      throw error;
    }
  },
  healthy() {
    readManifest(Buffer.from(JSON.stringify(MANIFEST)), 'manifest.json');
    return Promise.resolve();
  },
};
