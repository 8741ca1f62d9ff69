import type { MeterPointStore } from '../accounts/meter-point-store.ts';
import type { Consumption } from '../consumption/consumption.ts';
import type { IntervalSeries } from '../consumption/interval-series.ts';
import { Refusal } from '../kernel/errors.ts';
import { qualityCode } from '../readings/reading.ts';
import type { Days } from '../tariffs/component.ts';
import { registersOf } from '../tariffs/plan.ts';
import type { Segment } from '../tariffs/segments.ts';
import { parseEnergy } from '../units/energy.ts';
import { startOfDay, type Zone } from '../units/time.ts';
import { pricedRegisters } from './priced-registers.ts';

export interface SiteDeps {
  meterPoints: MeterPointStore;
  consumption: Pick<Consumption, 'energyOf'>;
}

/** Readings that stand in the request itself, in kWh from the first local midnight on. */
export interface InlineReadings {
  zone: Zone;
  registers: Record<string, { intervalMinutes: number; energies: (string | number | null)[] }>;
}

export interface SiteEnergy {
  zone: Zone;
  /** By the names that plans ask for. */
  registers: Map<string, IntervalSeries>;
}

/** What the segments' plans read at a meter point that nobody has a contract for. Throws 'meter-point-unknown', 'readings-missing'. */
export function energyAtMeterPoint(
  { meterPoints, consumption }: SiteDeps,
  identifier: string,
  days: Days,
  segments: Segment[],
): SiteEnergy {
  const { id, zone } = meterPoints.get(identifier);
  const period = { from: startOfDay(days.from, zone), to: startOfDay(days.to, zone) };
  const named = segments.flatMap(({ version }) => registersOf(version.plan).map(({ register }) => register));
  const energies = consumption.energyOf(id, period, named);
  if (energies.length === 0) throw new Refusal('readings-missing', `nothing was ever read at ${identifier}`);
  return { zone, registers: pricedRegisters(energies, named) };
}

/** Throws 'value-invalid' with the place of an energy that is none. A null is a hole, and stays one. */
export function energyInline({ zone, registers }: InlineReadings, { from }: Days): SiteEnergy {
  const start = startOfDay(from, zone);
  const series = Object.entries(registers).map(([name, { intervalMinutes, energies }]): [string, IntervalSeries] => [
    name,
    {
      from: start,
      stepSeconds: intervalMinutes * 60,
      energy: Float64Array.from(energies, (energy, at) =>
        energyOf(energy, `/readings/registers/${name}/energies/${at}`),
      ),
      quality: Uint8Array.from(energies, energy => qualityCode(energy === null ? 'missing' : 'actual')),
    },
  ]);
  return { zone, registers: new Map(series) };
}

function energyOf(energy: string | number | null, pointer: string): number {
  if (energy === null) return Number.NaN;
  const parsed = parseEnergy(energy);
  if (parsed.ok) return parsed.microKwh;
  throw new Refusal('value-invalid', `"${energy}" is no energy in kWh`, [{ pointer, message: 'must be kWh' }]);
}
