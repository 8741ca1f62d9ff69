import { z } from 'zod';
import { type Config, readConfig } from '../config.ts';
import { type Command, type CommandInput, type ExitCode, exitCodes } from './command.ts';
import { operate } from './with-home.ts';

const reportSchema = z.object({
  sound: z.boolean(),
  checks: z.array(
    z.object({
      name: z.string(),
      checked: z.string(),
      damage: z.object({ what: z.string(), advice: z.string() }).optional(),
    }),
  ),
});

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
  const report = reportSchema.parse(await operate(config, 'verify', {}));
  if (options.json) print(JSON.stringify(report));
  else {
    for (const { name, checked, damage } of report.checks) {
      print(damage ? `✗ ${name}: ${damage.what}\n  ${damage.advice}` : `✓ ${name}: ${checked}`);
    }
    print(report.sound ? 'Everything that is kept is sound.' : 'Damage was found.');
  }
  return report.sound ? exitCodes.ok : exitCodes.storage;
}
