import { addUser } from '../access/add-user.ts';
import { createApiKey } from '../access/create-api-key.ts';
import type { Series } from '../accounts/meter-point.ts';
import { billMonth } from '../billing/bill-month.ts';
import { recordPayment } from '../collections/record-payment.ts';
import type { House } from '../house.ts';
import type { StoppedClock } from '../kernel/clock.ts';
import { readablePassword } from '../kernel/ids.ts';
import { decide } from '../readings/decide.ts';
import { flush } from '../readings/flush.ts';
import { microKwh } from '../units/energy.ts';
import { parseCents } from '../units/money.ts';
import {
  addDays,
  addMonths,
  type Day,
  dayOf,
  dayPeriod,
  firstDayOf,
  type Instant,
  instant,
  instantOfMs,
  type Month,
  monthOf,
  secondsPerDay,
  startOfDay,
} from '../units/time.ts';
import { plazaSlot } from './load-shape.ts';
import { addressOf, type Party, parties, planDocuments } from './plaza.ts';

export const slotSeconds = 1800;
const historyMonths = 13;

export interface DemoSecrets {
  adminPassword: string;
  apiKey: string;
}

/** The channels of a party, in the order in which their energies are posted. */
interface Channels {
  fromGrid: Series;
  fromSolar: Series;
  toGrid: Series | undefined;
}

/**
 * Builds the past of Demo Plaza into an empty house, month by month on a stopped clock: readings through the same rules as a meter's,
 * then bills on the third of the next month, then payments. `until` is now. Reports progress from 0 to 1.
 */
export async function buildDemo(
  house: House,
  clock: StoppedClock,
  until: Instant,
  progress: (share: number, what: string) => void,
): Promise<DemoSecrets> {
  const { zone } = house.config;
  const thisMonth = monthOf(dayOf(until, zone));
  const firstMonth = addMonths(thisMonth, -historyMonths);
  clock.moveTo(startOfDay(firstDayOf(firstMonth), zone) * 1000);
  const secrets = await letIn(house);
  const channels = settle(house, firstMonth, addMonths(thisMonth, -2));
  for (let month = firstMonth, done = 0; month <= thisMonth; month = addMonths(month, 1), done++) {
    await readMonth(house, clock, channels, month, until);
    if (month > firstMonth) await payBills(house, clock, month, until);
    if (month < thisMonth) await billAfter(house, clock, month, until);
    progress(
      (done + 1) / (historyMonths + 1),
      month < thisMonth ? `${month}: read, billed, paid` : `${month}: read until now`,
    );
  }
  clock.moveTo(until * 1000);
  return secrets;
}

async function letIn({ access }: House): Promise<DemoSecrets> {
  const { password } = await addUser(access, {
    name: 'admin',
    role: 'admin',
    password: readablePassword(),
    by: 'demo',
  });
  const { secret } = createApiKey(access, { name: 'demo', scopes: ['*'], by: 'demo' });
  return { adminPassword: password, apiKey: secret };
}

function settle(
  { accounts, meterPoints, supplies, plans, clock, config }: House,
  firstMonth: Month,
  priceChange: Month,
): Channels[] {
  const now = instantOfMs(clock.now());
  for (const document of planDocuments(firstDayOf(firstMonth), addDays(firstDayOf(priceChange), 14)))
    plans.addVersion(document, now);
  return parties.map((party, index) => {
    const account = accounts.add(accountOf(party), now);
    const flows =
      index === 0 ? (['from-grid', 'from-solar', 'to-grid'] as const) : (['from-grid', 'from-solar'] as const);
    const codes = { 'from-grid': 'E1', 'from-solar': 'SOLAR', 'to-grid': 'B1' };
    const series = flows.map(flow => ({
      kind: 'channel' as const,
      code: codes[flow],
      flow,
      intervalMinutes: slotSeconds / 60,
    }));
    const point = meterPoints.addWithSeries(
      { identifier: party.nmi, address: addressOf(party), zone: config.zone, origin: 'registered' },
      series,
      now,
    );
    supplies.add(
      {
        accountId: account.id,
        meterPointId: point.id,
        planCode: party.plan,
        from: firstDayOf(firstMonth),
        to: undefined,
      },
      now,
    );
    const [fromGrid, fromSolar, toGrid] = meterPoints.listSeries(point.id);
    return { fromGrid: fromGrid!, fromSolar: fromSolar!, toGrid };
  });
}

function accountOf(party: Party) {
  return {
    number: party.account,
    name: party.name,
    businessNumber: '00 000 000 000',
    email: party.email,
    phone: '',
    postalAddress: `${party.name}\n${party.shop}, 1 Example Plaza\nSampletown SA 5999`,
  };
}

async function readMonth(
  house: House,
  clock: StoppedClock,
  channels: Channels[],
  month: Month,
  until: Instant,
): Promise<void> {
  const { zone } = house.config;
  const source = house.sources.idOf('demo', 'history');
  for (let day = firstDayOf(month); monthOf(day) === month; day = addDays(day, 1)) {
    const { from, to } = dayPeriod(day, zone);
    if (from >= until) break;
    clock.moveTo(Math.min(to, until) * 1000);
    for (let at = from; at + slotSeconds <= Math.min(to, until); at = instant(at + slotSeconds))
      postSlot(house, channels, at, day, source);
  }
  await flush({ ...house, zone });
}

function postSlot(house: House, channels: Channels[], at: Instant, day: Day, source: number): void {
  const slot = plazaSlot(at, day, house.config.zone);
  channels.forEach(({ fromGrid, fromSolar, toGrid }, party) => {
    post(fromGrid, slot.fromGrid[party]!);
    post(fromSolar, slot.fromSolar[party]!);
    if (toGrid) post(toGrid, slot.toGrid);
  });

  function post(series: Series, wattHours: number): void {
    const reading = {
      at,
      value: microKwh(wattHours * 1000),
      minutes: slotSeconds / 60,
      quality: 'actual' as const,
      source,
      line: 0,
      versionAt: 0,
    };
    decide(house, series, reading, at + slotSeconds);
  }
}

/** On the third of the next month, or as soon as there is one. */
async function billAfter(house: House, clock: StoppedClock, month: Month, until: Instant): Promise<void> {
  const issueAt = startOfDay(addDays(firstDayOf(addMonths(month, 1)), 2), house.config.zone) + 9 * 3600;
  clock.moveTo(Math.min(issueAt, until) * 1000);
  await billMonth(house, month);
}

const payAfterDays: Record<Party['pays'], number> = { 'on-time': 9, late: 33, partly: 12, never: 0 };

/** Payments of the bills issued at the beginning of `month`, as far as they were due to arrive by `until`. */
async function payBills(house: House, clock: StoppedClock, month: Month, until: Instant): Promise<void> {
  const issuedOn = addDays(firstDayOf(month), 2);
  for (const party of parties) {
    const receivedOn = addDays(issuedOn, payAfterDays[party.pays]);
    const receivedAt = startOfDay(receivedOn, house.config.zone);
    const [invoice] = house.invoices.listOfAccount(house.accounts.get(party.account).id);
    if (party.pays === 'never' || !invoice || receivedAt + secondsPerDay > until) continue;
    clock.moveTo(Math.max(clock.now(), (receivedAt + secondsPerDay / 2) * 1000));
    const charges = parseCents(invoice.document.currentCharges)!;
    const amount = party.pays === 'partly' ? (charges * 7n) / 10n : charges;
    if (amount <= 0n) continue;
    recordPayment(house, party.account, {
      receivedOn,
      amount: amount as typeof charges,
      method: 'bpay',
      reference: invoice.number,
      dedupeKey: `demo ${invoice.number}`,
    });
  }
}
