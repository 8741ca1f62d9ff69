import { accessSync, constants, createReadStream, statSync } from 'node:fs';
import { basename } from 'node:path';
import { readConfig } from '../config.ts';
import type { ImportReport } from '../imports/import-report.ts';
import { describeProblem } from '../imports/problem.ts';
import { Refusal } from '../kernel/errors.ts';
import { type Command, type CommandInput, exitCodes, UsageProblem } from './command.ts';
import { operate } from './with-home.ts';

const problemsShownMax = 20;

export const importCommand: Command = {
  name: 'import',
  operands: 'FILE…',
  summary:
    'Imports meter data files, by their content: NEM12, D0010, the predecessors’ archives, logs and customer lists, zips of them. A bad file does not stop the next.',
  optionHelp: [
    '--strict  all of a file or nothing of it; without it good records enter and bad ones are listed',
    '--json    one object a line and file: format, sha256, counts, problems …',
  ],
  options: { strict: { type: 'boolean' }, json: { type: 'boolean' } },
  run: async input => {
    if (input.operands.length === 0) throw new UsageProblem('name at least one file');
    const config = readConfig(input.environment);
    let rejected = false;
    for (const path of input.operands) {
      const report = await importOne(path);
      rejected ||= 'refused' in report || report.counts.rejected > 0;
      if (input.options.json) input.print(JSON.stringify(report));
      else show(report, input);
    }
    return rejected ? exitCodes.rejected : exitCodes.ok;

    async function importOne(path: string): Promise<ImportReport | RefusedFile> {
      const file = basename(path);
      try {
        assertReadable(path);
      } catch (error) {
        return { file, refused: 'file-unreadable', why: error instanceof Error ? error.message : String(error) };
      }
      try {
        const args = { name: file, strict: input.options.strict === true };
        // The operation answers with its report, whichever process did it.
        return (await operate(config, 'import-file', args, () => createReadStream(path))) as ImportReport;
      } catch (error) {
        if (error instanceof Refusal) return { file, refused: error.code, why: error.message };
        throw error;
      }
    }
  },
};

function assertReadable(path: string): void {
  accessSync(path, constants.R_OK);
  if (statSync(path).isDirectory()) throw new Error(`${path} is a folder`);
}

interface RefusedFile {
  file: string;
  refused: string;
  why: string;
}

function show(report: ImportReport | RefusedFile, { print }: CommandInput): void {
  if ('refused' in report) {
    print(`✗ ${report.file}: ${report.why}`);
    return;
  }
  const { counts, problems, meterPointsCreated, importedBefore } = report;
  const parts = Object.entries(counts).map(([name, count]) => `${count} ${name}`);
  print(`${counts.rejected > 0 ? '✗' : '✓'} ${report.file}: ${report.format}, ${parts.join(', ')}`);
  if (importedBefore) print(`  the same bytes were imported before, as ${importedBefore.file} at ${importedBefore.at}`);
  if (meterPointsCreated.length > 0) print(`  ${meterPointsCreated.length} meter points met for the first time`);
  for (const problem of problems.slice(0, problemsShownMax)) print(`  ${describeProblem(problem)}`);
  if (problems.length > problemsShownMax) print(`  and ${problems.length - problemsShownMax} more; --json lists all`);
}
