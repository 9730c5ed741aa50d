import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import { openStudy, openViewer, type OpenViewer } from './harness';
import { downloaded, marks, reopened, run, save, showPanel } from './keeping';
import { MARKUP } from './phantoms/markup';
import { ensureMarkupPhantom, type PhantomStudy } from './phantoms/phantoms';
import { clickFindL3, complaints, searched } from './search';

/** What the page keeps of elements that were ever made of a text of the header. */
interface WatchedWindow {
  readonly markedUp?: unknown;
  readonly madeOfText: readonly string[];
}

let storeDir: string;
let study: PhantomStudy;
let viewer: OpenViewer;
/** Every address that a page or its workers asked for. */
const asked: string[] = [];

beforeAll(async () => {
  const phantom = await ensureMarkupPhantom();
  study = phantom.study;
  storeDir = await mkdtemp(path.join(tmpdir(), 'find-l3-markup-'));
  viewer = await openViewer({
    folders: [phantom.folder],
    storeDir,
    prepare: async (context) => {
      context.on('request', (request) => asked.push(request.url()));
      await context.addInitScript(() => {
        const madeOfText: string[] = [];
        Object.assign(window, { madeOfText });
        const look = (node: Node) => {
          if (!(node instanceof Element)) return;
          for (const one of [node, ...node.querySelectorAll('*')]) {
            if (one.hasAttribute('onerror')) madeOfText.push(one.outerHTML);
          }
        };
        const observer = new MutationObserver((changes) =>
          changes.forEach(({ addedNodes }) => addedNodes.forEach(look)),
        );
        observer.observe(document, { childList: true, subtree: true });
      });
    },
  });
}, 120_000);

afterAll(async () => {
  await viewer?.close();
  await rm(storeDir, { recursive: true, force: true });
});

const watched = (page: Page) =>
  page.evaluate(() => {
    const { markedUp = null, madeOfText } = window as unknown as WatchedWindow;
    return { markedUp, madeOfText: [...madeOfText] };
  });

const panelText = (page: Page) => page.locator('[data-cy=find-l3-panel]').innerText();

describe('a study whose name, ID and descriptions are markup', () => {
  test('found, corrected, saved, exported, and back: shown as text, never as elements', async () => {
    const { page } = viewer;
    await openStudy(viewer, study.studyInstanceUID);
    await clickFindL3(page);
    expect(await searched(page)).toBe('found');
    expect(await panelText(page)).toContain(MARKUP);
    const [{ zMm }] = await marks(page);
    await run(page, 'moveLevelMark', { zMm: zMm + 20 });
    expect(await save(page)).toContain('saved to the PACS');
    for (const format of ['csv', 'json', 'png']) await downloaded(page, format);
    await viewer.screenshot('markup-1-saved');
    expect(await watched(page)).toEqual({ markedUp: null, madeOfText: [] });

    const mark = await reopened(viewer, study);
    expect(mark.zMm).toBeCloseTo(zMm + 20, 2);
    await showPanel(page);
    expect(await panelText(page)).toContain(MARKUP);
    await viewer.screenshot('markup-2-back');
    expect(await watched(page)).toEqual({ markedUp: null, madeOfText: [] });
  }, 180_000);

  test('every request of it went to the viewer’s own server, none to what a header names', () => {
    const sent = asked.filter((url) => !/^(blob|data):/.test(url));
    expect(sent.length).toBeGreaterThan(100);
    expect(sent.filter((url) => new URL(url).origin !== viewer.server.url)).toEqual([]);
    // The host itself asks for the other studies of the patient's ID.
    expect(sent.filter((url) => new URL(url).pathname === '/marked-up')).toEqual([]);
    expect(complaints(viewer.log)).toEqual([]);
  });

  test('an element made of it would have been seen', async () => {
    const { page } = viewer;
    await page.evaluate((markup) => {
      document.body.append(document.createElement('p'));
      document.body.lastElementChild!.innerHTML = markup;
    }, MARKUP);
    expect((await watched(page)).madeOfText).toContain(MARKUP);
  });
});
