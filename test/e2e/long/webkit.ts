import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { BrowserContext, Page } from 'playwright-core';
import { startServer, type ServerOptions } from '../../../src/server/startServer';
import { SCREENSHOTS, type OpenViewer } from '../harness';
import { freePort } from '../orthanc';
import { screenIsInstalled, type Screen } from './screen';

const DRIVER = '/usr/bin/WebKitWebDriver';
/** WebKitGTK's own browser lies in the folder of the machine's libraries. */
const BROWSER = readdirSync('/usr/lib')
  .map((machine) => `/usr/lib/${machine}/webkit2gtk-4.1/MiniBrowser`)
  .find((file) => existsSync(file));
const PATIENCE_MS = 30_000;
const POLL_MS = 200;
/** What WebDriver calls a reference to an element. */
const ELEMENT = 'element-6066-11e4-a52e-4f735466cecf';

export const INSTALL_WEBKIT = 'apt-get install webkit2gtk-driver xvfb libgl1-mesa-dri';

export function webkitIsInstalled(): boolean {
  return existsSync(DRIVER) && BROWSER !== undefined && screenIsInstalled();
}

const pause = (ms: number) => new Promise((done) => setTimeout(done, ms));

/** A session of W3C WebDriver, which is all that WebKitGTK understands. */
class Session {
  private constructor(
    private readonly driver: ChildProcess,
    private readonly url: string,
  ) {}

  static async start(screen: Screen): Promise<Session> {
    const port = await freePort();
    const env = { ...process.env, DISPLAY: screen.display };
    const driver = spawn(DRIVER, [`--port=${port}`], { env, stdio: 'ignore' });
    const origin = `http://127.0.0.1:${port}`;
    try {
      const isUp = () =>
        fetch(`${origin}/status`).then(
          ({ ok }) => ok,
          () => false,
        );
      await until('WebKitWebDriver', isUp);
      const options = { binary: BROWSER, args: ['--automation'] };
      const capabilities = { alwaysMatch: { 'webkitgtk:browserOptions': options } };
      const made = await ask('POST', `${origin}/session`, { capabilities });
      return new Session(driver, `${origin}/session/${(made as { sessionId: string }).sessionId}`);
    } catch (error) {
      driver.kill('SIGTERM');
      throw error;
    }
  }

  post(command: string, body: object = {}): Promise<unknown> {
    return ask('POST', `${this.url}/${command}`, body);
  }

  get(command: string): Promise<unknown> {
    return ask('GET', `${this.url}/${command}`);
  }

  async stop(): Promise<void> {
    const ended = new Promise((done) => this.driver.once('exit', done));
    await ask('DELETE', this.url).catch(() => undefined);
    this.driver.kill('SIGTERM');
    await ended;
  }
}

async function ask(method: string, url: string, body?: object): Promise<unknown> {
  const response = await fetch(url, { method, ...(body && { body: JSON.stringify(body) }) });
  const { value } = (await response.json()) as { value: { error?: string; message?: string } };
  if (!response.ok) throw new Error(`${value.error} (${method} ${url}): ${value.message}`);
  return value;
}

type InPage = (argument: unknown) => unknown;

/** Runs a function in the page, with a JSON value, and waits for its promise. */
async function evaluate(session: Session, run: InPage, argument?: unknown): Promise<unknown> {
  const script = `const done = arguments[arguments.length - 1];
    Promise.resolve(arguments[0]).then(${run.toString()}).then(
      (value) => done({ value }), (error) => done({ error: String(error) + error.stack }));`;
  const args = [argument ?? null];
  const { value, error } = (await session.post('execute/async', { script, args })) as {
    value?: unknown;
    error?: string;
  };
  if (error !== undefined) throw new Error(error);
  return value;
}

async function until<T>(what: string, look: () => Promise<T>, timeout = PATIENCE_MS): Promise<T> {
  const latest = Date.now() + timeout;
  for (;;) {
    const seen = await look();
    if (seen) return seen;
    if (Date.now() > latest) throw new Error(`${timeout} ms went by without ${what}`);
    await pause(POLL_MS);
  }
}

function locator(session: Session, selector: string) {
  const elements = async () =>
    (await session.post('elements', { using: 'css selector', value: selector })) as Record<
      typeof ELEMENT,
      string
    >[];
  const first = async (timeout?: number) => {
    const [element] = (await until(
      selector,
      async () => {
        const all = await elements();
        return all.length > 0 && all;
      },
      timeout,
    )) as Record<typeof ELEMENT, string>[];
    return `element/${element[ELEMENT]}`;
  };
  return {
    click: async () => void (await session.post(`${await first()}/click`)),
    waitFor: async ({ timeout }: { timeout?: number } = {}) => void (await first(timeout)),
    count: async () => (await elements()).length,
    getAttribute: async (name: string) => session.get(`${await first()}/attribute/${name}`),
    textContent: async () => {
      await first();
      const ofFirst: InPage = (given) => document.querySelector(given as string)?.textContent;
      return evaluate(session, ofFirst, selector);
    },
    innerText: async () => session.get(`${await first()}/text`),
  };
}

function mouse(session: Session) {
  const act = (actions: readonly object[]) =>
    session.post('actions', {
      actions: [{ type: 'pointer', id: 'mouse', parameters: { pointerType: 'mouse' }, actions }],
    });
  const to = (x: number, y: number) => ({
    ...{ type: 'pointerMove', duration: 50, origin: 'viewport' },
    ...{ x: Math.round(x), y: Math.round(y) },
  });
  const press = { type: 'pointerDown', button: 0 };
  const release = { type: 'pointerUp', button: 0 };
  let at = [0, 0];
  const move = async (x: number, y: number, { steps = 1 } = {}) => {
    const [fromX, fromY] = at;
    const part = (i: number) =>
      to(fromX + ((x - fromX) * i) / steps, fromY + ((y - fromY) * i) / steps);
    await act(Array.from({ length: steps }, (_, i) => part(i + 1)));
    at = [x, y];
  };
  return {
    move,
    down: () => act([press]),
    up: () => act([release]),
    click: async (x: number, y: number) => {
      await move(x, y);
      await act([press, release]);
    },
  };
}

/** As much of playwright's page as the steps of these tests ask for. */
function pageOf(session: Session): Page {
  const page = {
    goto: (url: string) => session.post('url', { url }),
    evaluate: (run: InPage, argument?: unknown) => evaluate(session, run, argument),
    waitForFunction: (run: InPage, argument?: unknown, { timeout }: { timeout?: number } = {}) =>
      until(run.toString(), () => evaluate(session, run, argument).then(Boolean), timeout),
    waitForTimeout: pause,
    locator: (selector: string) => locator(session, selector),
    mouse: mouse(session),
  };
  return page as unknown as Page;
}

/** The viewer in WebKitGTK's MiniBrowser, as {@link OpenViewer}; it tells nothing of console and requests. */
export async function openInWebKit(screen: Screen, served: ServerOptions): Promise<OpenViewer> {
  const session = await Session.start(screen);
  const server = await startServer({ port: 0, ...served });
  await session.post('window/rect', { x: 0, y: 0, width: 1600, height: 1000 });
  return {
    page: pageOf(session),
    context: undefined as unknown as BrowserContext,
    server,
    log: [],
    async screenshot(name) {
      await mkdir(SCREENSHOTS, { recursive: true });
      const file = path.join(SCREENSHOTS, `${name}.png`);
      await writeFile(file, Buffer.from((await session.get('screenshot')) as string, 'base64'));
      return file;
    },
    async close() {
      await session.stop();
      await server.close();
    },
  };
}
