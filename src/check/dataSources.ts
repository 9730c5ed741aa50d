import { ask, saidInstead } from './ask';
import type { Answer, Check } from './types';

/** The public demonstration of the stock app-config.js: a hospital's viewer has no business there. */
const DEMO_CLOUD = /(^|\.)cloudfront\.net$/;

/**
 * Asks every DICOMweb root for one study (QIDO-RS).
 *
 * @param roots absolute addresses
 * @param origin of the viewer
 */
export async function* dataSourceChecks(
  roots: readonly string[],
  origin: string,
): AsyncGenerator<Check> {
  if (roots.length === 0) {
    const text = 'app-config.js names no DICOMweb root in plain words';
    yield { id: 'data-source', status: 'skipped', text, advice: '' };
  }
  for (const root of roots) yield await dataSourceCheck(root.replace(/\/$/, ''), origin);
}

async function dataSourceCheck(root: string, origin: string): Promise<Check> {
  const id = 'data-source';
  if (DEMO_CLOUD.test(new URL(root).hostname)) {
    return {
      ...{ id, status: 'failed', text: `${root} is the public cloud of OHIF's demonstration` },
      advice: 'Put your own PACS there: deploy/app-config.js is one without the internet.',
    };
  }
  const answer = await ask(`${root}/studies?limit=1`, {
    headers: { Accept: 'application/dicom+json', Origin: origin },
  });
  if (answer.status === 401 || answer.status === 403) {
    const text = `${root} asks for a login (${answer.status}): not asked further`;
    return { id, status: 'skipped', text, advice: '' };
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
