import { billCommand } from './bill.ts';
import { billsVerify } from './bills-verify.ts';
import type { Command } from './command.ts';
import { demoCommand } from './demo.ts';
import { importCommand } from './import.ts';
import { keyCreate } from './key-create.ts';
import { serveCommand } from './serve.ts';
import { userAdd } from './user-add.ts';

/** Every command, in the order --help lists them. */
export const commands: Command[] = [
  serveCommand,
  demoCommand,
  importCommand,
  billCommand,
  billsVerify,
  userAdd,
  keyCreate,
];
