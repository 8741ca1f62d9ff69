import type { IncomingMessage } from 'node:http';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { BodyBudget } from './body-budget.ts';
import { ArrayReader, NdjsonReader, type ParseItem, readArray } from './read-batch.ts';
import { CsvReader } from './read-csv.ts';
import { HeldBytes } from './read-portions.ts';
import type { ReadingNames } from './reading-names.ts';
import { type BodyLimits, streamBody } from './stream-body.ts';

interface PostedBodyOptions extends Omit<BodyLimits, 'budget'> {
  names: ReadingNames;
}

// What eight bodies that are one single item hold, or sixteen of ten thousand items whose names nobody knows.
const heldBytesMax = 64 * 1024 * 1024;

/** Teaches the routes of `scope` the forms readings come in: many become a Batch, one JSON value stays what it is. */
export function parsePostedReadings(scope: FastifyInstance, { bytesMax, names, behind }: PostedBodyOptions): void {
  scope.removeAllContentTypeParsers();
  const parseJson = scope.getDefaultJsonParser('error', 'error');
  const limits = { bytesMax, behind, budget: new BodyBudget(heldBytesMax) };

  scope.addContentTypeParser('application/json', async (request: FastifyRequest, payload: IncomingMessage) => {
    const body = new JsonBody(names, parse);
    await streamBody(request, payload, body, limits);
    return body.end();

    function parse(text: string): unknown {
      let value: unknown;
      void parseJson(request, text, (error, parsed) => {
        if (error) throw error;
        value = parsed;
      });
      return value;
    }
  });
  scope.addContentTypeParser(
    ['application/x-ndjson', 'application/ndjson', 'application/jsonl'],
    async (request: FastifyRequest, payload: IncomingMessage) => {
      const body = new NdjsonReader(names);
      await streamBody(request, payload, body, limits);
      return body.end();
    },
  );
  scope.addContentTypeParser('text/csv', async (request: FastifyRequest, payload: IncomingMessage) => {
    const body = new CsvReader(names);
    await streamBody(request, payload, body, limits);
    return body.end();
  });
}

/** An array is read as it comes; any other JSON value is small, or wrong, and waits until it is whole. */
class JsonBody {
  readonly #names: ReadingNames;
  readonly #parse: ParseItem;
  readonly #held = new HeldBytes();
  #array: ArrayReader | undefined;
  #isArray: boolean | undefined;

  constructor(names: ReadingNames, parse: ParseItem) {
    this.#names = names;
    this.#parse = parse;
  }

  take(bytes: Uint8Array): void {
    this.#isArray ??= isArray(bytes);
    if (this.#isArray) {
      this.#array ??= new ArrayReader(this.#names, this.#parse);
      this.#array.take(bytes);
    } else this.#held.add(bytes);
  }

  get heldBytes(): number {
    return this.#array?.heldBytes ?? this.#held.capacity;
  }

  end(): unknown {
    if (this.#array) return this.#array.end();
    const value = this.#parse(this.#held.bytes.toString());
    return Array.isArray(value) ? readArray(this.#names, value) : value;
  }
}

/** undefined when there is only space to see. */
function isArray(bytes: Uint8Array): boolean | undefined {
  for (const byte of bytes) if (byte !== 32 && byte !== 10 && byte !== 13 && byte !== 9) return byte === 91;
  return undefined;
}
