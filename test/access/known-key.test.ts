import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { createApiKey, revokeApiKey } from '../../src/access/create-api-key.ts';
import { testAccess } from './setup.ts';

describe('a key that is asked for again and again', () => {
  it('is read from the database once', () => {
    const access = testAccess();
    const { secret } = createApiKey(access, { name: 'meter 7', scopes: ['readings:write'], by: 'cli' });
    const first = access.keys.findKnown(secret);
    expect(first).toMatchObject({ name: 'meter 7' });
    expect(access.keys.findKnown(secret)).toBe(first);
  });

  it('works at once when this process or another has just made it, although it was asked for before', () => {
    const access = testAccess();
    const { secret: mine } = createApiKey(access, { name: 'mine', scopes: ['*'], by: 'cli' });
    expect(access.keys.findKnown(mine)).toBeDefined();
    const { secret: theirs } = createApiKey(access.otherProcess(), { name: 'theirs', scopes: ['*'], by: 'cli' });
    expect(access.keys.findKnown(theirs)).toBeDefined();
    expect(access.keys.findKnown('wl_nobody')).toBeUndefined();
  });

  it('is revoked at once by this process', () => {
    const access = testAccess();
    const { key, secret } = createApiKey(access, { name: 'n', scopes: ['*'], by: 'cli' });
    expect(access.keys.findKnown(secret)?.revokedAt).toBeUndefined();
    revokeApiKey(access, { id: key.id, by: 'cli' });
    expect(access.keys.findKnown(secret)?.revokedAt).toBeDefined();
  });

  it('is revoked with the next turn of the event loop by another process', async () => {
    const access = testAccess();
    const { key, secret } = createApiKey(access, { name: 'n', scopes: ['*'], by: 'cli' });
    expect(access.keys.findKnown(secret)?.revokedAt).toBeUndefined();
    revokeApiKey(access.otherProcess(), { id: key.id, by: 'cli' });
    await setImmediate();
    expect(access.keys.findKnown(secret)?.revokedAt).toBeDefined();
  });
});
