import { errorCodes } from 'fastify';
import type { z } from 'zod';
import { pointerOf } from '../http/schemas.ts';
import { Refusal } from '../kernel/errors.ts';
import type { BatchItem } from './post-readings.ts';
import { Batch, itemsMax } from './posted-batch.ts';
import { PortionReader } from './read-portions.ts';
import { inputSchemaOf, type ReadingInput } from './reading-input.ts';
import type { ReadingNames } from './reading-names.ts';
import { ObjectScanner } from './scan-objects.ts';

/** One JSON object a line; a line that is none is an item that is rejected. Refuses with 'too-many-items'. */
export class NdjsonReader extends PortionReader {
  protected readonly batch: Batch;
  readonly #scanner = new ObjectScanner(false);
  #line = 0;

  constructor(names: ReadingNames) {
    super();
    this.batch = new Batch(names, true);
  }

  protected scan(bytes: Uint8Array, end: number): number {
    const [scanner, batch] = [this.#scanner, this.batch];
    for (let from = this.#line === 0 ? behindMark(bytes) : 0; from < end; ) {
      const isPlain = scanner.scan(bytes, from);
      let to = isPlain ? skipBlanks(bytes, scanner.position) : from;
      const isLine = isPlain && bytes[to] === newline;
      if (!isLine) {
        to = bytes.indexOf(newline, from);
        // The first line comes again with what stands before it.
        if (to < 0 || to >= end) return this.#line === 0 ? 0 : from;
      }
      this.#line += 1;
      if (isLine || skipBlanks(bytes, from) < to) {
        if (batch.count === itemsMax) {
          this.refusal = tooMany('There are more lines');
          return end;
        }
        if (isLine) batch.add(bytes, scanner.reading, this.#line);
        else batch.addItem(readLine(utf8Of(bytes, from, to)), this.#line, to - from);
      }
      from = to + 1;
    }
    return end;
  }

  protected assertWhole(): void {}
}

/** Parses what stands between two commas of an array; throws for what is no JSON. */
export type ParseItem = (text: string) => unknown;

type Expecting = 'array' | 'item or end' | 'item' | 'comma or end' | 'nothing';

/**
 * A JSON array, item by item: it is JSON when each of its items is and what stands between them is what JSON says. Refuses with
 * 'too-many-items' and as Fastify refuses what is no JSON.
 */
export class ArrayReader extends PortionReader {
  protected readonly batch: Batch;
  readonly #scanner = new ObjectScanner(true);
  readonly #parse: ParseItem;
  #expecting: Expecting = 'array';
  #count = 0;

  constructor(names: ReadingNames, parse: ParseItem) {
    super();
    this.batch = new Batch(names, false);
    this.#parse = parse;
  }

  protected scan(bytes: Uint8Array, end: number, isLast: boolean): number {
    for (let at = skipSpace(bytes, 0); at < end; at = skipSpace(bytes, at)) {
      const byte = bytes[at];
      if (byte === closing && (this.#expecting === 'item or end' || this.#expecting === 'comma or end')) {
        this.#expecting = 'nothing';
        at += 1;
      } else if (byte === comma && this.#expecting === 'comma or end') {
        this.#expecting = 'item';
        at += 1;
      } else if (byte === opening && this.#expecting === 'array') {
        this.#expecting = 'item or end';
        at += 1;
      } else if (this.#expecting === 'item' || this.#expecting === 'item or end') {
        const to = this.#readItem(bytes, at, end);
        if (to < 0) {
          if (isLast) this.refusal ??= malformed();
          return this.refusal ? end : at;
        }
        this.#expecting = 'comma or end';
        at = to;
      } else {
        this.refusal = malformed();
        return end;
      }
    }
    return end;
  }

  protected assertWhole(): void {
    if (this.#expecting !== 'nothing') this.refusal = malformed();
    else if (this.#count > itemsMax) this.refusal = tooMany(`The array has ${this.#count} items`);
  }

  /** Returns where the item ends; -1 when it has not come whole, or is none and `refusal` says so. */
  #readItem(bytes: Uint8Array, from: number, end: number): number {
    const scanner = this.#scanner;
    if (scanner.scan(bytes, from)) {
      this.#count += 1;
      if (this.#count <= itemsMax) this.batch.add(bytes, scanner.reading, 0);
      return scanner.position;
    }
    const to = endOfValue(bytes, from, end);
    if (to < 0) return -1;
    try {
      const value = this.#parse(utf8Of(bytes, from, to));
      this.#count += 1;
      if (this.#count <= itemsMax) this.batch.addItem(readItem(value), 0, to - from);
    } catch {
      // Whatever it is that cannot be parsed, the body is no JSON.
      this.refusal = malformed();
      return -1;
    }
    return to;
  }
}

/** The items of a parsed JSON array. Throws 'too-many-items'. */
export function readArray(names: ReadingNames, values: readonly unknown[]): Batch {
  if (values.length > itemsMax) throw tooMany(`The array has ${values.length} items`);
  const batch = new Batch(names, false);
  for (const value of values) batch.addItem(readItem(value), 0);
  return batch;
}

/** An item by the schema of the kind it means to be. */
export function readItem(value: unknown): ReadingInput | Extract<BatchItem, { verdict: 'rejected' }> {
  const parsed = inputSchemaOf(value).safeParse(value);
  if (parsed.success) return parsed.data;
  const [first] = fieldsOf(parsed.error);
  return { verdict: 'rejected', code: 'body-invalid', pointer: first!.pointer, message: first!.message };
}

/** What zod found, each with the JSON pointer to it. */
export function fieldsOf(error: z.ZodError) {
  return error.issues.flatMap(issue =>
    issue.code === 'unrecognized_keys'
      ? issue.keys.map(key => ({ pointer: pointerOf([...issue.path, key]), message: 'unknown field' }))
      : [{ pointer: pointerOf(issue.path), message: issue.message }],
  );
}

/** 'too-many-items'; `found` says how many there are. */
export function tooMany(found: string): Refusal {
  return new Refusal('too-many-items', `${found}; at most ${itemsMax} are taken at once.`);
}

/** What Fastify says of JSON that is none, which becomes 'body-malformed'. */
export function malformed(): Error {
  return new errorCodes.FST_ERR_CTP_INVALID_JSON_BODY();
}

/** The bytes from `from` up to `to` as text. */
export function utf8Of(bytes: Uint8Array, from: number, to: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + from, to - from).toString('utf8');
}

/** Behind spaces, tabs and carriage returns. */
export function skipBlanks(bytes: Uint8Array, from: number): number {
  let at = from;
  while (bytes[at] === 32 || bytes[at] === 13 || bytes[at] === 9) at += 1;
  return at;
}

export const newline = 10;
const [opening, closing, comma, quotationMark, backslash] = [91, 93, 44, 34, 92];

/** Behind what JSON takes for space. */
export function skipSpace(bytes: Uint8Array, from: number): number {
  let at = skipBlanks(bytes, from);
  while (bytes[at] === newline) at = skipBlanks(bytes, at + 1);
  return at;
}

// What JSON values begin with: a mark of byte order, which a parser may leave out, does not stand inside an array.
const beginnings = new Set(Buffer.from('{["-0123456789tfn'));

/** Where a JSON value that begins at `from` ends, if it is one; -1 when that is not before `end`. */
function endOfValue(bytes: Uint8Array, from: number, end: number): number {
  if (!beginnings.has(bytes[from]!)) return from;
  let depth = 0;
  for (let at = from; at < end; at++) {
    const byte = bytes[at]!;
    if (byte === quotationMark) {
      for (at += 1; at < end && bytes[at] !== quotationMark; at++) if (bytes[at] === backslash) at += 1;
      if (at >= end) return -1;
      if (depth === 0) return at + 1;
    } else if (byte === opening || byte === 123) depth += 1;
    else if (byte === closing || byte === 125) {
      if (depth <= 1) return depth === 0 ? at : at + 1;
      depth -= 1;
    } else if (depth === 0 && (byte === comma || byte <= 32)) return at;
  }
  return -1;
}

/** Behind the mark of byte order that some editors put before a text. */
function behindMark(bytes: Uint8Array): number {
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
}

function readLine(text: string): BatchItem {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    // Whatever JSON.parse dislikes is the sender's line, and its sentence says what.
    const message = `not a line of JSON: ${error instanceof Error ? error.message : error}`;
    return { verdict: 'rejected', code: 'body-malformed', pointer: '', message };
  }
  return readItem(value);
}
