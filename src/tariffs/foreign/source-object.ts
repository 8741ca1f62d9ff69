import { z } from 'zod';
import { formatKwh, microKwh, parseEnergy } from '../../units/energy.ts';
import { formatRate, type Rate } from '../../units/rate.ts';
import { decimalText, rateOf } from './decimals.ts';
import type { ImportReport } from './import-report.ts';

const record = z.record(z.string(), z.unknown());

/**
 * A JSON object of another standard, read field by field. What nobody asked for is found at the end and refused by its name and place,
 * so that no charge is ever dropped because a field was not known here.
 */
export class SourceObject {
  readonly pointer: string;
  readonly report: ImportReport;
  readonly #fields: Record<string, unknown>;
  readonly #read = new Set<string>();
  readonly #children: SourceObject[] = [];

  constructor(value: unknown, pointer: string, report: ImportReport) {
    const { data, error } = record.safeParse(value);
    if (error) report.refuse(pointer, 'must be a JSON object');
    this.#fields = data ?? {};
    this.pointer = pointer;
    this.report = report;
  }

  at(name: string): string {
    return `${this.pointer}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;
  }

  /** Whether the field says anything; it stays unread. */
  has(name: string): boolean {
    return isSaid(this.#fields[name]);
  }

  refuse(name: string, message: string): void {
    this.report.refuse(this.at(name), message);
  }

  note(name: string, message: string): void {
    this.report.note(this.at(name), message);
  }

  text(name: string): string | undefined {
    const value = this.#take(name);
    if (!isSaid(value)) return undefined;
    if (typeof value === 'string') return value.trim();
    if (typeof value === 'number' || typeof value === 'boolean') return String(value);
    this.refuse(name, 'must be text');
    return undefined;
  }

  /** A text out of `words`; refused when it is another. */
  oneOf<Word extends string>(name: string, words: readonly Word[]): Word | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    const word = words.find(word => word === text);
    if (word === undefined) this.refuse(name, `"${text}" is not known here; known are ${words.join(', ')}`);
    return word;
  }

  flag(name: string): boolean {
    const value = this.#take(name);
    return value === true || value === 'true' || value === 1;
  }

  /** A price, from a decimal string or a JSON number through its shortest decimal form. */
  price(name: string): Rate | undefined {
    const text = this.#decimal(name);
    if (text === undefined) return undefined;
    const { rate, rounded } = rateOf(text);
    if (rounded) this.note(name, `${text} was rounded to ${formatRate(rate)}: a price has eight decimals`);
    return rate;
  }

  /** A price as a plan document writes it. */
  priceText(name: string): string | undefined {
    const rate = this.price(name);
    return rate === undefined ? undefined : formatRate(rate);
  }

  /** A quantity of at most six decimals as a plan document writes it. */
  quantity(name: string): string | undefined {
    const text = this.#decimal(name);
    if (text === undefined) return undefined;
    const parsed = parseEnergy(text);
    if (parsed.ok && parsed.microKwh >= 0) return formatKwh(microKwh(parsed.microKwh));
    this.refuse(name, `"${text}" must be a quantity, not below zero`);
    return undefined;
  }

  /** A price or quantity that must be nothing here. */
  mustBeZero(name: string, message: string): void {
    const value = this.#take(name);
    if (isSaid(value) && !isZero(value)) this.refuse(name, message);
  }

  object(name: string): SourceObject | undefined {
    const value = this.#take(name);
    return isSaid(value) ? this.part(value, this.at(name)) : undefined;
  }

  /** An object found inside a field that was read raw: what it says must be read too. */
  part(value: unknown, pointer: string): SourceObject {
    const child = new SourceObject(value, pointer, this.report);
    this.#children.push(child);
    return child;
  }

  /** An array of objects, or a single one: some publishers write one where the standard has a list. */
  objects(name: string): SourceObject[] {
    return this.#list(name).map(({ value, pointer }) => this.part(value, pointer));
  }

  texts(name: string): string[] {
    return this.#list(name).flatMap(({ value }) => (typeof value === 'string' ? [value] : []));
  }

  /** Any JSON, for a reader that knows its shape. */
  raw(name: string): unknown {
    return this.#take(name);
  }

  /** Fields that describe and price nothing: read by people alone. */
  leaveAsText(...names: string[]): void {
    const said = names.filter(name => isSaid(this.#take(name)));
    if (said.length > 0) this.report.note(this.pointer, `not part of the prices: ${said.join(', ')}`);
  }

  /** Fields that say of the others what can be seen there, or of the answer they came in. */
  passOver(...names: string[]): void {
    for (const name of names) this.#take(name);
  }

  /** Refuses every field with a value that nobody has asked for, here and in the objects within. */
  refuseUnread(): void {
    for (const [name, value] of Object.entries(this.#fields))
      if (!this.#read.has(name) && isSaid(value))
        this.refuse(name, `"${name}" is not known to this importer, so what it charges would be lost: ${shown(value)}`);
    for (const child of this.#children) child.refuseUnread();
  }

  #take(name: string): unknown {
    this.#read.add(name);
    return this.#fields[name];
  }

  #list(name: string): { value: unknown; pointer: string }[] {
    const value = this.#take(name);
    if (!isSaid(value)) return [];
    if (!Array.isArray(value)) return [{ value, pointer: this.at(name) }];
    return value.map((value: unknown, at) => ({ value, pointer: `${this.at(name)}/${at}` }));
  }

  #decimal(name: string): string | undefined {
    const value = this.#take(name);
    if (!isSaid(value)) return undefined;
    const text = decimalText(value);
    if (text === undefined) this.refuse(name, `${shown(value)} is no decimal number`);
    return text;
  }
}

/** null, '', [] and {} say nothing, nor do lists and objects of such. A zero says something. */
export function isSaid(value: unknown): boolean {
  if (value === undefined || value === null || value === '') return false;
  if (typeof value === 'object') return Object.values(value).some(isSaid);
  return true;
}

/** 0, "0.00", false, and lists of nothing else. */
function isZero(value: unknown): boolean {
  if (Array.isArray(value)) return value.every(each => !isSaid(each) || isZero(each));
  if (value === false) return true;
  const text = decimalText(value);
  return text !== undefined && rateOf(text).rate === 0n;
}

const shownMax = 80;

function shown(value: unknown): string {
  const text = JSON.stringify(value);
  return text.length > shownMax ? `${text.slice(0, shownMax)}…` : text;
}
