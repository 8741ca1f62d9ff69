import { archiveRebuild } from './archive-rebuild.ts';
import { backupCommand } from './backup.ts';
import { billCommand } from './bill.ts';
import { billsVerify } from './bills-verify.ts';
import type { Command } from './command.ts';
import { demoCommand } from './demo.ts';
import { exportCommand } from './export.ts';
import { homeCommand } from './home.ts';
import { importCommand } from './import.ts';
import { importD0010Command } from './import-d0010.ts';
import { keyCreate } from './key-create.ts';
import { maintainCommand } from './maintain.ts';
import { planImport } from './plan-import.ts';
import { planSchemaCommand } from './plan-schema.ts';
import { restoreCommand } from './restore.ts';
import { serveCommand } from './serve.ts';
import { simulateCommand } from './simulate.ts';
import { userAdd } from './user-add.ts';
import { userDisable, userEnable } from './user-enable.ts';
import { verifyCommand } from './verify.ts';

/** Every command, in the order --help lists them; of two that fit a command line the first is meant. */
export const commands: Command[] = [
  serveCommand,
  demoCommand,
  importD0010Command,
  importCommand,
  exportCommand,
  planImport,
  planSchemaCommand,
  billCommand,
  billsVerify,
  maintainCommand,
  verifyCommand,
  archiveRebuild,
  homeCommand,
  backupCommand,
  restoreCommand,
  simulateCommand,
  userAdd,
  userEnable,
  userDisable,
  keyCreate,
];
