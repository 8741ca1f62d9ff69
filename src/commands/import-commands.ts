import type { Command } from './command.ts';
import { importCommand } from './import.ts';
import { importD0010Command } from './import-d0010.ts';

/** Commands that begin with "import"; of two that fit a command line the first is meant. */
export const importCommands: readonly Command[] = [importD0010Command, importCommand];
