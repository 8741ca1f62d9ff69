import { z } from 'zod';
import { assert } from '../kernel/assert.ts';
import { parseRate, type Rate } from '../units/rate.ts';
import type { DayKind } from './calendar.ts';

export const minutesPerDay = 1440;
/** In a table of minutes: nobody claims this one. So a component has at most 255 rates. */
export const noRate = 255;

/** A stable name inside a plan document: part of a line's identity. */
export const code = z
  .string()
  .regex(/^[A-Z][A-Z0-9_]{0,31}$/, 'must be capital letters, digits and _, such as OFF_PEAK');

/** A price as a decimal string of at most eight decimals; a JSON number would have passed through a binary fraction. */
export const decimalPrice = z
  .string('must be a decimal string such as "0.3729"')
  .max(22, 'must be at most twelve digits and eight decimals')
  .regex(/^-?\d+(\.\d{1,8})?$/, 'must be a decimal string of at most eight decimals, such as "0.3729"')
  .transform(toRate);

/** A wall clock time, "07:00" or "24:00", as minutes since midnight. */
const clockTime = z
  .string('must be a clock time such as "07:00"')
  .regex(/^(([01]\d|2[0-3]):[0-5]\d|24:00)$/, 'must be a clock time from 00:00 to 24:00')
  .transform(text => Number(text.slice(0, 2)) * 60 + Number(text.slice(3)));

/** Half-open clock time [from, to) on the tariff's clock; when `to` is earlier than `from` it runs past midnight. */
const window = z
  .strictObject({ season: z.string().optional(), days: z.string().optional(), from: clockTime, to: clockTime })
  .refine(({ from, to }) => from !== to, {
    path: ['to'],
    message: 'from and to are the same time; the whole day is 00:00 to 24:00',
  })
  .refine(({ from }) => from !== minutesPerDay, {
    path: ['from'],
    message: 'a window cannot start at 24:00; write 00:00',
  });

/** A quantity as a decimal string of at most six decimals, never negative; read as an integer of millionths. */
export const decimalQuantity = z
  .string('must be a decimal string such as "10.5"')
  .regex(/^\d{1,9}(\.\d{1,6})?$/, 'must be a decimal string of at most six decimals, such as "10.5"')
  .transform(text => {
    const [whole = '', fraction = ''] = text.split('.');
    return Number(whole + fraction.padEnd(6, '0'));
  });

/** The name by which a plan asks for what a meter measures. */
export const registerName = z
  .string()
  .regex(/^[A-Z0-9_]{1,20}$/, 'must be IMPORT, SOLAR, EXPORT, CONTROLLED_LOAD or a register suffix such as E2');

// Twelve months, two kinds of day and each hour its own: the most that a published schedule can need.
const windowsMax = 600;
export const windows = z.array(window).min(1).max(windowsMax);
export type Window = z.output<typeof window>;

/** A rate without windows is the catch-all: it takes every minute that no window claims. */
export interface WindowedRate {
  code: string;
  description?: string | undefined;
  windows?: Window[] | undefined;
}

function toRate(text: string): Rate {
  const rate = parseRate(text);
  assert(rate !== undefined, 'the pattern above admits only what parseRate reads');
  return rate;
}

export interface Claims {
  /** Per minute of the day, the index of the first rate that claims it, or noRate. */
  rateOf: Uint8Array;
  /** Per minute, the index of a second, different rate that claims it too, or noRate. */
  alsoOf: Uint8Array;
}

/** Which rate has each minute of a day of kind `today` that follows a day of kind `yesterday`. */
export function claimMinutes(rates: WindowedRate[], today: DayKind, yesterday: DayKind): Claims {
  const rateOf = new Uint8Array(minutesPerDay).fill(noRate);
  const alsoOf = new Uint8Array(minutesPerDay).fill(noRate);
  rates.forEach((rate, index) => {
    for (const window of rate.windows ?? []) {
      for (const [from, to] of spansOf(window, today, yesterday)) {
        for (let minute = from; minute < to; minute++) {
          if (rateOf[minute] === noRate) rateOf[minute] = index;
          else if (rateOf[minute] !== index) alsoOf[minute] = index;
        }
      }
    }
  });
  const catchAll = rates.findIndex(rate => !rate.windows);
  if (catchAll >= 0)
    for (let minute = 0; minute < minutesPerDay; minute++) if (rateOf[minute] === noRate) rateOf[minute] = catchAll;
  return { rateOf, alsoOf };
}

/** The minutes of today a window claims. The part after midnight belongs to the day on which the window started. */
export function spansOf(window: Window, today: DayKind, yesterday: DayKind): [from: number, to: number][] {
  if (!runsPastMidnight(window)) return isOn(window, today) ? [[window.from, window.to]] : [];
  const spans: [number, number][] = [];
  if (isOn(window, yesterday)) spans.push([0, window.to]);
  if (isOn(window, today)) spans.push([window.from, minutesPerDay]);
  return spans;
}

/** Whether it ends on the day after it begins. */
export function runsPastMidnight(window: Window): boolean {
  return window.to < window.from;
}

function isOn(window: Window, kind: DayKind): boolean {
  return (window.season ?? kind.season) === kind.season && (window.days ?? kind.dayType) === kind.dayType;
}

/** "07:00" from 420, "24:00" from 1440. */
export function formatClockTime(minute: number): string {
  return `${String(Math.trunc(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`;
}
