import { cleanup, fireEvent, screen, within } from '@testing-library/react';
import { blocksOf } from '../../src/panel/ModelCard';
import { ONNX_RUNTIME_VERSION, RELEASE } from '../../src/release/release';
import { IDLE, INSTALLED, SERIES, show } from './shownPanel';

afterEach(cleanup);

const CARD = `# net 1.2.3

**Not for diagnostic use.** For research, as
a line that goes on says.

- One
  goes on
- Two <img src=x onerror="window.hacked=1">

| case | error |
| --- | --- |
| a | -1.0 |

\`\`\`sh
npm run train -- prepare
# no heading
\`\`\`
`;

test('the first use says which model is loaded, how large it is, and from where', () => {
  show({ phase: 'running', series: SERIES, progress: { stage: 'model', done: 1, of: 3_060_370 } });
  expect(
    screen.getByText(
      'Model test-net 1.2.3 (3.1 MB) from https://viewer.example/plugins/find-l3/models/test-net/',
    ),
  ).toBeTruthy();
});

test('a large series is announced with its size; reading it takes a click', () => {
  const size = { images: 3000, bytes: 1.58e9 };
  const { run } = show({ phase: 'asking', series: SERIES, size });
  expect(screen.getByText('To search it, 3000 images are read: about 1580 MB.')).toBeTruthy();
  expect(screen.getByRole('status').textContent).toBe('A large series');
  fireEvent.click(screen.getByRole('button', { name: 'Cancel' }));
  fireEvent.click(screen.getByRole('button', { name: 'Read it' }));
  expect(run.mock.calls).toEqual([
    ['cancelFindL3'],
    ['findL3', { displaySetInstanceUID: 'ds-1', readLarge: true }],
  ]);
});

describe('the model card', () => {
  test('is one click away in every state', () => {
    const { run } = show(IDLE);
    const button = screen.getByRole('button', { name: 'Model card' });
    expect(button.getAttribute('aria-expanded')).toBe('false');
    fireEvent.click(button);
    expect(run.mock.calls).toEqual([['showModelCard']]);
  });

  test('is read as text, with its headings and tables, and is closed by button or key', () => {
    const { run, view } = show(IDLE, undefined, { phase: 'open', text: CARD });
    const card = screen.getByRole('dialog', { name: 'Model card' });
    expect(within(card).getByRole('heading', { name: 'net 1.2.3' })).toBeTruthy();
    expect(within(card).getByText(/^Not for diagnostic use. For research, as a line/)).toBeTruthy();
    expect(within(card).getByRole('columnheader', { name: 'error' })).toBeTruthy();
    expect(within(card).getByRole('cell', { name: '-1.0' })).toBeTruthy();
    expect(within(card).getByText(/<img src=x onerror/)).toBeTruthy();
    expect(view.container.querySelector('img')).toBeNull();

    const close = within(card).getByRole('button', { name: 'Close' });
    expect(document.activeElement).toBe(close);
    const host = jest.fn();
    document.addEventListener('keydown', host);
    fireEvent.keyDown(close, { key: 'Escape' });
    document.removeEventListener('keydown', host);
    fireEvent.click(close);
    expect(run.mock.calls).toEqual([['hideModelCard'], ['hideModelCard']]);
    // The host closes things on Escape, too.
    expect(host).not.toHaveBeenCalled();
  });

  test('keeps code as it is, and lines of one item together', () => {
    expect(blocksOf(CARD).slice(2)).toEqual([
      { kind: 'text', text: '• One goes on\n• Two <img src=x onerror="window.hacked=1">' },
      {
        kind: 'table',
        rows: [
          ['case', 'error'],
          ['a', '-1.0'],
        ],
      },
      { kind: 'code', text: 'npm run train -- prepare\n# no heading' },
    ]);
  });
});

describe('what is installed here', () => {
  const open = (change: Partial<typeof INSTALLED> = {}) => {
    show({
      modelCard: { phase: 'open', text: CARD },
      installed: { ...INSTALLED, ...change },
    });
    return screen.getByRole('dialog', { name: 'Model card' });
  };
  const facts = (card: HTMLElement) =>
    card.querySelector<HTMLElement>('[data-cy=find-l3-installed]')!.textContent;

  test('names the versions of program, model, runtime and host, and the folder', () => {
    const text = facts(open());
    expect(text).toContain(`Find L3 ${RELEASE.version} (commit ${RELEASE.commit})`);
    expect(text).toContain('test-net 1.2.3');
    expect(text).toContain(`ONNX Runtime Web ${ONNX_RUNTIME_VERSION}`);
    expect(text).toContain('cornerstone 5.6.8');
    expect(text).toContain(INSTALLED.folder);
  });

  test('says what the browser allows the page', () => {
    expect(facts(open())).toMatch(/secure \(HTTPS.*isolated: several threads/);
    cleanup();
    expect(facts(open({ isSecure: false, threadObstacle: 'not-isolated' }))).toMatch(
      /plain HTTP.*not isolated: one thread/,
    );
    cleanup();
    expect(facts(open({ threadObstacle: 'no-shared-memory' }))).toMatch(
      /secure.*isolated, but this browser has no shared memory: one thread/,
    );
  });

  test('a host that tells no version is said to tell none', () => {
    expect(facts(open({ cornerstone: null }))).toContain('tells no version');
  });

  test('lists each setting with what is used and where it comes from, and no secret', () => {
    const table = within(open()).getByRole('table', { name: 'Settings in force', hidden: true });
    const rows = [...table.querySelectorAll('tbody tr')].map((row) =>
      [...row.children].map(({ textContent }) => textContent),
    );
    expect(rows).toEqual([
      ['findL3.runtime', '"wasm"', 'app config'],
      ['findL3.autorun', 'false', 'default'],
      ['findL3.corrections', 'set; not shown', 'app config'],
    ]);
  });

  test('wrong settings are named with what is allowed, unfolded; none where all are right', () => {
    const notice = '[data-cy=find-l3-wrong-settings]';
    expect(open().querySelector(notice)).toBeNull();
    cleanup();
    const card = open({
      problems: [
        { kind: 'bad', name: 'findL3.runtime', value: '"cuda"' },
        { kind: 'unknown', name: '"findL3.autoRun"' },
      ],
    });
    const told = [...card.querySelectorAll(`${notice} li`)].map(({ textContent }) => textContent);
    expect(told[0]).toMatch(/findL3\.runtime.*"cuda".*"auto" or "wasm"/);
    expect(told[1]).toContain('findL3.autoRun');
    expect(card.querySelector(notice)?.closest('details')).toBeNull();
  });
});
