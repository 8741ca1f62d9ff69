import type { z } from 'zod';
import { pointerOf } from '../http/schemas.ts';
import { Refusal } from '../kernel/errors.ts';
import type { BatchItem } from './post-readings.ts';
import { inputSchemaOf, type ReadingInput } from './reading-input.ts';
import { JsonScanner } from './scan-json.ts';

export const itemsMax = 10_000;

/** Many readings of one request. A class, because no JSON that is posted can be taken for one. */
export class Batch {
  readonly items: BatchItem[];
  /** Line of each item in the body, from 1; undefined for a JSON array. */
  readonly lines: number[] | undefined;

  constructor(items: BatchItem[], lines?: number[]) {
    this.items = items;
    this.lines = lines;
  }
}

/** A JSON array of plain readings; undefined when anything about it calls for JSON.parse, be it wrong or only unusual. */
export function readPlainArray(body: Buffer): Batch | undefined {
  const items = new JsonScanner(body.toString('latin1')).scanArray(itemsMax);
  return items && new Batch(items);
}

/** The items of a parsed JSON array. Throws 'too-many-items'. */
export function readArray(values: readonly unknown[]): Batch {
  if (values.length > itemsMax) throw tooMany(`The array has ${values.length} items`);
  return new Batch(values.map(readItem));
}

/** One JSON object a line; a line that is none is an item that is rejected. Throws 'too-many-items'. */
export function readNdjson(body: Buffer): Batch {
  const text = body.toString('latin1');
  const scanner = new JsonScanner(text);
  const items: BatchItem[] = [];
  const lines: number[] = [];
  let line = 0;
  for (let from = 0; from < text.length; ) {
    const newline = text.indexOf('\n', from);
    const to = newline < 0 ? text.length : newline;
    line += 1;
    if (!isBlank(text, from, to)) {
      if (items.length === itemsMax) throw tooMany('There are more lines');
      scanner.position = from;
      const plain = scanner.scanObject();
      // An object that goes on in the next line is not a line of NDJSON; JSON.parse says so.
      const whole = plain && scanner.position <= to && isBlank(text, scanner.position, to);
      items.push(whole ? plain : readLine(body.toString('utf8', from, to)));
      lines.push(line);
    }
    from = to + 1;
  }
  return new Batch(items, lines);
}

/** An item by the schema of the kind it means to be. */
export function readItem(value: unknown): ReadingInput | Extract<BatchItem, { verdict: 'rejected' }> {
  const parsed = inputSchemaOf(value).safeParse(value);
  if (parsed.success) return parsed.data;
  const [first] = fieldsOf(parsed.error);
  return { verdict: 'rejected', code: 'body-invalid', pointer: first!.pointer, message: first!.message };
}

export function fieldsOf(error: z.ZodError) {
  return error.issues.flatMap(issue =>
    issue.code === 'unrecognized_keys'
      ? issue.keys.map(key => ({ pointer: pointerOf([...issue.path, key]), message: 'unknown field' }))
      : [{ pointer: pointerOf(issue.path), message: issue.message }],
  );
}

export function tooMany(found: string): Refusal {
  return new Refusal('too-many-items', `${found}; at most ${itemsMax} are taken at once.`);
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

export function isBlank(text: string, from: number, to: number): boolean {
  for (let at = from; at < to; at++) {
    const character = text.charCodeAt(at);
    if (character !== 32 && character !== 13 && character !== 9) return false;
  }
  return true;
}
