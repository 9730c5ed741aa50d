import type { FastifyInstance, FastifyRequest } from 'fastify';

const LOOPBACK_NAMES = ['localhost', '127.0.0.1', '[::1]'];

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
