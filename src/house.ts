import { join } from 'node:path';
import { type Access, openAccess } from './access/access.ts';
import { AccountStore } from './accounts/account-store.ts';
import { MeterPointStore } from './accounts/meter-point-store.ts';
import { MeterStore } from './accounts/meter-store.ts';
import { SupplyStore } from './accounts/supply-store.ts';
import { BilledFactStore } from './billing/billed-fact-store.ts';
import { BilledSpanStore } from './billing/billed-span-store.ts';
import { FeeStore } from './billing/fee-store.ts';
import type { Seller } from './billing/invoice.ts';
import { InvoiceDraftStore } from './billing/invoice-draft-store.ts';
import { InvoicePrinter } from './billing/invoice-printer.ts';
import { InvoiceStore } from './billing/invoice-store.ts';
import type { NumberFormat } from './billing/numbering.ts';
import { NumberingStore } from './billing/numbering-store.ts';
import { PromisedDiscountStore } from './billing/promised-discount-store.ts';
import { RaiseRebills } from './billing/raise-rebills.ts';
import { RebillCandidateStore } from './billing/rebill-candidate-store.ts';
import { SupplyTermsStore } from './billing/supply-terms-store.ts';
import { PaymentStore } from './collections/payment-store.ts';
import { ReceivableStore } from './collections/receivable-store.ts';
import { type Config, folders, type SettledConfig } from './config.ts';
import { Consumption } from './consumption/consumption.ts';
import { DialReadingStore } from './imports/dial-reading-store.ts';
import { alertOperator } from './imports/import-alert.ts';
import { ImportQueue } from './imports/import-queue.ts';
import { ImportRunStore } from './imports/import-run-store.ts';
import { ImportUndoStore } from './imports/import-undo-store.ts';
import { ImportUndos } from './imports/import-undos.ts';
import { listDialReadings } from './imports/list-dial-readings.ts';
import { ImportProfileStore } from './imports/profiles/import-profile-store.ts';
import { WatchFolder } from './imports/watch-folder.ts';
import type { Clock } from './kernel/clock.ts';
import { type Database, openDatabase } from './kernel/database.ts';
import { DamageFound } from './kernel/errors.ts';
import { sweepTemporaries } from './kernel/files.ts';
import { JobRuns } from './kernel/job-runs.ts';
import type { Log } from './kernel/log.ts';
import { type Mailer, openMailer } from './kernel/mailer.ts';
import { OutboxStore } from './kernel/outbox-store.ts';
import { allAtOnce, Slices } from './kernel/slices.ts';
import { LedgerStore } from './ledger/ledger-store.ts';
import { Maintenance } from './maintenance/maintenance.ts';
import { MaintenanceStore } from './maintenance/maintenance-store.ts';
import { Archiver, isOver, isOverOrDay } from './readings/archiver.ts';
import { atOnce, flush } from './readings/flush.ts';
import { FlushWriter } from './readings/flush-writer.ts';
import { IngestTally } from './readings/ingest-tally.ts';
import { Journal } from './readings/journal.ts';
import { OriginTable } from './readings/origin.ts';
import { QuarantineStore } from './readings/quarantine-store.ts';
import { ReadingFlagStore } from './readings/reading-flag-store.ts';
import { ReadingIndex } from './readings/reading-index.ts';
import { ReadingReasonStore } from './readings/reading-reason-store.ts';
import { ReadingStore } from './readings/reading-store.ts';
import { ReadingWithdrawalStore } from './readings/reading-withdrawal-store.ts';
import { Reception } from './readings/reception.ts';
import { ReceptionStore } from './readings/reception-store.ts';
import { type Recovery, recoverySteps } from './readings/recover.ts';
import { Registrations } from './readings/registrations.ts';
import type { ReadingRules } from './readings/rules.ts';
import { SourceStore } from './readings/source-store.ts';
import { UsualEnergy } from './readings/usual-energy.ts';
import { settleHome } from './settings/settle-home.ts';
import type { HolidayCalendar } from './tariffs/calendar.ts';
import type { EventList } from './tariffs/facts.ts';
import { NamedDaysStore } from './tariffs/named-days-store.ts';
import { PlanStore } from './tariffs/plan-store.ts';
import { formatUtc, instantOfMs, type Zone } from './units/time.ts';

/** Everything that stores, opened and recovered: what use cases are handed. One process at a time holds a home's house. */
export interface House {
  config: SettledConfig;
  clock: Clock;
  log: Log;
  database: Database;
  access: Access;
  accounts: AccountStore;
  meterPoints: MeterPointStore;
  meters: MeterStore;
  supplies: SupplyStore;
  sources: SourceStore;
  imports: ImportRunStore;
  importProfiles: ImportProfileStore;
  dialReadings: DialReadingStore;
  importQueue: ImportQueue;
  importUndos: ImportUndos;
  rebillCandidates: RebillCandidateStore;
  /** undefined when no folder is watched. */
  watchFolder: WatchFolder | undefined;
  store: ReadingStore;
  /** Methods and reasons beside the readings' qualities. */
  reasons: ReadingReasonStore;
  /** Readings that senders took back. */
  withdrawals: ReadingWithdrawalStore;
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
  archiver: Archiver;
  /** Journal to store. */
  flush: () => Promise<number>;
  /** Writes large flushes, where nobody is served. */
  flushWriter: FlushWriter | undefined;
  reception: Reception;
  tally: IngestTally;
  jobRuns: JobRuns;
  maintenance: Maintenance;
  maintenanceRuns: MaintenanceStore;
  consumption: Consumption;
  plans: PlanStore;
  namedDays: NamedDaysStore;
  /** Live: namedDays puts in what is told. */
  holidayCalendars: HolidayCalendar[];
  eventLists: EventList[];
  supplyTerms: SupplyTermsStore;
  fees: FeeStore;
  billedFacts: BilledFactStore;
  promisedDiscounts: PromisedDiscountStore;
  ledger: LedgerStore;
  drafts: InvoiceDraftStore;
  invoices: InvoiceStore;
  numbering: NumberingStore;
  payments: PaymentStore;
  receivables: ReceivableStore;
  seller: Seller;
  /** The clock of issue dates and due dates. */
  businessZone: Zone;
  numberFormat: NumberFormat;
  dueDays: number;
  outbox: OutboxStore;
  mailer: Mailer;
  invoiceFolder: string;
  importFolder: string;
  printer: InvoicePrinter;
  renderPdf: InvoicePrinter['print'];
  recovery: Recovery;
}

export interface HouseOptions {
  config: Config;
  clock: Clock;
  log: Log;
  /** Told when the journal can no longer be written: nothing is acknowledged from then on, and the process has to end. */
  onStorageFailure: (error: Error) => void;
  /** Nobody is served by this process, so that nobody waits for long steps. */
  alone?: boolean;
}

/**
 * Opens the stores in order: database, what the home remembers, temporaries swept, journal replayed. The caller holds the home's lock.
 * Throws DamageFound, and 'home-setting-differs'.
 */
export function openHouse(options: HouseOptions): House {
  return allAtOnce(openingSteps(options));
}

/** The same, in slices: whoever has a port open answers meanwhile. */
export function openHouseInSlices(options: HouseOptions): Promise<House> {
  return new Slices().run(openingSteps(options));
}

function* openingSteps(options: HouseOptions): Generator<void, House> {
  const { clock, log, onStorageFailure, alone = false } = options;
  const { data, archive: archiveFolder, logs } = folders(options.config.home);
  const database = openDatabase(join(data, 'wattledger.db'), { alone });
  const config = settled(options, database);
  yield;
  for (const name of [data, archiveFolder].flatMap(sweepTemporaries))
    log.warn({ name }, 'removed what a crash left half written');
  const origins = new OriginTable();
  const store = new ReadingStore(database, origins);
  const index = new ReadingIndex(store, origins);
  yield;
  const today = formatUtc(instantOfMs(clock.now())).slice(0, 10);
  const flags = new ReadingFlagStore(database);
  const quarantine = new QuarantineStore(database);
  const beside = { flag: flags.add.bind(flags), quarantined: quarantine.add.bind(quarantine) };
  const recovery = yield* recoverySteps(logs, store.flushes.findPosition(), index, today, beside);
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
  const meterPoints = new MeterPointStore(database);
  yield* assertSameAge(recovery, meterPoints, join(data, 'wattledger.db'));
  const access = openAccess(database, clock);
  const journal = new Journal(logs, recovery.position, clock, onStorageFailure);
  const { zone, rules } = config;
  const writer = alone ? new FlushWriter(join(data, 'wattledger.db')) : undefined;
  const flushNow = () => flush({ journal, index, store, clock, zone, writer }, alone ? atOnce : undefined);
  const usual = new UsualEnergy(index);
  const registrations = new Registrations(
    { meterPoints, quarantine, index, journal, rules, usual, flags, audit: access.audit, clock },
    log,
  );
  registrations.start();
  const archiver = new Archiver({ store, meterPoints, folder: archiveFolder, zone });
  const namedDays = new NamedDaysStore(database);
  const maintenanceRuns = new MaintenanceStore(database);
  const accounts = new AccountStore(database);
  const reasons = new ReadingReasonStore(database);
  const withdrawals = new ReadingWithdrawalStore(database);
  const sources = new SourceStore(database, clock);
  const imports = new ImportRunStore(database);
  const importFolder = join(data, 'imports');
  const outbox = new OutboxStore(database);
  const importProfiles = new ImportProfileStore(database);
  const meters = new MeterStore(database);
  const dialReadings = new DialReadingStore(database, meters.words);
  const importQueue = new ImportQueue({
    ...{ accounts, meterPoints, reasons, sources, imports, index, journal, clock, zone, log, importFolder },
    ...{ rules, usual, flags, quarantine, withdrawals },
    rehearsalFolder: join(data, 'rehearsals'),
    profiles: importProfiles,
    flush: flushNow,
    alert: run => alertOperator({ outbox, clock, to: config.operatorEmail }, run),
    alone,
    // What waits in quarantine for a registration makes registers, too, as soon as it hears of it.
    ...(writer && {
      placeBehind: <T>(add: () => T, mentioned: readonly string[]) =>
        quarantine.isEmpty ? meterPoints.addBehind(add, mentioned, rows => writer.writeRows(rows)) : undefined,
    }),
    // A row for each of a hundred thousand readings takes longer than they do: a command leaves them due, as it leaves archives.
    ...(!alone && {
      settle: async () => {
        await flushNow();
        await listDialReadings({ dialReadings, store, index, sources });
      },
    }),
  });
  const billedSpans = new BilledSpanStore(database);
  const rebillCandidates = new RebillCandidateStore(database);
  const raiseRebills = new RaiseRebills({ store, meterPoints, billedSpans, rebillCandidates, clock });
  store.flushes.onPut = blocks => raiseRebills.look(blocks);
  meterPoints.onFacts = (series, facts) => raiseRebills.lookAtFacts(series, facts);
  const importUndos = new ImportUndos({
    ...{ accounts, meterPoints, reasons, sources, imports, index, journal, clock, zone, log, importFolder },
    ...{ rules, usual, flags, quarantine, withdrawals },
    profiles: importProfiles,
    flush: () => flush({ journal, index, store, clock, zone }),
    listBilled: meterPointId => billedSpans.listOf(meterPointId),
    undos: new ImportUndoStore(database),
    turns: importQueue.turns,
  });
  const reception = new Reception(new ReceptionStore(database), access.audit, clock);
  reception.watch(receiving => (receiving ? importQueue.resume() : importQueue.pause()));
  const watchFolder =
    config.watchFolder === ''
      ? undefined
      : new WatchFolder({ folder: config.watchFolder, queue: importQueue, imports, log });
  const printer = new InvoicePrinter();
  return {
    config,
    clock,
    log,
    database,
    access,
    accounts,
    meterPoints,
    meters,
    supplies: new SupplyStore(database),
    sources,
    imports,
    importProfiles,
    dialReadings,
    importQueue,
    importUndos,
    rebillCandidates,
    watchFolder,
    store,
    reasons,
    withdrawals,
    index,
    journal,
    rules,
    usual,
    flags,
    quarantine,
    registrations,
    archiver,
    flush: flushNow,
    flushWriter: writer,
    tally: new IngestTally(),
    jobRuns: new JobRuns(),
    reception,
    maintenance: new Maintenance({ journal, index, store, clock, zone, archiver, runs: maintenanceRuns }),
    maintenanceRuns,
    consumption: new Consumption(meterPoints, index),
    plans: new PlanStore(database, config.currency),
    namedDays,
    holidayCalendars: namedDays.holidays,
    eventLists: namedDays.events,
    supplyTerms: new SupplyTermsStore(database),
    fees: new FeeStore(database),
    billedFacts: new BilledFactStore(database),
    promisedDiscounts: new PromisedDiscountStore(database),
    ledger: new LedgerStore(database),
    drafts: new InvoiceDraftStore(database),
    invoices: new InvoiceStore(database),
    numbering: new NumberingStore(database),
    payments: new PaymentStore(database),
    receivables: new ReceivableStore(database),
    seller: config.seller,
    businessZone: config.zone,
    numberFormat: config.numberFormat,
    dueDays: config.paymentDays,
    outbox,
    mailer: openMailer({ smtpUrl: config.smtpUrl || undefined, folder: join(data, 'outbox') }),
    invoiceFolder: join(data, 'invoices'),
    importFolder,
    printer,
    renderPdf: printer.print,
    recovery,
  };
}

function settled({ config, clock, alone = false }: HouseOptions, database: Database): SettledConfig {
  try {
    return settleHome(config, database, { now: instantOfMs(clock.now()), alone });
  } catch (error) {
    database.close();
    throw error;
  }
}

// A millisecond.
const seriesAtOnce = 2000;

/**
 * A series is written to the database before the first reading of it goes into the journal. One that the database does not have means
 * that the database was lost or is from an older backup; going on, the next new series would be given its number and its readings.
 */
function* assertSameAge({ seriesIds }: Recovery, meterPoints: MeterPointStore, path: string): Generator<void> {
  const ids = [...seriesIds];
  for (let at = 0; at < ids.length; at += seriesAtOnce) {
    const some = ids.slice(at, at + seriesAtOnce);
    if (meterPoints.allSeries.count(some) < some.length)
      throw new DamageFound(
        `${path} is older than the readings journal, which speaks of meters that it does not have`,
        'Nothing was changed. Restore data/ and logs/ from one backup, then start again.',
      );
    yield;
  }
}

/** Journal to store, and every archive whose day or month is over. */
export async function flushHouse(house: House): Promise<void> {
  await house.flush();
  await listDialReadings(house);
  await house.archiver.writeDue(isOver(instantOfMs(house.clock.now()), house.config.zone));
}

/**
 * In order: imports between two slices, flush, archives with the running day, what keys were last used, journal, database. A command
 * leaves archives to whoever comes next: a year of a file is a thousand of them, and they stay due until they are written.
 */
export async function closeHouse(house: House, { archives = true } = {}): Promise<void> {
  await house.importQueue.stop();
  await house.importUndos.stop();
  await house.registrations.idle();
  if (!house.journal.failed) {
    await house.flush();
    if (archives) await house.archiver.writeDue(isOverOrDay(instantOfMs(house.clock.now()), house.config.zone));
  }
  await house.printer.close();
  house.access.keys.writeUses();
  await house.journal.close();
  await house.flushWriter?.close();
  house.database.close();
}
