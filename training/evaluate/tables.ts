import type { ModelIdentity } from '../../src/model/types';
import type { Outcome } from './judge';
import type { Interval, Summary } from './metrics';

const SUMMARY_NOTE =
  'Errors are absolute distances in z over all answers, wrong levels included. The interval is the ' +
  '95 % Wilson interval. "Guess" is the likeliest place, answered or not.';

/** Summaries and cases as Markdown. */
export function markdown(
  model: ModelIdentity,
  summaries: readonly Summary[],
  outcomes: readonly Outcome[],
): string {
  const summaryRows = summaries.map((s) => [
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
  ]);
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
    table(
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
      summaryRows,
    ),
    '',
    SUMMARY_NOTE,
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

/** The outcomes as comma-separated values (RFC 4180). */
export function csv(outcomes: readonly Outcome[]): string {
  if (outcomes.length === 0) return '';
  const columns = Object.keys(outcomes[0]) as (keyof Outcome)[];
  const cell = (value: string | number | boolean | null) => {
    const text = value === null ? '' : String(value);
    return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  const lines = outcomes.map((outcome) => columns.map((name) => cell(outcome[name])).join(','));
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
