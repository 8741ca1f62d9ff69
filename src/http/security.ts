import type { FastifyInstance } from 'fastify';

/** What a page may load and where it may post: nothing that is not of this host, and nobody may frame it. */
const strict = {
  'default-src': "'none'",
  'script-src': "'self'",
  'style-src': "'self'",
  'img-src': "'self'",
  'font-src': "'self'",
  'connect-src': "'self'",
  'form-action': "'self'",
  'frame-ancestors': "'none'",
  'base-uri': "'none'",
  'report-uri': '/csp-report',
};
// Swagger UI and Redoc set style attributes.
const inlineStyles = { ...strict, 'style-src': "'self' 'unsafe-inline'", 'img-src': "'self' data:" };
const policies = {
  page: strict,
  docs: inlineStyles,
  // Redoc also searches in a worker made from a blob.
  redoc: { ...inlineStyles, 'worker-src': "'self' blob:" },
  // What the API answers is never a page; were it shown as one, it could do nothing.
  api: { 'default-src': "'none'", 'frame-ancestors': "'none'" },
};
type Kind = keyof typeof policies;

interface SecurityOptions {
  /** Whether browsers reach us by https (directly or through a proxy): turns HSTS on. */
  https: boolean;
}

/** How many policy violations browsers reported since the start; anything but 0 is a bug or an attack. */
interface CspReports {
  count: number;
}

declare module 'fastify' {
  interface FastifyInstance {
    cspReports: CspReports;
  }
}

/**
 * Secure headers on every answer, from a table made once: composing them for each request would cost as much as storing a reading.
 * The API's answers carry the few that mean something to a program.
 */
export async function registerSecurity(app: FastifyInstance, { https }: SecurityOptions): Promise<void> {
  const headers = {
    page: headersOf('page', https),
    docs: headersOf('docs', https),
    redoc: headersOf('redoc', https),
    api: apiHeaders(https),
  };
  app.addHook('onRequest', (request, reply, done) => {
    reply.headers(headers[kindOf(request.url)]);
    done();
  });

  const reports: CspReports = { count: 0 };
  app.decorate('cspReports', reports);
  await app.register(async scope => {
    scope.addContentTypeParser(
      ['application/csp-report', 'application/reports+json'],
      { parseAs: 'string', bodyLimit: 16_384 },
      (_request, text, done) => done(null, text),
    );
    scope.post('/csp-report', { schema: { hide: true } }, (request, reply) => {
      reports.count += 1;
      request.log.warn({ report: String(request.body).slice(0, 2_000) }, 'content security policy violated');
      return reply.code(204).send();
    });
  });
}

/** What every answer of the API carries. */
export function apiHeaders(https: boolean): Record<string, string> {
  return headersOf('api', https);
}

function kindOf(url: string): Kind {
  if (url.startsWith('/v1/') || url.startsWith('/api/')) return 'api';
  const path = url.split('?', 1)[0]!;
  if (path === '/docs' || path.startsWith('/docs/')) return 'docs';
  return path === '/redoc' ? 'redoc' : 'page';
}

function headersOf(kind: Kind, https: boolean): Record<string, string> {
  const policy = Object.entries(policies[kind]).map(([directive, sources]) => `${directive} ${sources}`);
  return {
    'content-security-policy': policy.join('; '),
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
    ...(https && { 'strict-transport-security': 'max-age=31536000; includeSubDomains' }),
    ...(kind !== 'api' && {
      // Same-origin, not no-referrer: the sign-in and theme forms lead back to the page they came from.
      'referrer-policy': 'same-origin',
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
      'origin-agent-cluster': '?1',
      'x-dns-prefetch-control': 'off',
      'x-permitted-cross-domain-policies': 'none',
    }),
  };
}
