import { accessSync, constants, readdirSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Config } from '../config.ts';
import type { ImportReport } from '../imports/import-report.ts';
import { DamageFound, Refusal } from '../kernel/errors.ts';
import { readAhead } from '../kernel/read-ahead.ts';
import { keepHeapSmall } from '../kernel/small-heap.ts';
import { type CommandInput, textOption } from './command.ts';
import { type Progress, progressBar } from './progress-bar.ts';
import { operate } from './with-home.ts';

/** A file that could not be imported at all, with the reason. */
export interface RefusedFile {
  file: string;
  refused: string;
  why: string;
}

/** Options that every way of importing files has. */
export const importOptions = {
  'dry-run': { type: 'boolean' },
  strict: { type: 'boolean' },
  profile: { type: 'string' },
  'meter-point': { type: 'string' },
} as const;

/** Files, and all files of folders by name; not those of folders in them, and none that are hidden. */
export function filesOf(operands: readonly string[]): string[] {
  return operands.flatMap(path => {
    if (!statSync(path, { throwIfNoEntry: false })?.isDirectory()) return [path];
    return readdirSync(path, { withFileTypes: true })
      .filter(entry => entry.isFile() && !entry.name.startsWith('.'))
      .map(entry => join(path, entry.name))
      .sort();
  });
}

/** One file after the other, each through the queue of whoever holds the home; a bad one does not stop the next. */
export async function* importFiles(
  config: Config,
  paths: readonly string[],
  input: CommandInput,
): AsyncGenerator<{ path: string; result: ImportReport | RefusedFile }> {
  keepHeapSmall();
  for (const path of paths) {
    const file = basename(path);
    const bar = progressBar(file, input.interactive);
    try {
      yield { path, result: await importOne(config, path, input, bar.show).finally(bar.clear) };
    } catch (error) {
      // A disk that takes nothing any more, or days of another zone, are not the file's fault, and the next one would find the same.
      if (!(error instanceof Refusal) || /^storage-|^home-/.test(error.code)) throw error;
      if (error.code === 'import-interrupted')
        throw new DamageFound(error.message, 'Nothing is lost: it goes on by itself, or import the file again.');
      yield { path, result: { file, refused: error.code, why: error.message } };
    }
  }
}

async function importOne(
  config: Config,
  path: string,
  input: CommandInput,
  show: (progress: Progress) => void,
): Promise<ImportReport | RefusedFile> {
  const file = basename(path);
  try {
    assertReadable(path);
  } catch (error) {
    return { file, refused: 'file-unreadable', why: error instanceof Error ? error.message : String(error) };
  }
  const args = {
    name: file,
    strict: input.options.strict === true,
    dryRun: input.options['dry-run'] === true,
    profile: textOption(input, 'profile') ?? '',
    meterPoint: textOption(input, 'meter-point') ?? '',
    expectedKwh: textOption(input, 'expected-kwh') ?? '',
    expectedReadings: textOption(input, 'expected-readings') ?? '',
  };
  // The operation answers with its report, whichever process did it.
  const tell = (progress: unknown) => show(progress as Progress);
  return (await operate(config, 'import-file', args, () => readAhead(path), tell)) as ImportReport;
}

function assertReadable(path: string): void {
  accessSync(path, constants.R_OK);
  const found = statSync(path);
  if (found.isDirectory()) throw new Error(`${path} is a folder`);
  // A file is read at positions, and twice; opening a pipe nobody writes to would wait for ever.
  if (!found.isFile()) throw new Error(`${path} is a pipe or a device: save what comes from it as a file first`);
}
