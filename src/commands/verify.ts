import { join } from 'node:path';
import { z } from 'zod';
import { type Config, folders, readConfig } from '../config.ts';
import { openToRead } from '../kernel/database.ts';
import { type CheckResult, restoreAdvice } from '../safekeeping/check.ts';
import { verifyBooks } from '../safekeeping/verify-books.ts';
import { type Command, type CommandInput, type ExitCode, exitCodes } from './command.ts';
import { operate } from './with-home.ts';

const results = z.array(
  z.object({
    name: z.string(),
    checked: z.string(),
    damage: z.object({ what: z.string(), advice: z.string() }).optional(),
  }),
);

export const verifyCommand: Command = {
  name: 'verify',
  operands: '',
  summary:
    'Holds everything that is kept against everything else, and names the first damage. Also while the server runs.',
  optionHelp: ['--json  {"sound":…,"checks":[…]}'],
  options: { json: { type: 'boolean' } },
  run: input => verifyHome(readConfig(input.environment), input),
};

/** Verifies a home and says what was found; exit code 3 when anything is damaged. */
export async function verifyHome(config: Config, { options, print }: CommandInput): Promise<ExitCode> {
  const books = await lookAtBooks(config);
  // A database whose pages are damaged is not opened for writing.
  const readable = books.every(({ name, damage }) => name !== 'database' || damage === undefined);
  const checks = [...books, ...(readable ? results.parse(await operate(config, 'verify', {})) : [])];
  const sound = checks.every(({ damage }) => damage === undefined);
  if (options.json) print(JSON.stringify({ sound, checks }));
  else {
    for (const { name, checked, damage } of checks) {
      print(damage ? `✗ ${name}: ${damage.what}\n  ${damage.advice}` : `✓ ${name}: ${checked}`);
    }
    print(sound ? 'Everything that is kept is sound.' : 'Damage was found.');
  }
  return sound ? exitCodes.ok : exitCodes.storage;
}

/** Read in this process, so that a server that holds the home need not stand still for it. */
async function lookAtBooks({ home }: Config): Promise<CheckResult[]> {
  const path = join(folders(home).data, 'wattledger.db');
  try {
    const database = openToRead(path);
    if (!database) return [];
    try {
      return await verifyBooks(database);
    } finally {
      database.close();
    }
  } catch (error) {
    const what = `${path} cannot be opened: ${error instanceof Error ? error.message : String(error)}`;
    return [{ name: 'database', checked: '', damage: { what, advice: restoreAdvice } }];
  }
}
