import { randomUUID } from 'node:crypto';
import { fstatSync, realpathSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { z } from 'zod';
import { folders, readConfig } from '../config.ts';
import { readParts, standingAt } from '../kernel/files.ts';
import { type Command, exitCodes, listOption, textOption, UsageProblem } from './command.ts';
import { operate } from './with-home.ts';

const written = z.object({ fileName: z.string(), bytes: z.number() });

export const exportCommand: Command = {
  name: 'export',
  operands: '',
  summary: 'Writes readings as a file of NEM12, NEM13, D0010, Green Button XML or CSV that can be imported again.',
  optionHelp: [
    '--format F        csv, nem12, nem13, d0010, d0150, d0149 or espi',
    '--meter-point ID  one meter point; may be repeated; without it all',
    '--code C          one channel or register; may be repeated',
    '--from, --to T    a day or a time, half-open, on the clock of TIME_ZONE',
    '--as-known-at T   as it was known then: without what came later, with what was replaced or withdrawn since',
    '--conflicts       what contradicts them and waits for a decision, too; csv alone',
    '--out FILE        where to; without it to standard output',
  ],
  options: {
    format: { type: 'string' },
    'meter-point': { type: 'string', multiple: true },
    code: { type: 'string', multiple: true },
    from: { type: 'string' },
    to: { type: 'string' },
    'as-known-at': { type: 'string' },
    conflicts: { type: 'boolean' },
    out: { type: 'string' },
  },
  run: async input => {
    const format = textOption(input, 'format');
    if (!format) throw new UsageProblem('name the format, as in --format nem12');
    const config = readConfig(input.environment);
    const out = textOption(input, 'out');
    // The home may be a server's, which writes the file itself: standard output gets a copy of one in the home.
    const path = out === undefined ? join(folders(config.home).data, 'exports', randomUUID()) : placeOf(resolve(out));
    try {
      const { bytes } = written.parse(
        await operate(config, 'export-readings', {
          format,
          meterPoints: listOption(input, 'meter-point'),
          codes: listOption(input, 'code'),
          ...{ from: textOption(input, 'from') ?? '', to: textOption(input, 'to') ?? '' },
          ...{ asKnownAt: textOption(input, 'as-known-at') ?? '', path },
          conflicts: input.options.conflicts === true,
        }),
      );
      if (out !== undefined) input.print(`${path}: ${bytes} bytes`);
      else await pipeline(Readable.from(readParts(path)), process.stdout, { end: false });
    } finally {
      if (out === undefined) rmSync(path, { force: true });
    }
    return exitCodes.ok;
  },
};

/** Where the file is to be written, which takes the place of a file that stands there, behind its links, and of nothing else. */
function placeOf(path: string): string {
  const { path: found, stats } = standingAt(path);
  if (found === path ? !stats.isFile() : !stats.isDirectory())
    throw new UsageProblem(
      `${found} is no ${found === path ? 'file' : 'folder'}: name a file, or leave --out away and direct standard output there`,
    );
  if (found !== path) return path;
  // As /dev/stdout: what is written there already would be lost.
  const standardOutput = fstatSync(1);
  if (stats.ino === standardOutput.ino && stats.dev === standardOutput.dev)
    throw new UsageProblem(`${path} is standard output: leave --out away`);
  return realpathSync(path);
}
