import { z } from 'zod';
import { energyUnits, type MicroKwh, parseEnergy } from '../units/energy.ts';
import { type Instant, isSkipped, parseInstant, type Zone } from '../units/time.ts';
import { type Quality, qualities } from './reading.ts';
import { type FlagRule, type ReadingRules, type RuleName, severityOf } from './rules.ts';

// One sentence instead of what each of the two kinds would have had to be.
const numberOrText = z.union([z.string().max(40), z.number()], {
  error: ({ input }) =>
    input === undefined ? 'is missing' : 'is neither a number nor a string of at most 40 characters',
});
// A posted reading may name a series for the first time: what cannot be stored and found again is not a name.
const code = z.string().regex(/^[\x20-\x7e]{1,20}$/, 'printable ASCII, at most 20 characters');

const common = {
  meterPoint: z
    .string()
    .min(1)
    .max(40)
    .meta({ description: 'NMI, MPAN or the identifier it was registered with', example: 'm-0001' }),
  unit: z.enum(energyUnits).optional().meta({ description: 'kWh when absent' }),
  // A reading that is posted has a value; that there is none is said by files, which account for every interval.
  quality: z.enum(qualities).exclude(['missing']).optional().meta({ description: 'actual when absent' }),
};

/** What a register showed at an instant. */
export const registerValueInput = z
  .strictObject({
    ...common,
    at: numberOrText.meta({
      description: 'RFC 3339; without an offset in the zone of the meter point; or Unix seconds',
      example: '2026-11-21T10:30:00Z',
    }),
    value: numberOrText.meta({
      description: 'What the register showed, at most six decimals of a kWh',
      example: '123.456',
    }),
    register: code.optional().meta({ description: "The meter point's only register when absent" }),
  })
  .meta({ id: 'RegisterValue' });

/** What flowed in the interval that starts at an instant. */
export const intervalEnergyInput = z
  .strictObject({
    ...common,
    start: numberOrText.meta({
      description: 'Start of the interval, written like at',
      example: '2026-11-21T10:30:00Z',
    }),
    energy: numberOrText.meta({
      description: 'Energy of the interval, at most six decimals of a kWh',
      example: '0.512',
    }),
    channel: code.optional().meta({ description: "The meter point's only channel when absent" }),
  })
  .meta({ id: 'IntervalEnergy' });

export type RegisterValueInput = z.infer<typeof registerValueInput>;
export type IntervalEnergyInput = z.infer<typeof intervalEnergyInput>;
export type ReadingInput = RegisterValueInput | IntervalEnergyInput;

/** The schema that fits a body by the field that tells the two kinds apart, so that an error speaks of the kind that was meant. */
export function inputSchemaOf(body: unknown): typeof registerValueInput | typeof intervalEnergyInput {
  return body !== null && typeof body === 'object' && ('energy' in body || 'start' in body)
    ? intervalEnergyInput
    : registerValueInput;
}

/** Whether the reading is of a channel; else it is of a register. */
export function isIntervalEnergy(input: ReadingInput): input is IntervalEnergyInput {
  return 'energy' in input;
}

export type ParsedValue =
  | { ok: true; at: Instant; value: MicroKwh; quality: Quality; noticed: FlagRule[] }
  | {
      ok: false;
      rule: RuleName;
      code: 'timestamp-invalid' | 'value-invalid' | 'value-negative' | 'value-too-precise';
      pointer: string;
      message: string;
    };

/**
 * The input's texts as units: exact, or refused with the field that is wrong. Zone-less stamps are wall clock in `zone`. What `rules` let
 * in with a flag is noticed.
 */
export function parseInput(input: ReadingInput, zone: Zone, rules?: ReadingRules): ParsedValue {
  const [stampField, stamp, valueField, value] = isIntervalEnergy(input)
    ? (['start', input.start, 'energy', input.energy] as const)
    : (['at', input.at, 'value', input.value] as const);
  const at = parseInstant(stamp, zone);
  if (at === undefined) {
    return {
      ok: false,
      rule: 'time-unreadable',
      code: 'timestamp-invalid',
      pointer: `/${stampField}`,
      message: `${quote(stamp)} ${whyNoTime(stamp, zone)}`,
    };
  }
  const energy = parseEnergy(value, input.unit);
  if (!energy.ok) {
    const why = energy.why === 'too-large' ? 'more than any meter counts' : 'not a decimal number such as 123.456';
    const message = `${quote(value)} is ${why}`;
    return { ok: false, rule: 'not-a-number', code: 'value-invalid', pointer: `/${valueField}`, message };
  }
  const noticed: FlagRule[] = [];
  const sign = isIntervalEnergy(input) ? 'negative-energy' : 'negative-value';
  if (energy.microKwh < 0) {
    if (sign === 'negative-value' || severityOf(sign, rules) !== 'flag')
      return {
        ok: false,
        rule: sign,
        code: 'value-negative',
        pointer: `/${valueField}`,
        message: `${quote(value)} is below zero; energy to the grid has a channel of its own`,
      };
    noticed.push(sign);
  }
  if (energy.rounded) {
    if (severityOf('too-precise', rules) !== 'flag')
      return {
        ok: false,
        rule: 'too-precise',
        code: 'value-too-precise',
        pointer: `/${valueField}`,
        message: `${quote(value)} has more decimals than 0.000001 kWh`,
      };
    noticed.push('too-precise');
  }
  return { ok: true, at, value: energy.microKwh, quality: input.quality ?? 'actual', noticed };
}

function whyNoTime(stamp: string | number, zone: Zone): string {
  return isSkipped(stamp, zone)
    ? `is skipped by the clock of ${zone}: write it with its offset`
    : 'is not a time such as 2026-11-21T10:30:00Z';
}

function quote(value: string | number): string {
  return typeof value === 'number' ? String(value) : JSON.stringify(value);
}
