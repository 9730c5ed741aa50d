import { createHash } from 'node:crypto';

const INLINE_SCRIPT = /<script(?![^>]*\ssrc=)[^>]*>([\s\S]*?)<\/script>/g;

type Policy = ReadonlyMap<string, readonly string[]>;

/**
 * What a Content-Security-Policy of the viewer's page forbids that viewer and extension need.
 *
 * @param header value of the header
 * @param page the viewer's index.html
 * @param pageUrl its address
 * @param needed absolute addresses that the page must be able to ask, of other origins too
 */
export function pagePolicyProblems(
  header: string,
  page: string,
  pageUrl: string,
  needed: readonly string[],
): readonly string[] {
  const policy = parse(header);
  const problems: string[] = [];
  const scripts = sourcesOf(policy, 'script-src');
  for (const [, script] of page.matchAll(INLINE_SCRIPT)) {
    const hash = `'sha256-${createHash('sha256').update(script).digest('base64')}'`;
    const allowed =
      scripts === null ||
      scripts.includes(hash) ||
      (scripts.includes("'unsafe-inline'") && !scripts.some((source) => /^'sha\d/.test(source)));
    if (!allowed) problems.push(`script-src lacks ${hash} of an inline script of the page`);
  }
  problems.push(...wasmProblems(policy));
  for (const [directive, source] of [
    ['script-src', "'self'"],
    ['worker-src', "'self'"],
    ['style-src', "'unsafe-inline'"],
    ['img-src', 'blob:'],
    ['img-src', 'data:'],
  ]) {
    const sources = sourcesOf(policy, directive);
    if (sources && !sources.includes(source)) problems.push(`${directive} lacks ${source}`);
  }
  const connects = sourcesOf(policy, 'connect-src');
  for (const origin of new Set(needed.map((url) => new URL(url).origin))) {
    const own = origin === new URL(pageUrl).origin;
    const names = own ? ["'self'", '*', origin] : ['*', origin, `${origin}/`];
    if (connects && !connects.some((source) => names.includes(source))) {
      problems.push(`connect-src lacks ${own ? "'self'" : origin}`);
    }
  }
  return problems;
}

/** What a policy that comes with the extension's worker forbids that it needs. */
export function workerPolicyProblems(header: string): readonly string[] {
  const policy = parse(header);
  const problems = [...wasmProblems(policy)];
  const connects = sourcesOf(policy, 'connect-src');
  if (connects && !connects.includes("'self'")) problems.push("connect-src lacks 'self'");
  return problems;
}

function wasmProblems(policy: Policy): readonly string[] {
  const scripts = sourcesOf(policy, 'script-src');
  const allowed = ["'wasm-unsafe-eval'", "'unsafe-eval'"];
  if (!scripts || scripts.some((source) => allowed.includes(source))) return [];
  return ["script-src lacks 'wasm-unsafe-eval'"];
}

function parse(header: string): Policy {
  const directives = header.split(';').map((part) => part.trim().split(/\s+/));
  return new Map(
    directives.filter(([name]) => name).map(([name, ...rest]) => [name.toLowerCase(), rest]),
  );
}

/** The sources that a directive allows, with what it falls back to; null where nothing is said. */
function sourcesOf(policy: Policy, directive: string): readonly string[] | null {
  const fallbacks =
    directive === 'worker-src' ? ['child-src', 'script-src', 'default-src'] : ['default-src'];
  for (const name of [directive, ...fallbacks]) {
    const sources = policy.get(name);
    if (sources) return sources;
  }
  return null;
}
