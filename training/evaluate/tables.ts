import type { ModelIdentity } from '../../src/model/types';
import type { Outcome } from './judge';
import type { Interval, Summary } from './metrics';
import {
  calibrationError,
  reliabilityOf,
  riskCoverage,
  sdCoverage,
  type ReliabilityBin,
  type RiskPoint,
} from './reliability';

const SUMMARY_NOTE =
  'Errors are absolute distances in z over all answers, wrong levels included. The interval is the ' +
  '95 % Wilson interval. "Guess" is the likeliest place, answered or not.';

/** How sure the model was of what it answered, or would have, and how right; over unseen cases. */
export interface Confidence {
  readonly reliability: readonly ReliabilityBin[];
  readonly calibrationError: number | null;
  readonly riskCoverage: readonly RiskPoint[];
  readonly sd: ReturnType<typeof sdCoverage>;
}

/** Reliability, coverage against risk and the standard deviation's honesty, of evidence that was not trained on. */
export function confidenceOf(outcomes: readonly Outcome[]): Confidence {
  const unseen = outcomes.filter(({ role }) => role !== 'train' && role !== 'unused');
  const offers = unseen
    .filter(({ status, reason }) => status === 'found' || reason === 'ambiguous')
    .flatMap(({ guessProbability, guessRight, expected }) =>
      guessProbability === null
        ? []
        : [
            {
              probability: guessProbability,
              right: guessRight === true && expected !== 'undetermined',
              countable: expected === 'found',
            },
          ],
    );
  const countable = unseen.filter(({ expected }) => expected === 'found').length;
  const answers = unseen.flatMap(({ verdict, errorMm, sdMm }) =>
    verdict === 'right' && errorMm !== null && sdMm !== null ? [{ errorMm, sdMm }] : [],
  );
  return {
    reliability: reliabilityOf(offers),
    calibrationError: calibrationError(offers),
    riskCoverage: riskCoverage(offers, countable),
    sd: sdCoverage(answers),
  };
}

/** Summaries and cases as Markdown. */
export function markdown(
  model: ModelIdentity,
  summaries: readonly Summary[],
  splits: readonly Summary[],
  outcomes: readonly Outcome[],
): string {
  const caseRows = outcomes.map((o) => [
    o.id,
    o.role,
    o.verdict,
    number(o.truthZMm),
    number(o.answerZMm),
    number(o.errorMm),
    o.levelsOff ?? '',
    number(o.probability, 2),
    o.countedFrom ?? o.reason ?? '',
    o.guessRight === null ? '' : o.guessRight ? 'right' : 'wrong',
    number(o.guessProbability, 2),
  ]);
  return [
    `# Evaluation of ${model.name} ${model.version}`,
    '',
    `Model SHA-256 \`${model.sha256}\`.`,
    '',
    summaryTable(summaries),
    '',
    SUMMARY_NOTE,
    '',
    '## What was not trained on, by kind of scan',
    '',
    summaryTable(splits),
    '',
    ...confidenceSections(confidenceOf(outcomes)),
    '## Cases',
    '',
    table(
      [
        'case',
        'role',
        'verdict',
        'truth z',
        'answer z',
        'error',
        'levels off',
        'probability',
        'counted from / reason',
        'guess',
        'its probability',
      ],
      caseRows,
    ),
    '',
  ].join('\n');
}

function summaryTable(summaries: readonly Summary[]): string {
  return table(
    [
      'group',
      'cases',
      'right',
      'wrong level',
      'missed',
      'abstained',
      'false answers',
      'failed',
      'coverage',
      'wrong-level rate',
      'median mm',
      'mean mm',
      'P95 mm',
      '< 10 mm',
      'guess right',
    ],
    summaries.map((s) => [
      s.group,
      s.cases,
      s.right,
      s.wrongLevel,
      s.missed,
      s.abstained,
      s.falseAnswers,
      s.failed,
      percent(s.coverage),
      withInterval(s.wrongLevelRate, s.wrongLevelInterval),
      number(s.medianErrorMm),
      number(s.meanErrorMm),
      number(s.p95ErrorMm),
      percent(s.shareBelow10Mm),
      `${s.guessesRight}/${s.guesses}`,
    ]),
  );
}

function confidenceSections(confidence: Confidence): string[] {
  const { count, within1, within2 } = confidence.sd;
  return [
    '## How sure, and how right',
    '',
    'Over what was not trained on: answers, and places that were too unsure to be answered. Expected ' +
      `calibration error ${number(confidence.calibrationError, 3)}.`,
    '',
    reliabilityTable(confidence.reliability),
    '',
    'Coverage against risk, by the least probability that is answered:',
    '',
    riskTable(confidence.riskCoverage),
    '',
    `Of ${count} right answers ${percent(within1)} lie within one standard deviation of the truth and ` +
      `${percent(within2)} within two.`,
    '',
  ];
}

export function reliabilityTable(bins: Confidence['reliability']): string {
  return table(
    ['probability', 'places', 'mean probability', 'right'],
    bins.map((bin) => [
      `${bin.from}-${bin.to}`,
      bin.count,
      number(bin.meanProbability, 3),
      withInterval(bin.shareRight, bin.interval, 1),
    ]),
  );
}

export function riskTable(points: Confidence['riskCoverage']): string {
  return table(
    ['at least', 'answers', 'wrong or false', 'their share', 'countable answered'],
    points.map((point) => [
      point.minProbability,
      point.answers,
      point.wrong,
      withInterval(point.risk, point.riskInterval, 1),
      percent(point.coverage, 1),
    ]),
  );
}

/** The outcomes as comma-separated values (RFC 4180). */
export function csv(outcomes: readonly Outcome[]): string {
  return csvOf(outcomes.map((outcome) => ({ ...outcome })));
}

type Cell = string | number | boolean | null;

/** Records of the same keys as comma-separated values (RFC 4180). */
export function csvOf(records: readonly Readonly<Record<string, Cell>>[]): string {
  if (records.length === 0) return '';
  const columns = Object.keys(records[0]!);
  const cell = (value: Cell) => {
    const text = value === null ? '' : String(value);
    return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  const lines = records.map((record) => columns.map((name) => cell(record[name]!)).join(','));
  return `${[columns.join(','), ...lines].join('\r\n')}\r\n`;
}

/** A table in Markdown. */
export function table(
  header: readonly string[],
  rows: readonly (readonly (string | number)[])[],
): string {
  const line = (cells: readonly (string | number)[]) =>
    `| ${cells.map((cell) => String(cell).replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(header), line(header.map(() => '---')), ...rows.map(line)].join('\n');
}

export function number(value: number | null, digits = 1): string {
  return value === null ? '' : value.toFixed(digits);
}

export function percent(value: number | null, digits = 0): string {
  return value === null ? '' : `${(100 * value).toFixed(digits)} %`;
}

/** A share with its interval, such as "20 % (4 %-62 %)". */
export function withInterval(share: number | null, interval: Interval | null, digits = 0): string {
  if (share === null || interval === null) return '';
  return `${percent(share, digits)} (${percent(interval.low, digits)}-${percent(interval.high, digits)})`;
}
