import { LEAST_SALT, type PersonKey } from '../../../src/corrections/personKey';
import { DicomwebError } from '../../../src/dicomweb/dicomwebError';
import type { DicomwebClient } from '../../../src/dicomweb/dicomwebClient';
import { readModelPackage } from '../../../src/model/node';
import type { ModelManifest } from '../../../src/model/types';
import { GRID_MM, WINDOWS } from '../../items/toItem';
import { printAside } from '../../tools/print';
import { modelAt } from '../models';
import { clientOf, pacsAddress, saying } from '../pacs/client';
import type { PersonsWord } from '../pacs/personsWord';
import { reviewedCorrection } from '../pacs/reviewedItem';
import { reviewedSeries, type Reviewed, type ReviewedSeries } from '../pacs/reviewedSeries';
import { itemOfCorrection } from './corrections';
import { PassingFault, SourceDown, type Source, type SourceCase } from './source';

/** Data set of all that persons say in a PACS. */
const SET = 'corrections';

type Detail =
  | { readonly leftOut: string }
  | {
      readonly root: string;
      readonly studyInstanceUID: string;
      readonly seriesInstanceUID: string;
      readonly images: readonly string[];
      readonly word: PersonsWord;
      readonly person: PersonKey;
      /** Of the model that is asked for the other levels. */
      readonly model: string;
    };

/**
 * The series of a PACS of which a person's level report says where L3 lies, or that it is not in view. Items are
 * those that the viewer's corrections of the same marks give, under the same pseudonyms.
 *
 * @param waitsMs how long to wait before a PACS that does not answer is asked again
 */
export const pacsSource = (waitsMs?: readonly number[]): Source => ({
  describe:
    'DICOMweb root of a PACS, e.g. http://localhost:8042/dicom-web[?StudyDate=20260101-]: series whose level report a person stands for',
  async list(address, { columnsFrom, credentials, salt }) {
    const { root, conditions } = pacsAddress(address);
    if (salt === undefined) {
      throw new Error(
        "pacs needs the salt of the viewer's corrections (findL3.corrections in its app-config.js), or one person would be two: put it into a file (--salt) or into FIND_L3_SALT.",
      );
    }
    if (salt.length < LEAST_SALT) {
      throw new Error(
        `The salt has ${salt.length} characters; the viewer takes none under ${LEAST_SALT}.`,
      );
    }
    const model = identityOf((await readModelPackage(columnsFrom)).manifest, columnsFrom);
    const client = clientOf(root, credentials, waitsMs);
    printAside(`Asking ${client.root} for level reports.`);
    const never = new AbortController().signal;
    const reviewed = await reviewedSeries(client, conditions, salt, never).catch(
      (error: unknown) => {
        throw saying(error);
      },
    );
    tell(client.root, reviewed);
    return reviewed.series.map((series) => caseOf(client.root, series, model));
  },
  async read(entry, { columnsFrom, credentials, scratch }) {
    const detail = entry.detail as Detail;
    if ('leftOut' in detail) throw new Error(detail.leftOut);
    const client = clientOf(detail.root, credentials, waitsMs);
    const model = await modelAt(columnsFrom);
    try {
      const correction = await reviewedCorrection(client, model, detail, scratch);
      return { kind: 'items', items: [itemOfCorrection(correction, entry.id)] };
    } catch (error) {
      throw await faultOf(error, client);
    }
  },
});

export const pacs = pacsSource();

/** @throws Error where corrections of this model's searches are nothing that models are trained with */
function identityOf({ input, sha256, manifestSha256 }: ModelManifest, folder: string): string {
  const fits = (['CT', 'MR'] as const).every((modality) => {
    const [is, wanted] = [input.windows[modality], WINDOWS[modality]];
    return is.kind === wanted.kind && is.low === wanted.low && is.high === wanted.high;
  });
  if (!fits || input.mmPerPixel !== GRID_MM) {
    throw new Error(
      `--columns-from: ${folder} has other windows or pixels than models are trained with; name another package.`,
    );
  }
  return `${sha256} ${manifestSha256 ?? ''}`;
}

/** @throws Error where there is nothing to learn from, saying why */
function tell(root: string, { series, studies, unreviewed, withdrawn }: Reviewed): void {
  const left = [
    ...(unreviewed > 0 ? [`${unreviewed} series that nobody has looked at`] : []),
    ...(withdrawn > 0 ? [`${withdrawn} reports that only take back others`] : []),
  ];
  const unused = left.length > 0 ? ` Not used: ${left.join(', ')}.` : '';
  if (studies === 0) {
    throw new Error(
      `${root} has no level report of Find L3 that meets this. They are what "Save" stores in the viewer; a user may need the right to see them.`,
    );
  }
  if (series.length === 0) {
    throw new Error(
      `${root}: ${studies} studies have level reports, and in none of them a person confirmed, moved or placed L3, or declared it absent.${unused}`,
    );
  }
  const lost = series.filter(({ use }) => 'leftOut' in use).length;
  const apart = lost > 0 ? `, ${lost} of which cannot be used` : '';
  printAside(
    `${studies} studies have level reports; persons say where L3 is, or that it is absent, in ${series.length} series${apart}.${unused}`,
  );
}

function caseOf(root: string, series: ReviewedSeries, model: string): SourceCase {
  const { id, person, studyInstanceUID, seriesInstanceUID, by, use } = series;
  const names = by.length > 0 ? `, by ${by.join(' and ')}` : '';
  const detail: Detail =
    'leftOut' in use || person === null
      ? { leftOut: 'leftOut' in use ? use.leftOut : '' }
      : { root, studyInstanceUID, seriesInstanceUID, ...use, person, model };
  return {
    ...{ id, set: SET, person, inputs: [], detail },
    where: `${root}/studies/${studyInstanceUID}/series/${seriesInstanceUID}${names}`,
  };
}

/** What a PACS or the disk did not do is no fault of the case. */
async function faultOf(error: unknown, client: DicomwebClient): Promise<unknown> {
  if (error instanceof DicomwebError) {
    if (error.kind === 'login') return new SourceDown(saying(error).message, { cause: error });
    if (error.kind === 'unreached') {
      try {
        await client.json('studies', [['limit', '1']], new AbortController().signal);
      } catch (down) {
        return new SourceDown(saying(down).message, { cause: down });
      }
    }
    const why =
      error.kind === 'unreached' ? 'its answer breaks off' : 'it is gone, or may not be read';
    return new PassingFault(`the PACS does not give the series: ${why}`, { cause: error });
  }
  const { syscall, message } = error as NodeJS.ErrnoException;
  if (syscall === undefined) return error;
  return new SourceDown(`The series cannot be kept while it is read: ${message}`, { cause: error });
}
