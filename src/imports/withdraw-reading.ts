import type { Series } from '../accounts/meter-point.ts';
import type { Reading } from '../readings/reading.ts';
import { standingVersions } from '../readings/reading-history.ts';
import { isWithdrawnBy } from '../readings/reading-withdrawal-store.ts';
import { formatWithdrawal } from '../readings/write-records.ts';
import { formatKwh } from '../units/energy.ts';
import { formatUtc, type Instant, instant } from '../units/time.ts';
import type { RegisterReading } from './format.ts';
import type { ImportBooks } from './import-books.ts';
import type { Finding } from './problem.ts';

type Deps = Pick<ImportBooks, 'index' | 'journal' | 'withdrawals'>;

/** What a withdrawal came to, and what somebody should know of it. */
export interface Withdrawn {
  outcome: 'withdrawn' | 'nothing' | 'unclear';
  finding: Finding;
}

/**
 * Takes back a reading that its sender withdraws (D10-10): it is no longer current nor beside what is, what it replaced is current again,
 * and the history keeps both. That it was withdrawn is kept, so that the same reading does not enter by an older file. Billed readings
 * are withdrawn like others: the flush raises a rebill.
 */
export function withdrawReading(
  { index, journal, withdrawals }: Deps,
  series: Series,
  record: RegisterReading,
  source: number,
  now: Instant,
): Withdrawn {
  const { at, value, versionAt, line } = record;
  const seriesId = series.id;
  const what = `${formatKwh(value)} of ${record.meterPoint} register ${series.code} at ${formatUtc(at)}`;
  const known = index.findKnown(seriesId, at);
  const beside = standingVersions(index.listHistory(seriesId, at, at)).map(({ reading }) => reading);
  const standing = [...(known ? [known.reading] : []), ...beside];
  const [gone, stays] = partition(standing, reading => isWithdrawnBy(reading, record));
  const undone = [...new Set(gone.map(reading => reading.source))];
  if (stays.some(reading => undone.includes(reading.source))) {
    const says = `withdraws ${what}, of which one file says two things: somebody has to say which of them stays`;
    return { outcome: 'unclear', finding: told(says, 'rejected') };
  }
  withdrawals?.keep({ seriesId, at, value, versionAt, source, line, receivedAt: now });
  if (gone.length === 0) {
    const instead = known ? `${formatKwh(known.reading.value)} stands there and stays` : 'nothing stands there';
    const says = `withdraws ${what}: ${instead}; should it come by an older file, it does not enter`;
    return { outcome: 'nothing', finding: told(says, 'ignored') };
  }
  const withdrawal = { seriesId, from: at, to: instant(at + 1), withdrawnAt: now, undone, rewound: [] };
  journal.append(formatWithdrawal(withdrawal));
  index.withdraw(withdrawal);
  const left = index.findKnown(seriesId, at);
  const then = left ? `${formatKwh(left.reading.value)} is current` : 'nothing stands there any more';
  return { outcome: 'withdrawn', finding: told(`withdrew ${what}: ${then}`, 'repaired') };
}

/** Why a reading does not enter, when its sender has withdrawn it since. */
export function whyWithdrawn({ withdrawals }: Deps, series: Series, reading: Reading): Finding | undefined {
  if (series.kind !== 'register') return undefined;
  const withdrawal = withdrawals?.list(series.id, reading.at).find(each => isWithdrawnBy(reading, each));
  if (!withdrawal) return undefined;
  const [value, at, since] = [reading.value, reading.at, withdrawal.versionAt || withdrawal.receivedAt];
  const says = `${formatKwh(value)} of register ${series.code} at ${formatUtc(at)} was withdrawn by its sender with its file of ${formatUtc(instant(since))}`;
  return told(says, 'ignored');
}

function told(says: string, action: Finding['action']): Finding {
  return { rule: 'D10-10', severity: action === 'rejected' ? 'error' : 'warning', field: 'J0171', says, action };
}

function partition<T>(all: readonly T[], test: (each: T) => boolean): [T[], T[]] {
  return [all.filter(test), all.filter(each => !test(each))];
}
