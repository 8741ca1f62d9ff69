import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { Guard } from '../access/guard.ts';
import { strictQuery, validatorOf } from '../http/schemas.ts';
import { periodInQuery } from '../http/time-in-query.ts';
import { Refusal } from '../kernel/errors.ts';
import { asKnownAt, knownAtIn } from '../readings/known-at.ts';
import { postReadings } from '../readings/post-readings.ts';
import type { ReadingInput } from '../readings/reading-input.ts';
import type { ReadingRouteDeps } from '../readings/reading-routes.ts';
import { instantOfMs, parseInstant } from '../units/time.ts';
import type { ReadingNoteStore } from './reading-note-store.ts';

const meterId = z.string().min(1).max(40);
const timestamp = z.string().max(40);
const decimal = z.union([z.string().max(40), z.number()]);
const word = z.string().max(40);

const shown = {
  current_value: decimal,
  instant_usage: z.number().optional(),
  unit: z.enum(['kWh', 'Wh', 'MWh']).optional(),
};
const powerQuality = z.strictObject({ voltage: z.number(), frequency: z.number(), power_factor: z.number() }).partial();
const status = z
  .strictObject({ battery_level: z.number(), signal_strength: z.number(), error_flags: z.array(word).max(50) })
  .partial();
const register = {
  meter_id: meterId,
  timestamp,
  customer_id: word.optional(),
  reading_type: word.optional(),
};

/** A register's value with what the meter says of itself, in groups. */
const nested = z.strictObject({ ...register, reading: z.strictObject(shown), power_quality: powerQuality, status });

/** The same without the groups, as that system kept it. */
const flattened = z.strictObject({ ...register, ...shown, ...powerQuality.shape, ...status.shape });

/** Energy of the interval that starts at recorded_at. */
const record = z.strictObject({
  record_id: word.optional(),
  meter_id: meterId,
  recorded_at: timestamp,
  consumption_kWh: decimal,
  voltage: z.number().optional(),
  current: z.number().optional(),
});

const stored = z.object({ message: z.string(), location: z.string() });

/** So that pages of other hosts may send and read: with a key, for no cookie counts here. Also of a no, which they could not read otherwise. */
async function allowAnyOrigin(_request: FastifyRequest, reply: FastifyReply): Promise<void> {
  reply.header('access-control-allow-origin', '*');
}

/** POST /readings for meters that speak the cloud pipeline's JSON; what is not energy is kept and read back by meter or at its location. */
export function registerCloudReadingRoutes(
  root: FastifyInstance,
  deps: ReadingRouteDeps & { notes: ReadingNoteStore },
  guard: Guard,
): void {
  const app = root.withTypeProvider<ZodTypeProvider>();
  app.post('/readings', {
    schema: {
      tags: ['power consumption API'],
      summary: 'Post one reading with its power quality',
      description: '201 when it is new, 200 when it was known already; location is where it can be read back.',
      body: z.union([nested, flattened, record]),
      response: { 200: stored, 201: stored, 202: z.object({ message: z.string() }) },
    },
    // By the shape that was meant, so that an error names its field.
    validatorCompiler: part =>
      part.httpPart === 'body' ? value => validatorOf({ ...part, schema: schemaOf(value) })(value) : validatorOf(part),
    logLevel: 'warn',
    onRequest: [allowAnyOrigin, guard.needsScope('readings:write')],
    handler: async (request, reply) => {
      const { input, kind, stamp, note, places } = readingOf(request.body);
      const [verdict] = await postReadings(deps, [input], deps.sources.idOf('api-key', request.apiKey!.name));
      if (verdict!.verdict === 'rejected') {
        const { code, pointer, message } = verdict!;
        throw new Refusal(code, message, [{ pointer: places[pointer] ?? '', message }]);
      }
      if (verdict!.verdict === 'conflict')
        throw new Refusal('reading-conflict', 'Another reading is recorded for this timestamp; both are kept');
      if (verdict!.verdict === 'quarantined')
        return reply.code(202).send({
          message: `Reading put in quarantine: ${verdict!.message}; send it again when it is let in, and what it says beside its energy is kept as well`,
        });
      const { id: meterPointId, zone } = deps.meterPoints.get(input.meterPoint);
      const at = parseInstant(stamp, zone)!;
      const receivedAt = instantOfMs(deps.clock.now());
      const id = deps.notes.add({ meterPointId, kind, at, note: JSON.stringify(note), receivedAt });
      const location = `/readings/${id}`;
      return reply
        .code(verdict!.verdict === 'accepted' ? 201 : 200)
        .header('location', location)
        .send({ message: 'Reading stored successfully', location });
    },
  });
  for (const url of ['/readings', '/readings/:id'])
    app.options(url, { schema: { hide: true }, onRequest: allowAnyOrigin }, (_request, reply) =>
      reply
        .code(204)
        .headers({
          'access-control-allow-methods': url === '/readings' ? 'GET, POST' : 'GET',
          'access-control-allow-headers': 'authorization, content-type, idempotency-key',
          'access-control-max-age': '86400',
        })
        .send(),
    );
  app.get('/readings', {
    schema: {
      tags: ['power consumption API'],
      summary: 'Posted readings of a meter, flat, as they came',
      description:
        'With their power quality, newest first, in [from, to); with as_known_at those that had come by then. What a meter said is never changed.',
      querystring: strictQuery({
        meter_id: meterId,
        from: timestamp.optional().meta({ example: '2026-11-01T00:00:00Z' }),
        to: timestamp.optional().meta({ example: '2026-12-01T00:00:00Z' }),
        as_known_at: asKnownAt,
        limit: z.coerce.number().int().min(1).max(1000).default(100),
      }),
      response: { 200: z.object({ data: z.array(z.looseObject({ location: z.string() })) }) },
    },
    onRequest: [allowAnyOrigin, guard.needsScope('readings:read')],
    handler: async ({ query: { meter_id: identifier, from, to, as_known_at, limit } }) => {
      const { id, zone } = deps.meterPoints.get(identifier);
      const period = periodInQuery({ from, to }, zone);
      const notes = deps.notes.list(id, { ...period, limit, knownAt: knownAtIn(as_known_at, zone) });
      const show = (said: Record<string, unknown>, number: number) => ({ location: `/readings/${number}`, ...said });
      return { data: notes.map(({ id: number, note }) => show(JSON.parse(note), number)) };
    },
  });
  app.get('/readings/:id', {
    schema: {
      tags: ['power consumption API'],
      summary: 'A posted reading, flat, as it came',
      params: z.object({ id: z.coerce.number().int() }),
      response: { 200: z.looseObject({ meter_id: z.string() }) },
    },
    onRequest: [allowAnyOrigin, guard.needsScope('readings:read')],
    handler: async (request): Promise<{ meter_id: string }> => {
      const note = deps.notes.find(request.params.id);
      if (!note) throw new Refusal('route-unknown', `There is no reading ${request.params.id}.`);
      return JSON.parse(note);
    },
  });
}

function schemaOf(body: unknown): typeof nested | typeof flattened | typeof record {
  if (body === null || typeof body !== 'object') return nested;
  if ('recorded_at' in body || 'consumption_kWh' in body) return record;
  return 'current_value' in body ? flattened : nested;
}

/** Where a sender's own shape has what a verdict points at. */
type Places = Record<string, string>;
const placesInRecord: Places = { '/meterPoint': '/meter_id', '/start': '/recorded_at', '/energy': '/consumption_kWh' };
const placesInFlattened: Places = { '/meterPoint': '/meter_id', '/at': '/timestamp', '/value': '/current_value' };
const placesInNested: Places = { ...placesInFlattened, '/value': '/reading/current_value' };

function readingOf(body: z.infer<typeof nested> | z.infer<typeof flattened> | z.infer<typeof record>) {
  if ('recorded_at' in body) {
    const { meter_id: meterPoint, recorded_at, consumption_kWh: energy } = body;
    const stamp = wholeSecond(recorded_at);
    const input: ReadingInput = { meterPoint, start: stamp, energy };
    return { input, kind: 'channel' as const, stamp, note: body, places: placesInRecord };
  }
  const { meter_id: meterPoint, timestamp: saidAt, customer_id: _customer, reading_type: _type, ...rest } = body;
  const stamp = wholeSecond(saidAt);
  const said = 'reading' in rest ? { ...rest.reading, ...rest.power_quality, ...rest.status } : rest;
  const input: ReadingInput = { meterPoint, at: stamp, value: said.current_value, unit: said.unit };
  const note = { meter_id: meterPoint, timestamp: saidAt, ...said };
  const places = 'reading' in rest ? placesInNested : placesInFlattened;
  return { input, kind: 'register' as const, stamp, note, places };
}

/** Python's isoformat says microseconds, which no register is read at: the second that has begun is meant. */
function wholeSecond(stamp: string): string {
  return stamp.replace(/(T\d\d:\d\d:\d\d)\.\d+/, '$1');
}
