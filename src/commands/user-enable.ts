import { disableUser, enableUser } from '../access/disable-user.ts';
import { readConfig } from '../config.ts';
import { type Command, exitCodes, UsageProblem } from './command.ts';
import { withAccess } from './with-home.ts';

export const userEnable: Command = change('user enable', 'Lets somebody sign in again who was shut out.', enableUser);
export const userDisable: Command = change('user disable', 'Shuts somebody out at once.', disableUser);

function change(name: string, summary: string, act: typeof disableUser): Command {
  return {
    name,
    operands: 'NAME',
    summary,
    optionHelp: [],
    options: {},
    run: async input => {
      const [user, ...more] = input.operands;
      if (!user || more.length > 0) throw new UsageProblem('name one user');
      await withAccess(readConfig(input.environment), access => act(access, { name: user, by: 'cli' }));
      input.print(`${name.split(' ')[1]}d ${user}`);
      return exitCodes.ok;
    },
  };
}
