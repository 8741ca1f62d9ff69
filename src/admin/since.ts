import { addDays, dayOf, type Instant, startOfDay, type Zone } from '../units/time.ts';
import type { ListSpec } from './list.ts';

type Filter = NonNullable<ListSpec<unknown>['filters']>[number];

const choices = ['today', '7-days', 'month', 'year'] as const;
const labels: Record<(typeof choices)[number], string> = {
  today: 'Today',
  '7-days': 'Past 7 days',
  month: 'This month',
  year: 'This year',
};

/** The choice of a time until now, in a list of what was made once. */
export function sinceFilter(label: string): Filter {
  return { name: 'since', label, options: choices.map(value => ({ value, label: labels[value] })) };
}

/** When the chosen time began, on the clock of `zone`; undefined when nothing was chosen. */
export function sinceOf(chosen: string | undefined, now: Instant, zone: Zone): Instant | undefined {
  const today = dayOf(now, zone);
  const choice = choices.find(each => each === chosen);
  if (choice === undefined) return undefined;
  if (choice === 'today') return startOfDay(today, zone);
  if (choice === '7-days') return startOfDay(addDays(today, -7), zone);
  return startOfDay(addDays(today, choice === 'month' ? 1 - Number(today.slice(8)) : 1 - dayOfYear(today)), zone);
}

function dayOfYear(day: string): number {
  const milliseconds = Date.parse(`${day}T00:00:00Z`) - Date.parse(`${day.slice(0, 4)}-01-01T00:00:00Z`);
  return milliseconds / 86_400_000 + 1;
}
