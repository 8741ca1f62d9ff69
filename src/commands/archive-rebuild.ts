import { z } from 'zod';
import { readConfig } from '../config.ts';
import { parseDay, parseMonth } from '../units/time.ts';
import { type Command, exitCodes, textOption, UsageProblem } from './command.ts';
import { operate } from './with-home.ts';

const answer = z.object({ written: z.array(z.string()) });

export const archiveRebuild: Command = {
  name: 'archive rebuild',
  operands: '',
  summary: 'Makes archives again from the database: a day, a month or all of them.',
  optionHelp: [
    '--day YYYY-MM-DD  the archive of a day',
    '--month YYYY-MM   the archive of a month',
    '--all             every archive',
    '--json            {"written":[…]}',
  ],
  options: {
    day: { type: 'string' },
    month: { type: 'string' },
    all: { type: 'boolean' },
    json: { type: 'boolean' },
  },
  run: async input => {
    const [which, ...more] = ['day', 'month', 'all'].filter(name => name in input.options);
    if (!which) throw new UsageProblem('say which: --day, --month or --all');
    if (more.length > 0) throw new UsageProblem(`say one thing: --${which} or --${more.join(' or --')}`);
    const day = textOption(input, 'day');
    const month = textOption(input, 'month');
    if (day && !parseDay(day)) throw new UsageProblem('write a day as in --day 2026-11-21');
    if (month && !parseMonth(month)) throw new UsageProblem('write a month as in --month 2026-11');
    const wanted = { ...(day && { day }), ...(month && { month }) };
    const { written } = answer.parse(await operate(readConfig(input.environment), 'rebuild-archives', wanted));
    if (input.options.json) input.print(JSON.stringify({ written }));
    else if (written.length === 0) input.print('There are no readings in it, and so no archive.');
    else for (const name of written) input.print(name);
    return exitCodes.ok;
  },
};
