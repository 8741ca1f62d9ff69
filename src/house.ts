import { join } from 'node:path';
import { type Access, openAccess } from './access/access.ts';
import { AccountStore } from './accounts/account-store.ts';
import { MeterPointStore } from './accounts/meter-point-store.ts';
import { MeterStore } from './accounts/meter-store.ts';
import { SupplyStore } from './accounts/supply-store.ts';
import type { Seller } from './billing/invoice.ts';
import type { NumberFormat } from './billing/numbering.ts';
import { type BillingRoom, openBilling } from './billing/open-billing.ts';
import { PaymentStore } from './collections/payment-store.ts';
import { ReceivableStore } from './collections/receivable-store.ts';
import { type Config, folders, type SettledConfig } from './config.ts';
import { Consumption } from './consumption/consumption.ts';
import { listDialReadings } from './imports/list-dial-readings.ts';
import { type ImportsRoom, openImports } from './imports/open-imports.ts';
import type { Clock } from './kernel/clock.ts';
import { type Database, openDatabase } from './kernel/database.ts';
import { sweepTemporaries } from './kernel/files.ts';
import { JobRuns } from './kernel/job-runs.ts';
import type { Log } from './kernel/log.ts';
import { type Mailer, openMailer } from './kernel/mailer.ts';
import { OutboxStore } from './kernel/outbox-store.ts';
import { allAtOnce, Slices } from './kernel/slices.ts';
import { LedgerStore } from './ledger/ledger-store.ts';
import { Maintenance } from './maintenance/maintenance.ts';
import { MaintenanceStore } from './maintenance/maintenance-store.ts';
import { isOver, isOverOrDay } from './readings/archiver.ts';
import { openReadings, type ReadingsRoom } from './readings/open-readings.ts';
import { settleHome } from './settings/settle-home.ts';
import type { HolidayCalendar } from './tariffs/calendar.ts';
import type { EventList } from './tariffs/facts.ts';
import { NamedDaysStore } from './tariffs/named-days-store.ts';
import { PlanStore } from './tariffs/plan-store.ts';
import { instantOfMs, type Zone } from './units/time.ts';

/** Everything that stores, opened and recovered: what use cases are handed. One process at a time holds a home's house. */
export interface House extends ReadingsRoom, ImportsRoom, BillingRoom {
  config: SettledConfig;
  clock: Clock;
  log: Log;
  database: Database;
  access: Access;
  accounts: AccountStore;
  meterPoints: MeterPointStore;
  meters: MeterStore;
  supplies: SupplyStore;
  jobRuns: JobRuns;
  maintenance: Maintenance;
  maintenanceRuns: MaintenanceStore;
  consumption: Consumption;
  plans: PlanStore;
  namedDays: NamedDaysStore;
  /** Live: namedDays puts in what is told. */
  holidayCalendars: HolidayCalendar[];
  eventLists: EventList[];
  ledger: LedgerStore;
  payments: PaymentStore;
  receivables: ReceivableStore;
  seller: Seller;
  /** The clock of issue dates and due dates. */
  businessZone: Zone;
  numberFormat: NumberFormat;
  dueDays: number;
  outbox: OutboxStore;
  mailer: Mailer;
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
 * Opens the rooms in order: database, what the home remembers, temporaries swept, readings with the journal replayed, billing, imports.
 * The caller holds the home's lock. Throws DamageFound, and 'home-setting-differs'.
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
  const { data, archive: archiveFolder, logs: logFolder } = folders(options.config.home);
  const databasePath = join(data, 'wattledger.db');
  const database = openDatabase(databasePath, { alone });
  const config = settled(options, database);
  yield;
  for (const name of [data, archiveFolder, logFolder].flatMap(sweepTemporaries))
    log.warn({ name }, 'removed what a crash left half written');
  const access = openAccess(database, clock);
  const accounts = new AccountStore(database);
  const meterPoints = new MeterPointStore(database);
  const meters = new MeterStore(database);
  const outbox = new OutboxStore(database);
  const { zone, rules } = config;
  const common = { database, dataFolder: data, accounts, meterPoints, meters, outbox, zone, clock, log, alone };
  yield;
  const readings = yield* openReadings({
    ...{ ...common, databasePath, archiveFolder, logFolder, rules, onStorageFailure },
    audit: access.audit,
  });
  const { store, index, journal, archiver } = readings;
  const billing = openBilling({ ...common, store, index });
  const imports = openImports({
    ...{ ...common, readings },
    watchedFolder: config.watchFolder,
    operatorEmail: config.operatorEmail,
    listBilled: meterPointId => billing.billedSpans.listOf(meterPointId),
  });
  const namedDays = new NamedDaysStore(database);
  const maintenanceRuns = new MaintenanceStore(database);
  return {
    ...readings,
    ...billing,
    ...imports,
    config,
    clock,
    log,
    database,
    access,
    accounts,
    meterPoints,
    meters,
    supplies: new SupplyStore(database),
    jobRuns: new JobRuns(),
    maintenance: new Maintenance({ journal, index, store, clock, zone, archiver, runs: maintenanceRuns }),
    maintenanceRuns,
    consumption: new Consumption(meterPoints, index),
    plans: new PlanStore(database, config.currency),
    namedDays,
    holidayCalendars: namedDays.holidays,
    eventLists: namedDays.events,
    ledger: new LedgerStore(database),
    payments: new PaymentStore(database),
    receivables: new ReceivableStore(database),
    seller: config.seller,
    businessZone: zone,
    numberFormat: config.numberFormat,
    dueDays: config.paymentDays,
    outbox,
    mailer: openMailer({ smtpUrl: config.smtpUrl || undefined, folder: join(data, 'outbox') }),
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
