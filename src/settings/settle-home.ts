import {
  type Config,
  type HomeSettings,
  type Remembered,
  type RememberedName,
  readRemembered,
  rememberedNames,
  type SettledConfig,
} from '../config.ts';
import type { Database } from '../kernel/database.ts';
import { Refusal } from '../kernel/errors.ts';
import { type Instant, isSameZone, parseZone } from '../units/time.ts';
import { HomeSettingStore } from './home-setting-store.ts';

export interface Opening {
  now: Instant;
  /** By a command, which may have been typed where the server's variables are not set. */
  alone: boolean;
}

/**
 * What the environment says and what the home remembers, as one. What is said the first time is remembered from then on, and so is what
 * nobody said: by a server, whose environment is the home's, and by anybody as long as nothing was made by it. Throws
 * 'home-setting-differs' when something else is said than the home remembers, unless nothing was made by that yet.
 */
export function settleHome(config: Config, database: Database, opening: Opening): SettledConfig {
  const settings = new HomeSettingStore(database);
  const settle = database.transaction(() =>
    Object.fromEntries(rememberedNames.map(name => [name, settleOne(config, settings, name, opening)])),
  );
  return Object.freeze({ ...config, ...readRemembered(settle.immediate()) });
}

/** For whoever asks a server that holds the home. Throws 'home-setting-differs' when something else is said than the home remembers. */
export function refuseOthers(
  said: Partial<Remembered>,
  { home, zone, currency, numberFormat }: HomeSettings & Pick<Config, 'home'>,
): void {
  const remembered: Remembered = { TIME_ZONE: zone, CURRENCY: currency, INVOICE_NUMBERING: numberFormat };
  for (const name of rememberedNames) {
    const value = said[name];
    if (value !== undefined && !isSame(name, value, remembered[name]))
      throw differs(home, name, value, remembered[name]);
  }
}

function settleOne(
  { said, unsaid, home }: Config,
  settings: HomeSettingStore,
  name: RememberedName,
  { now, alone }: Opening,
): string {
  const value = said[name];
  const known = settings.find(name)?.value;
  if (known !== undefined && (value === undefined || isSame(name, value, known))) return known;
  const binds = settings.binds(name);
  if (known !== undefined && value !== undefined && binds) throw differs(home, name, value, known);
  const settled = value ?? unsaid[name];
  if (value !== undefined || !alone || !binds)
    settings.note({ name, value: settled, saidAt: now, saidBy: value === undefined ? 'default' : 'environment' });
  return settled;
}

function isSame(name: RememberedName, a: string, b: string): boolean {
  if (a === b || name !== 'TIME_ZONE') return a === b;
  const [one, other] = [parseZone(a), parseZone(b)];
  return one !== undefined && other !== undefined && isSameZone(one, other);
}

const meanings: Record<RememberedName, { kept: (value: string) => string; change: (value: string) => string }> = {
  TIME_ZONE: {
    kept: zone => `has days of ${zone}`,
    change: zone => `If it moved, or that zone was wrong, stop it and see: wattledger home --zone ${zone} --help`,
  },
  CURRENCY: {
    kept: currency => `keeps its books in ${currency}`,
    change: currency =>
      `Books in ${currency} are a home of their own; see: wattledger home --currency ${currency} --help`,
  },
  INVOICE_NUMBERING: {
    kept: format => `numbers invoices ${format}`,
    change: format => `To number the next ones so: wattledger home --numbering ${format}`,
  },
};

function differs(home: string, name: RememberedName, said: string, known: string): Refusal {
  const { kept, change } = meanings[name];
  return new Refusal(
    'home-setting-differs',
    `${name} says ${said}, and ${home} ${kept(known)}. Leave ${name} out or set it to ${known}. ${change(said)}`,
  );
}
