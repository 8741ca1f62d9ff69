import { addUser } from '../access/add-user.ts';
import { roles } from '../access/user.ts';
import { readConfig } from '../config.ts';
import { type Command, exitCodes, textOption, UsageProblem } from './command.ts';
import { withAccess } from './with-home.ts';

export const userAdd: Command = {
  name: 'user add',
  operands: 'NAME',
  summary: 'Adds somebody who may sign in, and prints the generated password once.',
  optionHelp: [`--role ROLE  ${roles.join(', ')} (operator)`, '--json       {"user":"…","role":"…","password":"…"}'],
  options: { role: { type: 'string' }, json: { type: 'boolean' } },
  run: async input => {
    const [name, ...more] = input.operands;
    if (!name || more.length > 0) throw new UsageProblem('give the user one name');
    const { user, password } = await withAccess(readConfig(input.environment), access =>
      addUser(access, { name, role: textOption(input, 'role') ?? 'operator', by: 'cli' }),
    );
    if (input.options.json) input.print(JSON.stringify({ user: user.name, role: user.role, password }));
    else input.print(`${user.name} (${user.role}) signs in with ${password}\nIt is shown this once.`);
    return exitCodes.ok;
  },
};
