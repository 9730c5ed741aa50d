import { render } from '@testing-library/react';
import React from 'react';
import type { Finding } from '../../src/finder/types';
import { FindL3Panel } from '../../src/panel/FindL3Panel';
import type { Installed } from '../../src/viewer/host/installed';
import { unavailable, type KeepState } from '../../src/viewer/keep/types';
import {
  INITIAL_MARKING,
  initialState,
  Observable,
  type FindL3State,
  type MarkState,
  type ModelCardState,
  type Search,
} from '../../src/viewer/state';

export const SERIES = {
  displaySetInstanceUID: 'ds-1',
  number: '3',
  description: 'Abdomen 5 mm',
  modality: 'CT',
  sliceCount: 60,
};
const READY: FindL3State['target'] = { ready: true, series: SERIES };
export const MARK: MarkState = {
  annotationUID: 'mark-1',
  label: 'L3',
  zMm: -50,
  sliceNumber: 31,
  by: 'answer',
  review: null,
  isFromReport: false,
  shift: 0,
  definition: 'mid-body',
  isLocked: false,
};
const MODEL = {
  name: 'test-net',
  version: '1.2.3',
  bytes: 3_060_370,
  address: 'https://viewer.example/plugins/find-l3/models/test-net/',
};
/** A site that has set two things, one of them a secret. */
export const INSTALLED: Installed = {
  folder: 'https://viewer.example/plugins/find-l3/0.4.0/',
  cornerstone: '5.6.8',
  isSecure: true,
  threadObstacle: null,
  settings: [
    { name: 'findL3.runtime', value: '"wasm"', isDefault: false },
    { name: 'findL3.autorun', value: 'false', isDefault: true },
    { name: 'findL3.corrections', value: null, isDefault: false },
  ],
  problems: [],
};
export const POSSIBLE = { possible: true } as const;
/** Everything can be kept, and nothing was yet. */
export const KEEP: KeepState = {
  ...unavailable(),
  save: POSSIBLE,
  confirm: POSSIBLE,
  table: POSSIBLE,
  picture: POSSIBLE,
  axialPicture: POSSIBLE,
  correction: { possible: false, why: { key: 'keep.notAllowed' } },
  visitStudies: 1,
};
export const IDLE: Search = { phase: 'idle', note: null };

/** The panel in a state, with the commands that it runs. */
export function show(
  what: Search | Partial<FindL3State>,
  target: FindL3State['target'] = READY,
  modelCard?: ModelCardState,
) {
  const state = new Observable<FindL3State>({
    ...initialState(),
    target,
    model: MODEL,
    ...(modelCard && { modelCard }),
    ...('phase' in what ? { search: what } : what),
  });
  const run = jest.fn();
  const view = render(<FindL3Panel state={state} run={run} />);
  return { state, run, view };
}

export function answered(
  finding: Finding,
  change: Partial<Pick<FindL3State, 'shown' | 'axial'> & FindL3State['marking']> = {},
) {
  const { shown = null, axial = null, ...marking } = change;
  return {
    search: { phase: 'answered', series: SERIES, finding },
    shown,
    axial,
    marking: { ...INITIAL_MARKING, ...marking },
  } as const;
}
