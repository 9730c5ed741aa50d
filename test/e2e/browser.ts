import { existsSync } from 'node:fs';

const SYSTEM_BROWSERS = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];

/**
 * Compiles WebAssembly quickly rather than well, with the same answers: a page of a test searches once
 * or twice, and making the runtime's code fast takes longer than all that it computes there.
 */
export const QUICK_WASM = '--js-flags=--liftoff-only';

/** The system's Chromium or Chrome (or the one at CHROMIUM_PATH), otherwise the one from npm. */
export async function browserPath(): Promise<string> {
  const system = [process.env.CHROMIUM_PATH, ...SYSTEM_BROWSERS].find((file) =>
    existsSync(file ?? ''),
  );
  if (system) return system;
  const { default: packaged } = await import('@sparticuz/chromium');
  return packaged.executablePath();
}
