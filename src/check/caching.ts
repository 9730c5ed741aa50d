import { ask } from './ask';
import type { Answer, Check } from './types';

const YEAR_S = 31_536_000;

/** What names the files that a browser keeps, as far as it is needed here. */
interface Kept {
  readonly folder: string;
  readonly script: string;
  readonly manifest: {
    readonly version: string;
    readonly files: readonly { readonly name: string }[];
  };
}

/**
 * Whether browsers see an update with the next page: `app-config.js` and the extension's script are asked
 * about each time, and what carries a hash in its name is kept.
 */
export async function* cachingChecks(config: Answer, found: Kept | null): AsyncGenerator<Check> {
  yield freshCheck('caching-app-config', 'app-config.js', config);
  if (!found) return;
  const script = await ask(found.script);
  // In a folder of its version it never changes, so it may be kept.
  if (!new URL(found.script).pathname.includes(`/${found.manifest.version}/`)) {
    yield freshCheck('caching-script', 'the extension’s script', script);
    yield {
      id: 'version-folder',
      status: 'warning',
      text: `${found.script} has no version in its address`,
      advice: `Put the folder to .../find-l3/${found.manifest.version}/: pages that are open survive an update, and a rollback is one line.`,
    };
  }
  const hashed = found.manifest.files.find(({ name }) => name.startsWith('runtime-'));
  if (!hashed) return;
  const { headers } = await ask(new URL(hashed.name, found.folder).href, { method: 'HEAD' });
  const kept = lifetime(headers) >= YEAR_S || /immutable/.test(headers['cache-control'] ?? '');
  yield {
    id: 'caching-runtime',
    status: kept ? 'ok' : 'warning',
    text: kept ? 'the runtime is kept by browsers' : 'browsers ask for the runtime again and again',
    advice: kept ? '' : 'Cache-Control: public, max-age=31536000, immutable for runtime-<hash>/.',
  };
}

function freshCheck(id: string, what: string, { headers }: Answer): Check {
  const control = headers['cache-control'] ?? '';
  const advice = `Cache-Control: no-cache for ${what}.`;
  if (/no-cache|no-store|must-revalidate/.test(control) && lifetime(headers) === 0) {
    return { id, status: 'ok', text: `${what} is asked about each time`, advice: '' };
  }
  if (lifetime(headers) > 0) {
    const text = `browsers keep ${what} for ${lifetime(headers)} s: until then an update is not seen`;
    return { id, status: 'failed', text, advice };
  }
  const dated = 'last-modified' in headers;
  return {
    id,
    status: dated ? 'warning' : 'ok',
    text: dated
      ? `nothing says how long ${what} may be kept: browsers choose a tenth of its age`
      : `browsers keep no ${what}`,
    advice: dated ? advice : '',
  };
}

/** Seconds for which an answer is used without asking. */
function lifetime(headers: Answer['headers']): number {
  const control = headers['cache-control'] ?? '';
  const age = /max-age=(\d+)/.exec(control);
  if (/no-cache|no-store/.test(control)) return 0;
  if (age) return Number(age[1]);
  const expires = Date.parse(headers.expires ?? '');
  return Number.isNaN(expires) ? 0 : Math.max(0, Math.round((expires - Date.now()) / 1000));
}
