import { readConfig } from '../config.ts';
import type { ImportReport } from '../imports/import-report.ts';
import { type Command, exitCodes, UsageProblem } from './command.ts';
import { filesOf, importFiles, importOptions } from './import-files.ts';

/** As the D0010 importer said it (P4-01), so that scripts which read its lines go on. */
export const importD0010Command: Command = {
  name: 'import d0010',
  operands: 'FILE…',
  summary: 'Imports files as the D0010 importer did: prints a line a file, and the total of readings.',
  optionHelp: ['--dry-run  reads and counts, and changes nothing', '--strict   all of a file or nothing of it'],
  options: { 'dry-run': importOptions['dry-run'], strict: importOptions.strict },
  run: async input => {
    if (input.operands.length === 0) throw new UsageProblem('name at least one file');
    const config = readConfig(input.environment);
    const paths = filesOf(input.operands);
    input.print(`Starting import of ${paths.length} file(s)...`);
    let total = 0;
    let failed = false;
    for await (const { path, result } of importFiles(config, paths, input)) {
      const why = 'refused' in result ? result.why : nothingEntered(result);
      failed ||= why !== undefined || ('counts' in result && result.counts.rejected > 0);
      if ('counts' in result) total += result.counts.new;
      input.print(
        why === undefined && 'counts' in result
          ? `✓ ${path}: ${result.counts.new} readings imported`
          : `✗ ${path}: ${why}`,
      );
    }
    input.print(`Import completed. Total readings: ${total}`);
    return failed ? exitCodes.rejected : exitCodes.ok;
  },
};

/** Why none of a file's readings entered, when that is so. */
function nothingEntered({ counts, problems }: ImportReport): string | undefined {
  const { rejected, ...taken } = counts;
  if (rejected === 0 || Object.values(taken).some(count => count > 0)) return undefined;
  return problems.find(({ action }) => action === 'rejected')?.message;
}
