import { Refusal } from '../kernel/errors.ts';
import { type Instant, instantOfMs } from '../units/time.ts';
import type { Access } from './access.ts';
import { type ApiKey, newApiKeySecret } from './api-key.ts';
import { isScope, scopes as scopesKnown } from './scopes.ts';

interface NewApiKey {
  name: string;
  scopes: readonly string[];
  expiresAt?: Instant;
  /** Who makes it, for the audit trail: "cli", "user:ana". */
  by: string;
}

/** Returns the secret beside the key: it is shown once and cannot be had again. */
export function createApiKey(
  { keys, audit, clock }: Pick<Access, 'keys' | 'audit' | 'clock'>,
  { name, scopes, expiresAt, by }: NewApiKey,
): { key: ApiKey; secret: string } {
  const unknown = scopes.filter(scope => !isScope(scope));
  if (unknown.length > 0 || scopes.length === 0) throw unknownScopes(unknown);
  const secret = newApiKeySecret();
  const now = instantOfMs(clock.now());
  const key = keys.add(name, secret, scopes.filter(isScope), now, expiresAt);
  const detail = { name, prefix: key.prefix, scopes: key.scopes };
  audit.record({ at: now, who: by, action: 'key.create', subject: `key:${key.id}`, detail });
  return { key, secret };
}

/** Ends a key at once, also for the process that is serving. */
export function revokeApiKey(
  { keys, audit, clock }: Pick<Access, 'keys' | 'audit' | 'clock'>,
  { id, by }: { id: number; by: string },
): void {
  const key = keys.get(id);
  const now = instantOfMs(clock.now());
  keys.revoke(key, now);
  audit.record({ at: now, who: by, action: 'key.revoke', subject: `key:${id}`, detail: { name: key.name } });
}

function unknownScopes(unknown: string[]): Refusal {
  const said =
    unknown.length > 0 ? `There is no scope ${unknown.map(scope => `"${scope}"`).join(', ')}` : 'No scope given';
  const message = `${said}; the scopes are ${scopesKnown.join(', ')}.`;
  return new Refusal('scope-unknown', message, [{ pointer: '/scopes', message: said }]);
}
