import type { Access } from '../access/access.ts';
import type { Database } from '../kernel/database.ts';
import { Refusal } from '../kernel/errors.ts';
import type { Instant } from '../units/time.ts';
import type { Account, AccountFacts, NewAccount } from './account.ts';
import type { AccountStore } from './account-store.ts';

export interface ChangeAccountDeps {
  database: Database;
  accounts: AccountStore;
  access: Pick<Access, 'audit'>;
}

/** Who does it, as the audit trail says it ("user:ana", "key:3"), and when. */
export interface By {
  who: string;
  at: Instant;
}

/** Opens an account. Throws 'account-exists'. */
export function openAccount({ database, accounts, access }: ChangeAccountDeps, given: NewAccount, by: By): Account {
  return database
    .transaction(() => {
      const account = accounts.add(given, by.at);
      access.audit.record({ ...by, action: 'account.open', subject: `account:${account.number}` });
      return account;
    })
    .immediate();
}

/**
 * Changes what is said of an account; what is left out stays. `version` is that of the account the change was made on. Throws
 * 'account-unknown', and 'edit-stale' when somebody changed it since.
 */
export function changeAccount(
  { database, accounts, access }: ChangeAccountDeps,
  number: string,
  {
    version,
    ...given
  }: { version: number } & Partial<{ [Fact in keyof AccountFacts]: AccountFacts[Fact] | undefined }>,
  by: By,
): Account {
  return database
    .transaction(() => {
      const known = accounts.get(number);
      refuseStale(known, version, `account ${number}`);
      const changes = changesOf(known, given);
      if (changes.count === 0) return known;
      access.audit.record({ ...by, action: 'account.change', subject: `account:${number}`, detail: changes.detail });
      return accounts.change(known, { ...known, ...changes.facts });
    })
    .immediate();
}

/** Throws 'edit-stale' when what is known is not of that version; `what` names it in a sentence. */
export function refuseStale(known: { version: number }, version: number, what: string): void {
  if (known.version === version) return;
  const message = `was changed by somebody else since this was read (version ${version}, now ${known.version})`;
  throw new Refusal('edit-stale', `${what} ${message}`);
}

/** What is given and differs; the detail has both, for the trail. */
export function changesOf<Facts extends object>(
  known: Facts,
  given: { [Fact in keyof Facts]?: Facts[Fact] | undefined },
) {
  const facts: Partial<Facts> = {};
  const detail: Record<string, { from: unknown; to: unknown }> = {};
  for (const name in given) {
    const to = given[name];
    if (to === undefined || to === known[name]) continue;
    facts[name] = to;
    detail[name] = { from: known[name], to };
  }
  return { facts, detail, count: Object.keys(detail).length };
}
