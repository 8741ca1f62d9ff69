import type { Database } from './database.ts';

export type Cell = string | number | null;

// Behind texts that are shorter than others of their column. What it stands in is bound by itself.
const padding = 0x1f;
const zero = 0x30;
const rowsAtOnce = 20_000;

/** Rows as they are inserted: parameters of one statement, or rows that are inserted one by one. Another thread can be handed them. */
export type PackedRows =
  | { forms: readonly Form['kind'][]; bound: Record<string, Cell | Uint8Array> }
  | { forms: undefined; rows: readonly Cell[][] };

/**
 * Inserts many rows of a table with one statement: their cells go as one text of records of equal length, which SQLite cuts. Binding
 * them takes half as long again as inserting them. `shared` are the columns that all rows of a call have the same value in, `own` the
 * others. Called in a transaction, which is to be rolled back when it throws: FAIL, not ABORT, so that SQLite need not copy each page
 * before it changes it.
 */
export class RowStore {
  readonly #database: Database;
  readonly #into: string;
  readonly #shared: readonly string[];
  readonly #own: readonly string[];
  readonly #prepared = new Map<string, ReturnType<Database['prepare']>>();
  #one: ReturnType<Database['prepare']> | undefined;

  constructor(database: Database, table: string, shared: readonly string[], own: readonly string[]) {
    this.#database = database;
    this.#into = `INSERT OR FAIL INTO ${table} (${[...shared, ...own].join(', ')})`;
    this.#shared = shared;
    this.#own = own;
  }

  /** `own` row after row. */
  insert(shared: readonly Cell[], own: readonly Cell[]): void {
    for (const packed of this.pack(shared, own)) this.put(packed);
  }

  /** What `insert` would put, to be put by this or by another store of the same table. */
  pack(shared: readonly Cell[], own: readonly Cell[]): PackedRows[] {
    const cells = rowsAtOnce * this.#own.length;
    const packed: PackedRows[] = [];
    for (let from = 0; from < own.length; from += cells)
      packed.push(this.#pack(shared, from === 0 && own.length <= cells ? own : own.slice(from, from + cells)));
    return packed;
  }

  put(packed: PackedRows): void {
    if (packed.forms) this.#statement(packed.forms).run(packed.bound);
    else for (const cells of packed.rows) this.#insertOne(cells);
  }

  #pack(shared: readonly Cell[], own: readonly Cell[]): PackedRows {
    const width = this.#own.length;
    const rows = own.length / width;
    const forms = rows > 1 ? this.#own.map((_, at) => formOf(own, at, width)) : [undefined];
    if (!forms.every(form => form !== undefined)) {
      const cells = Array.from({ length: rows }, (_, row) => [...shared, ...own.slice(row * width, (row + 1) * width)]);
      return { forms: undefined, rows: cells };
    }
    const bound: Record<string, Cell | Uint8Array> = {};
    shared.forEach((cell, at) => {
      bound[`shared${at}`] = cell;
    });
    let stride = 0;
    forms.forEach((form, at) => {
      bound[`first${at}`] = own[at]!;
      bound[`from${at}`] = stride + 1;
      bound[`length${at}`] = form.length;
      stride += form.length;
    });
    const records = Buffer.alloc(stride * rows, padding);
    let from = 0;
    forms.forEach((form, at) => {
      if (form.length > 0) write(records, own, at, width, from, stride, form.length);
      from += form.length;
    });
    return { forms: forms.map(({ kind }) => kind), bound: { ...bound, rows, stride, records } };
  }

  #insertOne(cells: Cell[]): void {
    this.#one ??= this.#database.prepare(`${this.#into} VALUES (${cells.map(() => '?').join(', ')})`);
    this.#one.run(cells);
  }

  /** One for each mixture of forms that comes, which are few. */
  #statement(forms: readonly Form['kind'][]): ReturnType<Database['prepare']> {
    const key = forms.join();
    let statement = this.#prepared.get(key);
    if (!statement) {
      const cells = [...this.#shared.map((_, at) => `@shared${at}`), ...forms.map(cellOf)];
      statement = this.#database.prepare(
        `${this.#into} WITH RECURSIVE row (number) AS (SELECT 0 UNION ALL SELECT number + 1 FROM row LIMIT @rows)
         SELECT ${cells.join(', ')} FROM row`,
      );
      this.#prepared.set(key, statement);
    }
    return statement;
  }
}

function cellOf(form: Form['kind'], at: number): string {
  const cut = `substr(@records, number * @stride + @from${at}, @length${at})`;
  switch (form) {
    case 'constant':
      return `@first${at}`;
    case 'counting':
      return `@first${at} + number`;
    case 'number':
      return `CAST(${cut} AS INTEGER)`;
    case 'even text':
      return `CAST(${cut} AS TEXT)`;
    case 'text':
      return `rtrim(CAST(${cut} AS TEXT), char(${padding}))`;
  }
}

/** How the cells of a column are told: one for all, counting up from the first, or cut out of the records, with their length there. */
interface Form {
  kind: 'constant' | 'counting' | 'number' | 'even text' | 'text';
  length: number;
}

/** undefined: a cell that cannot stand among the others. */
function formOf(own: readonly Cell[], at: number, width: number): Form | undefined {
  const first = own[at]!;
  if (typeof first === 'string') return textForm(own, at, width, first);
  return first === null || !isWhole(first) ? constantForm(own, at, width) : numberForm(own, at, width, first);
}

function textForm(own: readonly Cell[], at: number, width: number, first: string): Form | undefined {
  let longest = first.length;
  let isEven = true;
  let isConstant = true;
  for (let cell = at; cell < own.length; cell += width) {
    const text = own[cell]!;
    if (typeof text !== 'string') return undefined;
    if (isConstant && text === first) continue;
    if (!isPlain(text)) return undefined;
    isConstant = false;
    if (text.length !== first.length) isEven = false;
    if (text.length > longest) longest = text.length;
  }
  if (isConstant) return { kind: 'constant', length: 0 };
  return isPlain(first) ? { kind: isEven ? 'even text' : 'text', length: longest } : undefined;
}

function numberForm(own: readonly Cell[], at: number, width: number, first: number): Form | undefined {
  let highest = first;
  let isCounting = true;
  let isConstant = true;
  for (let cell = at, expected = first; cell < own.length; cell += width, expected++) {
    const number = own[cell]!;
    if (typeof number !== 'number' || !isWhole(number)) return undefined;
    if (number !== first) isConstant = false;
    if (number !== expected) isCounting = false;
    if (number > highest) highest = number;
  }
  if (isConstant) return { kind: 'constant', length: 0 };
  return isCounting ? { kind: 'counting', length: 0 } : { kind: 'number', length: digitsOf(highest) };
}

function constantForm(own: readonly Cell[], at: number, width: number): Form | undefined {
  for (let cell = at; cell < own.length; cell += width) if (own[cell] !== own[at]) return undefined;
  return { kind: 'constant', length: 0 };
}

function isWhole(number: number): boolean {
  return Number.isSafeInteger(number) && number >= 0;
}

/** ASCII, and nothing that its place in the records gives a meaning. */
function isPlain(text: string): boolean {
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code > 0x7e || code === padding || code === 0) return false;
  }
  return true;
}

function digitsOf(number: number): number {
  let digits = 1;
  for (let power = 10; power <= number; power *= 10) digits += 1;
  return digits;
}

function write(
  records: Uint8Array,
  own: readonly Cell[],
  at: number,
  width: number,
  from: number,
  stride: number,
  length: number,
): void {
  for (let cell = at, start = from; cell < own.length; cell += width, start += stride) {
    const value = own[cell];
    if (typeof value === 'string') {
      for (let letter = 0; letter < value.length; letter++) records[start + letter] = value.charCodeAt(letter);
      continue;
    }
    let rest = value ?? 0;
    for (let digit = start + length - 1; digit >= start; digit--) {
      const shorter = Math.floor(rest / 10);
      records[digit] = zero + (rest - shorter * 10);
      rest = shorter;
    }
  }
}
