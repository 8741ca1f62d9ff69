import fastify from 'fastify';
import { beforeEach, describe, expect, it } from 'vitest';
import { registerIdempotency } from '../../src/http/idempotency.ts';
import { IdempotencyStore } from '../../src/http/idempotency-store.ts';
import { openDatabase } from '../../src/kernel/database.ts';
import type { Refusal } from '../../src/kernel/errors.ts';
import { type TestHouse, testHouse } from '../open-house.ts';

let test: TestHouse;
let authorization: string;

beforeEach(async () => {
  test = await testHouse();
  authorization = test.authorization();
});

const ana = { number: 'A-1', name: 'Ana', email: 'ana@example.org' };

function post(key: string, payload: object = ana, url = '/v1/accounts', as = authorization) {
  return test.app.inject({ method: 'POST', url, payload, headers: { authorization: as, 'idempotency-key': key } });
}

describe('a POST with an Idempotency-Key', () => {
  it('sent again is answered as it was, and done once', async () => {
    const first = await post('k-1');
    const again = await post('k-1');
    expect(first.statusCode).toBe(201);
    expect(again.statusCode).toBe(201);
    expect(again.body).toBe(first.body);
    expect(again.headers['content-type']).toBe(first.headers['content-type']);
    expect([first.headers['idempotency-replayed'], again.headers['idempotency-replayed']]).toEqual([undefined, 'true']);
    expect((await post('k-2')).json()).toMatchObject({ status: 409, code: 'account-exists' });
  });

  it('is known on the paths of the power consumption API as well, with what their query strings say', async () => {
    const url = '/register_account?owner_name=Ana&address=1+Example+St&meter_id=m-1';
    const first = await post('k-1', {}, url);
    const again = await post('k-1', {}, url);
    expect([first.statusCode, again.statusCode, again.body]).toEqual([200, 200, first.body]);
    const other = await post('k-1', {}, url.replace('m-1', 'm-2'));
    expect([other.statusCode, other.json()]).toEqual([422, { detail: expect.stringContaining('"k-1"') }]);
    expect((await post('k-2', {}, url)).statusCode).toBe(400);
  });

  it('is known after a restart', async () => {
    const first = await post('k-1');
    await test.close();
    test = await testHouse({ home: test.home });
    const again = await post('k-1');
    expect(again.body).toBe(first.body);
    expect(again.headers['idempotency-replayed']).toBe('true');
  });

  it('with another body, or at another place, is refused', async () => {
    await post('k-1');
    const other = await post('k-1', { ...ana, number: 'A-2' });
    expect(other.json()).toMatchObject({ status: 422, code: 'idempotency-key-reused' });
    const elsewhere = await post('k-1', { identifier: 'm-1' }, '/v1/meter-points');
    expect(elsewhere.json()).toMatchObject({ status: 422, code: 'idempotency-key-reused' });
  });

  it('that was refused can be mended and sent again with the same key', async () => {
    expect((await post('k-1', { number: 'A-1' })).statusCode).toBe(422);
    expect((await post('k-1')).statusCode).toBe(201);
    expect((await post('k-2')).statusCode).toBe(409);
    expect((await post('k-2', { ...ana, number: 'A-2' })).statusCode).toBe(201);
  });

  it('means nothing to another sender', async () => {
    await post('k-1');
    const other = await post('k-1', { ...ana, number: 'A-2' }, '/v1/accounts', test.authorization(['accounts:write']));
    expect(other.statusCode).toBe(201);
  });

  it('is forgotten after a day', async () => {
    await post('k-1');
    test.clock.advance(24 * 3600 * 1000 - 1000);
    expect((await post('k-1')).statusCode).toBe(201);
    test.clock.advance(2000);
    expect((await post('k-1')).json()).toMatchObject({ code: 'account-exists' });
  });

  it('that is being carried out is told so, and not done twice', async () => {
    const app = fastify();
    const gate = Promise.withResolvers<void>();
    let done = 0;
    const store = new IdempotencyStore(openDatabase(':memory:'));
    registerIdempotency(app, { store, clock: test.clock, ownerOf: () => 'key 1' });
    app.setErrorHandler((error: Refusal, _request, reply) => reply.code(error.status).send({ code: error.code }));
    const entered = Promise.withResolvers<void>();
    app.post('/v1/slow', async () => {
      entered.resolve();
      await gate.promise;
      done += 1;
      return { done };
    });
    const slow = () => app.inject({ method: 'POST', url: '/v1/slow', headers: { 'idempotency-key': 'k-1' } });
    const first = slow().then(answer => answer.json());
    await entered.promise;
    const meanwhile = await slow();
    expect([meanwhile.statusCode, meanwhile.json()]).toEqual([409, { code: 'idempotency-key-in-flight' }]);
    gate.resolve();
    expect([await first, (await slow()).json(), done]).toEqual([{ done: 1 }, { done: 1 }, 1]);
    await app.close();
  });

  it('that was interrupted is told so, because nobody knows how far it came', async () => {
    await post('k-1');
    test.house.database.prepare('UPDATE idempotency_key SET status = NULL').run();
    expect((await post('k-1')).json()).toMatchObject({ status: 409, code: 'idempotency-outcome-unknown' });
  });

  it.each(['', ' ', 'a b', 'x'.repeat(256)])('"%s" is no key', async key => {
    expect((await post(key)).json()).toMatchObject({ status: 400, code: 'idempotency-key-invalid' });
  });

  it('cannot be told from the answer of another caller who is not let in', async () => {
    await post('k-1');
    expect((await post('k-1', ana, '/v1/accounts', 'Bearer wl_x')).statusCode).toBe(401);
  });
});
