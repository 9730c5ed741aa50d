import { act, cleanup, screen } from '@testing-library/react';
import { phrase } from '../../src/reasons/phrases';
import { reason, REASON_CODES, type Reason } from '../../src/reasons/reasons';
import { language } from '../../src/text/say';
import { Problem } from '../../src/viewer/host/problem';
import { unavailable, type KeepNote, type KeepState } from '../../src/viewer/keep/types';
import {
  INITIAL_MARKING,
  type AxialNote,
  type FindL3State,
  type Search,
} from '../../src/viewer/state';
import { axialSeries, foundIn, undeterminedIn } from './fixtures';
import { answered, IDLE, INSTALLED, MARK, SERIES, show } from './shownPanel';

beforeAll(() => {
  HTMLCanvasElement.prototype.getContext = () => null;
});
afterEach(cleanup);
afterAll(() => speak('en'));

function speak(lng: string): void {
  localStorage.setItem('i18nextLng', lng);
  act(() => language.follow());
}

/** Words that are the same in Chinese: levels, standards, file formats, units, and what data is called. */
const SAME =
  /Hounsfield|\bHU\b|Rescale (?:Slope|Intercept)|\b(L\d|T\d+|S1|CT|MR|z|mm|MB|s|GPU|WebGPU|wasm|PACS|CSV|JSON|PNG|SHA-256|HTTP|NIfTI|DICOM|test-net|Abdomen|PT|T2|id|https:\S+)\b|Image (Orientation|Position) \(Patient\)|SOP Instance UID|\bUID\b|\bzip\b|results\.(?:jsonl|csv)|--modality|a{64}|Find L3|unknown|MODEL_CARD\.md|OHIF|cornerstone|HTTPS?|localhost|findL3\.\w+/g;

/** Every text of the panel that a person sees or hears, without what is marked as English. */
function said(root: Element): string[] {
  const copy = root.cloneNode(true) as Element;
  for (const element of copy.querySelectorAll('style, [lang=en]')) element.remove();
  const texts: string[] = [];
  const walker = document.createTreeWalker(copy, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) texts.push(walker.currentNode.textContent ?? '');
  for (const element of copy.querySelectorAll('*')) {
    for (const name of ['title', 'aria-label', 'aria-valuetext', 'placeholder', 'alt']) {
      texts.push(element.getAttribute(name) ?? '');
    }
  }
  return texts.filter((text) => text.trim() !== '');
}

const english = (root: Element) =>
  said(root).filter((text) => /[A-Za-z]{2,}/.test(text.replace(SAME, '')));

const VALUES = {
  count: 3,
  of: 100,
  extentMm: '30',
  degrees: '40',
  limit: 30,
  gapMm: '12.0',
  spacingMm: '5.0',
  minMm: '4.90',
  maxMm: '5.30',
  modality: 'PT',
  text: '膝',
  percent: '60 %',
  least: '75 %',
  why: [phrase('set-aside', { why: phrase('no-position'), count: 3 })],
  searched: [phrase('part-acquisition', { value: 1 })],
  others: [phrase('part', { name: [phrase('part-echo', { value: 2 })], count: 40 })],
};
const details: Partial<Record<Reason['code'], Parameters<typeof phrase>>> = {
  'unknown-orientation': ['no-orientation'],
  'unsupported-pixels': ['samples-per-pixel', { count: 3 }],
  'multi-frame': ['frame-position'],
  'cannot-count': ['no-anchor'],
  ambiguous: [
    'two-places',
    { percent: '48 %', otherPercent: '44 %', why: [phrase('higher-1'), phrase('counted-sacrum')] },
  ],
  'model-output-invalid': ['likeliest'],
};
const reasonOf = (code: Reason['code']) =>
  reason(code, { ...VALUES, detail: phrase(...(details[code] ?? ['no-body'])) });

const found = foundIn(axialSeries());
const doubtful = {
  ...undeterminedIn(axialSeries()),
  reason: reason('ambiguous', { detail: phrase('counts-differ', { offset: phrase('lower-1') }) }),
  alternatives: undeterminedIn(axialSeries()).alternatives.map((each, i) => ({
    ...each,
    because: [phrase(i === 0 ? 'counted-sacrum' : 'counted-last-rib')],
  })),
};
const foundWithAlternatives = {
  ...found,
  alternatives: found.alternatives.map((each) => ({ ...each, because: [phrase('higher-1')] })),
  warnings: [reasonOf('gantry-tilt'), reasonOf('uneven-spacing')],
  heat: { values: new Float32Array(4), height: 2, width: 2, stride: 2 },
};
const shown = {
  isMark: true,
  level: 'L3',
  alternative: null,
  slice: { number: 31, count: 60 },
} as const;
const axial: AxialNote = {
  kind: 'none-cuts',
  series: { number: '4', description: '' },
  distanceMm: 12,
};
const running = (stage: 'model' | 'reading' | 'inference'): Search => ({
  phase: 'running',
  series: SERIES,
  progress: { stage, done: 3, of: 9 },
});

const STATES: Readonly<Record<string, Search | Partial<FindL3State>>> = {
  idle: IDLE,
  cancelled: { phase: 'idle', note: 'search.cancelled' },
  'asking about a large series': {
    phase: 'asking',
    series: SERIES,
    size: { images: 3000, bytes: 1.6e9 },
  },
  'loading the model': running('model'),
  reading: running('reading'),
  'running the model': running('inference'),
  found: answered(foundWithAlternatives, { shown, mark: MARK, axial }),
  'found, moved by a person': answered(foundWithAlternatives, {
    shown: { ...shown, level: null },
    mark: { ...MARK, by: 'person', zMm: -70, shift: -1, isLocked: true },
  }),
  'found, an endplate marked': answered(foundWithAlternatives, {
    shown: { ...shown, isMark: false, level: null, alternative: 0 },
    mark: { ...MARK, definition: 'superior-endplate' },
  }),
  'found, in no viewport': answered(foundWithAlternatives, { shown: null }),
  'found beside a saved mark': answered(foundWithAlternatives, {
    mark: { ...MARK, by: 'report', zMm: -85 },
    proposal: { pointLpsMm: [4, 10, -50], probability: 0.9, differenceMm: 35, vertebrae: 1 },
  }),
  'said not to be in the scan': answered(foundWithAlternatives, { absence: 'ends-above-l3' }),
  undetermined: answered(doubtful),
  failed: {
    phase: 'failed',
    series: SERIES,
    error: new Problem({ key: 'problem.noModel' }, { key: 'problem.copyAdvice' }),
  },
  'failed unexpectedly': { phase: 'failed', series: SERIES, error: new Error('Out of memory') },
};

describe('in Chinese', () => {
  beforeAll(() => speak('zh-CN'));

  test.each(Object.keys(STATES))('%s: no English is left', (name) => {
    const { view } = show(STATES[name]);
    expect(said(view.container).length).toBeGreaterThan(7);
    expect(english(view.container)).toEqual([]);
  });

  test.each(REASON_CODES)('the reason %s, with its advice: no English is left', (code) => {
    const { view } = show(answered({ status: 'refused', reason: reasonOf(code), warnings: [] }));
    expect(english(view.container)).toEqual([]);
  });

  test.each(['values', 'address', 'person'] as const)('CT or MR by %s: no English', (assumed) => {
    const { view } = show(IDLE, { ready: true, series: { ...SERIES, assumed } });
    expect(english(view.container)).toEqual([]);
  });

  test('the model card’s frame is Chinese, the card itself is marked as English', () => {
    const { view } = show(IDLE, undefined, { phase: 'open', text: '# What it is\n\nA network.' });
    expect(screen.getByText('A network.').closest('[lang=en]')).toBeTruthy();
    expect(english(view.container)).toEqual([]);
  });

  test('what is installed, with wrong settings', () => {
    const { view } = show({
      modelCard: { phase: 'open', text: '' },
      installed: {
        ...INSTALLED,
        problems: [
          { kind: 'bad', name: 'findL3.modelUrl', value: '7' },
          { kind: 'unknown', name: 'findL3.autoRun' },
        ],
      },
    });
    expect(said(view.container)).toContain('此处安装的内容');
    expect(english(view.container)).toEqual([]);
  });

  test('a card that is not there', () => {
    const address = 'https://viewer.example/models/net/MODEL_CARD.md';
    const { view } = show(IDLE, undefined, { phase: 'missing', address });
    expect(english(view.container)).toEqual([]);
  });

  test('what can be kept, what not and why', () => {
    const keep: KeepState = {
      ...unavailable(),
      save: { possible: true },
      isUnsaved: true,
      visitStudies: 2,
      withdraws: true,
    };
    const { view } = show({ keep: { ...keep, table: { possible: true } } });
    expect(english(view.container)).toEqual([]);
  });
});

test('the language changes under an open panel, and nothing of its state is lost', () => {
  speak('en');
  const { view } = show(STATES.found);
  const heading = () => view.container.querySelector('h2')?.textContent;
  const picture = view.container.querySelector('canvas');
  expect(heading()).toBe('L3: slice 31 of 60');
  speak('zh');
  expect(heading()).toBe('L3：第 31 层，共 60 层');
  expect(view.container.querySelector('section')?.lang).toBe('zh');
  expect(view.container.querySelector('canvas')).toBe(picture);
  speak('tlh');
  expect(heading()).toBe('L3: slice 31 of 60');
});

const NOTES: readonly KeepNote[] = [
  { kind: 'saved', count: 2 },
  { kind: 'withdrawn' },
  { kind: 'restored', marks: [] },
  { kind: 'corrected' },
  { kind: 'failed', error: new Problem({ key: 'pacs.login' }, { key: 'pacs.loginAdvice' }) },
];

test.each(NOTES)(
  'a note ($kind) and why nothing can be saved are said in the language of now',
  (note) => {
    speak('en');
    const { view } = show(
      { keep: { ...unavailable(), note }, marking: { ...INITIAL_MARKING, mark: MARK } },
      { ready: false, why: { key: 'target.empty' } },
    );
    const noteOf = () => view.container.querySelector('[data-cy=find-l3-keep-note]')!.textContent;
    const before = noteOf();
    expect(before).toMatch(/[a-z]{4}/);
    speak('zh');
    expect(noteOf()).not.toBe(before);
    expect(english(view.container)).toEqual([]);
    speak('en');
    expect(noteOf()).toBe(before);
  },
);
