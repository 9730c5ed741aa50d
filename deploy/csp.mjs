#!/usr/bin/env node
// Writes the Content-Security-Policy for the OHIF viewer at hand: its page has inline scripts, and
// their hashes differ from version to version.
//
//     node deploy/csp.mjs VIEWER_FOLDER [--connect ORIGIN]... > /etc/nginx/find-l3-csp.conf
//     node deploy/csp.mjs VIEWER_FOLDER --plain       # the two policies, for another server
//
// Plain Node.js, no packages. `--connect` names a DICOMweb server or a login on another origin.
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';

const INLINE_SCRIPT = /<script(?![^>]*\ssrc=)[^>]*>([\s\S]*?)<\/script>/g;

/**
 * The policy of the viewer's worker scripts. A worker obeys the one that comes with its script; the
 * image codecs in OHIF's decoding worker evaluate strings (Emscripten's embind).
 */
export const workerPolicy = (connect = []) =>
  `default-src 'none'; script-src 'self' 'unsafe-eval' 'wasm-unsafe-eval'; ${connectSrc(connect)}`;

/** The policy of everything else: page, extension, the extension's worker. */
export function pagePolicy(page, connect = []) {
  const hashes = [...page.matchAll(INLINE_SCRIPT)].map(
    ([, script]) => `'sha256-${createHash('sha256').update(script).digest('base64')}'`,
  );
  return [
    "default-src 'self'",
    `script-src 'self' 'wasm-unsafe-eval' ${hashes.join(' ')}`.trim(),
    "worker-src 'self'",
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' blob: data:",
    "font-src 'self'",
    connectSrc(connect),
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
}

/** The map that deploy/nginx/find-l3.conf asks for the policy of an address. */
export function nginxMap(page, connect = []) {
  return `# Written by deploy/csp.mjs for one version of OHIF: write it anew with another one.
map $uri $find_l3_policy {
    default "${pagePolicy(page, connect)}";
    # The viewer's own scripts, all with a hash in their names; the extension's are none of these.
    "~^/[^/]+\\.[0-9a-f]{16,}\\.js$" "${workerPolicy(connect)}";
}
`;
}

function connectSrc(connect) {
  return ["connect-src 'self'", ...connect].join(' ');
}

function main(args) {
  const connect = args.flatMap((arg, at) => (args[at - 1] === '--connect' ? [arg] : []));
  const [folder] = args.filter((arg) => !arg.startsWith('--') && !connect.includes(arg));
  const file = folder && join(folder, 'index.html');
  const wrong = connect.find((origin) => !/^(https?|wss?):\/\/[^\s/'";]+$/.test(origin));
  if (wrong !== undefined || !file || !existsSync(file)) {
    const why = wrong
      ? `${wrong} is no origin: give one like https://pacs.example`
      : `there is no index.html in ${folder ?? 'the folder that was not named'}`;
    process.stderr.write(
      `${why}\nusage: node csp.mjs VIEWER_FOLDER [--connect ORIGIN]... [--plain]\n`,
    );
    process.exitCode = 2;
    return;
  }
  const page = readFileSync(file, 'utf8');
  process.stdout.write(
    args.includes('--plain')
      ? `everything: ${pagePolicy(page, connect)}\nOHIF's scripts: ${workerPolicy(connect)}\n`
      : nginxMap(page, connect),
  );
}

if (basename(process.argv[1] ?? '') === 'csp.mjs') main(process.argv.slice(2));
