import React from 'react';
import { language, say } from '../text/say';
import type { ConflictChoice, OtherReport, ReportConflict } from '../viewer/keep/types';
import { millimetres } from './text';

const CHOICES: readonly ConflictChoice[] = ['mine', 'theirs', 'both'];

/** Reports of others beside one's own marks: whose, when and where, and which counts. */
export function OtherReports(props: {
  readonly conflict: ReportConflict | null;
  readonly run: (command: string, options?: Readonly<Record<string, unknown>>) => void;
}): React.ReactElement | null {
  const { conflict, run } = props;
  if (!conflict) return null;
  const hasLevels = conflict.reports.some(({ levels }) => levels.length > 0);
  return (
    <div className="notice" role="alert" data-cy="find-l3-conflict" data-seen={conflict.seen}>
      <p>{say(`conflict.${conflict.seen}`)}</p>
      <ul>
        {conflict.reports.map((report) => (
          <li key={report.sopInstanceUID} data-cy="find-l3-other-report">
            <strong>{whatText(report)}</strong>
            <br />
            <span className="quiet">{whoText(report)}</span>
          </li>
        ))}
      </ul>
      <div className="row">
        {CHOICES.filter((choice) => choice !== 'both' || hasLevels).map((choice) => (
          <button
            key={choice}
            type="button"
            data-cy={`find-l3-conflict-${choice}`}
            title={say(`conflict.${choice}Title`)}
            onClick={() => run('resolveReports', { choice })}
          >
            {say(`conflict.${choice}`)}
          </button>
        ))}
      </div>
    </div>
  );
}

function whatText({ levels, absence }: OtherReport): string {
  if (absence) return say(`absent.says.${absence}`);
  if (levels.length === 0) return say('conflict.withdrawn');
  return levels
    .map(({ label, pointLpsMm }) =>
      say('conflict.level', { label, mm: millimetres(pointLpsMm[2]) }),
    )
    .join(say('list.comma'));
}

function whoText({ by, atMs }: OtherReport): string {
  const options = { dateStyle: 'medium', timeStyle: 'short' } as const;
  const time =
    atMs === null ? say('conflict.noTime') : new Date(atMs).toLocaleString(language.get(), options);
  return say('conflict.by', { reader: by ?? say('conflict.unknown'), time });
}
