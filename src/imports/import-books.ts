import type { AccountStore } from '../accounts/account-store.ts';
import type { ConfigurationStore } from '../accounts/configuration-store.ts';
import type { MeterPointStore } from '../accounts/meter-point-store.ts';
import type { Books, Noticing } from '../readings/decide.ts';
import type { Journal } from '../readings/journal.ts';
import type { QuarantineStore } from '../readings/quarantine-store.ts';
import type { ReadingIndex } from '../readings/reading-index.ts';
import type { ReadingReasonStore } from '../readings/reading-reason-store.ts';
import type { ReadingWithdrawalStore } from '../readings/reading-withdrawal-store.ts';
import type { RealIndex } from '../readings/rehearsed-index.ts';
import type { SourceStore } from '../readings/source-store.ts';
import type { ImportRunStore } from './import-run-store.ts';

/** As much of the stores as an import touches: a rehearsal has its own. */
export interface ImportBooks extends Noticing {
  accounts: Pick<AccountStore, 'find' | 'add'>;
  meterPoints: Pick<
    MeterPointStore,
    'find' | 'add' | 'change' | 'listSeries' | 'findSeries' | 'addSeries' | 'addTogether' | 'addRegisterFacts'
  > & { configurations: Pick<ConfigurationStore, 'note'> };
  /**
   * As addTogether of meterPoints, by a thread that writes beside (MeterPointStore.addBehind); undefined where something must not be
   * overtaken. Absent: nobody writes beside.
   */
  placeBehind?:
    | (<T>(add: () => T, mentioned: readonly string[]) => { made: T; written: Promise<void> } | undefined)
    | undefined;
  index: Books['index'] & RealIndex & Pick<ReadingIndex, 'findKnown' | 'withdraw'>;
  journal: Pick<Journal, 'append' | 'durable'>;
  /** Absent: nothing can be put aside, and what was to be is rejected. */
  quarantine?: Pick<QuarantineStore, 'putAside'>;
  /** Where the words beside a quality are kept. */
  reasons: Pick<ReadingReasonStore, 'keep' | 'keepUnsynced'>;
  /** What senders took back. Absent: that they did is forgotten, and an older file brings it again. */
  withdrawals?: Pick<ReadingWithdrawalStore, 'keep' | 'list'>;
  sources: Pick<SourceStore, 'idOf'>;
  imports: Pick<ImportRunStore, 'begin' | 'finish' | 'findFinished'>;
  /** Moves readings from memory into the store; asked for when a file has brought many. Without it they stay until the next flush. */
  flush?: () => Promise<unknown>;
}
