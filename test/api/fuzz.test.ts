import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { type TestHouse, testHouse } from '../open-house.ts';
import { embeddedNetwork } from '../tariffs/fixtures.ts';

/** As much of JSON Schema as the OpenAPI document uses. */
interface Schema {
  $ref?: string;
  type?: string;
  enum?: unknown[];
  const?: unknown;
  anyOf?: Schema[];
  oneOf?: Schema[];
  properties?: Record<string, Schema>;
  items?: Schema;
  examples?: unknown[];
  example?: unknown;
}
interface Operation {
  requestBody?: { content: Record<string, { schema: Schema }> };
  parameters?: { name: string; in: string; schema: Schema }[];
}
interface Document {
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, Schema> };
}

let test: TestHouse;
let authorization: string;
let document: Document;

beforeEach(async () => {
  test = await testHouse();
  authorization = test.authorization();
  document = (await test.app.inject('/openapi.json')).json();
  for (const [url, payload] of [
    ['/v1/meter-points', { identifier: 'm-1' }],
    ['/v1/accounts', { number: 'A-1', name: 'Ana', email: 'ana@example.org' }],
    ['/v1/plans', embeddedNetwork],
    ['/v1/accounts/A-1/supplies', { meterPoint: 'm-1', plan: 'IO_CI_01', from: '2026-10-01' }],
  ] as const) {
    expect((await test.app.inject({ method: 'POST', url, payload, headers: { authorization } })).statusCode).toBe(201);
  }
});

// What clients send when something is wrong with them, and what people send who look for something wrong with us.
const oddText = fc.oneof(
  fc.string({ maxLength: 60 }),
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc.constantFrom(
    '',
    ' ',
    '0',
    '-1',
    '1e999',
    'NaN',
    '\u0000',
    '\ud800',
    '../../etc/passwd',
    "'; DROP TABLE account; --",
  ),
  fc.constantFrom('<script>alert(1)</script>', '=1+1', '{{7*7}}', 'a'.repeat(5000), '9'.repeat(400), '🏠', '\u202e'),
  fc.constantFrom('2026-02-30', '0000-00-00', '9999-12-31', '2026-13', '2026-10', '1900-01-01T00:00:00Z', '+24:00'),
);
const oddNumber = fc.oneof(
  fc.double(),
  fc.integer(),
  fc.constantFrom(0, -0, 1e308, 5e-324, 2 ** 53, -(2 ** 63), 1_795_255_200, Number.MAX_SAFE_INTEGER),
);
const oddKey = fc.oneof(oddText, fc.constantFrom('constructor', 'toString', 'hasOwnProperty', 'length', '__proto__'));
const odd = fc.oneof(
  oddText,
  oddNumber,
  fc.constantFrom(null, true, false, [], {}),
  fc.jsonValue({ maxDepth: 3 }),
  fc.dictionary(oddKey, oddText, { maxKeys: 3 }),
);

// Things that are there, so that a good part of what is sent gets past the first look.
const known = fc.constantFrom(
  'm-1',
  'A-1',
  'IO_CI_01',
  'E1',
  '1',
  '2026-10-01',
  '2026-10',
  '10.50',
  '2026-10-02T00:00:00Z',
);

/** Mostly what the schema says, now and then not. */
function sent(schema: Schema): fc.Arbitrary<unknown> {
  return fc.oneof({ arbitrary: plausible(schema), weight: 5 }, { arbitrary: odd, weight: 1 });
}

function plausible(schema: Schema): fc.Arbitrary<unknown> {
  if (schema.$ref) return sent(document.components.schemas[schema.$ref.split('/').at(-1)!]!);
  const either = schema.anyOf ?? schema.oneOf;
  if (either) return fc.oneof(...either.map(sent));
  if (schema.enum) return fc.constantFrom(...schema.enum);
  if (schema.const !== undefined) return fc.constant(schema.const);
  if (schema.type === 'array') return fc.array(sent(schema.items ?? {}), { maxLength: 4 });
  if (schema.type === 'object') {
    const fields = Object.entries(schema.properties ?? {}).map(([name, field]) => [name, sent(field)] as const);
    const model: Record<string, fc.Arbitrary<unknown>> = Object.fromEntries(fields);
    const whole = fc.record(model, { requiredKeys: Object.keys(model) });
    const some = fc.record({ ...model, unknown: odd }, { requiredKeys: [] });
    return fc.oneof({ arbitrary: whole, weight: 3 }, { arbitrary: some, weight: 1 });
  }
  if (schema.type === 'integer' || schema.type === 'number') return oddNumber;
  if (schema.type === 'boolean') return fc.boolean();
  const examples = [schema.example, ...(schema.examples ?? [])].filter(each => each !== undefined);
  return fc.oneof(known, ...(examples.length > 0 ? [fc.constantFrom(...examples)] : []));
}

function asText(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
}

/** A good plan with something in it replaced. */
const brokenPlan = fc.array(fc.tuple(fc.nat(), odd, fc.boolean()), { minLength: 1, maxLength: 3 }).map(changes => {
  const plan: unknown = JSON.parse(JSON.stringify(embeddedNetwork));
  for (const [at, value, takesOut] of changes) {
    const places = placesIn(plan);
    const [holder, name] = places[at % places.length]!;
    if (takesOut) Reflect.deleteProperty(holder, name);
    else Reflect.set(holder, name, value);
  }
  return plan;
});

function placesIn(value: unknown): [holder: object, name: string][] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, part]) => [[value, name] as [object, string], ...placesIn(part)]);
}

async function survives(url: string, payload: unknown): Promise<number> {
  const text = JSON.stringify(payload) ?? 'null';
  const headers = { authorization, 'content-type': 'application/json' };
  const answer = await test.app.inject({ method: 'POST', url, headers, payload: text });
  expect(answer.statusCode, `${url} ${text}\n${answer.body}`).toBeLessThan(500);
  expect(answer.body).not.toMatch(/\n\s+at |\.[tj]s:\d+|node_modules|SQLITE_/);
  if (answer.statusCode >= 400 && url.startsWith('/v1')) {
    expect(answer.headers['content-type']).toMatch(/^application\/problem\+json/);
    expect(answer.json()).toMatchObject({
      status: answer.statusCode,
      code: expect.any(String),
      detail: expect.any(String),
    });
  }
  return answer.statusCode;
}

const routes = [
  '/v1/readings',
  '/v1/accounts',
  '/v1/accounts/{number}/close',
  '/v1/accounts/{number}/reopen',
  '/v1/accounts/{number}/supplies',
  '/v1/accounts/{number}/supplies/{id}/terms',
  '/v1/accounts/{number}/fees',
  '/v1/conflicts/{id}/decide',
  '/v1/event-lists',
  '/v1/holiday-calendars',
  '/v1/import-profiles',
  '/v1/import-profiles/guess',
  '/v1/import-profiles/preview',
  '/v1/imports',
  '/v1/imports/{id}/cancel',
  '/v1/imports/{id}/undo',
  '/v1/meter-points',
  '/v1/meter-points/{id}/exchanges',
  '/v1/meter-points/{id}/series',
  '/v1/plans',
  '/v1/plans/compare',
  '/v1/plans/import',
  '/v1/plans/preview',
  '/v1/quarantine/apply',
  '/v1/quarantine/discard',
  '/v1/rebill-candidates/{id}/dismiss',
  '/v1/bill-runs',
  '/v1/payments',
  '/register_account',
  '/receive_meter_reading',
  '/maintenance/start',
  '/archive_and_prepare',
  '/perform_daily_maintenance',
  '/perform_monthly_maintenance',
  '/restore_data',
  '/shutdown',
  '/resume',
  '/readings',
];

describe('whatever is posted', () => {
  it('is described, every reference in the description leading somewhere', () => {
    const references = [...JSON.stringify(document).matchAll(/"\$ref":"#\/components\/schemas\/([^"]+)"/g)];
    expect(references.length).toBeGreaterThan(0);
    const missing = references.map(([, name]) => name!).filter(name => !(name in document.components.schemas));
    expect(missing).toEqual([]);
  });

  it('has a route in this test', () => {
    // One takes forms alone, and anything else is the same no; test/compat/d0010-api.test.ts sends it forms.
    const posting = Object.entries(document.paths).filter(
      ([path, methods]) => 'post' in methods && path !== '/api/flow-files/upload/',
    );
    expect(posting.map(([path]) => path).sort()).toEqual(routes.toSorted());
  });

  it.each(routes)(
    'to %s is answered with a yes or a no that is documented, never with a fault of ours',
    async route => {
      const operation = document.paths[route]!.post!;
      const schema = operation.requestBody?.content['application/json']?.schema;
      const body = route === '/v1/plans' ? fc.oneof(brokenPlan, odd) : sent(schema ?? { type: 'object' });
      const inPath = fc.oneof(fc.constantFrom('m-1', 'A-1'), oddText);
      const fields = Object.fromEntries(
        (operation.parameters ?? [])
          .filter(each => each.in === 'query')
          .map(({ name, schema: wanted }) => [name, fc.oneof(known, oddText, sent(wanted).map(asText))]),
      );
      // Of many at once, one is nearly always wrong.
      const inQuery: fc.Arbitrary<Record<string, string>> = fc.oneof(fc.record(fields), fc.constant({}));
      const statuses = new Set<number>();
      await fc.assert(
        fc.asyncProperty(body, inPath, inQuery, async (payload, part, query) => {
          const path = route.replace(/\{\w+\}/, encodeURIComponent(part.toWellFormed()));
          const search = new URLSearchParams(
            Object.entries(query).map(([name, value]): [string, string] => [name, value.toWellFormed()]),
          );
          const url = search.size > 0 ? `${path}?${search}` : path;
          statuses.add(await survives(url, route.startsWith('/v1') ? payload : undefined));
          if (!route.startsWith('/v1')) statuses.add(await survives(path, payload));
        }),
        { numRuns: 300 },
      );
      // A fuzzer that is only ever refused at the door shows nothing.
      expect(statuses.size).toBeGreaterThan(1);
      expect(test.failures).toEqual([]);
    },
  );

  it('that is not JSON is refused as such', async () => {
    // A file may be anything, and an empty body is none.
    const withJson = routes.filter(route => route !== '/v1/imports');
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...withJson),
        fc.uint8Array({ minLength: 1, maxLength: 200 }),
        async (route, bytes) => {
          // Chance also writes "[]" or "7", which is JSON and for some routes even right.
          fc.pre(!isJson(bytes));
          const url = route.replace(/\{\w+\}/, 'm-1');
          const headers = { authorization, 'content-type': 'application/json' };
          const answer = await test.app.inject({ method: 'POST', url, headers, payload: Buffer.from(bytes) });
          expect(answer.statusCode).toBeGreaterThanOrEqual(400);
          expect(answer.statusCode).toBeLessThan(500);
        },
      ),
      { numRuns: 300 },
    );
  });
});

function isJson(bytes: Uint8Array): boolean {
  try {
    JSON.parse(Buffer.from(bytes).toString('utf8'));
    return true;
  } catch {
    return false;
  }
}
