import { resolve } from 'node:path';
import { readConfig } from '../config.ts';
import { lockHome } from '../lock-home.ts';
import type { BackupManifest } from '../safekeeping/backup-manifest.ts';
import { restore } from '../safekeeping/restore.ts';
import { type Command, exitCodes, textOption, UsageProblem } from './command.ts';
import { verifyHome } from './verify.ts';

export const restoreCommand: Command = {
  name: 'restore',
  operands: 'DIR',
  summary: 'Copies a backup into an empty home, after its hashes were checked.',
  optionHelp: [
    '--home NEW  where to; WATTLEDGER_HOME when absent',
    '--verify    opens what was restored, replays its journal and verifies everything',
    '--json      the result of --verify as JSON',
  ],
  options: { home: { type: 'string' }, verify: { type: 'boolean' }, json: { type: 'boolean' } },
  run: async input => {
    const [folder, ...more] = input.operands;
    if (!folder || more.length > 0) throw new UsageProblem('name the folder of one backup');
    if (input.options.json && !input.options.verify) throw new UsageProblem('--json goes with --verify');
    const home = textOption(input, 'home');
    const config = readConfig({ ...input.environment, ...(home && { WATTLEDGER_HOME: resolve(home) }) });
    const { files, takenAt, zone } = await restoreLocked(resolve(folder), config.home);
    input.tell(`${files.length} files of ${takenAt} restored to ${config.home}`);
    const { TIME_ZONE } = config.said;
    if (zone && zone !== TIME_ZONE)
      input.tell(
        `Its days are those of ${zone}, which it remembers.${TIME_ZONE ? ` TIME_ZONE=${TIME_ZONE} will be refused: leave it out.` : ''}`,
      );
    // Sound is what it says of itself, wherever it was carried.
    return input.options.verify ? verifyHome({ ...config, said: zone ? {} : config.said }, input) : exitCodes.ok;
  },
};

async function restoreLocked(folder: string, home: string): Promise<BackupManifest> {
  const lock = await lockHome(home);
  try {
    return await restore(folder, home);
  } finally {
    lock.release();
  }
}
