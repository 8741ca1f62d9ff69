import type { FastifyError, FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { retryAfterOf } from '../http/problem.ts';
import { loggedRefusal } from '../http/problems.ts';
import { Refusal } from '../kernel/errors.ts';

/** How the power consumption API says no: {"detail": …}, a sentence or, for wrong parameters, a list of them. */
export function answerInDetail(scope: FastifyInstance): void {
  scope.setErrorHandler((error: FastifyError, request, reply) => {
    const refusal = loggedRefusal(error, request.log);
    if (!refusal) throw error;
    return reply
      .code(refusal.status)
      .headers(retryAfterOf(refusal))
      .send({ detail: refusal.fields.length > 0 ? detailsOf(refusal, request) : refusal.message });
  });
}

/** Clients say application/json of everything they send, also where all of it is in the query string and the body is empty. */
export function takeEmptyBodies(scope: FastifyInstance): void {
  const parse = scope.getDefaultJsonParser('error', 'error');
  scope.addContentTypeParser<string>('application/json', { parseAs: 'string' }, (request, text, done) =>
    text === '' ? done(null) : parse(request, text, done),
  );
}

const answer = z.looseObject({});

export function docsOf(summary: string, schema: z.ZodObject = z.object({})) {
  return {
    tags: ['power consumption API'],
    summary,
    description: 'Parameters as query string or, on POST, as JSON body.',
    querystring: schema.partial().loose(),
    response: { 200: answer },
  };
}

/** Parameters of the query string and of a JSON body, one of which is usually empty; no name may say two things. */
export function readParameters<Shape extends z.ZodRawShape>(
  schema: z.ZodObject<Shape>,
  request: FastifyRequest,
): z.output<z.ZodObject<Shape>> {
  const query = typeof request.query === 'object' ? request.query : {};
  const unknown = Object.keys(query ?? {}).filter(name => !(name in schema.shape));
  if (unknown.length > 0) throw new Refusal('query-unknown', `Unknown query parameter: ${unknown.join(', ')}`);
  const body = request.body ?? {};
  if (typeof body !== 'object' || Array.isArray(body))
    throw new Refusal('body-invalid', 'The body is no JSON object, in which parameters have names');
  refuseContradictions({ ...query }, { ...body });
  const parsed = schema.safeParse({ ...query, ...body });
  if (parsed.success) return parsed.data;
  throw new Refusal(
    'body-invalid',
    'A parameter is missing or wrong',
    parsed.error.issues.map(({ path, message }) => ({ pointer: path.map(String).join('.'), message })),
  );
}

/** Throws a 422 for a parameter that is one thing in the query and another in the body: neither is more meant. */
function refuseContradictions(query: Record<string, unknown>, body: Record<string, unknown>): void {
  const twice = Object.keys(query).filter(name => name in body && String(query[name]) !== String(body[name]));
  if (twice.length === 0) return;
  throw new Refusal(
    'body-invalid',
    'A parameter says one thing in the query string and another in the body',
    twice.map(name => ({
      pointer: name,
      message: `${JSON.stringify(query[name])} in the query string, ${JSON.stringify(body[name])} in the body: say one of them`,
    })),
  );
}

/** The shape FastAPI gives to a 422. */
function detailsOf({ fields, code }: Refusal, request: FastifyRequest) {
  const place = request.body ? 'body' : 'query';
  return fields.map(({ pointer, message }) => ({
    type: code,
    loc: [place, ...pointer.split('/').filter(Boolean)],
    msg: message,
  }));
}
