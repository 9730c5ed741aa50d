import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Command } from 'commander';
import { endWithParent } from './tools/subcommand';

/** Rooms that bring a verb: `command.ts` exports `register(program)`. */
const ROOMS = [
  'setup',
  'synthesis',
  'prepare',
  'train',
  'export',
  'evaluate',
  'calibrate',
  'retrain',
  'reproduce',
];

endWithParent();
const program = new Command('npm run train --')
  .description('Makes the model of find-l3: from scans and synthetic spines to an ONNX package.')
  .showHelpAfterError();
for (const room of ROOMS) {
  const file = join(import.meta.dirname, room, 'command.ts');
  if (!existsSync(file)) continue;
  const { register } = (await import(pathToFileURL(file).href)) as {
    register: (program: Command) => void;
  };
  register(program);
}

try {
  await program.parseAsync();
} catch (error) {
  const { message, cause, stack } = error as Error;
  process.stderr.write(`${message}\n`);
  if (cause instanceof Error) process.stderr.write(`  Because: ${cause.message}\n`);
  if (process.env.DEBUG) process.stderr.write(`${stack}\n`);
  process.exitCode = 1;
}
