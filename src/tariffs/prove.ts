import type { FieldProblem } from '../kernel/errors.ts';
import { type DayKind, type PlanCalendar, possibleDays } from './calendar.ts';
import {
  type Claims,
  claimMinutes,
  formatClockTime,
  minutesPerDay,
  noRate,
  runsPastMidnight,
  spansOf,
  type WindowedRate,
} from './windows.ts';

/** Rates that read dials of their own need no clock, but every one must have its dial and no two the same. */
function proveDials(rates: { code: string; register?: string | undefined }[]): FieldProblem[] {
  return rates.flatMap(({ register, code }, at) => {
    const twin = rates.findIndex(other => other.register === register);
    if (register === undefined)
      return [
        { pointer: `/rates/${at}`, message: `${code} names no register, and other rates do: either all or none` },
      ];
    if (twin === at) return [];
    return [
      {
        pointer: `/rates/${at}/register`,
        message: `${rates[twin]!.code} and ${code} both read ${register}: it would be billed twice`,
      },
    ];
  });
}

/**
 * The proof on save: every minute of every day the calendar can produce has exactly one rate. Names the first gap or overlap, with
 * pointers relative to the component. A minute claimed twice by the same rate has one price and is no fault.
 */
export function proveRates(
  rates: (WindowedRate & { register?: string | undefined })[],
  calendar: PlanCalendar,
): FieldProblem[] {
  if (rates.some(rate => rate.register !== undefined)) return [...proveCodes(rates), ...proveDials(rates)];
  const names = [...proveCodes(rates), ...proveNames(rates, calendar)];
  return names.length > 0 ? names : proveMinutes(rates, calendar);
}

function proveCodes(rates: WindowedRate[]): FieldProblem[] {
  return rates.flatMap(({ code }, at) => {
    if (rates.findIndex(other => other.code === code) === at) return [];
    return [{ pointer: `/rates/${at}/code`, message: `a second rate is called ${code}` }];
  });
}

function proveNames(rates: WindowedRate[], calendar: PlanCalendar): FieldProblem[] {
  const problems: FieldProblem[] = [];
  const seasons = calendar.seasons.map(season => season.name);
  const dayTypes = calendar.dayTypes.map(type => type.name);
  rates.forEach((rate, at) => {
    const catchAll = rates.findIndex(other => !other.windows);
    if (!rate.windows && catchAll < at)
      problems.push({
        pointer: `/rates/${at}`,
        message: `${rates[catchAll]!.code} and ${rate.code} both lack windows, so both would take what is left`,
      });
    rate.windows?.forEach((window, windowAt) => {
      const pointer = `/rates/${at}/windows/${windowAt}`;
      if (window.season !== undefined && !seasons.includes(window.season))
        problems.push({ pointer: `${pointer}/season`, message: unknownName('season', window.season, seasons) });
      if (window.days !== undefined && !dayTypes.includes(window.days))
        problems.push({ pointer: `${pointer}/days`, message: unknownName('day type', window.days, dayTypes) });
    });
  });
  return problems;
}

function unknownName(what: string, name: string, known: string[]): string {
  return `there is no ${what} ${name}; this plan has ${known.length > 0 ? known.join(', ') : 'none'}`;
}

function proveMinutes(rates: WindowedRate[], calendar: PlanCalendar): FieldProblem[] {
  for (const { today, yesterday } of possibleDays(calendar)) {
    const claims = claimMinutes(rates, today, yesterday);
    let from = 0;
    while (from < minutesPerDay && !isWrong(claims, from)) from += 1;
    if (from === minutesPerDay) continue;
    let to = from + 1;
    while (to < minutesPerDay && isSame(claims, from, to)) to += 1;
    const when = `${nameOf(today)} ${formatClockTime(from)}–${formatClockTime(to)}${afterWords(rates, from, today, yesterday)}`;
    const [first, second] = [claims.rateOf[from]!, claims.alsoOf[from]!];
    if (first === noRate) return [{ pointer: '/rates', message: `${when} has no rate` }];
    const windowAt = rates[second]!.windows!.findIndex(window =>
      spansOf(window, today, yesterday).some(([start, end]) => from >= start && from < end),
    );
    return [
      {
        pointer: `/rates/${second}/windows/${windowAt}`,
        message: `${when} has two rates, ${rates[first]!.code} and ${rates[second]!.code}`,
      },
    ];
  }
  return [];
}

function isWrong(claims: Claims, minute: number): boolean {
  return claims.rateOf[minute] === noRate || claims.alsoOf[minute] !== noRate;
}

function isSame(claims: Claims, minute: number, other: number): boolean {
  return claims.rateOf[minute] === claims.rateOf[other] && claims.alsoOf[minute] === claims.alsoOf[other];
}

function nameOf(kind: DayKind): string {
  return [kind.season, kind.dayType].filter(Boolean).join(' ') || 'every day';
}

/** The day before matters only where a window that runs past midnight could have reached, and when it is of another kind. */
function afterWords(rates: WindowedRate[], minute: number, today: DayKind, yesterday: DayKind): string {
  const reach = Math.max(
    0,
    ...rates
      .flatMap(rate => rate.windows ?? [])
      .filter(runsPastMidnight)
      .map(w => w.to),
  );
  return minute < reach && nameOf(today) !== nameOf(yesterday) ? ` after ${nameOf(yesterday)}` : '';
}
