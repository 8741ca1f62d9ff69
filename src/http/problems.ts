import type { FastifyBaseLogger, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { BrokenPromise } from '../kernel/assert.ts';
import { Refusal, type RefusalCode, refusals } from '../kernel/errors.ts';
import { problemOf, refusalFrom, retryAfterOf } from './problem.ts';
import { RouteTable } from './route-table.ts';

export interface ProblemOptions {
  /** Called after the answer when an assert failed: the process is to stop. */
  onBrokenPromise?: (error: BrokenPromise) => void;
}

/**
 * Every no leaves through here: application/problem+json for programs, a page for browsers outside /v1, and a page at /problems/CODE
 * that explains each code. Call on the root instance before any route, so that the route table is whole.
 */
export function registerProblems(app: FastifyInstance, { onBrokenPromise }: ProblemOptions = {}): void {
  const routes = new RouteTable();
  app.addHook('onRoute', route => routes.add(route.method, route.url));

  app.setErrorHandler((error, request, reply) => {
    if (error instanceof BrokenPromise) reply.raw.once('close', () => onBrokenPromise?.(error));
    return sendRefusal(refusalToSend(error, request.log), request, reply);
  });

  app.setNotFoundHandler((request, reply) => {
    const path = request.url.split('?', 1)[0]!;
    const methods = routes.methodsAt(path);
    // A handler that found nothing (a file, say) also ends here, and its method was right.
    if (methods.length === 0 || methods.includes(request.method))
      return sendRefusal(new Refusal('route-unknown', `Nothing answers at ${path}.`), request, reply);
    reply.header('allow', methods.join(', '));
    const detail = `${path} answers ${methods.join(', ')}, not ${request.method}.`;
    return sendRefusal(new Refusal('method-unknown', detail), request, reply);
  });

  app.get('/problems', { schema: { hide: true } }, (_request, reply) =>
    reply.view('problems', { title: 'Problems', entries: Object.entries(refusals) }),
  );
  app.get<{ Params: { code: string } }>('/problems/:code', { schema: { hide: true } }, (request, reply) => {
    const { code } = request.params;
    if (!isRefusalCode(code)) throw new Refusal('route-unknown', `No problem is named "${code}".`);
    return reply.view('problem-code', { code, ...refusals[code] });
  });
}

/** What is said of an error. */
export function refusalToSend(error: unknown, log: Pick<FastifyBaseLogger, 'error'>): Refusal {
  const refusal = loggedRefusal(error, log);
  if (refusal) return refusal;
  log.error({ err: error }, 'request failed');
  return new Refusal('internal', 'The request could not be carried out.');
}

/**
 * The refusal an error stands for; undefined when it is nobody's fault but ours. What is not the fault of the request is logged, for the
 * operator has to hear of it.
 */
export function loggedRefusal(error: unknown, log: Pick<FastifyBaseLogger, 'error'>): Refusal | undefined {
  const refusal = refusalFrom(error);
  if (refusal?.cause) log.error({ err: refusal.cause }, refusal.message);
  return refusal;
}

/** For Fastify's `frameworkErrors`: what it refuses before any route, hook or view is there (a path that cannot be decoded). */
export function answerFrameworkError(error: Error, request: FastifyRequest, reply: FastifyReply): void {
  const refusal = refusalFrom(error) ?? new Refusal('internal', 'The request could not be read.');
  sendProblem(refusal, request, reply);
}

function sendRefusal(refusal: Refusal, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  if (!wantsPage(request)) return sendProblem(refusal, request, reply);
  return reply.code(refusal.status).view('problem', { ...problemOf(refusal, request.id) });
}

function sendProblem(refusal: Refusal, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const problem = problemOf(refusal, request.id);
  reply.code(problem.status).headers(retryAfterOf(refusal)).type('application/problem+json');
  // Serialised here: the route's own response schemas describe its yes, not this.
  return reply.serializer(JSON.stringify).send(problem);
}

/** A person in a browser, rather than a program. */
function wantsPage(request: FastifyRequest): boolean {
  return !request.url.startsWith('/v1') && (request.headers.accept ?? '').includes('text/html');
}

function isRefusalCode(text: string): text is RefusalCode {
  return Object.hasOwn(refusals, text);
}
