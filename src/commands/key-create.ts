import { createApiKey } from '../access/create-api-key.ts';
import { scopes } from '../access/scopes.ts';
import { readConfig } from '../config.ts';
import { type Command, exitCodes, textOption, UsageProblem } from './command.ts';
import { withAccess } from './with-home.ts';

export const keyCreate: Command = {
  name: 'key create',
  operands: 'NAME',
  summary: 'Makes an API key and prints it once.',
  optionHelp: [
    `--scopes LIST  comma-separated, of ${scopes.join(' ')} (readings:write)`,
    '--json         {"key":"…","id":…}',
  ],
  options: { scopes: { type: 'string' }, json: { type: 'boolean' } },
  run: async input => {
    const [name, ...more] = input.operands;
    if (!name || more.length > 0) throw new UsageProblem('give the key one name');
    const wanted = (textOption(input, 'scopes') ?? 'readings:write').split(',').map(scope => scope.trim());
    const { key, secret } = await withAccess(readConfig(input.environment), access =>
      createApiKey(access, { name, scopes: wanted, by: 'cli' }),
    );
    if (input.options.json)
      input.print(JSON.stringify({ key: secret, id: key.id, name: key.name, scopes: key.scopes }));
    else input.print(`${secret}\n\nKey "${key.name}" may ${key.scopes.join(', ')}. It is shown this once.`);
    return exitCodes.ok;
  },
};
