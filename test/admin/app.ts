import { dirname, join } from 'node:path';
import cookie from '@fastify/cookie';
import Fastify, { type FastifyInstance } from 'fastify';
import { addUser } from '../../src/access/add-user.ts';
import { createGuard } from '../../src/access/guard.ts';
import type { Role } from '../../src/access/user.ts';
import { AccountStore } from '../../src/accounts/account-store.ts';
import { MeterPointStore } from '../../src/accounts/meter-point-store.ts';
import { MeterStore } from '../../src/accounts/meter-store.ts';
import { SupplyStore } from '../../src/accounts/supply-store.ts';
import { Overview } from '../../src/admin/overview.ts';
import type { AdminDeps } from '../../src/admin/page.ts';
import { registerPages } from '../../src/admin/register-pages.ts';
import { SavedSearchStore } from '../../src/admin/saved-search-store.ts';
import { BilledFactStore } from '../../src/billing/billed-fact-store.ts';
import { FeeStore } from '../../src/billing/fee-store.ts';
import { InvoiceDraftStore } from '../../src/billing/invoice-draft-store.ts';
import { invoicePdf } from '../../src/billing/invoice-pdf.ts';
import { InvoiceStore } from '../../src/billing/invoice-store.ts';
import { NumberingStore } from '../../src/billing/numbering-store.ts';
import { PromisedDiscountStore } from '../../src/billing/promised-discount-store.ts';
import { RebillCandidateStore } from '../../src/billing/rebill-candidate-store.ts';
import { SupplyTermsStore } from '../../src/billing/supply-terms-store.ts';
import { PaymentStore } from '../../src/collections/payment-store.ts';
import { ReceivableStore } from '../../src/collections/receivable-store.ts';
import { Consumption } from '../../src/consumption/consumption.ts';
import { DayTotals } from '../../src/consumption/day-totals.ts';
import { UsageAnalysis } from '../../src/consumption/usage-analysis.ts';
import { registerAssets } from '../../src/http/assets.ts';
import { registerProblems } from '../../src/http/problems.ts';
import { registerRender } from '../../src/http/render.ts';
import { registerSchemas } from '../../src/http/schemas.ts';
import { registerSecurity } from '../../src/http/security.ts';
import { DialReadingStore } from '../../src/imports/dial-reading-store.ts';
import { ImportQueue } from '../../src/imports/import-queue.ts';
import { ImportRunStore } from '../../src/imports/import-run-store.ts';
import { ImportUndoStore } from '../../src/imports/import-undo-store.ts';
import { ImportUndos } from '../../src/imports/import-undos.ts';
import { ImportProfileStore } from '../../src/imports/profiles/import-profile-store.ts';
import { WatchFolder } from '../../src/imports/watch-folder.ts';
import { createLog } from '../../src/kernel/log.ts';
import { OutboxStore } from '../../src/kernel/outbox-store.ts';
import { LedgerStore } from '../../src/ledger/ledger-store.ts';
import { Maintenance } from '../../src/maintenance/maintenance.ts';
import { MaintenanceStore } from '../../src/maintenance/maintenance-store.ts';
import { Archiver } from '../../src/readings/archiver.ts';
import { IngestTally } from '../../src/readings/ingest-tally.ts';
import { Journal } from '../../src/readings/journal.ts';
import { OriginTable } from '../../src/readings/origin.ts';
import { QuarantineStore } from '../../src/readings/quarantine-store.ts';
import { ReadingFlagStore } from '../../src/readings/reading-flag-store.ts';
import { ReadingIndex } from '../../src/readings/reading-index.ts';
import { ReadingReasonStore } from '../../src/readings/reading-reason-store.ts';
import { ReadingStore } from '../../src/readings/reading-store.ts';
import { Reception } from '../../src/readings/reception.ts';
import { ReceptionStore } from '../../src/readings/reception-store.ts';
import { recover } from '../../src/readings/recover.ts';
import { SourceStore } from '../../src/readings/source-store.ts';
import { PlanStore } from '../../src/tariffs/plan-store.ts';
import { instantOfMs, parseZone } from '../../src/units/time.ts';
import { type TestAccess, testAccess } from '../access/setup.ts';
import { sampleInvoice } from '../billing/sample-invoice.ts';

export interface AdminApp {
  app: FastifyInstance;
  access: TestAccess;
  deps: AdminDeps;
  store: ReadingStore;
  routes: { method: string; url: string }[];
  /** A signed-in browser. */
  signedIn(role: Role): Promise<Browser>;
}

export interface Browser {
  get(url: string): Promise<{ status: number; body: string; location: string | undefined }>;
  /** Opens the page, takes the form token from it and sends the form; a field may stand in it several times. */
  submit(page: string, url: string, fields: Record<string, string | string[]>): ReturnType<Browser['get']>;
  cookies: Record<string, string>;
}

export async function adminApp(): Promise<AdminApp> {
  const access = testAccess();
  const app = Fastify();
  const routes: AdminApp['routes'] = [];
  app.addHook('onRoute', ({ method, url }) => {
    for (const each of [method].flat()) routes.push({ method: each, url });
  });
  registerProblems(app);
  registerSchemas(app);
  await app.register(cookie);
  await registerSecurity(app, { https: false });
  await registerRender(app);
  await registerAssets(app);
  const guard = createGuard(app, access, { https: false });
  const deps = adminDeps(access);
  await registerPages(app, deps, { guard, https: false });
  await app.ready();
  return { app, access, deps, store: deps.store, routes, signedIn: role => signedIn(app, access, role) };
}

function adminDeps(access: TestAccess): AdminDeps & { store: ReadingStore } {
  const { database } = access;
  const origins = new OriginTable();
  const meterPoints = new MeterPointStore(database);
  const store = new ReadingStore(database, origins);
  const readings = new ReadingIndex(store, origins);
  const zone = parseZone('Australia/Adelaide')!;
  const seen = {
    meterPoints,
    readings,
    store,
    consumption: new Consumption(meterPoints, readings),
    importProfiles: new ImportProfileStore(database),
    importFolder: join(dirname(database.name), 'imports'),
    receivables: new ReceivableStore(database),
    flags: new ReadingFlagStore(database),
    quarantine: new QuarantineStore(database),
    zone,
  };
  const clock = access.clock;
  const home = dirname(database.name);
  const [accounts, sources, imports] = [
    new AccountStore(database),
    new SourceStore(database, clock),
    new ImportRunStore(database),
  ];
  const logs = join(home, 'logs');
  const { position } = recover(logs, undefined, readings, '2026-11-21');
  const reasons = new ReadingReasonStore(database);
  const journal = new Journal(logs, position, clock, () => undefined);
  const importQueue = new ImportQueue({
    ...{
      accounts,
      meterPoints,
      reasons,
      sources,
      imports,
      index: readings,
      clock,
      zone,
      log: createLog('silent'),
    },
    journal,
    importFolder: join(home, 'imports'),
    rehearsalFolder: join(home, 'rehearsals'),
  });
  const folder = join(home, 'in');
  const archiver = new Archiver({ store, meterPoints, folder: join(home, 'archive'), zone });
  const maintenanceRuns = new MaintenanceStore(database);
  return {
    ...seen,
    posting: { meterPoints, index: readings, journal, clock, tally: new IngestTally() },
    reception: new Reception(new ReceptionStore(database), access.audit, clock),
    reasons,
    archiver,
    maintenanceRuns,
    maintenance: new Maintenance({ journal, index: readings, store, clock, zone, archiver, runs: maintenanceRuns }),
    store,
    meters: new MeterStore(database),
    savedSearches: new SavedSearchStore(database),
    dialReadings: new DialReadingStore(database),
    accounts,
    sources,
    imports,
    importQueue,
    importUndos: new ImportUndos({
      ...{ accounts, meterPoints, reasons, sources, imports, index: readings, journal, clock, zone },
      importFolder: join(home, 'imports'),
      listBilled: () => [],
      undos: new ImportUndoStore(database),
      turns: importQueue.turns,
      log: createLog('silent'),
    }),
    rebillCandidates: new RebillCandidateStore(database),
    watchFolder: new WatchFolder({ folder, queue: importQueue, imports, log: createLog('silent') }),
    overview: new Overview(seen),
    usage: new UsageAnalysis({ meterPoints, index: readings, days: new DayTotals(seen.consumption, readings) }),
    access,
    database,
    clock: access.clock,
    supplies: new SupplyStore(database),
    plans: new PlanStore(database),
    holidayCalendars: [],
    eventLists: [],
    supplyTerms: new SupplyTermsStore(database),
    fees: new FeeStore(database),
    billedFacts: new BilledFactStore(database),
    promisedDiscounts: new PromisedDiscountStore(database),
    drafts: new InvoiceDraftStore(database),
    numbering: new NumberingStore(database),
    payments: new PaymentStore(database),
    outbox: new OutboxStore(database),
    seller: sampleInvoice().seller,
    businessZone: zone,
    numberFormat: 'per-account',
    dueDays: 14,
    currency: 'AUD',
    invoices: new InvoiceStore(database),
    ledger: new LedgerStore(database),
    invoiceFolder: join(dirname(database.name), 'invoices'),
    renderPdf: invoicePdf,
  };
}

async function signedIn(app: FastifyInstance, access: TestAccess, role: Role): Promise<Browser> {
  const known = access.users.find(role);
  const user = known ?? (await addUser(access, { name: role, role, by: 'test' })).user;
  const session = access.sessions.begin(user, '127.0.0.1', instantOfMs(access.clock.now()));
  return browser(app, { wattledger_session: session.id });
}

export function browser(app: FastifyInstance, cookies: Record<string, string>): Browser {
  const take = (answer: Awaited<ReturnType<FastifyInstance['inject']>>) => {
    for (const { name, value } of answer.cookies) cookies[name] = value;
    return { status: answer.statusCode, body: answer.body, location: answer.headers.location?.toString() };
  };
  const get = async (url: string) => take(await app.inject({ url, cookies, headers: { accept: 'text/html' } }));
  return {
    cookies,
    get,
    async submit(page, url, fields) {
      const csrf = /name="csrf" value="([^"]+)"/.exec((await get(page)).body)?.[1] ?? '';
      const payload = new URLSearchParams({ csrf });
      for (const [name, told] of Object.entries(fields)) for (const each of [told].flat()) payload.append(name, each);
      const headers = { 'content-type': 'application/x-www-form-urlencoded', accept: 'text/html' };
      return take(await app.inject({ method: 'POST', url, cookies, headers, payload: payload.toString() }));
    },
  };
}
