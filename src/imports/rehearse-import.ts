import type { Account, NewAccount } from '../accounts/account.ts';
import { RehearsedMeterPoints } from '../accounts/rehearsed-meter-points.ts';
import type { ReadingWithdrawal } from '../readings/reading-withdrawal-store.ts';
import { RehearsedIndex } from '../readings/rehearsed-index.ts';
import type { Instant } from '../units/time.ts';
import type { ImportBooks } from './import-books.ts';

/** Books in front of the real ones: an import on them gives the report it would give, and nothing of it is kept. */
export function rehearsedBooks(real: ImportBooks): ImportBooks {
  const index = new RehearsedIndex(real.index);
  return {
    accounts: new RehearsedAccounts(real.accounts),
    meterPoints: new RehearsedMeterPoints(real.meterPoints),
    index,
    journal: { append: () => undefined, durable: () => Promise.resolve() },
    ...(real.rules && { rules: real.rules }),
    ...(real.usual && { usual: real.usual }),
    flags: { add: () => undefined },
    quarantine: { putAside: () => undefined },
    reasons: { keep: () => undefined, keepUnsynced: () => undefined },
    ...(real.withdrawals && { withdrawals: new RehearsedWithdrawals(real.withdrawals) }),
    sources: new RehearsedSources(),
    imports: {
      begin: () => 0,
      finish: () => undefined,
      findFinished: sha256 => real.imports.findFinished(sha256),
    },
    placeBehind: undefined,
    flush: () => Promise.resolve(index.pack()),
  };
}

type Withdrawals = NonNullable<ImportBooks['withdrawals']>;

class RehearsedWithdrawals {
  readonly #real: Withdrawals;
  readonly #kept: ReadingWithdrawal[] = [];

  constructor(real: Withdrawals) {
    this.#real = real;
  }

  keep(withdrawal: ReadingWithdrawal): void {
    this.#kept.push(withdrawal);
  }

  list(seriesId: number, at: Instant): ReadingWithdrawal[] {
    const kept = this.#kept.filter(each => each.seriesId === seriesId && each.at === at);
    return seriesId < 0 ? kept : [...this.#real.list(seriesId, at), ...kept];
  }
}

// Sources are counted up from one, and none has so high a number.
const lastSource = 2 ** 32 - 1;

/** Each member of an archive is one, as it would be: of what one file says twice, nothing is withdrawn. */
class RehearsedSources {
  readonly #ids = new Map<string, number>();

  idOf(kind: string, reference: string): number {
    const key = `${kind} ${reference}`;
    const id = this.#ids.get(key) ?? lastSource - this.#ids.size;
    this.#ids.set(key, id);
    return id;
  }
}

class RehearsedAccounts {
  readonly #real: ImportBooks['accounts'];
  readonly #added = new Map<string, Account>();

  constructor(real: ImportBooks['accounts']) {
    this.#real = real;
  }

  find(number: string): Account | undefined {
    return this.#added.get(number) ?? this.#real.find(number);
  }

  add(account: NewAccount, createdAt: number): Account {
    const added = { ...account, id: -1 - this.#added.size, createdAt, version: 1 };
    this.#added.set(account.number, added);
    return added;
  }
}
