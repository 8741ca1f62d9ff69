import { readFile as readWholeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import type { Clock } from '../kernel/clock.ts';
import { decide } from '../readings/decide.ts';
import type { RejectionCode } from '../readings/judge.ts';
import type { Reading } from '../readings/reading.ts';
import { formatUtc, instant, instantOfMs, type Zone } from '../units/time.ts';
import type { CustomerRecord, RegisterReading } from './format.ts';
import type { ImportBooks } from './import-books.ts';
import { emptyCounts, type ImportReport } from './import-report.ts';
import { placeCustomer } from './place-customer.ts';
import { placeRegister, placeRun } from './place-records.ts';
import { type ImportProblem, problemAt } from './problem.ts';
import { readFile, type StagedMember } from './read-file.ts';
import { Totals } from './totals.ts';

export interface ImportDeps extends ImportBooks {
  clock: Clock;
  /** Zone of meter points that a file names first. */
  zone: Zone;
  /** Where the bytes are kept by hash. */
  importFolder: string;
}

export interface FileToImport {
  name: string;
  /** Of the bytes, which `keepFile` has put into the import folder. */
  sha256: string;
  strict: boolean;
  by: string;
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

// Between slices meters are answered: a slice is a few milliseconds of deciding.
const sliceRecords = 50;

/**
 * Reads a file of any known format and takes its readings in through the same rules as a posted one. Idempotent: readings that are
 * known change nothing. Tolerant imports take the good records and list the bad ones; strict ones take all or nothing. A file of
 * no known format ends in the report as one problem that says what it looks like. Throws 'archive-damaged' and 'archive-unsafe'.
 */
export async function importFile(
  deps: ImportDeps,
  file: FileToImport,
  { onProgress, signal }: ImportWatch = {},
): Promise<ImportReport> {
  const hash = file.sha256;
  const bytes = await readWholeFile(join(deps.importFolder, hash));
  onProgress?.({ stage: 'reading', done: bytes.length, total: bytes.length });
  const before = deps.imports.findFinished(hash);
  const members: StagedMember[] = [];
  const options = { strict: file.strict, siteZone: deps.zone };
  for await (const member of readFile(file.name, bytes, options)) members.push(member);
  const report: ImportReport = {
    run: 0,
    file: file.name,
    format: formatOf(members),
    sha256: hash,
    importedBefore: before && { run: before.id, file: before.name, at: formatUtc(instant(before.startedAt)) },
    counts: emptyCounts(),
    meterPointsCreated: [],
    channels: [],
    cancelled: false,
    files: members.flatMap(({ facts }) => facts ?? []),
    problems: members.flatMap(({ problems }) => problems),
  };
  for (const member of members) report.problems.push(...refuse(member, file.strict));
  const known = members.some(({ format }) => format !== undefined);
  if (known || file.run !== undefined) await take(deps, file, members, report, signal);
  report.counts.rejected = report.problems.filter(({ action }) => action === 'rejected').length;
  if (report.run > 0) deps.imports.finish(report, instantOfMs(deps.clock.now()));
  return report;
}

async function take(
  deps: ImportDeps,
  file: FileToImport,
  members: StagedMember[],
  report: ImportReport,
  signal: AbortSignal | undefined,
): Promise<void> {
  const { name, strict, by: importedBy } = file;
  const now = instantOfMs(deps.clock.now());
  report.run =
    file.run ?? deps.imports.begin({ sha256: report.sha256, name, format: report.format, importedBy, strict }, now);
  if (strict && report.problems.some(({ action }) => action === 'rejected')) return;
  const totals = new Totals();
  for (const member of members) {
    report.cancelled ||= signal?.aborted === true;
    if (report.cancelled || isRefused(member, strict)) continue;
    const reference = member.member === '' ? `${report.run}` : `${report.run}!${member.member.split('!').at(-1)}`;
    await takeMember(deps, member, deps.sources.idOf('import', reference), report, totals);
  }
  report.channels = totals.list();
  await deps.journal.durable();
}

async function takeMember(
  deps: ImportDeps,
  member: StagedMember,
  source: number,
  report: ImportReport,
  totals: Totals,
): Promise<void> {
  const now = instantOfMs(deps.clock.now());
  for (const customers of slicesOf(member.customers)) {
    const outcomes = deps.meterPoints.addTogether(() =>
      customers.map(customer => placeCustomer(deps, customer, now, report.meterPointsCreated)),
    );
    outcomes.forEach((outcome, at) => {
      report.counts[outcome] += 1;
      if (outcome === 'conflicting') report.problems.push(otherCustomer(member.member, customers[at]!));
    });
    await setImmediate();
  }
  for (const runs of slicesOf(member.runs)) {
    const placed = deps.meterPoints.addTogether(() =>
      runs.map(run => placeRun(deps, run, source, now, report.meterPointsCreated)),
    );
    placed.forEach(({ series, readings }, at) => {
      for (const reading of readings) count(series, reading, runs[at]!.channel.meterPoint);
    });
    await setImmediate();
  }
  for (const records of slicesOf(member.registers)) {
    const placed = deps.meterPoints.addTogether(() =>
      records.map(record =>
        record.bscStatus === 'F' ? undefined : placeRegister(deps, record, source, now, report.meterPointsCreated),
      ),
    );
    records.forEach((record, at) => {
      const { series, reading } = placed[at] ?? {};
      if (series && reading) count(series, reading, record.meterPoint);
      else report.problems.push(failedValidation(member.member, record));
    });
    await setImmediate();
  }

  function count(series: Parameters<typeof decide>[1], reading: Reading, meterPoint: string): void {
    const { outcome } = decide(deps, series, reading, now);
    if (outcome === 'accepted') report.counts.new += 1;
    else if (outcome === 'duplicate' || outcome === 'confirmed') report.counts.identical += 1;
    else if (outcome === 'revised') report.counts.revised += 1;
    else if (outcome === 'older') report.counts.older += 1;
    else if (outcome === 'conflict') {
      report.counts.conflicting += 1;
      report.problems.push(conflictProblem(member.member, reading, series.code, meterPoint));
    } else {
      report.problems.push(rejectionProblem(member.member, reading, outcome));
      return;
    }
    totals.add(meterPoint, series, reading);
  }
}

function* slicesOf<T>(records: readonly T[]): Generator<readonly T[]> {
  for (let at = 0; at < records.length; at += sliceRecords) yield records.slice(at, at + sliceRecords);
}

function otherCustomer(member: string, { line, meterPoint }: CustomerRecord): ImportProblem {
  const says = `account ${meterPoint} has another name or address already; it was left as it is`;
  return problemAt(member, line, { rule: 'P1-02', severity: 'warning', says, action: 'ignored' });
}

/** A reading that failed validation is never billed (D10-11). */
function failedValidation(member: string, { line, meterPoint, registerId }: RegisterReading): ImportProblem {
  const says = `${meterPoint} register ${registerId} failed validation at its sender (BSC status F)`;
  return problemAt(member, line, { rule: 'D10-11', severity: 'error', says, action: 'rejected' });
}

function conflictProblem(member: string, reading: Reading, code: string, meterPoint: string): ImportProblem {
  return problemAt(member, reading.line, {
    rule: 'N12-36',
    severity: 'warning',
    says: `${meterPoint} ${code} has another value for ${formatUtc(reading.at)} already; both are kept and the first stays current`,
    action: 'ignored',
  });
}

const rejectionWords: Record<RejectionCode, (at: string) => string> = {
  'reading-before-1970': at => `${at} is before 1970`,
  'reading-from-the-future': at => `${at} is later than now`,
  'reading-goes-backwards': at =>
    `the register counts down at ${at}: an earlier reading is higher, or a later one is lower`,
};

function rejectionProblem(member: string, reading: Reading, code: RejectionCode): ImportProblem {
  const says = rejectionWords[code](formatUtc(reading.at));
  return problemAt(member, reading.line, {
    rule: code === 'reading-goes-backwards' ? 'D10-18' : 'P4-05',
    severity: 'error',
    says,
    action: 'rejected',
  });
}

/** Files that may not enter as a whole, with the reason. */
function refuse(member: StagedMember, strict: boolean): ImportProblem[] {
  if (member.facts?.isTest) {
    const says = `this is a test file (flag ${member.facts.testFlag}) and never enters live data`;
    return [
      problemAt(member.member, 0, {
        rule: 'D10-1',
        severity: 'error',
        raw: member.facts.testFlag,
        says,
        action: 'rejected',
      }),
    ];
  }
  if (strict && member.facts && !member.facts.complete) {
    const says = 'the trailer is missing, so the file may be cut off';
    return [problemAt(member.member, 0, { rule: 'N12-7', severity: 'error', says, action: 'rejected' })];
  }
  return [];
}

function isRefused(member: StagedMember, strict: boolean): boolean {
  return member.format === undefined || refuse(member, strict).length > 0;
}

function formatOf(members: StagedMember[]): string {
  const names = [...new Set(members.flatMap(({ format }) => format ?? []))];
  return names.length > 0 ? names.join('+') : 'unknown';
}
