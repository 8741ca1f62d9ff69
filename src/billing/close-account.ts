import type { By, ChangeAccountDeps } from '../accounts/change-account.ts';
import type { MeterPointStore } from '../accounts/meter-point-store.ts';
import type { Supply } from '../accounts/supply.ts';
import type { SupplyStore } from '../accounts/supply-store.ts';
import { Refusal } from '../kernel/errors.ts';
import type { ReadingIndex } from '../readings/reading-index.ts';
import { addDays, type Day, instant, startOfDay } from '../units/time.ts';
import type { InvoiceStore } from './invoice-store.ts';

export interface CloseAccountDeps extends ChangeAccountDeps {
  meterPoints: MeterPointStore;
  supplies: SupplyStore;
  invoices: InvoiceStore;
  index: Pick<ReadingIndex, 'after'>;
}

export interface Closing {
  /** The first day on which nothing is supplied any more. */
  from: Day;
  /** Whoever closes knows of the days that are not billed. */
  confirmed: boolean;
}

const endOfTime = '9999-12-31' as Day;

/**
 * Ends what is supplied to an account; nothing is deleted, and the days before are billed as ever. Throws 'account-unknown',
 * 'account-state-unchanged', 'days-billed' when an invoice has billed a day that would no longer be supplied, and, unless it is
 * confirmed, 'days-unbilled'.
 */
export function closeAccount(deps: CloseAccountDeps, number: string, { from, confirmed }: Closing, by: By): void {
  const { database, accounts, supplies, access } = deps;
  database
    .transaction(() => {
      const account = accounts.get(number);
      const closed = accounts.findClosing(account.id);
      if (closed)
        throw new Refusal('account-state-unchanged', `account ${number} is closed from ${closed.closedFrom} on`);
      const all = supplies.listOfAccount(account.id);
      const ended = all.filter(({ to }) => to === undefined || to > from);
      for (const supply of ended) refuseUnended(deps, supply, from);
      const unbilled = all.flatMap(supply => unbilledOf(deps, supply, from));
      if (unbilled.length > 0 && !confirmed) throw daysUnbilled(unbilled);
      for (const supply of ended) supplies.end(supply, from);
      const closing = { closedFrom: from, ended: ended.map(({ id, to }) => ({ id, to })) };
      accounts.addClosing(account.id, closing, by.who, by.at);
      access.audit.record({ ...by, action: 'account.close', subject: `account:${number}`, detail: { from, unbilled } });
    })
    .immediate();
}

/**
 * Opens a closed account again: what the closing ended goes on. Throws 'account-unknown', 'account-state-unchanged', and
 * 'supply-overlaps' when a meter point is supplied to somebody else by now.
 */
export function reopenAccount(
  { database, accounts, supplies, access }: CloseAccountDeps,
  number: string,
  by: By,
): void {
  database
    .transaction(() => {
      const account = accounts.get(number);
      const closed = accounts.findClosing(account.id);
      if (!closed) throw new Refusal('account-state-unchanged', `account ${number} is open`);
      for (const supply of supplies.listOfAccount(account.id)) {
        const was = closed.ended.find(({ id }) => id === supply.id);
        if (was) supplies.end(supply, was.to);
      }
      accounts.addClosing(account.id, { closedFrom: undefined, ended: [] }, by.who, by.at);
      access.audit.record({ ...by, action: 'account.reopen', subject: `account:${number}` });
    })
    .immediate();
}

/** What was billed stays supplied, and a supply has a day at least. */
function refuseUnended({ invoices, meterPoints }: CloseAccountDeps, supply: Supply, from: Day): void {
  const { identifier } = meterPoints.getById(supply.meterPointId);
  const [billed] = invoices.listBilledDays(supply.id, { from, to: endOfTime });
  if (billed) {
    const detail = `an invoice has billed ${identifier} up to ${addDays(billed.to, -1)}: close from ${billed.to} on`;
    throw new Refusal('days-billed', detail, [{ pointer: '/from', message: detail }]);
  }
  if (supply.from < from) return;
  const message = `${identifier} is supplied from ${supply.from} on: name a day after it`;
  throw new Refusal('body-invalid', `/from: ${message}`, [{ pointer: '/from', message }]);
}

/** Days that no invoice has: those before `from`, and those with readings after it, which nobody would pay for. */
function unbilledOf({ invoices, meterPoints, index }: CloseAccountDeps, supply: Supply, from: Day): string[] {
  const { identifier, zone, id } = meterPoints.getById(supply.meterPointId);
  const end = supply.to !== undefined && supply.to < from ? supply.to : from;
  const gaps: string[] = [];
  let next = supply.from;
  for (const billed of invoices.listBilledDays(supply.id, { from: supply.from, to: end })) {
    if (billed.from > next) gaps.push(daysWords(identifier, next, billed.from));
    next = billed.to;
  }
  if (next < end) gaps.push(daysWords(identifier, next, end));
  // A register's value at midnight closes the day before it.
  const later = meterPoints.listSeries(id).some(series => index.after(series.id, instant(startOfDay(from, zone))));
  return later && end === from ? [...gaps, `${identifier} has readings after ${from}`] : gaps;
}

function daysWords(identifier: string, from: Day, to: Day): string {
  return `${identifier} ${from} to ${addDays(to, -1)}`;
}

function daysUnbilled(unbilled: string[]): Refusal {
  return new Refusal('days-unbilled', `no invoice has these days yet: ${unbilled.join('; ')}`, [
    { pointer: '/confirmed', message: 'say that you know, or bill them first' },
  ]);
}
