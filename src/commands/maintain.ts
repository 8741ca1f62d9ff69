import { z } from 'zod';
import { readConfig } from '../config.ts';
import { type MaintenanceKind, maintenanceKinds } from '../maintenance/maintenance-run.ts';
import { type Command, exitCodes, UsageProblem } from './command.ts';
import { operate } from './with-home.ts';

const answer = z.array(z.object({ kind: z.string(), period: z.string(), archive: z.string().optional() }));
const kindsOf: Record<string, readonly MaintenanceKind[]> = {
  daily: ['daily'],
  monthly: ['monthly'],
  both: maintenanceKinds,
};

export const maintainCommand: Command = {
  name: 'maintain',
  operands: 'daily|monthly|both',
  summary:
    'Closes yesterday, last month or both: to the database, and into their archives. The server does it by itself.',
  optionHelp: ['--json  one object per day or month'],
  options: { json: { type: 'boolean' } },
  run: async input => {
    const kinds = kindsOf[input.operands[0] ?? ''];
    if (!kinds || input.operands.length > 1) throw new UsageProblem('say which: daily, monthly or both');
    const done = answer.parse(await operate(readConfig(input.environment), 'maintain', { kinds }));
    if (input.options.json) input.print(JSON.stringify(done));
    else for (const { period, archive } of done) input.print(`${period}: ${archive ?? 'no readings'}`);
    return exitCodes.ok;
  },
};
