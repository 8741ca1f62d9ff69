import type { FastifyInstance, FastifySchema, RouteOptions } from 'fastify';
import { serializerCompiler } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { type FieldProblem, Refusal } from '../kernel/errors.ts';
import { parseDay, parseMonth } from '../units/time.ts';

type RequestPart = 'body' | 'querystring' | 'params' | 'headers';

/**
 * Makes zod the language of request and response schemas. Objects are strict unless their schema says otherwise: an unknown query
 * parameter is refused by name (query-unknown), an unknown field of the body is a wrong field. Register before any route.
 */
export function registerSchemas(app: FastifyInstance): void {
  app.addHook('onRoute', makeStrict);
  app.setValidatorCompiler(validatorOf);
  app.setSerializerCompiler<unknown>(route => {
    const { schema } = route;
    // Plugins declare their answers in plain JSON Schema, which the zod compiler refuses at start.
    return schema instanceof z.ZodType ? serializerCompiler({ ...route, schema }) : JSON.stringify;
  });
}

/** For fastify(), which loads compilers of its own unless it is given some: 20 ms of a start in one piece, and nobody uses them. */
export const noCompilers = { compilersFactory: { buildValidator: unregistered, buildSerializer: unregistered } };

function unregistered(): never {
  throw new Error('registerSchemas comes before any route');
}

/** Parses a part of the request by its schema; what is wrong becomes a Refusal that names the fields. */
export function validatorOf({ schema, httpPart }: { schema: unknown; httpPart?: string }) {
  if (!(schema instanceof z.ZodType)) throw new Error('request schemas are written in zod');
  return (data: unknown) => {
    const parsed = schema.safeParse(data);
    return parsed.success ? { value: parsed.data } : { error: refusalOf(parsed.error, partOf(httpPart)) };
  };
}

/** Query parameters, nothing else: an unknown one is refused by its name. */
export function strictQuery<Shape extends z.ZodRawShape>(shape: Shape) {
  return z.strictObject(shape);
}

/** One line of text that people read: no control characters, which logs, mails and papers would obey. */
export const line = z
  .string()
  .trim()
  .max(200)
  .regex(/^\P{Cc}*$/u, 'one line without control characters');

/** A local day in a body or query: "2026-11-21". */
export const day = z.string().transform((text, context) => {
  const parsed = parseDay(text);
  if (!parsed) context.addIssue({ code: 'custom', message: 'write a day as 2026-11-21' });
  return parsed ?? z.NEVER;
});

/** "2026-10". */
export const month = z.string().transform((text, context) => {
  const parsed = parseMonth(text);
  if (!parsed) context.addIssue({ code: 'custom', message: 'write a month as 2026-10' });
  return parsed ?? z.NEVER;
});

/** A documented route that names no query parameters takes none. */
function makeStrict(route: RouteOptions): void {
  const schema: (FastifySchema & { hide?: boolean }) | undefined = route.schema;
  if (!schema || schema.hide) return;
  schema.querystring = strict(schema.querystring ?? z.object({}));
  if (schema.body) schema.body = strict(schema.body);
}

function strict(schema: unknown): unknown {
  return schema instanceof z.ZodObject && schema.def.catchall === undefined ? schema.strict() : schema;
}

function partOf(httpPart: string | undefined): RequestPart {
  return httpPart === 'querystring' || httpPart === 'params' || httpPart === 'headers' ? httpPart : 'body';
}

function refusalOf(error: z.ZodError, part: RequestPart): Refusal {
  const fields = error.issues.flatMap(issue => fieldsOf(issue, part));
  const unknown = part === 'querystring' && error.issues.find(issue => issue.code === 'unrecognized_keys');
  if (unknown) {
    const names = unknown.keys.map(name => `"${name}"`).join(', ');
    return new Refusal('query-unknown', `There is no query parameter ${names} here.`, fields);
  }
  return new Refusal('body-invalid', sentenceOf(part, fields), fields);
}

function fieldsOf(issue: z.core.$ZodIssue, part: RequestPart): FieldProblem[] {
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map(name => ({ pointer: pointerOf([...issue.path, name], part), message: 'Unknown field' }));
  return [{ pointer: pointerOf(issue.path, part), message: issue.message }];
}

/** RFC 6901 into the body; elsewhere the parameter's name. */
export function pointerOf(path: readonly PropertyKey[], part: RequestPart = 'body'): string {
  if (part !== 'body') return path.map(String).join('.');
  return path.map(step => `/${String(step).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}

const partWords: Record<RequestPart, string> = {
  body: 'the body',
  querystring: 'the query',
  params: 'the path',
  headers: 'the headers',
};

function sentenceOf(part: RequestPart, fields: FieldProblem[]): string {
  const [first] = fields;
  if (fields.length !== 1 || !first) return `${fields.length} fields of ${partWords[part]} are wrong.`;
  return first.pointer
    ? `${first.pointer} in ${partWords[part]}: ${first.message}`
    : `Wrong ${partWords[part].slice(4)}: ${first.message}`;
}
