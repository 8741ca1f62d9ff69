import { join } from 'node:path';
import type { AccountStore } from '../accounts/account-store.ts';
import type { MeterPointStore } from '../accounts/meter-point-store.ts';
import type { MeterStore } from '../accounts/meter-store.ts';
import type { Clock } from '../kernel/clock.ts';
import type { Database } from '../kernel/database.ts';
import type { Log } from '../kernel/log.ts';
import type { OutboxStore } from '../kernel/outbox-store.ts';
import { flush } from '../readings/flush.ts';
import type { ReadingsRoom } from '../readings/open-readings.ts';
import type { Zone } from '../units/time.ts';
import { DialReadingStore } from './dial-reading-store.ts';
import { alertOperator } from './import-alert.ts';
import { ImportQueue } from './import-queue.ts';
import { ImportRunStore } from './import-run-store.ts';
import type { UndoDeps } from './import-undo.ts';
import { ImportUndoStore } from './import-undo-store.ts';
import { ImportUndos } from './import-undos.ts';
import { listDialReadings } from './list-dial-readings.ts';
import { ImportProfileStore } from './profiles/import-profile-store.ts';
import { WatchFolder } from './watch-folder.ts';

/** Files from any door to their report, and back out again. */
export interface ImportsRoom {
  imports: ImportRunStore;
  importProfiles: ImportProfileStore;
  /** Where the bytes of files are kept. */
  importFolder: string;
  dialReadings: DialReadingStore;
  importQueue: ImportQueue;
  importUndos: ImportUndos;
  /** undefined when no folder is watched. */
  watchFolder: WatchFolder | undefined;
}

export interface OpenImportsDeps {
  database: Database;
  dataFolder: string;
  /** '' when no folder is watched. */
  watchedFolder: string;
  /** Who is told of imports that failed; '' for nobody. */
  operatorEmail: string;
  readings: ReadingsRoom;
  accounts: AccountStore;
  meterPoints: MeterPointStore;
  meters: MeterStore;
  outbox: OutboxStore;
  listBilled: UndoDeps['listBilled'];
  zone: Zone;
  clock: Clock;
  log: Log;
  /** Nobody is served by this process. */
  alone: boolean;
}

/** Opens queue and stores; what waits or was interrupted goes on when the queue is started. */
export function openImports(deps: OpenImportsDeps): ImportsRoom {
  const { database, readings, accounts, meterPoints, outbox, zone, clock, log, alone } = deps;
  const { store, index, journal, sources, quarantine, flushWriter } = readings;
  const imports = new ImportRunStore(database);
  const importProfiles = new ImportProfileStore(database);
  const dialReadings = new DialReadingStore(database, deps.meters.words);
  const importFolder = join(deps.dataFolder, 'imports');
  const shared = {
    ...readings,
    accounts,
    meterPoints,
    imports,
    importFolder,
    profiles: importProfiles,
    clock,
    zone,
    log,
  };
  const importQueue = new ImportQueue({
    ...shared,
    rehearsalFolder: join(deps.dataFolder, 'rehearsals'),
    alert: run => alertOperator({ outbox, clock, to: deps.operatorEmail }, run),
    alone,
    // What waits in quarantine for a registration makes registers, too, as soon as it hears of it.
    ...(flushWriter && {
      placeBehind: <T>(add: () => T, mentioned: readonly string[]) =>
        quarantine.isEmpty ? meterPoints.addBehind(add, mentioned, rows => flushWriter.writeRows(rows)) : undefined,
    }),
    // A row for each of a hundred thousand readings takes longer than they do: a command leaves them due, as it leaves archives.
    ...(!alone && {
      settle: async () => {
        await readings.flush();
        await listDialReadings({ dialReadings, store, index, sources });
      },
    }),
  });
  const importUndos = new ImportUndos({
    ...shared,
    flush: () => flush({ journal, index, store, clock, zone }),
    listBilled: deps.listBilled,
    undos: new ImportUndoStore(database),
    turns: importQueue.turns,
  });
  readings.reception.watch(receiving => (receiving ? importQueue.resume() : importQueue.pause()));
  const watchFolder =
    deps.watchedFolder === ''
      ? undefined
      : new WatchFolder({ folder: deps.watchedFolder, queue: importQueue, imports, log });
  return { imports, importProfiles, importFolder, dialReadings, importQueue, importUndos, watchFolder };
}
