import type { FastifySchema, RouteOptions } from 'fastify';
import { z } from 'zod';
import { refusals } from '../kernel/errors.ts';
import { takesKey } from './idempotency.ts';

/** As the API's description shows it; problem.ts makes it. */
z.object({
  type: z.string().meta({ description: 'Where the code is explained', examples: ['/problems/body-invalid'] }),
  title: z.string(),
  status: z.int(),
  code: z.enum(Object.keys(refusals)).meta({ description: 'Stable: programs decide by it' }),
  detail: z.string().meta({ description: 'What is wrong with this request' }),
  advice: z.string().meta({ description: 'What to do next' }),
  errors: z
    .array(z.object({ pointer: z.string(), message: z.string() }))
    .meta({ description: 'Each wrong field by JSON pointer into the body, or parameter by name' }),
  request_id: z.string().meta({ description: 'To quote to the operator' }),
}).meta({ id: 'Problem' });

const content = { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } };
const idempotencyKey = {
  type: 'object',
  properties: {
    'Idempotency-Key': {
      type: 'string',
      pattern: '^[!-~]{1,255}$',
      description:
        'The same request under the same key is carried out once; for 24 hours it gets the same answer again.',
    },
  },
};
const okWords: Record<string, string> = {
  200: 'Done',
  201: 'Made',
  202: 'Taken; it waits, or goes on in the background',
  204: 'Done, nothing to say',
};

/** A route's description, with the scope it needs and every way in which it may say no. Only /v1 speaks in problems. */
export function withProblems(schema: FastifySchema, route: RouteOptions): FastifySchema {
  if (schema.hide) return schema;
  const scope = [route.onRequest].flat().flatMap(hook => (hook && 'scope' in hook ? [String(hook.scope)] : []))[0];
  const description = [schema.description, scope && `Needs the scope \`${scope}\`.`].filter(Boolean).join('\n\n');
  const answers = Object.entries({ ...objectOf(schema.response) }).map(([status, answer]) => [
    status,
    { description: okWords[status], ...objectOf(answer) },
  ]);
  const problems = route.url.startsWith('/v1') ? problemsOf(schema, route, scope !== undefined) : [];
  const response = Object.fromEntries([
    ...answers,
    ...problems.map(([status, words]) => [status, { description: words, content }]),
  ]);
  const headers = takesKey(route) ? { headers: idempotencyKey } : {};
  return { ...schema, ...headers, ...(description && { description }), response };
}

function problemsOf(
  schema: FastifySchema,
  { method }: RouteOptions,
  guarded: boolean,
): [status: string, words: string][] {
  const list: [string, string, boolean][] = [
    ['400', 'Not well-formed, or an unknown query parameter', true],
    ['401', 'No API key, or one that is unknown, expired or revoked', guarded],
    ['403', 'The key lacks the scope', guarded],
    ['404', 'What the path names is not there', schema.params !== undefined],
    ['409', 'It contradicts what is known already', method !== 'GET'],
    ['413', 'The body is too large', schema.body !== undefined],
    ['415', 'The body is not JSON', schema.body !== undefined],
    ['422', 'A field or parameter is missing or wrong: see errors[]', true],
    ['default', 'Anything else that went wrong, 503 with Retry-After among it', true],
  ];
  return list.flatMap(([status, words, applies]) => (applies ? [[status, words]] : []));
}

function objectOf(value: unknown): object {
  return typeof value === 'object' && value !== null ? value : {};
}
