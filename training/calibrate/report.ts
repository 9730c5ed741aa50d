import type { ModelIdentity } from '../../src/model/types';
import type { Decision } from '../../src/levels/decision';
import {
  number,
  percent,
  reliabilityTable,
  riskTable,
  table,
  withInterval,
} from '../evaluate/tables';
import { TARGET } from './recommend';
import type { GroupCounts, Share, Statistics } from './statistics';

/** What `calibrate` found out; `calibration.json` is this. */
export interface Calibration {
  readonly model: ModelIdentity;
  readonly seed: number;
  readonly count: number;
  /** Whether real spine curves were at hand. */
  readonly realCurves: boolean;
  /** All samples under the manifest's decision. */
  readonly shipped: Statistics;
  /** Found on one half of the samples, counted on the other. */
  readonly recommended: Statistics;
}

/** The calibration as Markdown. */
export function markdown(calibration: Calibration): string {
  const { model, seed, count, shipped, recommended } = calibration;
  return [
    `# Calibration of ${model.name} ${model.version}`,
    '',
    `Model SHA-256 \`${model.sha256}\`; ${count} synthetic spines, seed ${seed}, fields of view as scans` +
      ` have them${calibration.realCurves ? '' : '; no real spine curves were at hand'}.`,
    '',
    'Countable: L3 in view, and the sacrum or the last rib, and the two do not disagree. A body less' +
      ' than 10 mm from the edge may be counted by or not. A false answer is one where none should be' +
      ' given, even at the right place.',
    '',
    table(
      ['', 'shipped', 'recommended (other half)', 'target'],
      [
        ...decisionRows(shipped.decision, recommended.decision),
        ['samples', shipped.samples, recommended.samples, ''],
        ...shareRows('answers at 0.9 and above: right', 'precisionAt90', TARGET.precisionAt90),
        ...shareRows('countable: answered', 'coverage', TARGET.coverage),
        ...shareRows('answers: right', 'precision', null),
        ['median error, mm', number(shipped.medianErrorMm), number(recommended.medianErrorMm), ''],
        ['P95 error, mm', number(shipped.p95ErrorMm), number(recommended.p95ErrorMm), ''],
        [
          'within 1 and 2 sd',
          `${percent(shipped.sd.within1)}, ${percent(shipped.sd.within2)}`,
          `${percent(recommended.sd.within1)}, ${percent(recommended.sd.within2)}`,
          '68 %, 95 %',
        ],
        [
          'expected calibration error',
          number(shipped.calibrationError, 3),
          number(recommended.calibrationError, 3),
          '',
        ],
      ],
    ),
    '',
    ...sections('Shipped decision', shipped),
    ...sections('Recommended decision, on the half it was not found on', recommended),
  ].join('\n');

  function shareRows(
    title: string,
    key: 'precision' | 'precisionAt90' | 'coverage',
    target: number | null,
  ) {
    const aim = target === null ? '' : `at least ${percent(target)}`;
    return [[title, shareText(shipped[key]), shareText(recommended[key]), aim]];
  }
}

function decisionRows(shipped: Decision, recommended: Decision): (string | number)[][] {
  const names = [
    'minAnchor',
    'minRibAnchor',
    'minInView',
    'minProbability',
    'temperature',
  ] as const;
  return names.map((name) => [name, shipped[name], recommended[name], '']);
}

function sections(title: string, statistics: Statistics): string[] {
  return [
    `## ${title}`,
    '',
    'Reliability: every place that would be answered if no probability were too low.',
    '',
    reliabilityTable(statistics.reliability),
    '',
    'Risk and coverage by the least probability that is answered:',
    '',
    riskTable(statistics.riskCoverage),
    '',
    table(
      [
        'group',
        'samples',
        'right',
        'wrong level',
        'missed',
        'abstained',
        'false answers',
        'countable answered',
        'reasons',
      ],
      statistics.groups.map((group) => [
        group.group,
        group.samples,
        group.right,
        group['wrong-level'],
        group.missed,
        group.abstained,
        group['false-answer'],
        shareText(group.answered),
        reasonsText(group),
      ]),
    ),
    '',
  ];
}

function shareText({ count, of, share, interval }: Share): string {
  return of === 0 ? '' : `${withInterval(share, interval, 1)}, ${count} of ${of}`;
}

function reasonsText({ reasons }: GroupCounts): string {
  return Object.entries(reasons)
    .sort(([, a], [, b]) => b - a)
    .map(([code, times]) => `${code} ${times}`)
    .join(', ');
}
