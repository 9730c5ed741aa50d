import { rmSync } from 'node:fs';

const SIGNALS = { SIGINT: 130, SIGTERM: 143 } as const;

/**
 * Does something with a folder for patients' files, of which none may stay: what a killed run left there is gone
 * before, and all of it after, also where the program is interrupted.
 */
export async function withScratch<T>(folder: string, act: () => Promise<T>): Promise<T> {
  const clear = () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  const leave = (signal: NodeJS.Signals) => {
    clear();
    process.exit(SIGNALS[signal as keyof typeof SIGNALS]);
  };
  clear();
  const signals = Object.keys(SIGNALS) as NodeJS.Signals[];
  for (const signal of signals) process.once(signal, leave);
  try {
    return await act();
  } finally {
    for (const signal of signals) process.off(signal, leave);
    clear();
  }
}
