import { Command, CommanderError } from 'commander';
import { checkViewer } from '../check/checkViewer';
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

/**
 * `find-l3 check URL [--json]`: asks a deployed viewer from outside.
 *
 * @param args the arguments after `check`.
 * @returns the exit status: 0 nothing failed (warnings included), 1 something failed, 2 wrong usage.
 */
export async function check(args: readonly string[], host: CliHost): Promise<number> {
  const command = new Command('find-l3 check')
    .description('Asks a deployed viewer with Find L3 from outside, as a browser would.')
    .argument('<url>', 'the address at which people open the viewer’s worklist')
    .option('--json', 'one JSON object on stdout', false)
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
  const { json } = command.opts<{ json: boolean }>();
  const checks: Check[] = [];
  for await (const one of checkViewer(url)) {
    if (host.signal.aborted) return EXIT.interrupted;
    checks.push(one);
    if (!json) host.stdout.write(lineOf(one));
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
