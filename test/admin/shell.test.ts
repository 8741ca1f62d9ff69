import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { addUser } from '../../src/access/add-user.ts';
import { roles } from '../../src/access/user.ts';
import { pages } from '../../src/admin/pages/index.ts';
import { type AdminApp, adminApp, browser } from './app.ts';

let admin: AdminApp;
beforeEach(async () => {
  admin = await adminApp();
});
afterEach(() => admin.app.close());

const password = 'correct horse battery';
const form = { 'content-type': 'application/x-www-form-urlencoded' };

describe('every form', () => {
  it('is refused without a token, with another session’s token, and from another site', async () => {
    const posts = admin.routes.filter(
      ({ method, url }) => !['GET', 'HEAD'].includes(method) && url.startsWith('/admin'),
    );
    expect(posts.length).toBeGreaterThan(5);
    const victim = await admin.signedIn('admin');
    const attacker = await admin.signedIn('viewer');
    const tokenOf = async (who: typeof victim) =>
      /name="csrf" value="([^"]+)"/.exec((await who.get('/admin/sign-in')).body)?.[1];
    await victim.get('/admin/sign-in');
    const foreign = `csrf=${await tokenOf(attacker)}`;
    const own = /name="csrf" value="([^"]+)"/.exec((await victim.get('/admin/users')).body)?.[1];
    for (const { method, url } of posts) {
      const send = (payload: string, headers: Record<string, string> = {}) =>
        admin.app.inject({
          method: method as 'POST',
          url,
          cookies: victim.cookies,
          headers: { ...form, ...headers },
          payload,
        });
      const answers = [
        await send(''),
        await send('csrf='),
        await send(foreign),
        await send('csrf[]=x&__proto__[csrf]=x'),
        await send(`csrf=${own}`, { origin: 'https://evil.example' }),
        await send(`csrf=${own}`, { origin: 'null' }),
        await send(`csrf=${own}`, { 'sec-fetch-site': 'cross-site' }),
        await send(`csrf=${own}`, { 'sec-fetch-site': 'same-site' }),
      ];
      expect([url, answers.map(answer => answer.statusCode)]).toEqual([url, answers.map(() => 403)]);
    }
    expect(admin.access.users.list()).toHaveLength(2);
  });

  it('of JSON is not a form', async () => {
    const { cookies } = await admin.signedIn('admin');
    const answer = await admin.app.inject({ method: 'POST', url: '/admin/users/add', cookies, payload: { name: 'x' } });
    expect(answer.statusCode).toBe(403);
  });
});

describe('every page', () => {
  const plain = pages.filter(({ url }) => !url.includes(':'));
  it.each(plain.map(page => [page.url, page] as const))(
    '%s shows itself to its role and not below',
    async (url, page) => {
      for (const role of roles) {
        const { status, body } = await (await admin.signedIn(role)).get(url);
        const allowed = roles.indexOf(role) >= roles.indexOf(page.role);
        expect([role, status]).toEqual([role, allowed ? 200 : 403]);
        if (!allowed) continue;
        expect(body).toContain(`<h1>`);
        expect(body.match(/aria-current="page"/g)).toHaveLength(1);
        expect(body).not.toMatch(/undefined|NaN|\[object|\sstyle=|javascript:/);
      }
    },
  );

  it.each(plain.map(page => page.url))('%s leads a stranger to the sign-in page', async url => {
    const { status, location } = await browser(admin.app, {}).get(url);
    expect([status, location]).toEqual([303, `/admin/sign-in?next=${encodeURIComponent(url)}`]);
  });
});

describe('signing in', () => {
  beforeEach(async () => {
    await addUser(admin.access, { name: 'ana', role: 'admin', password, by: 'test' });
  });
  const credentials = { name: 'ana', password };

  it('leads to the page that was asked for, with a cookie scripts cannot read', async () => {
    const visitor = browser(admin.app, {});
    const page = '/admin/sign-in?next=%2Fadmin%2Fusers%3Fq%3Da';
    const csrf = /name="csrf" value="([^"]+)"/.exec((await visitor.get(page)).body)?.[1];
    const payload = new URLSearchParams({ csrf: csrf ?? '', next: '/admin/users?q=a', ...credentials }).toString();
    const answer = await admin.app.inject({
      method: 'POST',
      url: '/admin/sign-in',
      cookies: visitor.cookies,
      headers: form,
      payload,
    });
    expect([answer.statusCode, answer.headers.location]).toEqual([303, '/admin/users?q=a']);
    const cookie = answer.cookies.find(({ name }) => name === 'wattledger_session');
    expect(cookie).toMatchObject({ httpOnly: true, sameSite: 'Lax', path: '/' });
  });

  it.each([
    'https://evil.example',
    '//evil.example',
    '/\\evil.example',
    'javascript:alert(1)',
    '/problems',
    '/administrator',
    '/admin/sign-in',
  ])('never leads to %s', async next => {
    const { location } = await browser(admin.app, {}).submit('/admin/sign-in', '/admin/sign-in', {
      ...credentials,
      next,
    });
    expect(location).toBe('/admin');
  });

  it('with a planted session id gives another one', async () => {
    const visitor = browser(admin.app, { wattledger_session: 'planted' });
    await visitor.submit('/admin/sign-in', '/admin/sign-in', credentials);
    expect(visitor.cookies.wattledger_session).not.toBe('planted');
    expect((await browser(admin.app, { wattledger_session: 'planted' }).get('/admin/users')).status).toBe(303);
  });

  it('with a wrong password shows the form again, then asks to wait', async () => {
    const visitor = browser(admin.app, {});
    const wrong = { name: 'ana', password: 'wrong password' };
    for (let tries = 0; tries < 5; tries += 1) {
      const answer = await visitor.submit('/admin/sign-in', '/admin/sign-in', wrong);
      expect(answer.status).toBe(401);
      expect(answer.body).toContain('The name or the password is wrong.');
      expect(answer.body).not.toContain('wrong password"');
    }
    const answer = await visitor.submit('/admin/sign-in', '/admin/sign-in', credentials);
    expect([answer.status, answer.body.includes('Try again in 1 s')]).toEqual([429, true]);
  });

  it('ends with the sign-out: the old cookie opens nothing', async () => {
    const visitor = browser(admin.app, {});
    await visitor.submit('/admin/sign-in', '/admin/sign-in', credentials);
    const stolen = { ...visitor.cookies };
    expect((await visitor.get('/admin/users')).status).toBe(200);
    expect((await visitor.submit('/admin/users', '/admin/sign-out', {})).location).toBe('/admin/sign-in');
    expect((await browser(admin.app, stolen).get('/admin/users')).status).toBe(303);
  });
});

it('the theme is chosen without a script and leads back to the page', async () => {
  const ana = await admin.signedIn('admin');
  const answer = await ana.submit('/admin/users', '/admin/theme', { theme: 'dark', back: '/admin/keys' });
  expect([answer.status, answer.location]).toEqual([303, '/admin/keys']);
  expect((await ana.get('/admin/keys')).body).toContain('data-theme="dark"');
  ana.cookies.wattledger_theme = '"><script>alert(1)</script>';
  expect((await ana.get('/admin/keys')).body).toContain('data-theme="system"');
});

describe('users and keys', () => {
  it('are made here, their secret shown once, and what was typed is never markup', async () => {
    const ana = await admin.signedIn('admin');
    const added = await ana.submit('/admin/users', '/admin/users/add', { name: 'bo', role: 'viewer' });
    expect(added.body).toMatch(/<code class="secret">[a-z2-9-]{19}<\/code>/);
    const payload = '<img src=x onerror=alert(1)>';
    const key = await ana.submit('/admin/keys', '/admin/keys/create', { name: payload, scope: 'readings:write' });
    const secret = /wl_[\w-]{43}/.exec(key.body)?.[0] ?? '';
    expect(admin.access.keys.find(secret)?.scopes).toEqual(['readings:write']);
    const later = await ana.get('/admin/keys');
    expect(later.body).not.toContain(secret);
    expect(key.body + later.body + (await ana.get('/admin/audit')).body).not.toContain('<img');
  });

  it('that are refused say why on the page, with the status of the refusal', async () => {
    const ana = await admin.signedIn('admin');
    const answer = await ana.submit('/admin/users', '/admin/users/add', { name: 'admin', role: 'viewer' });
    expect([answer.status, answer.body.includes('There is already a user')]).toEqual([409, true]);
    expect((await ana.submit('/admin/keys', '/admin/keys/revoke', { id: '99' })).status).toBe(404);
  });

  it('that are disabled are out at once', async () => {
    const ana = await admin.signedIn('admin');
    const bo = await admin.signedIn('operator');
    await ana.submit('/admin/users', '/admin/users/disable', { name: 'operator' });
    expect((await bo.get('/admin/users')).status).toBe(303);
  });
});
