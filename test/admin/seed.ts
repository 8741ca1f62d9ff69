import type { Account } from '../../src/accounts/account.ts';
import type { Flow } from '../../src/accounts/meter-point.ts';
import type { AdminDeps } from '../../src/admin/page.ts';
import type { InvoiceDocument } from '../../src/billing/invoice.ts';
import { invoicePosting } from '../../src/billing/invoice-posting.ts';
import type { ImportReport } from '../../src/imports/import-report.ts';
import type { Quality } from '../../src/readings/reading.ts';
import { microKwh } from '../../src/units/energy.ts';
import { type Day, instant, instantOfMs, parseDay, parseZone, startOfDay } from '../../src/units/time.ts';
import { sampleInvoice } from '../billing/sample-invoice.ts';

export const adelaide = parseZone('Australia/Adelaide')!;

export function addAccount({ accounts }: AdminDeps, changes: Partial<Account> = {}): Account {
  const account = { number: '9038075', name: 'Kookaburra Books & Tea', businessNumber: '', phone: '1300 000 000' };
  const address = { email: 'books@kookaburra.example', postalAddress: 'PO Box 1234\nEXAMPLETON SA 5999' };
  return accounts.add({ ...account, ...address, ...changes }, 0);
}

export function addMeterPoint(
  { meterPoints }: AdminDeps,
  identifier = '2001000016',
  address = 'Shop 3, 1 Arcade Lane',
) {
  return meterPoints.add({ identifier, address, zone: adelaide, origin: 'registered' }, 0);
}

/** Half-hours from local midnight of `from` to that of `to`; `energyOf` says micro-kWh, or undefined for none. */
export function addHalfHours(
  { meterPoints, readings }: AdminDeps,
  meterPointId: number,
  flow: Flow,
  [from, to]: [string, string],
  energyOf: (slot: number) => { energy: number; quality?: Quality } | undefined,
): void {
  const code = flow === 'from-grid' ? 'E1' : 'B1';
  const known = meterPoints.findSeries(meterPointId, 'channel', code, 'M1');
  const channel = {
    meterPointId,
    serial: 'M1',
    kind: 'channel',
    code,
    flow,
    unit: 'kWh',
    intervalMinutes: 30,
  } as const;
  const series = known ?? meterPoints.addSeries(channel, 0);
  const [first, end] = [startOfDay(parseDay(from)!, adelaide), startOfDay(parseDay(to)!, adelaide)];
  for (let at = first as number, slot = 0; at < end; at += 1800, slot += 1) {
    const measured = energyOf(slot);
    if (!measured) continue;
    const value = microKwh(measured.energy);
    const reading = {
      at: instant(at),
      value,
      minutes: 30,
      quality: measured.quality ?? 'actual',
      source: 1,
      line: 0,
      versionAt: 0,
    };
    readings.apply({ seriesId: series.id, reading, receivedAt: at, outcome: 'accepted' });
  }
}

/** Books and stores an invoice as the billing use case does. */
export function addInvoice(deps: AdminDeps, account: Account, changes: Partial<InvoiceDocument> = {}): InvoiceDocument {
  const document = sampleInvoice(changes);
  document.account = { ...document.account, number: account.number, name: account.name };
  const now = instantOfMs(deps.access.clock.now());
  const booked = deps.ledger.post(invoicePosting(document), now);
  const period = { from: '2026-10-01' as Day, to: '2026-11-01' as Day };
  const links = { accountId: account.id, ledgerTransactionId: booked.id, issuedAt: now, supplies: [] };
  deps.invoices.add({ ...period, ...links, document });
  return document;
}

/** A finished run of a file that had one bad line; its id. */
export function addImport({ imports }: AdminDeps, name: string, changes: Partial<ImportReport> = {}): number {
  const sha256 = 'b'.repeat(64);
  const run = imports.begin({ sha256, name, format: 'nem12', importedBy: 'cli', strict: false }, 1_795_000_000);
  imports.finish({ ...reportOf(run, name, sha256), ...changes }, 1_795_000_002);
  return run;
}

function reportOf(run: number, file: string, sha256: string): ImportReport {
  const problem = { line: 5, column: 22, rule: 'N12-20', severity: 'error', member: '', field: '', raw: 'x' } as const;
  return {
    run,
    file,
    format: 'nem12',
    sha256,
    importedBefore: undefined,
    cancelled: false,
    counts: { new: 1488, identical: 0, revised: 0, conflicting: 0, older: 0, rejected: 1 },
    meterPointsCreated: ['2001000016'],
    channels: [
      {
        meterPoint: '2001000016',
        code: 'E1',
        meter: '',
        kind: 'channel',
        unit: 'kWh',
        readings: 1488,
        missing: 0,
        sum: '372.5',
        qualities: { actual: 1488 },
      },
    ],
    files: [],
    problems: [{ ...problem, message: 'line 5, column 22: "x" is not a number', action: 'rejected' }],
  };
}

export const flatPlan = {
  planCode: 'FLAT',
  displayName: 'Flat',
  currency: 'AUD',
  taxBasis: 'EXCLUSIVE',
  taxes: {},
  effectiveFrom: '2026-07-01',
  components: [
    { kind: 'energy', code: 'USE', register: 'IMPORT', rates: [{ code: 'ALL', unitPrice: '0.20' }], tax: 'NONE' },
  ],
};
