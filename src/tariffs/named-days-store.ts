import type { Database } from '../kernel/database.ts';
import type { HolidayCalendar } from './calendar.ts';
import type { EventList } from './facts.ts';

type Kind = 'holidays' | 'events';

/**
 * Lists that plans name: public holidays and events such as coincident peaks. Append only; the last list of a name is in force.
 * `holidays` and `events` are the same arrays for ever and always hold what is in force, so that they can be handed on once.
 */
export class NamedDaysStore {
  readonly holidays: HolidayCalendar[] = [];
  readonly events: EventList[] = [];
  readonly #insert;

  constructor(database: Database) {
    this.#insert = database.prepare<[Kind, string, string, number]>(
      'INSERT INTO named_days (kind, name, document, recorded_at) VALUES (?, ?, ?, ?)',
    );
    const inForce = database.prepare<[Kind], { document: string }>(
      'SELECT document FROM named_days WHERE id IN (SELECT max(id) FROM named_days WHERE kind = ? GROUP BY name) ORDER BY name',
    );
    for (const { document } of inForce.all('holidays')) this.holidays.push(JSON.parse(document));
    for (const { document } of inForce.all('events')) this.events.push(JSON.parse(document));
  }

  /** `recordedAt` in epoch seconds. */
  addHolidays(calendar: HolidayCalendar, recordedAt: number): void {
    this.#insert.run('holidays', calendar.name, JSON.stringify(calendar), recordedAt);
    replace(this.holidays, calendar);
  }

  addEvents(list: EventList, recordedAt: number): void {
    this.#insert.run('events', list.name, JSON.stringify(list), recordedAt);
    replace(this.events, list);
  }
}

function replace<Item extends { name: string }>(list: Item[], item: Item): void {
  const at = list.findIndex(({ name }) => name === item.name);
  if (at < 0) list.push(item);
  else list[at] = item;
}
