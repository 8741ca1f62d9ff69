import { archiveRebuild } from './archive-rebuild.ts';
import { backupCommand } from './backup.ts';
import { billCommand } from './bill.ts';
import { billsVerify } from './bills-verify.ts';
import type { Command } from './command.ts';
import { demoCommand } from './demo.ts';
import { importCommand } from './import.ts';
import { keyCreate } from './key-create.ts';
import { maintainCommand } from './maintain.ts';
import { planImport } from './plan-import.ts';
import { planSchemaCommand } from './plan-schema.ts';
import { restoreCommand } from './restore.ts';
import { serveCommand } from './serve.ts';
import { simulateCommand } from './simulate.ts';
import { userAdd } from './user-add.ts';
import { verifyCommand } from './verify.ts';

/** Every command, in the order --help lists them. */
export const commands: Command[] = [
  serveCommand,
  demoCommand,
  importCommand,
  planImport,
  planSchemaCommand,
  billCommand,
  billsVerify,
  maintainCommand,
  verifyCommand,
  archiveRebuild,
  backupCommand,
  restoreCommand,
  simulateCommand,
  userAdd,
  keyCreate,
];
