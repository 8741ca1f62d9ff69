import { z } from 'zod';
import { Refusal } from '../kernel/errors.ts';
import { formatKwh, type MicroKwh, microKwh, parseEnergy } from '../units/energy.ts';
import type { IntervalRun } from './format.ts';
import { type ImportProblem, problemAt } from './problem.ts';

/** What somebody expects of a file; null is not said. */
export interface ExpectedTotal {
  /** Of all its channels that count kWh, whichever way the energy went. */
  energy: MicroKwh | null;
  /** Intervals that have a value, and values of registers. */
  readings: number | null;
}

/** One of both, held against what the file says. */
export const comparedTotal = z.object({
  of: z.enum(['energy', 'readings']),
  expected: z.string().meta({ description: 'kWh as a decimal, or a count' }),
  found: z.string().meta({ description: 'What the file says, whatever was known or rejected of it' }),
  difference: z.string().meta({ description: 'Found less expected; 0 when they are equal' }),
});
export type ComparedTotal = z.infer<typeof comparedTotal>;

/** As a query, a form or a command says it; '' and nothing are not said. Throws 'value-invalid'. */
export function readExpectedTotal(kwh: string | undefined, readings: string | undefined): ExpectedTotal | undefined {
  const expected = { energy: readEnergy(kwh?.trim() ?? ''), readings: readCount(readings?.trim() ?? '') };
  return expected.energy === null && expected.readings === null ? undefined : expected;
}

/** Throws 'body-invalid': a total of several files together says nothing of each. */
export function assertOneFile(expected: ExpectedTotal | undefined, files: number): void {
  if (!expected || files === 1) return;
  throw new Refusal('body-invalid', `An expected total is of one file, or of one zip; ${files} files were sent.`);
}

// As in totals.ts: a run of a million of these would be needed to leave what a double holds exactly.
const exactlyAdded = 2 ** 32;

/** Adds up what a file says, before anything is decided of it. */
export class FileTotal {
  #energy = 0n;
  #readings = 0;

  addRun({ channel, energies }: IntervalRun): void {
    let exact = 0;
    for (const value of energies) {
      if (Number.isNaN(value)) continue;
      this.#readings += 1;
      if (!channel.isEnergy) continue;
      if (Math.abs(value) < exactlyAdded) exact += value;
      else this.#energy += BigInt(value);
    }
    this.#energy += BigInt(exact);
  }

  addReading(): void {
    this.#readings += 1;
  }

  compare({ energy, readings }: ExpectedTotal): ComparedTotal[] {
    const found = microKwh(Number(this.#energy));
    return [
      ...(energy === null ? [] : [{ of: 'energy' as const, ...said(energy, found, formatKwh) }]),
      ...(readings === null ? [] : [{ of: 'readings' as const, ...said(readings, this.#readings, String) }]),
    ];
  }
}

/** Rule expected-total: a warning, and with strict reading a refusal of the whole file. */
export function expectedProblems(compared: readonly ComparedTotal[], strict: boolean): ImportProblem[] {
  return compared
    .filter(({ difference }) => difference !== '0')
    .map(({ of, expected, found, difference }) => {
      const unit = of === 'energy' ? ' kWh' : ' readings';
      const by = difference.startsWith('-') ? `${difference.slice(1)}${unit} less` : `${difference}${unit} more`;
      return problemAt('', 0, {
        rule: 'expected-total',
        severity: strict ? 'error' : 'warning',
        field: of,
        raw: found,
        says: `the file has ${found}${unit} in all and ${expected} were expected: ${by}`,
        action: strict ? 'rejected' : 'ignored',
      });
    });
}

function said<T extends number>(expected: T, found: T, words: (value: T) => string) {
  // A difference of two of a kind is of that kind.
  return { expected: words(expected), found: words(found), difference: words((found - expected) as T) };
}

function readEnergy(text: string): MicroKwh | null {
  if (text === '') return null;
  const parsed = parseEnergy(text);
  if (parsed.ok && parsed.microKwh >= 0) return parsed.microKwh;
  throw invalid('expected_kwh', `"${text}" is no energy in kWh such as 1234.5`);
}

function readCount(text: string): number | null {
  if (text === '') return null;
  if (/^\d{1,12}$/.test(text)) return Number(text);
  throw invalid('expected_readings', `"${text}" is no count of readings such as 1488`);
}

function invalid(pointer: string, message: string): Refusal {
  return new Refusal('value-invalid', message, [{ pointer: `/${pointer}`, message }]);
}
