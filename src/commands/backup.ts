import { resolve } from 'node:path';
import { z } from 'zod';
import { readConfig } from '../config.ts';
import { type Command, exitCodes, UsageProblem } from './command.ts';
import { operate } from './with-home.ts';

const answer = z.object({ folder: z.string(), files: z.number(), bytes: z.number() });

export const backupCommand: Command = {
  name: 'backup',
  operands: 'DIR',
  summary: 'Copies everything that is kept into a new folder, with a list of hashes. Also while the server runs.',
  optionHelp: ['--json  {"folder":"…","files":…,"bytes":…}'],
  options: { json: { type: 'boolean' } },
  run: async input => {
    const [folder, ...more] = input.operands;
    if (!folder || more.length > 0) throw new UsageProblem('name one folder');
    const done = answer.parse(await operate(readConfig(input.environment), 'backup', { folder: resolve(folder) }));
    if (input.options.json) input.print(JSON.stringify(done));
    else input.print(`${done.files} files, ${done.bytes} bytes in ${done.folder}`);
    return exitCodes.ok;
  },
};
