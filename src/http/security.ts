import helmet from '@fastify/helmet';
import type { FastifyInstance, FastifyRequest } from 'fastify';

/** What a page may load and where it may post. 'docs' and 'redoc' loosen it for Swagger UI and Redoc alone. */
const policies = {
  strict: {
    'default-src': ["'none'"],
    'script-src': ["'self'"],
    'style-src': ["'self'"],
    'img-src': ["'self'"],
    'font-src': ["'self'"],
    'connect-src': ["'self'"],
    'form-action': ["'self'"],
    'frame-ancestors': ["'none'"],
    'base-uri': ["'none'"],
    'report-uri': ['/csp-report'],
  },
  docs: {
    'default-src': ["'none'"],
    'script-src': ["'self'"],
    // Swagger UI sets style attributes.
    'style-src': ["'self'", "'unsafe-inline'"],
    'img-src': ["'self'", 'data:'],
    'font-src': ["'self'"],
    'connect-src': ["'self'"],
    'form-action': ["'self'"],
    'frame-ancestors': ["'none'"],
    'base-uri': ["'none'"],
    'report-uri': ['/csp-report'],
  },
  redoc: {
    'default-src': ["'none'"],
    'script-src': ["'self'"],
    // Redoc writes its styles with styled-components and searches in a worker made from a blob.
    'style-src': ["'self'", "'unsafe-inline'"],
    'img-src': ["'self'", 'data:'],
    'font-src': ["'self'"],
    'connect-src': ["'self'"],
    'worker-src': ["'self'", 'blob:'],
    'form-action': ["'self'"],
    'frame-ancestors': ["'none'"],
    'base-uri': ["'none'"],
    'report-uri': ['/csp-report'],
  },
} as const;

export interface SecurityOptions {
  /** Whether browsers reach us by https (directly or through a proxy): turns HSTS on. */
  https: boolean;
}

/** How many policy violations browsers reported since the start; anything but 0 is a bug or an attack. */
export interface CspReports {
  count: number;
}

declare module 'fastify' {
  interface FastifyInstance {
    cspReports: CspReports;
  }
}

/** Secure headers on every answer. Await before routes are registered: helmet reads each route as it appears. */
export async function registerSecurity(app: FastifyInstance, { https }: SecurityOptions): Promise<void> {
  await app.register(helmet, {
    contentSecurityPolicy: { useDefaults: false, directives: policies.strict },
    strictTransportSecurity: https && { maxAge: 365 * 86_400 },
    // Same-origin, not no-referrer: the sign-in and theme forms lead back to the page they came from.
    referrerPolicy: { policy: 'same-origin' },
    xFrameOptions: { action: 'deny' },
  });
  app.addHook('onRequest', async (request, reply) => {
    const loosened = policyFor(request);
    if (loosened) reply.helmet({ contentSecurityPolicy: { useDefaults: false, directives: policies[loosened] } });
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

function policyFor(request: FastifyRequest): 'docs' | 'redoc' | undefined {
  const path = request.url.split('?', 1)[0]!;
  if (path === '/docs' || path.startsWith('/docs/')) return 'docs';
  return path === '/redoc' ? 'redoc' : undefined;
}
