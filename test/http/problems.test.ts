import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { afterEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { strictQuery } from '../../src/http/schemas.ts';
import { assert } from '../../src/kernel/assert.ts';
import { Refusal, refusals } from '../../src/kernel/errors.ts';
import { httpApp } from './app.ts';

let app: FastifyInstance;
afterEach(() => app.close());

async function petApp() {
  app = await httpApp();
  const typed = app.withTypeProvider<ZodTypeProvider>();
  typed.post(
    '/v1/pets',
    { schema: { body: z.object({ name: z.string(), tags: z.record(z.string(), z.number()).optional() }) } },
    request => ({ name: request.body.name }),
  );
  typed.get(
    '/v1/pets',
    { schema: { querystring: strictQuery({ limit: z.coerce.number().int().optional() }) } },
    () => [],
  );
  typed.get('/v1/pets/:id', { schema: { params: z.object({ id: z.coerce.number().int() }) } }, () => {
    throw new Refusal('user-unknown', 'There is no pet 7.');
  });
  typed.get('/v1/crash', { schema: {} }, () => {
    throw new TypeError('secret /etc/passwd of undefined');
  });
  return app;
}

describe('a refusal', () => {
  it('is problem+json with the code, a page about it, the advice and the request id', async () => {
    const answer = await (await petApp()).inject('/v1/pets/7');
    expect(answer.statusCode).toBe(404);
    expect(answer.headers['content-type']).toMatch(/^application\/problem\+json/);
    expect(answer.json()).toEqual({
      type: '/problems/user-unknown',
      title: refusals['user-unknown'].title,
      status: 404,
      code: 'user-unknown',
      detail: 'There is no pet 7.',
      advice: refusals['user-unknown'].advice,
      errors: [],
      request_id: expect.stringMatching(/\S/),
    });
  });

  it('is a page for a browser outside the API, and stays JSON under /v1', async () => {
    await petApp();
    const page = await app.inject({ url: '/nowhere', headers: { accept: 'text/html' } });
    expect(page.statusCode).toBe(404);
    expect(page.headers['content-type']).toMatch(/^text\/html/);
    expect(page.body).toContain(refusals['route-unknown'].title);
    const api = await app.inject({ url: '/v1/nowhere', headers: { accept: 'text/html' } });
    expect(api.headers['content-type']).toMatch(/^application\/problem\+json/);
  });
});

describe('broken requests', () => {
  const json = { 'content-type': 'application/json' };
  it.each([
    ['malformed JSON', { payload: '{"name":', headers: json }, 400, 'body-malformed'],
    ['an empty body', { payload: '', headers: json }, 400, 'body-malformed'],
    ['__proto__', { payload: '{"name":"a","__proto__":{"x":1}}', headers: json }, 400, 'body-malformed'],
    [
      'constructor.prototype',
      { payload: '{"name":"a","constructor":{"prototype":{"x":1}}}', headers: json },
      400,
      'body-malformed',
    ],
    ['a body over the limit', { payload: `"${'x'.repeat(3_000)}"`, headers: json }, 413, 'body-too-large'],
    ['a strange type', { payload: 'a: 1', headers: { 'content-type': 'text/yaml' } }, 415, 'media-type-unsupported'],
    ['a wrong length', { payload: '{}', headers: { ...json, 'content-length': '7' } }, 400, 'body-malformed'],
  ])('%s is refused', async (_what, request, status, code) => {
    await petApp();
    const answer = await app.inject({ method: 'POST', url: '/v1/pets', ...request });
    expect([answer.statusCode, answer.json().code]).toEqual([status, code]);
  });

  it.each([
    ['/v1/%zz', 400, 'path-malformed'],
    [`/v1/pets/${'9'.repeat(200)}`, 400, 'path-malformed'],
    ['/v1/cats', 404, 'route-unknown'],
  ])('%s is refused', async (url, status, code) => {
    const answer = await (await petApp()).inject(url);
    expect([answer.statusCode, answer.json().code]).toEqual([status, code]);
  });

  it.each([
    ['DELETE', '/v1/pets', 'GET, HEAD, POST'],
    ['POST', '/v1/pets/7', 'GET, HEAD'],
    ['PUT', '/v1/pets/7?x=1', 'GET, HEAD'],
  ] as const)('%s %s exists under other methods, which are named', async (method, url, allow) => {
    const answer = await (await petApp()).inject({ method, url });
    expect([answer.statusCode, answer.json().code, answer.headers.allow]).toEqual([405, 'method-unknown', allow]);
  });
});

describe('wrong fields', () => {
  const post = async (payload: object) => (await petApp()).inject({ method: 'POST', url: '/v1/pets', payload });

  it('are all named by JSON pointer, escaped as RFC 6901 asks', async () => {
    const answer = await post({ tags: { 'a/b~c': 'no' } });
    expect(answer.statusCode).toBe(422);
    expect(answer.json().errors.map((field: { pointer: string }) => field.pointer)).toEqual(['/name', '/tags/a~1b~0c']);
  });

  it('include fields nobody asked for', async () => {
    const answer = await post({ name: 'Rex', role: 'admin' });
    expect([answer.statusCode, answer.json().code, answer.json().errors[0].pointer]).toEqual([
      422,
      'body-invalid',
      '/role',
    ]);
  });

  it('of the query are named: unknown 400, wrong 422', async () => {
    await petApp();
    const unknown = await app.inject('/v1/pets?limt=3');
    expect([unknown.statusCode, unknown.json().code]).toEqual([400, 'query-unknown']);
    expect(unknown.json().detail).toContain('"limt"');
    const wrong = await app.inject('/v1/pets?limit=ten');
    expect([wrong.statusCode, wrong.json().errors[0].pointer]).toEqual([422, 'limit']);
    const path = await app.inject('/v1/pets/rex');
    expect([path.statusCode, path.json().errors[0].pointer]).toEqual([422, 'id']);
  });

  it('include any query on a route that takes none', async () => {
    await petApp();
    const answer = await app.inject('/v1/pets/7?verbose=1');
    expect([answer.statusCode, answer.json().code]).toEqual([400, 'query-unknown']);
  });
});

describe('an error nobody foresaw', () => {
  it('says nothing of itself to the outside', async () => {
    const answer = await (await petApp()).inject('/v1/crash');
    expect([answer.statusCode, answer.json().code]).toEqual([500, 'internal']);
    expect(answer.body).not.toMatch(/passwd|TypeError|\.ts|node_modules/);
  });

  it('that is a broken promise of our own code is handed on, after the answer', async () => {
    const heard: string[] = [];
    app = await httpApp({ onBrokenPromise: error => heard.push(error.message) });
    app.get('/broken', () => assert(false, 'the sum must be zero'));
    expect((await app.inject('/broken')).statusCode).toBe(500);
    await new Promise(resolve => setImmediate(resolve));
    expect(heard).toEqual(['the sum must be zero']);
  });
});

describe('the pages about problems', () => {
  it.each(Object.keys(refusals))('explain %s', async code => {
    app = await httpApp();
    const page = await app.inject(`/problems/${code}`);
    expect(page.statusCode).toBe(200);
    expect(page.body).toContain(code);
  });

  it('know no other code', async () => {
    app = await httpApp();
    expect((await app.inject('/problems/toString')).statusCode).toBe(404);
    expect((await app.inject('/problems')).statusCode).toBe(200);
  });
});
