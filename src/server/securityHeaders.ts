import { createHash } from 'node:crypto';
import type { FastifyInstance, FastifyRequest } from 'fastify';

const INLINE_SCRIPT = /<script(?![^>]*\ssrc=)[^>]*>([\s\S]*?)<\/script>/g;
const LOOPBACK_NAMES = ['localhost', '127.0.0.1', '[::1]'];

/**
 * The Content-Security-Policy under which stock OHIF and the extension work: everything from this
 * server. Inline scripts only as they stand in the viewer's page; `wasm-unsafe-eval` for ONNX
 * Runtime, `blob:` and `data:` for thumbnails, inline styles for React.
 * @param page the viewer's index.html
 */
export function contentSecurityPolicy(page: string): string {
  const hashes = [...page.matchAll(INLINE_SCRIPT)].map(
    ([, script]) => `'sha256-${createHash('sha256').update(script!).digest('base64')}'`,
  );
  return [
    "default-src 'self'",
    `script-src 'self' 'wasm-unsafe-eval' ${hashes.join(' ')}`,
    "worker-src 'self'",
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' blob: data:",
    "font-src 'self'",
    "connect-src 'self'",
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
}

/**
 * The policy of the viewer's own workers. A worker obeys the one that comes with its script, not
 * its page's; the JPEG-LS, JPEG 2000 and JPEG codecs in OHIF's decoding worker evaluate strings
 * (Emscripten's embind), so `unsafe-eval` is allowed there, out of reach of page and network.
 */
export const VIEWER_WORKER_POLICY =
  "default-src 'none'; script-src 'self' 'unsafe-eval' 'wasm-unsafe-eval'; connect-src 'self'";

/**
 * Puts the security headers on every answer that has no policy of its own. Cross-origin isolation
 * (COOP, COEP) gives the browser shared memory, which threads in WebAssembly need.
 */
export function addSecurityHeaders(app: FastifyInstance, policy: string): void {
  app.addHook('onSend', async (_request, reply) => {
    reply.headers({
      'Content-Security-Policy': reply.getHeader('Content-Security-Policy') ?? policy,
      'Cross-Origin-Opener-Policy': 'same-origin',
      'Cross-Origin-Embedder-Policy': 'require-corp',
      'Cross-Origin-Resource-Policy': 'same-origin',
      'X-Content-Type-Options': 'nosniff',
      'Referrer-Policy': 'no-referrer',
    });
  });
}

/** Whether an address to listen on is reached from this machine only. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);
}

/**
 * Refuses requests that another web site makes the browser send: those that reach a loopback server
 * under a foreign name (DNS rebinding), and those that come from a page of another origin. A link on
 * such a page may open an address here, nothing else.
 */
export function refuseForeignRequests(app: FastifyInstance, host: string): void {
  const names = isLoopback(host) ? new Set([...LOOPBACK_NAMES, host]) : null;
  app.addHook('onRequest', async (request, reply) => {
    const name = request.host.replace(/:\d+$/, '').toLowerCase();
    if (names && !names.has(name)) {
      return reply.code(403).send({ message: `open this server as localhost, not as ${name}` });
    }
    const isLink = request.method === 'GET' && request.headers['sec-fetch-mode'] === 'navigate';
    if (!isLink && !isOwnPage(request)) {
      return reply.code(403).send({ message: 'pages of other sites may not ask or write here' });
    }
    return undefined;
  });
}

/** As far as the browser says: `Sec-Fetch-Site`, and `Origin` for browsers that do not send it. */
function isOwnPage({ headers, host }: FastifyRequest): boolean {
  const { origin, 'sec-fetch-site': site = 'same-origin' } = headers;
  if (site !== 'same-origin' && site !== 'none') return false;
  return origin === undefined || hostOf(origin) === hostOf(`http://${host}`);
}

const hostOf = (address: string) => (URL.canParse(address) ? new URL(address).host : null);
