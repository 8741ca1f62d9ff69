import type { RememberedName } from '../config.ts';
import type { House } from '../house.ts';
import { Refusal } from '../kernel/errors.ts';
import { Archiver } from '../readings/archiver.ts';
import { HomeSettingStore } from '../settings/home-setting-store.ts';
import { instantOfMs, type Zone } from '../units/time.ts';

export interface MovedDays {
  from: Zone;
  /** Meter points whose days moved, too. */
  moved: number;
  /** Meter points that keep the days of `from`. */
  kept: number;
}

/**
 * Gives a home the days of another zone: it remembers the zone, and every archive is due again; those of days that only the old zone
 * has are due as well, which takes them away. A meter point keeps its days, by which it is billed, unless `meterPoints` says that they
 * were wrong: then those follow that had the home's and of which nothing was billed, and drafts of them are gone. All of it or nothing.
 * The house still has the days of before: it is to be closed without writing archives, and opened again.
 */
export async function moveDays(house: House, to: Zone, { meterPoints }: { meterPoints: boolean }): Promise<MovedDays> {
  const { archiver, config, database, store } = house;
  const from = config.zone;
  await house.flush();
  const after = new Archiver({ ...archiver.deps, zone: to });
  const due = [...(await archiver.listPeriods()), ...(await after.listPeriods())];
  const settings = new HomeSettingStore(database);
  const move = database.transaction(() => {
    store.archivesDue.mark(due);
    const moved = meterPoints ? settings.moveUnbilledMeterPoints(from, to) : 0;
    remember(house, 'TIME_ZONE', to, { meterPoints: moved });
    return { from, moved, kept: settings.countMeterPoints(from) };
  });
  return move.immediate();
}

/** Keeps books that are still empty in another currency. Throws 'home-currency-kept'. */
export function changeCurrency(house: House, currency: string): void {
  const { config, database } = house;
  const change = database.transaction(() => {
    if (new HomeSettingStore(database).hasBooks())
      throw new Refusal('home-currency-kept', `the books of ${config.home} hold amounts in ${config.currency}`);
    remember(house, 'CURRENCY', currency);
  });
  change.immediate();
}

/** The next invoices are numbered in another form; those that were issued keep their numbers. */
export function changeNumbering(house: House, format: string): void {
  house.database.transaction(() => remember(house, 'INVOICE_NUMBERING', format)).immediate();
}

function remember({ access, clock, database }: House, name: RememberedName, value: string, detail = {}): void {
  const settings = new HomeSettingStore(database);
  const at = instantOfMs(clock.now());
  const before = settings.find(name)?.value;
  settings.note({ name, value, saidAt: at, saidBy: 'home command' });
  access.audit.record({
    at,
    who: 'cli',
    action: 'home.change',
    subject: `home:${name}`,
    detail: { before, value, ...detail },
  });
}
