import React from 'react';
import { say } from '../text/say';
import type { SeriesLabel } from '../viewer/state';

const MODALITIES = ['CT', 'MR'] as const;

/** CT or MR, where the file does not say: what is assumed, why, and the other one; nothing for DICOM. */
export function ModalitySwitch(props: {
  readonly series: SeriesLabel | null;
  readonly run: (command: string, options?: Readonly<Record<string, unknown>>) => void;
}): React.ReactElement | null {
  const { series, run } = props;
  if (!series?.assumed) return null;
  const { assumed, modality: now, displaySetInstanceUID } = series;
  const isCt = now === 'CT';
  const why = assumed === 'values' ? (`values.${isCt ? 'CT' : 'MR'}` as const) : assumed;
  return (
    <div className="modality" data-cy="find-l3-modality" data-source={assumed}>
      <div className="row joined" role="group" aria-label={say('modality.group')}>
        {MODALITIES.map((modality) => (
          <button
            key={modality}
            type="button"
            aria-pressed={modality === now}
            title={say('modality.choose', { modality })}
            onClick={() => run('chooseModality', { modality, displaySetInstanceUID })}
          >
            {modality}
          </button>
        ))}
      </div>
      <p className="quiet small">{say(`modality.${why}`)}</p>
    </div>
  );
}
