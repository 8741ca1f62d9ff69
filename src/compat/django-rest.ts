import type { FastifyError, FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { retryAfterOf } from '../http/problem.ts';
import { loggedRefusal } from '../http/problems.ts';
import { strictQuery } from '../http/schemas.ts';
import type { Order, Orders } from '../kernel/database.ts';
import { Refusal } from '../kernel/errors.ts';
import {
  addDays,
  type Instant,
  instant,
  isSkipped,
  parseDay,
  parseInstant,
  startOfDay,
  type Zone,
} from '../units/time.ts';

export const rowsPerPage = 100;

/** How the D0010 importer's API says no: {"detail": …}, or {"PARAMETER": ["sentence"]} for wrong parameters; a wrong query is a 400. */
export function answerAsDjango(scope: FastifyInstance): void {
  scope.addHook('preValidation', async request => dropWhatSaysNothing(request));
  scope.setErrorHandler((error: FastifyError, request, reply) => {
    const refusal = loggedRefusal(error, request.log);
    if (!refusal) throw error;
    const { fields, message } = refusal;
    return reply
      .code(refusal.code === 'body-invalid' ? 400 : refusal.status)
      .headers(retryAfterOf(refusal))
      .send(
        fields.length > 0
          ? Object.fromEntries(fields.map(each => [each.pointer, [each.message]]))
          : { detail: message },
      );
  });
}

/** The form of a filter sends all its fields, the empty ones too. A scope's own parameters are meant: another one stays, and is refused. */
function dropWhatSaysNothing({ query, routeOptions }: FastifyRequest): void {
  const known = routeOptions.schema?.querystring;
  if (!(known instanceof z.ZodObject) || !isRecord(query)) return;
  for (const name of Object.keys(known.shape)) if (query[name] === '') delete query[name];
  // There is no other form.
  if (query.format === 'json') delete query.format;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

/** Query parameters of a list: its filters, and what every list takes. `orders` may stand with a minus in front. */
export function listQuery<Shape extends z.ZodRawShape, Order extends string>(shape: Shape, orders: readonly Order[]) {
  return strictQuery({
    ...shape,
    search: z.string().max(100).optional().meta({ description: 'Words, each of them part of a name, serial or MPAN' }),
    ordering: z
      .string()
      .max(200)
      .refine(text => namesIn(text).every(name => orders.some(order => order === name.replace(/^-/, ''))), {
        error: `Order by ${orders.join(', ')}, several with commas between, each with a minus in front to turn it around.`,
      })
      .optional()
      .meta({
        description: `${orders.join(', ')}: several with commas between; a minus in front of one turns it around`,
        example: `-${orders[0]}${orders[1] ? `,${orders[1]}` : ''}`,
      }),
    page: z.string().max(20).default('1').meta({ description: 'From 1, or last; a page that is not there is a 404' }),
  });
}

/** "2026-11-21", a whole day; or a moment, zone-less on the wall clock of the site. */
export const dayOrMoment = z.string().max(40);

/** The first instant of it. Throws a 400 that names the parameter. */
export function beginOf(text: string | undefined, name: string, zone: Zone): Instant | undefined {
  if (text === undefined) return undefined;
  const day = parseDay(text);
  if (day) return startOfDay(day, zone);
  const at = parseInstant(text, zone);
  if (at !== undefined) return at;
  const message = isSkipped(text, zone)
    ? `The clock of ${zone} skips ${text}: write it with its offset.`
    : 'Enter a valid date/time.';
  throw new Refusal('body-invalid', `${name} is no date`, [{ pointer: name, message }]);
}

/** The first instant after it. */
export function endOf(text: string | undefined, name: string, zone: Zone): Instant | undefined {
  const day = parseDay(text ?? '');
  if (day) return startOfDay(addDays(day, 1), zone);
  const at = beginOf(text, name, zone);
  return at === undefined ? undefined : instant(at + 1);
}

export function envelope<Row extends z.ZodType>(row: Row) {
  return z.object({
    count: z.int(),
    next: z.string().nullable(),
    previous: z.string().nullable(),
    results: z.array(row),
  });
}

/** One page of `count` rows with the addresses of its neighbours. Throws a 404 for a page that is not there. */
export function pageOf<Row>(
  request: FastifyRequest,
  asked: string,
  count: number,
  rows: (offset: number) => Row[],
  publicUrl: string,
) {
  const last = Math.max(1, Math.ceil(count / rowsPerPage));
  const page = asked === 'last' ? last : /^\d{1,9}$/.test(asked) ? Number(asked) : 0;
  if (page < 1 || page > last) throw new Refusal('route-unknown', 'Invalid page.');
  const addressOf = (to: number) => {
    const url = new URL(request.url, originOf(request, publicUrl));
    if (to === 1) url.searchParams.delete('page');
    else url.searchParams.set('page', String(to));
    return url.href;
  };
  return {
    count,
    next: page < last ? addressOf(page + 1) : null,
    previous: page > 1 ? addressOf(page - 1) : null,
    results: rows((page - 1) * rowsPerPage),
  };
}

/** How whoever asks speaks with us: what addresses in an answer begin with. */
export function originOf({ protocol, host }: FastifyRequest, publicUrl: string): string {
  return publicUrl.replace(/\/$/, '') || `${protocol}://${host}`;
}

/** "-reading_date,reading_value" as columns and their directions. */
export function ordersOf<By extends string>(
  ordering: string | undefined,
  columns: Readonly<Record<string, By>>,
  fallback: Order<By>,
): Orders<By> {
  const [first, ...more] = namesIn(ordering ?? '').flatMap(name => {
    const by = columns[name.replace(/^-/, '')];
    return by === undefined ? [] : [{ by, descending: name.startsWith('-') }];
  });
  return first ? [first, ...more] : [fallback];
}

function namesIn(ordering: string): string[] {
  return ordering
    .split(',')
    .map(name => name.trim())
    .filter(Boolean);
}
