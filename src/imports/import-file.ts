import { statSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '../kernel/clock.ts';
import { Slices } from '../kernel/slices.ts';
import { formatUtc, instant, instantOfMs, type Zone } from '../units/time.ts';
import { type ExpectedTotal, expectedProblems, FileTotal } from './expected-total.ts';
import { FoundProblems, type ProblemKeeper } from './found-problems.ts';
import type { ImportBooks } from './import-books.ts';
import { emptyCounts, type ImportReport } from './import-report.ts';
import { judgeFile } from './judge-file.ts';
import type { ImportProfileStore } from './profiles/import-profile-store.ts';
import { profileFormat } from './profiles/profile-format.ts';
import { rehearsedBooks } from './rehearse-import.ts';
import { takeFile } from './take-file.ts';
import { TextColumn } from './text-column.ts';

export interface ImportDeps extends ImportBooks {
  clock: Clock;
  /** Zone of meter points that a file names first. */
  zone: Zone;
  /** Where the bytes are kept by hash. */
  importFolder: string;
  /** How people said that tables are read. */
  profiles?: Pick<ImportProfileStore, 'get' | 'listSaved'>;
  /** Where problems are kept while the file is read; without it the first of them stand in the report. */
  problems?: ProblemKeeper;
  /** Nobody is served by this process. */
  alone?: boolean;
}

export interface FileToImport {
  name: string;
  /** Of the bytes, which `keepFile` has put into the import folder. */
  sha256: string;
  strict: boolean;
  by: string;
  /** What the file is of, for files that name no meter point. */
  meterPoint?: string;
  /** Name of the mapping profile it is read by, whatever it looks like; '' lets its content say. */
  profile?: string;
  expected?: ExpectedTotal | undefined;
  /** A run that is there already, waiting or interrupted; without it one is begun. */
  run?: number;
}

/** How far an import is, in bytes of the file; 'reading' judges it, 'taking' takes its readings in. */
export interface ImportProgress {
  stage: 'reading' | 'taking';
  done: number;
  total: number;
}

export interface ImportWatch {
  onProgress?(progress: ImportProgress): void;
  /** Ends the import between two slices: what was taken stays and is reported. */
  signal?: AbortSignal;
}

/**
 * Reads a kept file of any known format twice, in portions: the first time to judge it, the second time to take its readings in through
 * the same rules as a posted one. Idempotent: readings that are known change nothing. Tolerant imports take the good records and list
 * the bad ones; strict ones take all or nothing. A file of no known format ends in the report as one problem that says what it looks
 * like. Where a total is expected, one that differs is a problem, too, and refuses a strict file. Throws 'archive-damaged',
 * 'archive-unsafe' and 'import-profile-unknown' before anything is taken.
 */
export async function importFile(
  deps: ImportDeps,
  file: FileToImport,
  { onProgress, signal }: ImportWatch = {},
): Promise<ImportReport> {
  const { name, sha256, strict, by: importedBy } = file;
  const path = join(deps.importFolder, sha256);
  const source = { path, name, size: statSync(path).size };
  const options = {
    strict,
    siteZone: deps.zone,
    ...(file.meterPoint && { meterPoint: file.meterPoint }),
    ...formatsOf(deps.profiles, file.profile),
  };
  const before = deps.imports.findFinished(sha256);
  // Strict files are checked twice: by themselves, and against the readings that are there.
  const checked = passed('reading', strict ? 2 : 1);
  const total = file.expected && new FileTotal();
  const problems = new FoundProblems(deps.problems);
  const slices = new Slices();
  const judged = await judgeFile(source, options, problems, checked, total);
  const expected = judged && file.expected && total?.compare(file.expected);
  for (const problem of expectedProblems(expected ?? [], strict)) problems.add(problem);
  const { format = 'unknown', files = [], admitted = new Map() } = judged ?? {};
  const report: ImportReport = {
    run: file.run ?? 0,
    file: name,
    format,
    sha256,
    importedBefore: before && { run: before.id, file: before.name, at: formatUtc(instant(before.startedAt)) },
    cancelled: judged === undefined,
    counts: emptyCounts(),
    meterPointsCreated: new TextColumn(),
    channels: [],
    ...(expected && { expected }),
    files,
    problems: [],
  };
  const isKnown = format !== 'unknown';
  if (isKnown && file.run === undefined)
    report.run = deps.imports.begin({ sha256, name, format, importedBy, strict }, instantOfMs(deps.clock.now()));
  // What a strict import would meet among the readings that are there is found out before it takes anything.
  if (isKnown && strict && problems.rejected === 0) {
    const rehearsed = { ...report, counts: emptyCounts(), meterPointsCreated: new TextColumn() };
    const takeBack = problems.mark();
    await takeFile({ ...deps, ...rehearsedBooks(deps) }, { source, options, admitted }, rehearsed, problems, checked);
    report.cancelled = rehearsed.cancelled;
    if (problems.rejected === 0) await takeBack(() => slices.pause());
  }
  const isRefused = report.cancelled || (strict && problems.rejected > 0);
  if (isKnown && !isRefused) await takeFile(deps, { source, options, admitted }, report, problems, passed('taking'));
  await problems.keep(() => slices.pause());
  report.counts.rejected = problems.rejected;
  report.meterPointsNew = report.meterPointsCreated.length;
  report.rules = problems.rules;
  report.problems = problems.list();
  if (report.run !== 0) deps.imports.finish(report, instantOfMs(deps.clock.now()));
  return report;

  function passed(stage: ImportProgress['stage'], times = 1): (bytes: number) => boolean {
    let done = 0;
    return bytes => {
      done += bytes / times;
      onProgress?.({ stage, done: Math.min(Math.round(done), source.size), total: source.size });
      return signal?.aborted !== true;
    };
  }
}

/** What the file is read as when a profile is named, and what people saved besides what comes with the house. */
export function formatsOf(profiles: ImportDeps['profiles'], name: string | undefined) {
  if (!profiles) return {};
  if (name) return { format: profileFormat(profiles.get(name).profile) };
  return { saved: profiles.listSaved().map(({ profile }) => profileFormat(profile)) };
}
