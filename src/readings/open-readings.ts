import type { AuditStore } from '../access/audit-store.ts';
import type { MeterPointStore } from '../accounts/meter-point-store.ts';
import type { Clock } from '../kernel/clock.ts';
import type { Database } from '../kernel/database.ts';
import { DamageFound } from '../kernel/errors.ts';
import type { Log } from '../kernel/log.ts';
import { formatUtc, instantOfMs, type Zone } from '../units/time.ts';
import { Archiver } from './archiver.ts';
import { atOnce, flush } from './flush.ts';
import { FlushWriter } from './flush-writer.ts';
import { IngestTally } from './ingest-tally.ts';
import { Journal } from './journal.ts';
import { OriginTable } from './origin.ts';
import { QuarantineStore } from './quarantine-store.ts';
import { ReadingFlagStore } from './reading-flag-store.ts';
import { ReadingIndex } from './reading-index.ts';
import { ReadingReasonStore } from './reading-reason-store.ts';
import { ReadingStore } from './reading-store.ts';
import { ReadingWithdrawalStore } from './reading-withdrawal-store.ts';
import { Reception } from './reception.ts';
import { ReceptionStore } from './reception-store.ts';
import { type Recovery, recoverySteps } from './recover.ts';
import { Registrations } from './registrations.ts';
import type { ReadingRules } from './rules.ts';
import { SourceStore } from './source-store.ts';
import { UsualEnergy } from './usual-energy.ts';

/** Readings from the door to the archive: what takes, keeps and answers them. */
export interface ReadingsRoom {
  store: ReadingStore;
  index: ReadingIndex;
  journal: Journal;
  /** How severe each rule for readings is taken. */
  rules: ReadingRules;
  usual: UsualEnergy;
  /** What rules noted at readings. */
  flags: ReadingFlagStore;
  /** What rules put aside. */
  quarantine: QuarantineStore;
  registrations: Registrations;
  /** Methods and reasons beside the readings' qualities. */
  reasons: ReadingReasonStore;
  /** Readings that senders took back. */
  withdrawals: ReadingWithdrawalStore;
  sources: SourceStore;
  archiver: Archiver;
  /** Journal to store. */
  flush: () => Promise<number>;
  /** Writes large flushes, where nobody is served. */
  flushWriter: FlushWriter | undefined;
  reception: Reception;
  tally: IngestTally;
  recovery: Recovery;
}

export interface OpenReadingsDeps {
  database: Database;
  databasePath: string;
  archiveFolder: string;
  /** Where the journal is. */
  logFolder: string;
  meterPoints: MeterPointStore;
  audit: AuditStore;
  rules: ReadingRules;
  zone: Zone;
  clock: Clock;
  log: Log;
  /** Told when the journal can no longer be written. */
  onStorageFailure: (error: Error) => void;
  /** Nobody is served by this process. */
  alone: boolean;
}

/** Opens the stores and replays the journal from the flushed position on. Throws DamageFound. */
export function* openReadings(deps: OpenReadingsDeps): Generator<void, ReadingsRoom> {
  const { database, meterPoints, audit, rules, zone, clock, log, alone } = deps;
  const origins = new OriginTable();
  const store = new ReadingStore(database, origins);
  const index = new ReadingIndex(store, origins);
  yield;
  const flags = new ReadingFlagStore(database);
  const quarantine = new QuarantineStore(database);
  const recovery = yield* replay(deps, { store, index, flags, quarantine });
  yield* assertSameAge(recovery, deps);
  const journal = new Journal(deps.logFolder, recovery.position, clock, deps.onStorageFailure);
  const writer = alone ? new FlushWriter(deps.databasePath) : undefined;
  const usual = new UsualEnergy(index);
  const judging = { meterPoints, quarantine, index, journal, rules, usual, flags, audit, clock };
  const registrations = new Registrations(judging, log);
  registrations.start();
  return {
    store,
    index,
    journal,
    rules,
    usual,
    flags,
    quarantine,
    registrations,
    reasons: new ReadingReasonStore(database),
    withdrawals: new ReadingWithdrawalStore(database),
    sources: new SourceStore(database, clock),
    archiver: new Archiver({ store, meterPoints, folder: deps.archiveFolder, zone }),
    flush: () => flush({ journal, index, store, clock, zone, writer }, alone ? atOnce : undefined),
    flushWriter: writer,
    reception: new Reception(new ReceptionStore(database), audit, clock),
    tally: new IngestTally(),
    recovery,
  };
}

function* replay(
  { clock, log, logFolder }: OpenReadingsDeps,
  { store, index, flags, quarantine }: Pick<ReadingsRoom, 'store' | 'index' | 'flags' | 'quarantine'>,
): Generator<void, Recovery> {
  const today = formatUtc(instantOfMs(clock.now())).slice(0, 10);
  const beside = { flag: flags.add.bind(flags), quarantined: quarantine.add.bind(quarantine) };
  const recovery = yield* recoverySteps(logFolder, store.flushes.findPosition(), index, today, beside);
  store.flushes.beforeCount = () => {
    flags.settle();
    quarantine.settle();
  };
  if (recovery.readings > 0) log.info({ readings: recovery.readings }, 'replayed the readings journal');
  if (recovery.tornBytes > 0)
    log.warn(
      { bytes: recovery.tornBytes },
      'cut a torn tail off the readings journal: who got no answer sends it again',
    );
  return recovery;
}

// A millisecond.
const seriesAtOnce = 2000;

/**
 * A series is written to the database before the first reading of it goes into the journal. One that the database does not have means
 * that the database was lost or is from an older backup; going on, the next new series would be given its number and its readings.
 */
function* assertSameAge(
  { seriesIds }: Recovery,
  { meterPoints, databasePath }: Pick<OpenReadingsDeps, 'meterPoints' | 'databasePath'>,
): Generator<void> {
  const ids = [...seriesIds];
  for (let at = 0; at < ids.length; at += seriesAtOnce) {
    const some = ids.slice(at, at + seriesAtOnce);
    if (meterPoints.allSeries.count(some) < some.length)
      throw new DamageFound(
        `${databasePath} is older than the readings journal, which speaks of meters that it does not have`,
        'Nothing was changed. Restore data/ and logs/ from one backup, then start again.',
      );
    yield;
  }
}
