import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Config, folders, type RememberedName, readConfig, rememberedNames } from '../config.ts';
import { openDatabase } from '../kernel/database.ts';
import { lockHome } from '../lock-home.ts';
import { isOver } from '../readings/archiver.ts';
import { changeCurrency, changeNumbering, moveDays } from '../safekeeping/change-home.ts';
import { type HomeSetting, HomeSettingStore } from '../settings/home-setting-store.ts';
import { formatUtc, instantOfMs, parseZone } from '../units/time.ts';
import { type Command, type CommandInput, type ExitCode, exitCodes, textOption, UsageProblem } from './command.ts';
import { withHouse } from './with-home.ts';

const variableOf = { zone: 'TIME_ZONE', currency: 'CURRENCY', numbering: 'INVOICE_NUMBERING' } as const;

export const homeCommand: Command = {
  name: 'home',
  operands: '',
  summary:
    'Says what the home remembers of its settings; with an option, changes it on purpose, while no server holds the home.',
  optionHelp: [
    '--zone ZONE      days of another zone: all archives are made again. Invoices, days and months that were closed and what was',
    '                 read of stamps without an offset stay as they are; for the last, "import undo" and import again.',
    '                 Meter points keep the days they were registered with, by which they are billed …',
    '--meter-points   … unless that was wrong as well: those with the days of before follow, where nothing was billed',
    '--currency CODE  for books in which nothing was booked yet; plans in another currency are to be saved again',
    '--numbering F    per-year or per-account, from the next invoice on',
    '--json           {"TIME_ZONE":{"value":…,"saidAt":…,"saidBy":…},…}',
  ],
  options: {
    zone: { type: 'string' },
    'meter-points': { type: 'boolean' },
    currency: { type: 'string' },
    numbering: { type: 'string' },
    json: { type: 'boolean' },
  },
  run: async input => {
    const options = Object.keys(variableOf) as (keyof typeof variableOf)[];
    const [option, ...more] = options.filter(name => textOption(input, name) !== undefined);
    if (more.length > 0) throw new UsageProblem('change one thing at a time');
    if (option !== 'zone' && input.options['meter-points']) throw new UsageProblem('--meter-points goes with --zone');
    const config = readConfig(input.environment);
    if (!option) return tell(config, input);
    const name = variableOf[option];
    // Checked as the variable would be.
    const { said } = readConfig({ [name]: textOption(input, option) });
    return change(config, name, said[name] ?? '', input);
  },
};

function tell(config: Config, { options, print }: CommandInput): ExitCode {
  const found = rememberedOf(config);
  if (options.json) print(JSON.stringify(Object.fromEntries(found.map(({ name, ...setting }) => [name, setting]))));
  else if (found.length === 0) print(`${config.home} remembers nothing yet; it will, what it is first opened with.`);
  else
    for (const { name, value, saidAt, saidBy } of found)
      print(`${name}=${value}  since ${formatUtc(saidAt)} (${saidBy})`);
  return exitCodes.ok;
}

function rememberedOf({ home }: Config): HomeSetting[] {
  const path = join(folders(home).data, 'wattledger.db');
  if (!existsSync(path)) return [];
  const database = openDatabase(path);
  try {
    const settings = new HomeSettingStore(database);
    return rememberedNames.flatMap(name => settings.find(name) ?? []);
  } finally {
    database.close();
  }
}

async function change(config: Config, name: RememberedName, value: string, input: CommandInput): Promise<ExitCode> {
  const lock = await lockHome(config.home);
  try {
    const lines = await changeLocked(config, name, value, input);
    if (input.options.json) return tell(config, input);
    for (const line of lines) input.print(line);
    const { [name]: said = value } = config.said;
    if (said !== value)
      input.tell(`Set ${name}=${value} where ${name}=${said} is set, or leave it out: it would be refused.`);
    return exitCodes.ok;
  } finally {
    lock.release();
  }
}

async function changeLocked(
  config: Config,
  name: RememberedName,
  value: string,
  { options }: CommandInput,
): Promise<string[]> {
  // Of an older home nothing is remembered yet: then what is set is what it was opened with so far.
  const known = rememberedOf(config);
  const said = Object.fromEntries(
    Object.entries(config.said).filter(([each]) => !known.some(one => one.name === each)),
  );
  const asItWas = { ...config, said };
  if (name === 'CURRENCY') {
    await withHouse(asItWas, house => changeCurrency(house, value));
    return [`${config.home} keeps its books in ${value}.`];
  }
  if (name === 'INVOICE_NUMBERING') {
    await withHouse(asItWas, house => changeNumbering(house, value));
    return [`${config.home} numbers its next invoices ${value}.`];
  }
  const zone = parseZone(value)!;
  const meterPoints = options['meter-points'] === true;
  const { from, moved, kept } = await withHouse(asItWas, house => moveDays(house, zone, { meterPoints }));
  // Opened again, because all of a house has the days it was opened with.
  const written = await withHouse({ ...config, said: {} }, ({ archiver, clock }) =>
    archiver.writeDue(isOver(instantOfMs(clock.now()), zone)),
  );
  return [
    `${config.home} has days of ${value}; before, of ${from}.`,
    `${written.length} archives were made again; those of the running day and month follow when they are over.`,
    ...(moved > 0 ? [`${moved} meter points have days of ${value} from now on: run their bills again.`] : []),
    ...(kept > 0
      ? [
          `${kept} meter points keep days of ${from}, ${meterPoints ? 'because they were billed by them' : 'by which they are billed'}.`,
        ]
      : []),
    'Issued invoices, closed days and stamps that were read without an offset stay as they are.',
  ];
}
