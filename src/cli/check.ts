import { Command, CommanderError } from 'commander';
import { checkViewer } from '../check/checkViewer';
import { credentialsFrom, CREDENTIALS } from '../dicomweb/credentials';
import { DicomwebError } from '../dicomweb/dicomwebError';
import type { Check } from '../check/types';
import { RELEASE } from '../release/release';
import { EXIT } from './host';
import type { CliHost } from './host';

const MARKS: Readonly<Record<Check['status'], string>> = {
  ok: 'ok',
  warning: 'warning',
  failed: 'FAILED',
  skipped: 'skipped',
};

/** As commander has it. */
interface Values {
  readonly json: boolean;
  readonly store: boolean;
  readonly credentials?: string;
}

/**
 * `find-l3 check URL [--json] [--store] [--credentials FILE]`: asks a deployed viewer from outside.
 *
 * @param args the arguments after `check`.
 * @returns the exit status: 0 nothing failed (warnings included), 1 something failed, 2 wrong usage.
 */
export async function check(args: readonly string[], host: CliHost): Promise<number> {
  const command = new Command('find-l3 check')
    .description('Asks a deployed viewer with Find L3 from outside, as a browser would.')
    .argument('<url>', 'the address at which people open the viewer’s worklist')
    .option('--json', 'one JSON object on stdout', false)
    .option(
      '--store',
      'stores a level report of a made study in the PACS, reads it back and deletes it where the PACS lets that be done',
      false,
    )
    .option(
      '--credentials <file>',
      `holds "Bearer TOKEN" or "USER:PASSWORD" for the PACS that app-config.js names; without it ${CREDENTIALS} may hold the same`,
    )
    .addHelpText(
      'after',
      '\nA certificate of your own: NODE_EXTRA_CA_CERTS=FILE find-l3 check URL\n' +
        'Exit status: 0 nothing failed, 1 something failed, 2 wrong usage.',
    )
    .exitOverride()
    .configureOutput({
      writeOut: (text) => host.stdout.write(text),
      writeErr: (text) => host.stderr.write(text),
    });
  try {
    command.parse(args, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  }
  const [url] = command.args;
  if (!/^https?:\/\//.test(url) || !URL.canParse(url)) {
    host.stderr.write(
      `find-l3 check: ${url} is no address: give one like https://viewer.example/\n`,
    );
    return EXIT.usage;
  }
  const { json, store, credentials } = command.opts<Values>();
  const options = {
    credentials: credentialsFrom(credentials ?? null, host.env[CREDENTIALS]),
    ...{ store, signal: host.signal },
  };
  const checks: Check[] = [];
  try {
    await options.credentials(); // before anything is asked
    for await (const one of checkViewer(url, options)) {
      if (host.signal.aborted) return EXIT.interrupted;
      checks.push(one);
      if (!json) host.stdout.write(lineOf(one));
    }
  } catch (error) {
    if (host.signal.aborted) return EXIT.interrupted;
    if (!(error instanceof DicomwebError)) throw error;
    host.stderr.write(`find-l3 check: ${error.message}. ${error.advice}\n`);
    return EXIT.usage;
  }
  if (json) {
    const software = { name: RELEASE.name, version: RELEASE.version };
    host.stdout.write(`${JSON.stringify({ url, software, checks }, null, 2)}\n`);
  }
  return checks.some(({ status }) => status === 'failed') ? EXIT.unreadable : EXIT.ok;
}

function lineOf({ id, status, text, advice }: Check): string {
  return `${MARKS[status].padEnd(8)} ${id.padEnd(18)} ${text}${advice && `. ${advice}`}\n`;
}
