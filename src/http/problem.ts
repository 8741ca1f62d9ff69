import { type FieldProblem, Refusal, type RefusalCode, refusals } from '../kernel/errors.ts';
import { storageRefusal } from '../kernel/storage-errors.ts';

/** RFC 9457, plus a stable code, what to do next, the wrong fields and the request to quote. */
export interface Problem {
  type: string;
  title: string;
  status: number;
  code: RefusalCode;
  detail: string;
  advice: string;
  errors: FieldProblem[];
  request_id: string;
}

/** A refusal as RFC 9457 says it; the request's id is in the log as well. */
export function problemOf(refusal: Refusal, requestId: string): Problem {
  const { status, title, advice } = refusals[refusal.code];
  return {
    type: `/problems/${refusal.code}`,
    title,
    status,
    code: refusal.code,
    detail: refusal.message,
    advice,
    errors: refusal.fields,
    request_id: requestId,
  };
}

/** When to come back, for a no that is not about the request: a restart takes seconds. */
export function retryAfterOf({ status }: Refusal): Record<string, string> {
  return status === 503 || status === 507 ? { 'retry-after': '5' } : {};
}

/** The refusal an error stands for; undefined when it is nobody's fault but ours. */
export function refusalFrom(error: unknown): Refusal | undefined {
  if (error instanceof Refusal) return error;
  if (!(error instanceof Error)) return undefined;
  const storage = storageRefusal(error);
  if (storage) return storage;
  const { code, statusCode } = errorFacts(error);
  if (code === 'FST_ERR_BAD_URL' || code === 'FST_ERR_MAX_PARAM_LENGTH')
    return new Refusal('path-malformed', `${error.message}.`);
  const refusalCode = statusCode === undefined ? undefined : codeByStatus.get(statusCode);
  return refusalCode && new Refusal(refusalCode, `${error.message.replace(/\.$/, '')}.`);
}

// What Fastify and its plugins raise about a request before a handler sees it. A 4xx that is not listed is a bug of ours.
const codeByStatus = new Map<number, RefusalCode>([
  [400, 'body-malformed'],
  [404, 'route-unknown'],
  [405, 'method-unknown'],
  [413, 'body-too-large'],
  [415, 'media-type-unsupported'],
  [429, 'rate-limited'],
]);

function errorFacts(error: Error & { code?: unknown; statusCode?: unknown }) {
  return {
    code: typeof error.code === 'string' ? error.code : undefined,
    statusCode: typeof error.statusCode === 'number' ? error.statusCode : undefined,
  };
}
