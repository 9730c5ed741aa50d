import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { decodeCorrections, encodeCorrection } from '../../../src/corrections/correctionFile';
import {
  makeAbsence,
  makeCorrection,
  type SearchInput,
} from '../../../src/corrections/makeCorrection';
import type { PersonKey } from '../../../src/corrections/personKey';
import type { Correction } from '../../../src/corrections/types';
import type { DicomwebClient } from '../../../src/dicomweb/dicomwebClient';
import { retrieveSeries } from '../../../src/dicomweb/retrieve';
import { findL3 } from '../../../src/finder/findL3';
import { levelsOf } from '../../../src/finder/levelsOf';
import type { Answered } from '../../../src/finder/types';
import { checkInput } from '../../../src/io/checkInput';
import { openFiles } from '../../../src/io/openInput';
import type { LoadedSeries } from '../../../src/io/types';
import type { LevelModel } from '../../../src/model/types';
import type { Vec3 } from '../../../src/series/types';
import { definitionOffsetMm } from '../../../src/sr/definitionOffset';
import type { ReportedLevel } from '../../../src/sr/types';
import type { PersonsWord } from './personsWord';

/** A series to be brought, with what a person says of it. */
export interface SeriesToBring {
  readonly studyInstanceUID: string;
  readonly seriesInstanceUID: string;
  readonly images: readonly string[];
  readonly word: PersonsWord;
  readonly person: PersonKey;
}

/**
 * The correction that the viewer would export of a series with a person's mark: it is brought from the PACS, searched
 * with the model, and what the person said stands for the truth. The files are gone when this returns.
 *
 * @param scratch where they lie meanwhile, in a folder of their own
 * @throws DicomwebError where the PACS does not give it, Error in words without a UID where the series cannot be
 *   used, what the disk throws
 */
export async function reviewedCorrection(
  client: DicomwebClient,
  model: LevelModel,
  series: SeriesToBring,
  scratch: string,
): Promise<Correction> {
  await mkdir(scratch, { recursive: true });
  const folder = await mkdtemp(join(scratch, 'series-'));
  try {
    const never = new AbortController().signal;
    const paths = await retrieveSeries(client, series, series.images, folder, never);
    const finding = await search(await loaded(paths, series.seriesInstanceUID, folder), model);
    const made = correctionOf(finding, series);
    // To the last digit what a file of the viewer holds.
    return decodeCorrections(encodeCorrection(made))[0]!;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function loaded(
  paths: readonly string[],
  seriesInstanceUID: string,
  folder: string,
): Promise<LoadedSeries> {
  for await (const each of openFiles(folder, paths, { threads: 1 })) {
    if (each.kind === 'failure') throw new Error(withoutNames(each.message, folder));
    if (each.description.uid === seriesInstanceUID) return each;
  }
  throw new Error('the PACS gives images of another series');
}

async function search(series: LoadedSeries, model: LevelModel): Promise<Answered> {
  const check = checkInput(series);
  if (!check.ok) throw new Error(`the series is refused: ${check.reason.message}`);
  const source = series.openVoxels(check.series);
  const finding = await findL3({ series: check.series, source, model }).catch((error: Error) => {
    throw new Error(withoutNames(error.message, series.input), { cause: error });
  });
  if (finding.status !== 'refused') return finding;
  throw new Error(`the series is refused: ${finding.reason.message}`);
}

function correctionOf(finding: Answered, { word, person }: SeriesToBring): Correction {
  const { series, projection, window, model, status } = finding;
  const input: SearchInput = {
    ...{ projection, window, model, person },
    modality: series.modality,
    outcome: status,
    found: levelsOf(finding),
  };
  const { level, absence } = word;
  if (level) {
    const { frameOfReferenceUID: frame } = level;
    if (frame !== null && series.frameOfReferenceUID !== frame) {
      throw new Error('its level report is of another frame of reference than its images');
    }
    return makeCorrection({ ...input, l3PointLpsMm: middleOf(level, finding) });
  }
  return makeAbsence({ ...input, absence: absence!.reason });
}

/** The centre of the body that a level lies on. */
function middleOf({ pointLpsMm, definition }: ReportedLevel, finding: Answered): Vec3 {
  const [x, y, z] = pointLpsMm;
  return [x, y, z - definitionOffsetMm(definition, levelsOf(finding), 'L3')];
}

/** Files are named by the UIDs of their images, which do not leave the PACS. */
const withoutNames = (message: string, folder: string): string =>
  message.replaceAll(folder, 'the series').replaceAll(/[/\\]?\d+(\.\d+){3,}(\.dcm)?/g, '');
