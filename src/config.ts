import { existsSync, readFileSync } from 'node:fs';
import { join, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import type { Seller } from './billing/invoice.ts';
import { type NumberFormat, numberFormats } from './billing/numbering.ts';
import { parseRules, type ReadingRules } from './readings/rules.ts';
import { parseZone, type Zone } from './units/time.ts';

const metricsModes = ['open', 'loopback', 'off'] as const;

const projectFolder = fileURLToPath(new URL('..', import.meta.url));

/**
 * What a home remembers once it was opened (settings/settle-home.ts): opened another way it would tell other days, other money or other
 * numbers of the same facts. All other settings may change from one start to the next.
 */
export const rememberedNames = ['TIME_ZONE', 'CURRENCY', 'INVOICE_NUMBERING'] as const;
export type RememberedName = (typeof rememberedNames)[number];
export type Remembered = Record<RememberedName, string>;

export interface HomeSettings {
  zone: Zone;
  currency: string;
  numberFormat: NumberFormat;
}

/** The environment and what the home remembers, together. */
export type SettledConfig = Config & HomeSettings;

export interface Config {
  host: string;
  port: number;
  /** Folder in which data/, archive/ and logs/ live. */
  home: string;
  /** How browsers reach us, '' when as HOST and PORT say; https turns secure cookies and HSTS on. */
  publicUrl: string;
  /** What the environment says of what homes remember; what it leaves out is left to the home. */
  said: Partial<Remembered>;
  /** What a home begins with of what nobody said. */
  unsaid: Remembered;
  /** '' writes mails to data/outbox/ instead of sending them. */
  smtpUrl: string;
  flushSeconds: number;
  /** Files put here are imported; '' watches nothing. */
  watchFolder: string;
  /** How severe each rule for readings is taken. */
  rules: ReadingRules;
  paymentDays: number;
  logLevel: string;
  /** Below this much free disk the home is not ready. */
  diskFreeMinMegabytes: number;
  /** A slower sync of the journal makes the home not ready. */
  syncMsMax: number;
  metrics: (typeof metricsModes)[number];
  /** What each API key may ask for; 0 sets no limit. */
  requestsPerHour: number;
  /** Whether /api/ may be read without a key. */
  anonymousReading: boolean;
  /** Whom to tell of imports that went wrong; '' nobody. */
  operatorEmail: string;
  seller: Seller;
}

/** A variable of the environment that cannot be used, said with an example of one that can. */
export class ConfigProblem extends Error {
  override name = 'ConfigProblem';
}

export interface Variable {
  name: string;
  what: string;
  example: string;
  fallback: string;
}

/** Every variable that is read, for README, --help and error messages. */
export const variables: Variable[] = [
  { name: 'HOST', what: 'Address to listen on', example: '0.0.0.0', fallback: '127.0.0.1' },
  { name: 'PORT', what: 'Port to listen on; 0 takes a free one', example: '8000', fallback: '8000' },
  {
    name: 'PUBLIC_URL',
    what: 'Address people use when a proxy stands in front',
    example: 'https://bills.retailer.example',
    fallback: '',
  },
  {
    name: 'WATTLEDGER_HOME',
    what: 'Folder in which data/, archive/ and logs/ live',
    example: '/var/lib/wattledger',
    fallback: projectFolder,
  },
  {
    name: 'TIME_ZONE',
    what: 'IANA zone of the site: days, bills and zone-less stamps',
    example: 'Australia/Adelaide',
    fallback: 'UTC',
  },
  { name: 'CURRENCY', what: 'ISO 4217 code of a currency with two decimals', example: 'AUD', fallback: 'AUD' },
  {
    name: 'SMTP_URL',
    what: 'Where mail goes; empty writes .eml files to data/outbox/',
    example: 'smtp://user:password@mail.example:587',
    fallback: '',
  },
  {
    name: 'MAIL_FROM',
    what: 'Sender of invoices when the seller file names none',
    example: 'billing@retailer.example',
    fallback: 'billing@localhost',
  },
  {
    name: 'SELLER_FILE',
    what: 'JSON file that says who sends the invoices',
    example: '/etc/wattledger/seller.json',
    fallback: 'data/seller.json',
  },
  { name: 'PAYMENT_DAYS', what: 'Days from issue to due date', example: '14', fallback: '14' },
  {
    name: 'INVOICE_NUMBERING',
    what: 'per-year: 2026-000001 · per-account: ACCOUNT/01',
    example: 'per-account',
    fallback: 'per-year',
  },
  {
    name: 'FLUSH_SECONDS',
    what: 'Seconds between flushes of the journal to the database',
    example: '60',
    fallback: '60',
  },
  {
    name: 'WATTLEDGER_WATCH',
    what: 'Folder whose files are imported by themselves; empty watches none',
    example: '/srv/meter-data/in',
    fallback: '',
  },
  {
    name: 'READING_RULES',
    what: 'RULE=accept|flag|quarantine|reject with commas between, see src/readings/README.md',
    example: 'meter-point-unknown=quarantine,spike=accept',
    fallback: '',
  },
  {
    name: 'METRICS',
    what: 'Who may read /metrics: open, loopback or off',
    example: 'loopback',
    fallback: 'open',
  },
  {
    name: 'DISK_FREE_MIN_MB',
    what: 'Free disk below which /readyz answers 503',
    example: '256',
    fallback: '256',
  },
  {
    name: 'SYNC_MS_MAX',
    what: 'Milliseconds for one sync of the journal above which /readyz answers 503',
    example: '2000',
    fallback: '2000',
  },
  {
    name: 'REQUESTS_PER_HOUR',
    what: 'Requests an hour that each API key may make, a tenth of it without a key; 0 sets no limit',
    example: '1000',
    fallback: '0',
  },
  {
    name: 'ANONYMOUS_READING',
    what: 'yes lets everybody read /api/, the paths of the D0010 importer, without a key',
    example: 'no',
    fallback: 'no',
  },
  {
    name: 'OPERATOR_EMAIL',
    what: 'Who is told by mail of imports that failed or had bad lines; empty tells nobody',
    example: 'operations@retailer.example',
    fallback: '',
  },
  { name: 'LOG_LEVEL', what: 'fatal, error, warn, info, debug or silent', example: 'info', fallback: 'info' },
];

const text = z.string().max(200);
const lines = z.array(text).max(8);

const sellerSchema = z.strictObject({
  name: text.min(1).default('Your electricity retailer'),
  businessNumber: text.default(''),
  address: lines.default([]),
  phone: text.default(''),
  email: text.default(''),
  web: text.default(''),
  colour: z
    .string()
    .regex(/^#[0-9a-fA-F]{6}$/, 'write a colour as #2f5d50')
    .default('#2f5d50'),
  networkProvider: text.default(''),
  faultsPhone: text.default(''),
  interpreterPhone: text.default(''),
  relayPhone: text.default(''),
  ombudsman: text.default(''),
  payment: z
    .strictObject({
      directDebitPhone: text.default(''),
      bpayBillerCode: text.default(''),
      bpayReference: text.default(''),
      bankAccount: text.default(''),
      cardUrl: text.default(''),
      cardFeeNotice: text.default(''),
      lateNotice: text.default(''),
    })
    .prefault({}),
});

const wholeNumber = (min: number, max: number) =>
  z
    .string()
    .regex(/^\d{1,9}$/)
    .transform(Number)
    .refine(value => value >= min && value <= max);

const mailAddress = z.string().regex(/^[^\s@<>"]+@[^\s@<>"]+$/);

const rememberedSchema = z.object({
  TIME_ZONE: z.string().refine(zone => parseZone(zone) !== undefined),
  CURRENCY: z.string().refine(hasTwoDecimals),
  INVOICE_NUMBERING: z.enum(numberFormats),
});

const environmentSchema = z.object({
  HOST: z.string().regex(/^[0-9A-Za-z.:_-]+$/),
  PORT: wholeNumber(0, 65_535),
  PUBLIC_URL: z.union([z.literal(''), z.url({ protocol: /^https?$/ })]),
  WATTLEDGER_HOME: z.string().min(1),
  ...rememberedSchema.shape,
  SMTP_URL: z.union([z.literal(''), z.url({ protocol: /^smtps?$/ }).refine(namesHost)]),
  MAIL_FROM: mailAddress,
  SELLER_FILE: z.string().min(1),
  PAYMENT_DAYS: wholeNumber(0, 365),
  FLUSH_SECONDS: wholeNumber(1, 86_400),
  WATTLEDGER_WATCH: z.string().refine(path => !path.includes('\0')),
  READING_RULES: z.string().max(2000),
  METRICS: z.enum(metricsModes),
  DISK_FREE_MIN_MB: wholeNumber(0, 100_000_000),
  SYNC_MS_MAX: wholeNumber(1, 600_000),
  REQUESTS_PER_HOUR: wholeNumber(0, 999_999_999),
  ANONYMOUS_READING: z.enum(['yes', 'no']),
  OPERATOR_EMAIL: z.union([z.literal(''), mailAddress]),
  LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'silent']),
});

function namesHost(url: string): boolean {
  return URL.canParse(url) && new URL(url).hostname !== '';
}

function hasTwoDecimals(currency: string): boolean {
  if (!Intl.supportedValuesOf('currency').includes(currency)) return false;
  const { maximumFractionDigits } = new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions();
  return maximumFractionDigits === 2;
}

/** The environment as one frozen Config; throws a ConfigProblem that names the first wrong variable and shows an example. */
export function readConfig(environment: Record<string, string | undefined>): Config {
  const values = Object.fromEntries(variables.map(({ name, fallback }) => [name, environment[name] ?? fallback]));
  const parsed = environmentSchema.safeParse(values);
  if (!parsed.success) {
    const name = String(parsed.error.issues[0]!.path[0]);
    const variable = variables.find(each => each.name === name)!;
    throw new ConfigProblem(
      `${name}="${values[name]}" cannot be used: ${variable.what}, for example ${name}=${variable.example}`,
    );
  }
  const env = parsed.data;
  const home = resolve(env.WATTLEDGER_HOME);
  return Object.freeze({
    host: env.HOST,
    port: env.PORT,
    publicUrl: env.PUBLIC_URL,
    home,
    said: saidIn(environment),
    unsaid: rememberedSchema.parse(Object.fromEntries(variables.map(({ name, fallback }) => [name, fallback]))),
    smtpUrl: env.SMTP_URL,
    flushSeconds: env.FLUSH_SECONDS,
    watchFolder: readWatchFolder(home, env.WATTLEDGER_WATCH),
    rules: readRules(env.READING_RULES),
    paymentDays: env.PAYMENT_DAYS,
    logLevel: env.LOG_LEVEL,
    diskFreeMinMegabytes: env.DISK_FREE_MIN_MB,
    syncMsMax: env.SYNC_MS_MAX,
    metrics: env.METRICS,
    requestsPerHour: env.REQUESTS_PER_HOUR,
    anonymousReading: env.ANONYMOUS_READING === 'yes',
    operatorEmail: env.OPERATOR_EMAIL,
    seller: readSeller(resolve(home, env.SELLER_FILE), environment.SELLER_FILE !== undefined, env.MAIL_FROM),
  });
}

/** What is remembered, by its variables, as values. */
export function readRemembered(remembered: object): HomeSettings {
  const { TIME_ZONE, CURRENCY, INVOICE_NUMBERING } = rememberedSchema.parse(remembered);
  return { zone: parseZone(TIME_ZONE)!, currency: CURRENCY, numberFormat: INVOICE_NUMBERING };
}

/** Where a home keeps what; absolute when `home` is. */
export function folders(home: string): { data: string; archive: string; logs: string } {
  return { data: join(home, 'data'), archive: join(home, 'archive'), logs: join(home, 'logs') };
}

function saidIn(environment: Record<string, string | undefined>): Partial<Remembered> {
  return Object.fromEntries(
    rememberedNames.flatMap(name => (environment[name] === undefined ? [] : [[name, environment[name]]])),
  );
}

function readWatchFolder(home: string, path: string): string {
  if (path === '') return '';
  const folder = resolve(home, path);
  // What is found there is moved away: the journal was, when somebody gave "logs".
  const isOurs = Object.values(folders(home)).some(own => `${folder}${sep}`.startsWith(`${own}${sep}`));
  if (!isOurs && folder !== home) return folder;
  throw new ConfigProblem(
    `WATTLEDGER_WATCH="${path}" cannot be used: files are moved away from there, and wattledger keeps its own in it, for example WATTLEDGER_WATCH=in`,
  );
}

function readRules(text: string): ReadingRules {
  const rules = parseRules(text);
  if (typeof rules !== 'string') return rules;
  throw new ConfigProblem(
    `READING_RULES="${text}" cannot be used: ${rules}, for example READING_RULES=meter-point-unknown=quarantine,spike=accept`,
  );
}

function readSeller(path: string, named: boolean, mailFrom: string): Seller {
  if (!existsSync(path)) {
    if (named) throw new ConfigProblem(`SELLER_FILE="${path}" cannot be used: there is no such file`);
    return { ...sellerSchema.parse({}), email: mailFrom };
  }
  const parsed = sellerSchema.safeParse(parseJson(path));
  if (parsed.success) return { ...parsed.data, email: parsed.data.email || mailFrom };
  const issue = parsed.error.issues[0]!;
  throw new ConfigProblem(`${path} cannot be used: ${issue.path.join('.') || 'the document'}: ${issue.message}`);
}

function parseJson(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (cause) {
    throw new ConfigProblem(`${path} cannot be used: it is not JSON`, { cause });
  }
}
