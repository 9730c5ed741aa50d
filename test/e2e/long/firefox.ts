import { existsSync } from 'node:fs';
import { firefox, type Browser, type BrowserContext } from 'playwright-core';
import { screenIsInstalled, type Screen } from './screen';

const PROGRAM = '/usr/bin/firefox-esr';
/** What this Firefox does not know yet, and playwright asks of every page. */
const UNKNOWN_COMMAND = 'emulation.setMediaFeaturesOverride';

export const INSTALL_FIREFOX = 'apt-get install firefox-esr xvfb libgl1-mesa-dri';

export function firefoxIsInstalled(): boolean {
  return existsSync(PROGRAM) && screenIsInstalled();
}

/** Debian's Firefox ESR on a screen, a browser that knows nothing yet, over WebDriver BiDi. */
export async function launchFirefox(screen: Screen): Promise<BrowserContext> {
  const browser = await firefox.launch({
    channel: 'moz-firefox',
    executablePath: PROGRAM,
    headless: false,
    env: { ...process.env, DISPLAY: screen.display },
  });
  withoutUnknownCommand(browser);
  return browser.newContext({ viewport: { width: 1600, height: 900 } });
}

interface BidiSession {
  send(method: string, params?: object): Promise<unknown>;
}

/** Answers the one command in playwright, whose session with the browser no public name leads to. */
function withoutUnknownCommand(browser: Browser): void {
  const { _connection: connection } = browser as unknown as {
    readonly _connection: { toImpl(of: Browser): { readonly _browserSession: BidiSession } };
  };
  const session = connection.toImpl(browser)._browserSession;
  const send = session.send.bind(session);
  session.send = async (method, params) => (method === UNKNOWN_COMMAND ? {} : send(method, params));
}
