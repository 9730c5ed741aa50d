import { cleanup, render, screen } from '@testing-library/react';
import React from 'react';
import { FindL3Panel } from '../../src/panel/FindL3Panel';
import { language } from '../../src/text/say';
import { FindL3Viewer } from '../../src/viewer/findL3Viewer';
import { axialDescription } from './fixtures';
import { host, resetFinder, run, startHost, state } from './start';

jest.mock('../../src/pluginUrl', () => ({ PLUGIN_URL: 'https://pacs.test/ohif/plugins/find-l3/' }));

const WORKER = 'https://pacs.test/ohif/plugins/find-l3/runtime-1/worker.js';
const UPDATED = /updated on the server since this page was opened/;
const PAGE = { type: 'text/html; charset=utf-8', text: '<!doctype html><html></html>' };
const SCRIPT = { type: 'text/javascript', text: 'export {};' };
const INDEX = { type: 'application/json', text: '{"default":"net"}' };

/** What a browser's worker does whose script is no script, and says no more of it. */
class UnloadableWorker extends EventTarget {
  constructor(readonly url: string) {
    super();
    setTimeout(() => this.dispatchEvent(new Event('error')));
  }
  postMessage(): void {}
  terminate(): void {}
}

const asked: string[] = [];
/** What a viewer's server gives: the viewer's page for whatever it does not know. */
function serve(files: Readonly<Record<string, typeof PAGE>>): void {
  globalThis.fetch = (async (url: URL | string) => {
    asked.push(String(url));
    const { type, text } = files[new URL(url).pathname.split('/find-l3/')[1]] ?? PAGE;
    return {
      ok: true,
      status: 200,
      redirected: false,
      headers: new Map([['Content-Type', type]]),
      json: async () => JSON.parse(text) as unknown,
      text: async () => text,
    };
  }) as unknown as typeof fetch;
}

beforeEach(() => {
  resetFinder();
  asked.length = 0;
  Object.assign(globalThis, { Worker: UnloadableWorker });
  AbortSignal.timeout ??= () => new AbortController().signal;
});
afterEach(() => {
  cleanup();
  jest.restoreAllMocks();
  Reflect.deleteProperty(globalThis, 'Worker');
});

/** The panel of a viewer that was opened before the files were replaced, after a search. */
async function searchedIn(files: Readonly<Record<string, typeof PAGE>>): Promise<HTMLElement> {
  await startHost();
  host.addDisplaySet('ds-1', axialDescription());
  host.addStack('default', 'ds-1');
  host.enterMode();
  serve(files);
  expect(await run('findL3')).toBeNull();
  expect(state().search.phase).toBe('failed');
  const viewer = FindL3Viewer.existing(host.servicesManager as never)!;
  return render(<FindL3Panel state={viewer.state} run={() => {}} />).container;
}

test('a worker that comes back as the viewer’s page: Find L3 was updated, save and reload', async () => {
  await searchedIn({ 'models/index.json': INDEX });
  expect(screen.getAllByText(UPDATED).length).toBeGreaterThan(0);
  expect(screen.getByText('Save what is not saved, then reload this page.')).toBeTruthy();
  expect(asked).toContain(WORKER);
});

test('the same where the whole folder is gone, the model’s place with it', async () => {
  await searchedIn({});
  expect(screen.getAllByText(UPDATED).length).toBeGreaterThan(0);
});

test('a worker that cannot be loaded although it is there is another failure', async () => {
  const panel = await searchedIn({ 'models/index.json': INDEX, 'runtime-1/worker.js': SCRIPT });
  expect(screen.queryByText(UPDATED)).toBeNull();
  expect(panel.textContent).toContain(`could not be loaded from ${WORKER}`);
});

test('no model where the worker is there says that, not that anything was updated', async () => {
  await searchedIn({ 'runtime-1/worker.js': SCRIPT });
  expect(screen.queryByText(UPDATED)).toBeNull();
  expect(screen.getAllByText(/No model is installed/).length).toBeGreaterThan(0);
});

test('in Chinese, too', async () => {
  localStorage.setItem('i18nextLng', 'zh');
  language.follow();
  const panel = await searchedIn({ 'models/index.json': INDEX });
  expect(panel.textContent).toContain('请先保存尚未保存的内容，然后重新加载此页面。');
  cleanup();
  localStorage.setItem('i18nextLng', 'en');
  language.follow();
});
