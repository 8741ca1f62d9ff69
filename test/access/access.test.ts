import { describe, expect, it } from 'vitest';
import { addUser } from '../../src/access/add-user.ts';
import { createApiKey, revokeApiKey } from '../../src/access/create-api-key.ts';
import { disableUser, enableUser } from '../../src/access/disable-user.ts';
import { setPassword } from '../../src/access/set-password.ts';
import { signIn } from '../../src/access/sign-in.ts';
import { instantOfMs } from '../../src/units/time.ts';
import { type TestAccess, testAccess } from './setup.ts';

const password = 'correct horse battery';
const hour = 3_600_000;
const now = (access: TestAccess) => instantOfMs(access.clock.now());

async function withAna(): Promise<TestAccess> {
  const access = testAccess();
  await addUser(access, { name: 'ana', role: 'operator', password, by: 'cli' });
  return access;
}

async function sessionOf(access: TestAccess, formerSessionId?: string): Promise<string> {
  const result = await signIn(access, {
    name: 'ana',
    password,
    address: '10.0.0.1',
    ...(formerSessionId && { formerSessionId }),
  });
  if (!result.ok) throw result.refusal;
  return result.session.id;
}

describe('a new user', () => {
  it('gets a readable password when none is given, and it works', async () => {
    const access = testAccess();
    const made = await addUser(access, { name: 'bo', role: 'viewer', by: 'cli' });
    expect(made.password).toMatch(/^[a-z2-9]{4}(-[a-z2-9]{4}){3}$/);
    const result = await signIn(access, { name: 'BO', password: made.password, address: '10.0.0.1' });
    expect(result.ok).toBe(true);
  });

  it.each([
    [{ name: 'ANA', role: 'viewer', password }, 'user-exists'],
    [{ name: 'a b', role: 'viewer', password }, 'body-invalid'],
    [{ name: '<script>', role: 'viewer', password }, 'body-invalid'],
    [{ name: 'bo', role: 'root', password }, 'body-invalid'],
    [{ name: 'bo', role: 'viewer', password: 'hunter2' }, 'password-weak'],
  ])('%j is refused: %s', async (user, code) => {
    const access = await withAna();
    await expect(addUser(access, { ...user, by: 'cli' })).rejects.toMatchObject({ code });
    expect(access.users.count()).toBe(1);
  });
});

describe('signing in', () => {
  it('says the same to a wrong password, an unknown name and a disabled user', async () => {
    const access = await withAna();
    await addUser(access, { name: 'bo', role: 'viewer', password, by: 'cli' });
    disableUser(access, { name: 'bo', by: 'user:ana' });
    const answers = [];
    for (const credentials of [
      { name: 'ana', password: 'wrong' },
      { name: 'nobody', password },
      { name: 'bo', password },
    ]) {
      const result = await signIn(access, { ...credentials, address: '10.0.0.1' });
      answers.push(result.ok ? 'in' : `${result.refusal.code} ${result.refusal.message}`);
    }
    expect(new Set(answers)).toEqual(new Set(['sign-in-failed The name or the password is wrong.']));
    enableUser(access, { name: 'bo', by: 'user:ana' });
    expect((await signIn(access, { name: 'bo', password, address: '10.0.0.1' })).ok).toBe(true);
  });

  it('lets only five of a hundred simultaneous guesses reach the password', async () => {
    const access = await withAna();
    const guess = (index: number) => signIn(access, { name: 'ana', password: `guess ${index}`, address: '10.0.0.1' });
    const results = await Promise.all(Array.from({ length: 100 }, (_, index) => guess(index)));
    const codes = results.map(result => (result.ok ? 'in' : result.refusal.code));
    expect(codes.filter(code => code === 'sign-in-failed')).toHaveLength(5);
    expect(codes.filter(code => code === 'sign-in-throttled')).toHaveLength(95);
  });

  it('opens to the owner at a known address while the name is attacked from everywhere', async () => {
    const access = await withAna();
    await sessionOf(access);
    const guess = (index: number) => ({ name: 'ana', password: 'guess', address: `10.1.0.${index}` });
    for (let index = 0; index < 60; index += 1)
      access.throttle.begin({ ...guess(index), addressKnown: false }, access.clock.now());
    const stranger = await signIn(access, { name: 'ana', password, address: '10.7.7.7' });
    expect(stranger).toMatchObject({ ok: false, refusal: { code: 'sign-in-throttled' } });
    await expect(sessionOf(access)).resolves.toBeTruthy();
  });
});

describe('a session', () => {
  it('has a new id at each sign-in, which ends the one before in that browser', async () => {
    const access = await withAna();
    const first = await sessionOf(access);
    const second = await sessionOf(access, first);
    expect(second).not.toBe(first);
    expect(access.sessions.find(first, now(access))).toBeUndefined();
    expect(access.sessions.find(second, now(access))?.user.name).toBe('ana');
  });

  it('is not found by an id planted before the sign-in', async () => {
    const access = await withAna();
    await sessionOf(access, 'planted-by-an-attacker');
    expect(access.sessions.find('planted-by-an-attacker', now(access))).toBeUndefined();
  });

  it('ends after eight idle hours, and lives on while it is used', async () => {
    const access = await withAna();
    const [idle, used] = [await sessionOf(access), await sessionOf(access)];
    for (let hours = 0; hours < 10; hours += 2) {
      expect(access.sessions.find(used, now(access))).toBeDefined();
      access.clock.advance(2 * hour);
    }
    expect(access.sessions.find(used, now(access))).toBeDefined();
    expect(access.sessions.find(idle, now(access))).toBeUndefined();
  });

  it('ends after thirty days however much it is used', async () => {
    const access = await withAna();
    const id = await sessionOf(access);
    for (let hours = 0; hours < 30 * 24; hours += 6) {
      expect(access.sessions.find(id, now(access))).toBeDefined();
      access.clock.advance(6 * hour);
    }
    access.clock.advance(1_000);
    expect(access.sessions.find(id, now(access))).toBeUndefined();
  });

  it.each([
    ['sign-out', (access: TestAccess, id: string) => access.sessions.end(id)],
    ['a new password', (access: TestAccess) => setPassword(access, { name: 'ana', by: 'cli' })],
    ['being disabled', (access: TestAccess) => disableUser(access, { name: 'ana', by: 'cli' })],
  ])('ends with %s', async (_what, act) => {
    const access = await withAna();
    const id = await sessionOf(access);
    await act(access, id);
    expect(access.sessions.find(id, now(access))).toBeUndefined();
  });

  it('cannot be taken over by somebody who reads the database', async () => {
    const access = await withAna();
    const id = await sessionOf(access);
    const rows = JSON.stringify(access.database.prepare('SELECT * FROM session').all());
    expect(rows).not.toContain(id);
  });
});

describe('the only administrator', () => {
  it('cannot be shut out, and can be let in again by the shell', async () => {
    const access = testAccess();
    await addUser(access, { name: 'ana', role: 'admin', by: 'cli' });
    expect(() => disableUser(access, { name: 'ana', by: 'user:ana' })).toThrow(
      expect.objectContaining({ code: 'user-last-admin' }),
    );
    await addUser(access, { name: 'bo', role: 'admin', by: 'cli' });
    disableUser(access, { name: 'bo', by: 'user:ana' });
    expect(() => disableUser(access, { name: 'ana', by: 'user:ana' })).toThrow();
    enableUser(access, { name: 'bo', by: 'cli' });
    disableUser(access, { name: 'ana', by: 'user:bo' });
    expect(access.users.get('ana').disabledAt).toBeDefined();
  });
});

describe('an API key', () => {
  it('works at once when another process made it, and not any more once that revoked it', () => {
    const access = testAccess();
    const other = access.otherProcess();
    const { key, secret } = createApiKey(other, { name: 'meter 7', scopes: ['readings:write'], by: 'cli' });
    expect(access.keys.find(secret)).toMatchObject({ id: key.id, scopes: ['readings:write'], revokedAt: undefined });
    revokeApiKey(other, { id: key.id, by: 'cli' });
    expect(access.keys.find(secret)?.revokedAt).toBe(now(access));
  });

  it('is kept as a hash and shown by its prefix', () => {
    const access = testAccess();
    const { key, secret } = createApiKey(access, { name: 'n', scopes: ['*'], by: 'cli' });
    expect(secret).toMatch(/^wl_[\w-]{43}$/);
    expect(secret.startsWith(key.prefix)).toBe(true);
    const everything = JSON.stringify([
      access.database.prepare('SELECT * FROM api_key').all(),
      access.database.prepare('SELECT * FROM audit_entry').all(),
    ]);
    expect(everything).not.toContain(secret.slice(12));
  });

  it('remembers its last use, written at most once a minute', () => {
    const access = testAccess();
    const { key } = createApiKey(access, { name: 'n', scopes: ['*'], by: 'cli' });
    const stored = () => access.otherProcess().keys.get(key.id).lastUsedAt;
    access.keys.noteUse(key, now(access));
    const first = stored();
    expect(first).toBe(now(access));
    access.clock.advance(59_000);
    access.keys.noteUse(key, now(access));
    expect(stored()).toBe(first);
    access.clock.advance(1_000);
    access.keys.noteUse(key, now(access));
    expect(stored()).toBe(now(access));
  });

  it.each([[['readings:all']], [['readings:read', 'root']], [[]]])('cannot have the scopes %j', scopes => {
    const access = testAccess();
    expect(() => createApiKey(access, { name: 'n', scopes, by: 'cli' })).toThrow(/scope/);
    expect(access.keys.list()).toEqual([]);
  });

  it('that does not exist cannot be revoked', () => {
    expect(() => revokeApiKey(testAccess(), { id: 7, by: 'cli' })).toThrow('There is no API key number 7.');
  });
});

describe('the audit trail', () => {
  it('tells who did what, newest first, without any secret', async () => {
    const access = await withAna();
    await sessionOf(access);
    await signIn(access, { name: 'ana', password: 'a wrong guess', address: '10.0.0.1' });
    await signIn(access, { name: 'my secret password', password: 'x', address: '10.0.0.1' });
    const entries = access.audit.list({ limit: 10 });
    expect(entries.map(({ who, action, subject }) => [who, action, subject])).toEqual([
      ['anonymous', 'sign-in.refused', 'user:unknown'],
      ['anonymous', 'sign-in.refused', 'user:ana'],
      ['user:ana', 'sign-in', 'user:ana'],
      ['cli', 'user.add', 'user:ana'],
    ]);
    expect(JSON.stringify(entries)).not.toMatch(/secret|guess|horse/);
    expect(access.audit.list({ search: 'REFUSED', limit: 1 })).toHaveLength(1);
  });

  it('cannot be changed or shortened, and shows when somebody did it with the triggers off', async () => {
    const { audit, database } = await withAna();
    audit.record({ at: instantOfMs(0), who: 'cli', action: 'x', subject: 'y' });
    expect(() => database.exec("UPDATE audit_entry SET who = 'nobody'")).toThrow('append-only');
    expect(() => database.exec('DELETE FROM audit_entry')).toThrow('append-only');
    expect(audit.findBreak()).toBeUndefined();
    database.exec("DROP TRIGGER audit_entry_never_changes; UPDATE audit_entry SET detail = '{}' WHERE id = 1");
    expect(audit.findBreak()).toBe(1);
  });
});
