import type { Credentials } from '../dicomweb/credentials';
import { ask, saidInstead } from './ask';
import { roundTripChecks } from './roundTrip';
import type { Answer, Check } from './types';

/** The public demonstration of the stock app-config.js: a hospital's viewer has no business there. */
const DEMO_CLOUD = /(^|\.)cloudfront\.net$/;

/** The DICOMweb roots that app-config.js names: absolute addresses without a slash at the end. */
export interface Roots {
  /** To search and to read from. */
  readonly all: readonly string[];
  /** To store into: the host stores where it retrieves (`wadoRoot`). */
  readonly store: readonly string[];
}

/** How a PACS is asked. */
export interface DataSourceOptions {
  readonly credentials: Credentials;
  /** Stores a made report and reads it back. */
  readonly store: boolean;
  readonly signal: AbortSignal;
}

/**
 * Asks every DICOMweb root for one study (QIDO-RS); with `store`, sends a report there and back.
 *
 * @param origin of the viewer
 * @throws DicomwebError where the credentials are none.
 */
export async function* dataSourceChecks(
  roots: Roots,
  origin: string,
  options: DataSourceOptions,
): AsyncGenerator<Check> {
  if (roots.all.length === 0) {
    const text = 'app-config.js names no DICOMweb root in plain words';
    yield { id: 'data-source', status: 'skipped', text, advice: '' };
  }
  for (const root of roots.all) {
    const check = await dataSourceCheck(root, origin, options.credentials);
    yield check;
    if (!options.store || !roots.store.includes(root)) continue;
    if (check.status === 'ok') yield* roundTripChecks({ root, ...options });
    else {
      const text = `nothing was sent to ${root}, which could not be read`;
      yield { id: 'store', status: 'skipped', text, advice: '' };
    }
  }
}

async function dataSourceCheck(
  root: string,
  origin: string,
  credentials: Credentials,
): Promise<Check> {
  const id = 'data-source';
  if (DEMO_CLOUD.test(new URL(root).hostname)) {
    return {
      ...{ id, status: 'failed', text: `${root} is the public cloud of OHIF's demonstration` },
      advice: 'Put your own PACS there: deploy/app-config.js is one without the internet.',
    };
  }
  const authorization = await credentials();
  const answer = await ask(`${root}/studies?limit=1`, {
    headers: {
      ...{ Accept: 'application/dicom+json', Origin: origin },
      ...(authorization && { Authorization: authorization }),
    },
  });
  if (answer.status === 401 || answer.status === 403) {
    const text = `${root} asks for a login (${answer.status}): not asked further`;
    return { id, status: 'skipped', text, advice: 'Give a login: --credentials FILE.' };
  }
  const isAnswer = answer.status === 204 || (answer.status === 200 && /json$/.test(answer.type));
  if (!isAnswer) {
    return {
      ...{ id, status: 'failed', text: `${root}/studies: ${saidInstead(answer)}` },
      advice:
        'Check the roots in app-config.js, the proxy, and that the PACS has DICOMweb switched on.',
    };
  }
  const foreign = new URL(root).origin !== origin && foreignProblem(answer, origin);
  if (foreign) {
    const advice = 'Put the PACS behind the viewer’s own origin (deploy/nginx), or allow this one.';
    return { id, status: 'failed', text: `${root}: ${foreign}`, advice };
  }
  return { id, status: 'ok', text: `${root} answers`, advice: '' };
}

function foreignProblem({ headers }: Answer, origin: string): string {
  const allowed = headers['access-control-allow-origin'];
  if (allowed === '*' || allowed === origin) return '';
  return `another origin that does not allow ${origin} (Access-Control-Allow-Origin)`;
}
