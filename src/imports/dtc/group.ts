import { type MicroKwh, microKwh } from '../../units/energy.ts';
import { type Day, type Instant, instant } from '../../units/time.ts';
import type { RecordFields } from '../record-fields.ts';
import type { Item } from './flow-table.ts';

/** What the items of one group said, by the name the catalogue gives them. */
export class Group {
  readonly code: string;
  readonly line: number;
  readonly #items: readonly Item[];
  readonly #fields: RecordFields;
  readonly #values: readonly (string | number)[];

  constructor(
    code: string,
    line: number,
    items: readonly Item[],
    fields: RecordFields,
    values: readonly (string | number)[],
  ) {
    this.code = code;
    this.line = line;
    this.#items = items;
    this.#fields = fields;
    this.#values = values;
  }

  /** '' when it was not sent. */
  text(name: string): string {
    return String(this.#values[this.#indexOf(name)] ?? '');
  }

  /** An integer of 1e-6; undefined when it was not sent. */
  micro(name: string): MicroKwh | undefined {
    const value = this.#values[this.#indexOf(name)];
    return typeof value === 'number' ? microKwh(value) : undefined;
  }

  instant(name: string): Instant {
    return instant(Number(this.#values[this.#indexOf(name)]));
  }

  /** undefined when it was not sent. */
  day(name: string): Day | undefined {
    const text = this.text(name);
    return text === '' ? undefined : (text as Day);
  }

  /** The field as it was sent. */
  sent(name: string): string {
    return this.#fields.at(this.#indexOf(name) + 1);
  }

  columnOf(name: string): number {
    return this.#fields.columnOf(this.#indexOf(name) + 1);
  }

  #indexOf(name: string): number {
    for (let at = 0; at < this.#items.length; at++) if (this.#items[at]!.name === name) return at;
    return this.#items.length;
  }
}
