import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { Guard } from '../access/guard.ts';
import type { AccountStore } from '../accounts/account-store.ts';
import type { MeterPoint } from '../accounts/meter-point.ts';
import type { Consumption, SeriesEnergy } from '../consumption/consumption.ts';
import { consumptionKnown } from '../consumption/consumption-known.ts';
import { findPeriod, type NamedPeriod, namedPeriods, periodOf } from '../consumption/named-period.ts';
import { registerPeriod } from '../consumption/register-period.ts';
import { line } from '../http/schemas.ts';
import type { Database } from '../kernel/database.ts';
import { Refusal } from '../kernel/errors.ts';
import { asKnownAt, knownAtIn, knownReadings } from '../readings/known-at.ts';
import { postReadings } from '../readings/post-readings.ts';
import { parseInput } from '../readings/reading-input.ts';
import type { ReadingRouteDeps } from '../readings/reading-routes.ts';
import { severityOf } from '../readings/rules.ts';
import { formatKwh, type MicroKwh } from '../units/energy.ts';
import { formatWallClock, instantOfMs, minuteOfDay, type Period, parseInstant, type Zone } from '../units/time.ts';
import { answerInDetail, docsOf, readParameters, takeEmptyBodies } from './predecessor-api.ts';

export interface CompatDeps extends ReadingRouteDeps {
  database: Database;
  accounts: AccountStore;
  consumption: Consumption;
  zone: Zone;
}

const text = line.min(1);
const meterId = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$/, 'letters, digits . _ -, at most 40');

const accountInput = z.strictObject({ owner_name: text, address: text, meter_id: meterId });
const readingInput = z.strictObject({
  meter_id: meterId,
  timestamp: z.string().max(40),
  reading: z.union([z.string().max(40), z.number()]),
});
const consumptionInput = z.strictObject({ meter_id: meterId, period: z.string(), as_known_at: asKnownAt });
const billInput = z.strictObject({ meter_id: meterId, as_known_at: asKnownAt });

/**
 * The paths, parameters and answers of the power consumption management API, for meters and scripts that already speak it: parameters
 * as query string or JSON body, errors as {"detail": …}, but with status codes that tell the truth.
 */
export function registerPowerConsumptionRoutes(root: FastifyInstance, deps: CompatDeps, guard: Guard): void {
  root.register(async scope => {
    answerInDetail(scope);
    takeEmptyBodies(scope);
    const app = scope.withTypeProvider<ZodTypeProvider>();

    app.post('/register_account', {
      schema: docsOf('Register an account with its meter', accountInput),
      onRequest: guard.needsScope('accounts:write'),
      handler: async request => registerAccount(deps, readParameters(accountInput, request)),
    });
    app.post('/receive_meter_reading', {
      schema: docsOf('Record a register value', readingInput),
      logLevel: 'warn',
      onRequest: guard.needsScope('readings:write'),
      handler: async request =>
        receiveReading(deps, readParameters(readingInput, request), deps.sources.idOf('api-key', request.apiKey!.name)),
    });
    app.get('/get_consumption', {
      schema: docsOf(`Consumption of a period of today: ${namedPeriods.join(', ')}`, consumptionInput),
      onRequest: guard.needsScope('readings:read'),
      handler: async request => getConsumption(deps, readParameters(consumptionInput, request)),
    });
    app.get('/get_last_month_bill', {
      schema: docsOf("Last month's consumption for billing", billInput),
      onRequest: guard.needsScope('bills:read'),
      handler: async request => getLastMonthBill(deps, readParameters(billInput, request)),
    });
  });
}

function registerAccount(
  { database, accounts, meterPoints, zone, clock }: CompatDeps,
  input: z.infer<typeof accountInput>,
) {
  const { owner_name: name, address, meter_id: identifier } = input;
  if (meterPoints.find(identifier) || accounts.find(identifier)) {
    throw new Refusal('meter-id-taken', `Meter ID ${identifier} already exists`);
  }
  const now = instantOfMs(clock.now());
  database
    .transaction(() => {
      // The meter's id is all the caller names, so it is the number of the account as well.
      accounts.add({ number: identifier, name, businessNumber: '', email: '', phone: '', postalAddress: address }, now);
      meterPoints.add({ identifier, address, zone, origin: 'registered' }, now);
    })
    .immediate();
  return { meter_id: identifier, message: 'Account successfully created' };
}

async function receiveReading(deps: CompatDeps, input: z.infer<typeof readingInput>, source: number) {
  const { meter_id: identifier, timestamp, reading } = input;
  const meterPoint = deps.meterPoints.find(identifier);
  if (!meterPoint && severityOf('meter-point-unknown', deps.rules) !== 'quarantine')
    throw new Refusal('meter-point-unknown', `Meter ID ${identifier} not found`);
  const zone = meterPoint?.zone ?? deps.zone;
  const at = parseInstant(timestamp, zone);
  if (at === undefined) throw wrongField('timestamp-invalid', 'timestamp', 'Input should be a valid datetime');
  if (at % 60 !== 0 || minuteOfDay(at, zone) % 30 !== 0) {
    throw new Refusal('timestamp-off-half-hour', 'Timestamp must be on the hour or half hour');
  }
  if (!meterPoint) {
    // What will never be a reading is said now, and not when somebody registers the meter.
    const parsed = parseInput({ meterPoint: identifier, at, value: reading }, zone, deps.rules);
    if (!parsed.ok && severityOf(parsed.rule, deps.rules) === 'reject')
      throw wrongField(parsed.code, 'reading', parsed.message);
    await postReadings(deps, [{ meterPoint: identifier, at: timestamp, value: reading }], source);
    return { success: true, message: 'Reading put in quarantine: the meter is not registered', quarantined: true };
  }
  const [verdict] = await postReadings(deps, [{ meterPoint: identifier, at, value: reading }], source);
  switch (verdict!.verdict) {
    case 'accepted':
      return { success: true, message: 'Reading recorded successfully' };
    case 'duplicate':
      return { success: true, message: 'Reading recorded successfully', duplicate: true };
    case 'conflict':
      throw new Refusal(
        'reading-conflict',
        `Another reading (${formatKwh(verdict!.existing.value)}) is recorded for this timestamp; both are kept`,
      );
    case 'quarantined':
      return { success: true, message: `Reading put in quarantine: ${verdict!.message}`, quarantined: true };
    case 'rejected':
      if (verdict!.code === 'reading-goes-backwards')
        throw new Refusal(verdict!.code, `Reading must be continuously increasing: ${verdict!.message}`);
      throw wrongField(verdict!.code, verdict!.pointer === '/at' ? 'timestamp' : 'reading', verdict!.message);
  }
}

function getConsumption(
  deps: CompatDeps,
  { meter_id: identifier, period, as_known_at }: z.infer<typeof consumptionInput>,
) {
  const meterPoint = deps.meterPoints.find(identifier);
  if (!meterPoint) throw new Refusal('meter-point-unknown', `Meter ID ${identifier} not found`);
  const name = findPeriod(period);
  if (!name) throw new Refusal('period-unknown', `Invalid period: "${period}" is none of ${namedPeriods.join(', ')}`);
  return { meter_id: identifier, period, ...measure(deps, meterPoint, name, as_known_at) };
}

function getLastMonthBill(deps: CompatDeps, { meter_id: identifier, as_known_at }: z.infer<typeof billInput>) {
  const meterPoint = deps.meterPoints.find(identifier);
  if (!meterPoint) throw new Refusal('meter-point-unknown', `Meter ID ${identifier} not found`);
  const { from } = periodOf('last_month', instantOfMs(deps.clock.now()), meterPoint.zone);
  const period = formatWallClock(from, meterPoint.zone).slice(0, 7);
  return {
    meter_id: identifier,
    period,
    ...measure(deps, meterPoint, 'last_month', as_known_at),
    success: true,
    message: `Bill for ${period}`,
  };
}

/** Sums what came from the grid; a meter point with several registers shows the ends of none. */
function measure(
  deps: CompatDeps,
  { id: meterPointId, zone }: MeterPoint,
  name: NamedPeriod,
  asKnownText: string | undefined,
) {
  const { meterPoints, index, clock } = deps;
  const knownAt = knownAtIn(asKnownText, zone);
  const period = periodOf(name, instantOfMs(clock.now()), zone);
  const series = meterPoints.listSeriesAsKnown(meterPointId, knownAt).filter(each => each.flow === 'from-grid');
  const [only] = series;
  if (only && series.length === 1 && only.kind === 'register') {
    const counted = registerPeriod(knownReadings(index, knownAt), only, period);
    if (!counted) throw noReadings(name);
    return {
      start_reading: asNumber(counted.start.value),
      end_reading: asNumber(counted.end.value),
      consumption: asNumber(counted.consumption),
      start_time: formatWallClock(counted.start.at, zone),
      end_time: formatWallClock(counted.end.at, zone),
      estimated: counted.estimated,
    };
  }
  const energies = consumptionKnown(deps, knownAt).energyOf(meterPointId, period);
  return sumIntervals(energies, new Set(series.map(({ id }) => id)), name, period, zone);
}

function sumIntervals(
  energies: readonly SeriesEnergy[],
  wanted: ReadonlySet<number>,
  name: NamedPeriod,
  { from, to }: Period,
  zone: Zone,
) {
  let [total, known, slots] = [0, 0, 0];
  for (const { series, energy } of energies) {
    if (!wanted.has(series.id)) continue;
    slots += energy.energy.length;
    // Not for…of, whose iterator takes three times as long for a month.
    for (let slot = 0; slot < energy.energy.length; slot++) {
      const value = energy.energy[slot]!;
      if (Number.isNaN(value)) continue;
      known += 1;
      total += value;
    }
  }
  if (known === 0) throw noReadings(name);
  return {
    start_reading: null,
    end_reading: null,
    consumption: total / 1e6,
    start_time: formatWallClock(from, zone),
    end_time: formatWallClock(to, zone),
    estimated: known < slots,
  };
}

function noReadings(name: NamedPeriod): Refusal {
  return new Refusal('readings-missing', `Fewer than two readings are known for ${name}`);
}

/** The predecessor's answers hold JSON numbers; six decimals of a kWh survive that up to nine digits before the point. */
function asNumber(energy: MicroKwh): number {
  return Number(formatKwh(energy));
}

function wrongField(code: Refusal['code'], pointer: string, message: string): Refusal {
  return new Refusal(code, message, [{ pointer, message }]);
}
