import type { RegisterFacts } from '../../src/accounts/register-map.ts';
import { type MicroKwh, microKwh } from '../../src/units/energy.ts';
import { type Day, instant } from '../../src/units/time.ts';

/** Facts of a register from an instant on; what is not given was not told. */
export function facts(fromAt: number, told: Partial<RegisterFacts> = {}): RegisterFacts {
  return {
    fromDay: new Date(fromAt * 1000).toISOString().slice(0, 10) as Day,
    fromAt: instant(fromAt),
    multiplierMicro: undefined,
    digits: undefined,
    kind: undefined,
    quantity: '',
    configuration: '',
    timePattern: '',
    exchange: undefined,
    versionAt: instant(0),
    source: 0,
    line: 0,
    ...told,
  };
}

export function kWh(value: number): MicroKwh {
  return microKwh(Math.round(value * 1e6));
}
