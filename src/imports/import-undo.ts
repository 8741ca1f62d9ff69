import type { MeterPointStore } from '../accounts/meter-point-store.ts';
import type { Journal } from '../readings/journal.ts';
import type { ReadingIndex } from '../readings/reading-index.ts';
import type { ReadingWithdrawalStore } from '../readings/reading-withdrawal-store.ts';
import type { SourceStore } from '../readings/source-store.ts';
import type { Instant } from '../units/time.ts';
import type { ImportDeps } from './import-file.ts';
import type { ImportRunStore } from './import-run-store.ts';
import type { ImportUndoStore } from './import-undo-store.ts';

export interface UndoDeps extends ImportDeps {
  meterPoints: MeterPointStore;
  index: ReadingIndex;
  journal: Journal;
  sources: SourceStore;
  imports: ImportRunStore;
  /** What senders took back. */
  withdrawals?: ReadingWithdrawalStore;
  /** Absent: nothing was undone before. */
  undos?: Pick<ImportUndoStore, 'find' | 'wasReadAgain'>;
  /** What issued invoices say of a meter point, for good: what stands in these spans is not undone. */
  listBilled: (meterPointId: number) => BilledSpan[];
}

/** Half-open. */
export interface BilledSpan {
  invoice: string;
  from: Instant;
  to: Instant;
}

/** What undoing an import does or would do. */
export interface UndoReport {
  /** Current readings that were its own: nothing stands there any more. */
  gone: number;
  /** The same, where an earlier value is current again. */
  returned: number;
  /** What it had brought beside other current readings. */
  beside: number;
  /** What it had told of registers: it holds no more. */
  facts: number;
  /** Readings that stay because they are billed; none of them where what was told of the register stays. */
  billed: { meterPoint: string; code: string; invoice: string; readings: number }[];
  /** Later imports that met its readings and are read again. */
  readAgain: number[];
}
