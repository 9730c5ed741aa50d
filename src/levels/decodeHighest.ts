import { phrase } from '../reasons/phrases';
import { rowResponses } from './chain';
import type { Decode } from './decodeLevels';

/**
 * The row of the highest L3 response, as in the article whose method this extends: no chain, no
 * count, no abstention. For comparison only; its probability is the response.
 */
export const decodeHighest: Decode = (evidence) => {
  const { levels, maps, height, width, stride } = evidence;
  const l3 = levels.indexOf('L3');
  const response = rowResponses(evidence)[l3];
  const row = response.indexOf(response.reduce((a, b) => Math.max(a, b), 0));
  const line = maps.subarray((l3 * height + row) * width, (l3 * height + row + 1) * width);
  const column = line.indexOf(response[row]);
  const place = {
    name: 'L3' as const,
    row: stride * row + (stride - 1) / 2,
    column: stride * column + (stride - 1) / 2,
    sdMm: 0,
    probability: response[row],
  };
  return {
    levels: [place],
    l3: place,
    bodies: [],
    l3Because: [phrase('highest-response')],
    inViewProbability: 1,
    candidates: [],
    basis: {
      from: null,
      conflictMm: null,
      responses: { sacrum: 0, lastRib: null, nearL3: response[row] },
      spine: { lumbar: 1, parted: 1, seen: 1 },
    },
    conclusion: { found: true, countedFrom: 'sacrum' },
  };
};
