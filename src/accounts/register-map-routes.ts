import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { Guard } from '../access/guard.ts';
import type { Clock } from '../kernel/clock.ts';
import { Refusal } from '../kernel/errors.ts';
import { formatKwh, type MicroKwh, microKwh, parseEnergy } from '../units/energy.ts';
import {
  dayOf,
  formatLocal,
  type Instant,
  instantOfMs,
  parseDay,
  parseInstant,
  startOfDay,
  type Zone,
} from '../units/time.ts';
import type { MeterPoint, Series } from './meter-point.ts';
import type { MeterPointStore } from './meter-point-store.ts';
import { type RegisterFacts, type RegisterMap, registerKinds, withoutRepeats } from './register-map.ts';

export interface RegisterMapRouteDeps {
  meterPoints: MeterPointStore;
  clock: Clock;
  /** The reading that came before somebody told of the exchange at `at`, and that this contradicts. */
  contradicted: (series: Series, at: Instant) => { at: Instant; value: MicroKwh } | undefined;
}

const decimal = z.string().max(20);
const which = {
  register: z.string().min(1).max(20).meta({ description: 'Code of the register', example: '01' }),
  meter: z
    .string()
    .max(40)
    .optional()
    .meta({ description: 'Serial, where several meters have a register of that code' }),
};
const counting = {
  multiplier: decimal.optional().meta({ description: 'kWh that one unit on the dial stands for', example: '40' }),
  digits: z.int().min(1).max(9).optional().meta({ description: 'Before the point: 5 digits go from 99999 to 0' }),
};
const told = z
  .strictObject({
    ...which,
    from: z.string().meta({ description: 'First day, local at the meter point', example: '2026-11-01' }),
    ...counting,
    kind: z.enum(registerKinds).optional(),
    quantity: z.enum(['AI', 'AE', 'RI', 'RE']).optional().meta({ description: 'Active or reactive, import or export' }),
    timePattern: z.string().max(5).optional().meta({ description: 'Time pattern regime', example: '00001' }),
  })
  .meta({ id: 'RegisterFacts' });
const exchange = z
  .strictObject({
    ...which,
    at: z.string().max(40).meta({ description: 'When; without an offset in the zone of the meter point' }),
    finalValue: decimal.meta({ description: 'What the old meter showed last', example: '48211.4' }),
    firstValue: decimal.meta({ description: 'What the new meter showed first', example: '0' }),
    ...counting,
  })
  .meta({ id: 'MeterExchange' });
const anyObject = z.looseObject({});

/** /v1/meter-points/:id/register-map and …/exchanges: what the files of technical details tell, for meters that have none. */
export function registerRegisterMapRoutes(root: FastifyInstance, deps: RegisterMapRouteDeps, guard: Guard): void {
  const app = root.withTypeProvider<ZodTypeProvider>();
  const { meterPoints, clock, contradicted } = deps;
  const params = z.object({ id: z.string() });
  const now = () => instantOfMs(clock.now());
  const tell = (meterPoint: MeterPoint, series: Series, facts: RegisterFacts) => {
    const outcome = meterPoints.addTogether(() => meterPoints.addRegisterFacts(series, facts, now()));
    const map = meterPoints.listSeries(meterPoint.id).find(({ id }) => id === series.id)?.map ?? [];
    return { register: series.code, meter: series.serial, outcome, map: showRegisterMap(map, meterPoint.zone) };
  };

  app.put('/v1/meter-points/:id/register-map', {
    schema: {
      tags: ['meter points'],
      summary: 'Tell how a register counts, from a day on',
      description:
        'Multiplier, digits, quantity, kind and time pattern: what is left out stays as it was. Facts are added and never edited; for the same day the newest stand. Before the first day told, what was told first holds.',
      params,
      body: told,
      response: { 200: anyObject },
    },
    onRequest: guard.needsScope('accounts:write'),
    handler: async ({ params: { id }, body }) => {
      const meterPoint = meterPoints.get(id);
      const series = registerNamed(meterPoints, meterPoint, body);
      const day = parseDay(body.from);
      if (!day) throw invalid('/from', `"${body.from}" is not a day such as 2026-11-01`);
      const { register: _register, meter: _meter, from: _from, ...rest } = body;
      if (Object.keys(rest).length === 0)
        throw invalid('', 'nothing is told: give at least one of multiplier, digits …');
      return tell(meterPoint, series, {
        ...nothing,
        ...countingOf(body),
        fromDay: day,
        fromAt: startOfDay(day, meterPoint.zone),
        kind: body.kind,
        quantity: body.quantity ?? '',
        timePattern: body.timePattern ?? '',
        versionAt: now(),
      });
    },
  });

  app.post('/v1/meter-points/:id/exchanges', {
    schema: {
      tags: ['meter points'],
      summary: 'Tell that a meter was exchanged',
      description:
        'For readings that go on under the same register code: the old dial ends with finalValue, the new one begins with firstValue, and readings are held against those of their own dial only. `contradicted` is a reading that came before and is above finalValue or below firstValue: correct one of them, for no energy is known between the two.',
      params,
      body: exchange,
      response: { 201: anyObject },
    },
    onRequest: guard.needsScope('accounts:write'),
    handler: async ({ params: { id }, body }, reply) => {
      const meterPoint = meterPoints.get(id);
      const series = registerNamed(meterPoints, meterPoint, body);
      const at = parseInstant(body.at, meterPoint.zone);
      if (at === undefined) throw invalid('/at', `"${body.at}" is not a time such as 2026-11-21T10:30:00Z`);
      const exchanged = {
        finalValue: dialValueOf(body.finalValue, '/finalValue'),
        firstValue: dialValueOf(body.firstValue, '/firstValue'),
      };
      const fromDay = dayOf(at, meterPoint.zone);
      const facts = { ...nothing, ...countingOf(body), fromDay, fromAt: at, exchange: exchanged, versionAt: now() };
      const answer = tell(meterPoint, series, facts);
      const told = registerNamed(meterPoints, meterPoint, { ...body, meter: series.serial });
      const reading = contradicted(told, at);
      const shown = reading && { at: formatLocal(reading.at, meterPoint.zone), value: formatKwh(reading.value) };
      return reply.code(201).send({ ...answer, ...(shown && { contradicted: shown }) });
    },
  });
}

/** As the API shows what was told: decimals as text, only what each telling said. */
export function showRegisterMap(map: RegisterMap, zone: Zone) {
  return withoutRepeats(map).map(
    ({ fromDay, fromAt, multiplierMicro, digits, kind, quantity, timePattern, ...rest }) => ({
      from: rest.exchange ? formatLocal(fromAt, zone) : fromDay,
      ...(multiplierMicro !== undefined && { multiplier: formatKwh(microKwh(multiplierMicro)) }),
      ...(digits !== undefined && { digits }),
      ...(kind && { kind }),
      ...(quantity && { quantity }),
      ...(rest.configuration && { configuration: rest.configuration }),
      ...(timePattern && { timePattern }),
      ...(rest.exchange && {
        exchange: {
          finalValue: formatKwh(rest.exchange.finalValue),
          firstValue: formatKwh(rest.exchange.firstValue),
        },
      }),
    }),
  );
}

const nothing = {
  multiplierMicro: undefined,
  digits: undefined,
  kind: undefined,
  quantity: '',
  configuration: '',
  timePattern: '',
  exchange: undefined,
  source: 0,
  line: 0,
};

function registerNamed(
  meterPoints: MeterPointStore,
  { id, identifier }: MeterPoint,
  { register, meter }: { register: string; meter?: string | undefined },
): Series {
  const named = meterPoints
    .listSeries(id)
    .filter(({ kind, code, serial }) => kind === 'register' && code === register && (meter ?? serial) === serial);
  if (named.length === 1) return named[0]!;
  const why =
    named.length === 0
      ? `meter point ${identifier} has no register ${register}${meter === undefined ? '' : ` on a meter ${meter}`}`
      : `${named.length} meters at ${identifier} have a register ${register}: name the meter`;
  throw new Refusal('series-unknown', why, [{ pointer: named.length === 0 ? '/register' : '/meter', message: why }]);
}

function countingOf({ multiplier, digits }: { multiplier?: string | undefined; digits?: number | undefined }) {
  if (multiplier === undefined) return { digits, multiplierMicro: undefined };
  const parsed = parseEnergy(multiplier);
  // A factor of a million already leaves the range in which a dial of nine digits is exact.
  if (!parsed.ok || parsed.rounded || parsed.microKwh <= 0 || parsed.microKwh > 1e12)
    throw invalid('/multiplier', `"${multiplier}" is not a factor above 0, up to 1000000, of at most six decimals`);
  return { digits, multiplierMicro: parsed.microKwh };
}

function dialValueOf(text: string, pointer: string): MicroKwh {
  const parsed = parseEnergy(text);
  if (parsed.ok && !parsed.rounded && parsed.microKwh >= 0) return parsed.microKwh;
  throw invalid(pointer, `"${text}" is not a value that a register shows`);
}

function invalid(pointer: string, message: string): Refusal {
  return new Refusal('body-invalid', `${pointer}: ${message}`, [{ pointer, message }]);
}
