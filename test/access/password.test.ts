import { describe, expect, it } from 'vitest';
import { hashPassword, passwordWeakness, verifyPassword } from '../../src/access/password.ts';

describe('a stored password', () => {
  it('is an argon2id PHC string with the parameters OWASP names, and never the same twice', async () => {
    const [one, two] = await Promise.all([
      hashPassword('correct horse battery'),
      hashPassword('correct horse battery'),
    ]);
    expect(one).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$[\w+/]{22}\$[\w+/]{43}$/);
    expect(one).not.toBe(two);
  });

  it('opens to the right password only', async () => {
    const stored = await hashPassword('correct horse battery');
    expect(await verifyPassword('correct horse battery', stored)).toBe(true);
    expect(await verifyPassword('Correct horse battery', stored)).toBe(false);
    expect(await verifyPassword('', stored)).toBe(false);
  });

  it('opens however the keyboard composed an accent', async () => {
    const stored = await hashPassword('caf\u00e9 au lait 12');
    expect(await verifyPassword('cafe\u0301 au lait 12', stored)).toBe(true);
  });

  it('opens to nothing when there is no such user', async () => {
    expect(await verifyPassword('', undefined)).toBe(false);
    expect(await verifyPassword('correct horse battery', undefined)).toBe(false);
  });

  it('still opens under parameters of an older release', async () => {
    // argon2id, m=8, t=1, p=1 of "password" with salt "somesalt", from the reference implementation's command line.
    const { argon2Sync } = await import('node:crypto');
    const options = { message: 'old password!', nonce: Buffer.from('somesalt'), parallelism: 1, memory: 8, passes: 1 };
    const hash = argon2Sync('argon2id', { ...options, tagLength: 16 })
      .toString('base64')
      .replaceAll('=', '');
    expect(await verifyPassword('old password!', `$argon2id$v=19$m=8,t=1,p=1$c29tZXNhbHQ$${hash}`)).toBe(true);
  });

  it('refuses to wait behind more than a queue of others', async () => {
    const stored = await hashPassword('correct horse battery');
    const results = await Promise.allSettled(Array.from({ length: 80 }, () => verifyPassword('wrong', stored)));
    const refused = results.filter(result => result.status === 'rejected');
    expect(refused).toHaveLength(80 - 2 - 64);
    expect(await verifyPassword('correct horse battery', stored)).toBe(true);
  });
});

it.each([
  ['short', 'at least 12'],
  ['eleven char', 'at least 12'],
  ['aaaaaaaaaaaaaaaa', 'same few'],
  ['x'.repeat(300), 'longer than'],
  ['anastasia-12', 'user name'],
  ['twelve chars', undefined],
  ['vier-Wörter-und-mehr', undefined],
])('the new password %j: %s', (password, why) => {
  const weakness = passwordWeakness(password, 'anastasia');
  if (why) expect(weakness).toContain(why);
  else expect(weakness).toBeUndefined();
});
