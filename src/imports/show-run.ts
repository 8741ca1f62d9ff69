import { z } from 'zod';
import { formatUtc, instant } from '../units/time.ts';
import { comparedTotal } from './expected-total.ts';
import type { ImportQueue } from './import-queue.ts';
import { firstOf, type ImportRun, importStates, isDryRun, type ListedRun, type ReportedRun } from './import-run.ts';
import type { RunProgress } from './run-progress.ts';

const counts = z
  .object({
    new: z.int().meta({ description: 'Were not known' }),
    identical: z.int().meta({ description: 'Known with the same value' }),
    revised: z.int().meta({ description: 'Replaced an older version, which is kept' }),
    conflicting: z.int().meta({ description: 'Same standing, other value: kept beside the current one' }),
    older: z.int().meta({ description: 'Older than what is known: kept beside' }),
    quarantined: z.int().optional().meta({ description: 'Put aside by a rule, for somebody to let in or discard' }),
    rejected: z.int().meta({ description: 'Did not enter; each has a problem' }),
  })
  .meta({ id: 'ImportCounts' });

// A market file may have a hundred thousand: megabytes, put together in one turn.
const shownMax = 1000;

export const channelTotal = z.object({
  meterPoint: z.string(),
  code: z.string(),
  meter: z.string(),
  kind: z.enum(['channel', 'register']),
  unit: z.string(),
  readings: z.int(),
  missing: z.int(),
  sum: z.string().meta({ description: 'Sum of a channel’s energies as an exact decimal; empty for a register' }),
  qualities: z.record(z.string(), z.int()),
});

const listed = {
  id: z.int().meta({ description: 'Below zero for a dry run, which is forgotten when the server stops' }),
  url: z.string(),
  name: z.string(),
  sha256: z.string(),
  size: z.int(),
  format: z.string().meta({ description: 'Known once the file was read' }),
  state: z.enum(importStates).meta({
    description:
      'waiting → running → finished, failed or cancelled. interrupted: the process stopped in the middle; it goes on by itself.',
  }),
  dryRun: z.boolean(),
  strict: z.boolean(),
  by: z.string(),
  receivedAt: z.string(),
  begunAt: z.string().optional(),
  finishedAt: z.string().optional(),
  takenUpAgain: z.int().meta({ description: 'How often it went on after the process had stopped in the middle of it' }),
  failure: z.object({ code: z.string(), message: z.string() }).optional(),
  undone: z.object({ at: z.string(), by: z.string() }).optional().meta({ description: 'It was taken back' }),
  counts: counts.optional(),
};
export const listedRun = z.object(listed).meta({ id: 'ListedImport' });

const progress = z.object({
  stage: z.enum(['reading', 'taking']).meta({ description: 'reading judges the file, taking takes its readings in' }),
  done: z.int().meta({ description: 'Bytes' }),
  total: z.int(),
  bytesPerSecond: z.int(),
  secondsLeft: z.int().optional(),
});

export const shownRun = z
  .object({
    ...listed,
    progress: progress.optional(),
    importedBefore: z.object({ run: z.int(), file: z.string(), at: z.string() }).optional(),
    meterPointsNew: z.int().optional().meta({ description: 'Meter points that the file made' }),
    meterPointsCreated: z
      .array(z.string())
      .optional()
      .meta({ description: `The first ${shownMax} of them` }),
    channelCount: z.int().optional().meta({ description: 'Channels and registers that the file has readings of' }),
    channels: z
      .array(channelTotal)
      .optional()
      .meta({ description: `The first ${shownMax} of them: totals to hold against the sender’s` }),
    channelsUrl: z.string().optional().meta({ description: 'All of them, page by page' }),
    expected: z.array(comparedTotal).optional().meta({ description: 'Present when a total was expected of the file' }),
    files: z
      .array(z.looseObject({}))
      .optional()
      .meta({ description: 'What the file says of itself: reference, sender …' }),
    problems: z.object({
      count: z.int(),
      url: z.string(),
      byRule: z.array(
        z.object({
          rule: z.string(),
          severity: z.enum(['error', 'warning']),
          action: z.enum(['rejected', 'repaired', 'ignored']),
          count: z.int(),
          example: z.string(),
        }),
      ),
    }),
  })
  .meta({ id: 'Import' });

const url = '/v1/imports';

export function showListed(run: ImportRun & Partial<Pick<ListedRun, 'counts'>>): z.input<typeof listedRun> {
  const {
    id,
    name,
    sha256,
    size,
    format,
    state,
    strict,
    importedBy,
    startedAt,
    begunAt,
    finishedAt,
    resumed,
    failure,
  } = run;
  return {
    ...{ id, url: `${url}/${id}`, name, sha256, size, format, state, dryRun: isDryRun(run), strict, by: importedBy },
    receivedAt: moment(startedAt),
    ...(begunAt !== null && { begunAt: moment(begunAt) }),
    ...(finishedAt !== null && { finishedAt: moment(finishedAt) }),
    takenUpAgain: resumed,
    ...(failure && { failure }),
    ...(run.undoneAt && { undone: { at: moment(run.undoneAt), by: run.undoneBy ?? '' } }),
    ...(run.counts && { counts: run.counts }),
  };
}

/** A run with everything it reports but the problems themselves. */
export function showRun(queue: ImportQueue, run: ReportedRun): z.input<typeof shownRun> {
  const { report } = run;
  const now = queue.progressOf(run.id);
  const byRule = queue.runs.countByRule(run.id);
  return {
    ...showListed({ ...run, counts: report?.counts }),
    ...(now && { progress: showProgress(now) }),
    ...(report && {
      ...(report.importedBefore && { importedBefore: report.importedBefore }),
      meterPointsNew: report.meterPointsNew,
      meterPointsCreated: firstOf(report.eachCreated(), shownMax),
      channelCount: report.channelCount,
      channels: firstOf(report.eachChannels(), shownMax),
      channelsUrl: `${url}/${run.id}/channels`,
      ...(report.expected && { expected: report.expected }),
      files: report.files.map(facts => ({ ...facts })),
    }),
    problems: {
      count: byRule.reduce((sum, { count }) => sum + count, 0),
      url: `${url}/${run.id}/problems`,
      byRule: byRule.map(({ rule, severity, action, count, example }) => ({ rule, severity, action, count, example })),
    },
  };
}

export function showProgress({ bytesPerSecond, secondsLeft, ...rest }: RunProgress): z.input<typeof progress> {
  return {
    ...rest,
    bytesPerSecond: Math.round(bytesPerSecond),
    ...(secondsLeft !== undefined && { secondsLeft: Math.ceil(secondsLeft) }),
  };
}

function moment(at: number): string {
  return formatUtc(instant(at));
}
