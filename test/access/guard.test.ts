import cookie from '@fastify/cookie';
import formbody from '@fastify/formbody';
import Fastify, { type FastifyInstance } from 'fastify';
import { afterEach, describe, expect, it } from 'vitest';
import { addUser } from '../../src/access/add-user.ts';
import { createApiKey, revokeApiKey } from '../../src/access/create-api-key.ts';
import { isSameOrigin } from '../../src/access/form-token.ts';
import { createGuard } from '../../src/access/guard.ts';
import { type Scope, scopes } from '../../src/access/scopes.ts';
import { registerProblems } from '../../src/http/problems.ts';
import { instantOfMs } from '../../src/units/time.ts';
import { type TestAccess, testAccess } from './setup.ts';

let app: FastifyInstance;
let access: TestAccess;
afterEach(() => app.close());

async function guarded() {
  access = testAccess();
  app = Fastify();
  registerProblems(app);
  await app.register(cookie);
  await app.register(formbody);
  const guard = createGuard(app, access, { https: false });
  for (const scope of scopes)
    app.post(pathOf(scope), { onRequest: guard.needsScope(scope) }, request => request.apiKey?.name);
  app.get('/admin/secret', { onRequest: guard.needsUser('operator') }, request => request.session?.user.name);
  return app;
}

// A colon in a path would name a parameter.
const pathOf = (scope: Scope) => `/v1/${scope.replace(':', '-').replace('*', 'all')}`;
const bearer = (secret: string) => ({ authorization: `Bearer ${secret}` });
const post = (scope: Scope, headers: Record<string, string>) =>
  app.inject({ method: 'POST', url: pathOf(scope), headers, payload: {} });

describe('a program', () => {
  it.each([
    [{}, 'key-missing', 'Bearer realm="wattledger"'],
    [{ authorization: 'Basic YTpi' }, 'key-missing', 'Bearer realm="wattledger"'],
    [bearer(''), 'key-missing', 'Bearer realm="wattledger"'],
    [bearer('wl_nonsense'), 'key-unknown', 'Bearer realm="wattledger", error="invalid_token"'],
  ])('with %j is refused: %s', async (headers, code, challenge) => {
    await guarded();
    const answer = await post('readings:write', headers);
    expect([answer.statusCode, answer.json().code]).toEqual([401, code]);
    expect(answer.headers['www-authenticate']).toBe(challenge);
  });

  it('is refused before its body is read', async () => {
    await guarded();
    const headers = { 'content-type': 'application/json' };
    const answer = await app.inject({ method: 'POST', url: pathOf('readings:write'), headers, payload: '{broken' });
    expect(answer.statusCode).toBe(401);
  });

  it('may do what its scopes say and nothing else, for every pair of scopes', async () => {
    await guarded();
    for (const granted of scopes) {
      const { secret } = createApiKey(access, { name: granted, scopes: [granted], by: 'test' });
      const allowed: Scope[] = [];
      for (const needed of scopes) {
        const answer = await post(needed, bearer(secret));
        if (answer.statusCode === 200) allowed.push(needed);
        else expect([answer.statusCode, answer.json().code]).toEqual([403, 'scope-missing']);
      }
      expect(allowed).toEqual(granted === '*' ? [...scopes] : [granted]);
    }
  });

  it('is refused with an expired or revoked key', async () => {
    await guarded();
    const expiresAt = instantOfMs(access.clock.now() + 1_000);
    const short = createApiKey(access, { name: 'short', scopes: ['*'], expiresAt, by: 'test' });
    expect((await post('*', bearer(short.secret))).statusCode).toBe(200);
    access.clock.advance(1_000);
    expect((await post('*', bearer(short.secret))).json().code).toBe('key-unknown');
    const revoked = createApiKey(access, { name: 'revoked', scopes: ['*'], by: 'test' });
    revokeApiKey(access, { id: revoked.key.id, by: 'test' });
    expect((await post('*', bearer(revoked.secret))).json().code).toBe('key-unknown');
  });
});

describe('a person', () => {
  it('without a session is led to the sign-in page and back', async () => {
    await guarded();
    const answer = await app.inject('/admin/secret?day=2026-11-20');
    expect([answer.statusCode, answer.headers.location]).toEqual([
      303,
      '/admin/sign-in?next=%2Fadmin%2Fsecret%3Fday%3D2026-11-20',
    ]);
  });

  it.each([
    ['viewer', 403],
    ['operator', 200],
    ['admin', 200],
  ])('as %s at an operator page gets %i', async (role, status) => {
    await guarded();
    const { user } = await addUser(access, { name: 'ana', role, by: 'test' });
    const session = access.sessions.begin(user, '10.0.0.1', instantOfMs(access.clock.now()));
    const answer = await app.inject({ url: '/admin/secret', cookies: { wattledger_session: session.id } });
    expect(answer.statusCode).toBe(status);
  });

  it('cannot come in with an API key, nor a program with a session', async () => {
    await guarded();
    const { user } = await addUser(access, { name: 'ana', role: 'admin', by: 'test' });
    const session = access.sessions.begin(user, '10.0.0.1', instantOfMs(access.clock.now()));
    const { secret } = createApiKey(access, { name: 'n', scopes: ['*'], by: 'test' });
    expect((await app.inject({ url: '/admin/secret', headers: bearer(secret) })).statusCode).toBe(303);
    const cookies = { wattledger_session: session.id };
    expect((await app.inject({ method: 'POST', url: pathOf('*'), cookies })).statusCode).toBe(401);
  });
});

it.each([
  [{}, true],
  [{ origin: 'http://wl.example:8080' }, true],
  [{ origin: 'https://wl.example:8080', 'sec-fetch-site': 'same-origin' }, true],
  [{ 'sec-fetch-site': 'none' }, true],
  [{ origin: 'http://wl.example' }, false],
  [{ origin: 'https://evil.example' }, false],
  [{ origin: 'null' }, false],
  [{ origin: '' }, false],
  [{ 'sec-fetch-site': 'cross-site' }, false],
  [{ 'sec-fetch-site': 'same-site' }, false],
  [{ origin: 'http://wl.example:8080', 'sec-fetch-site': 'cross-site' }, false],
])('a form sent with %j is from this host: %s', (headers, expected) => {
  expect(isSameOrigin(headers, 'wl.example:8080')).toBe(expected);
});
