import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { Guard } from '../access/guard.ts';
import type { Series } from '../accounts/meter-point.ts';
import { strictQuery, validatorOf } from '../http/schemas.ts';
import { periodInQuery } from '../http/time-in-query.ts';
import { Refusal } from '../kernel/errors.ts';
import { formatKwh } from '../units/energy.ts';
import { formatUtc, instant } from '../units/time.ts';
import { answerSingle, conflictMessage } from './answer-single.ts';
import { asKnownAt, knownAtIn, knownReadings } from './known-at.ts';
import { type ListedReading, listReadings, type PageStart } from './list-readings.ts';
import { PlainRoad } from './plain-road.ts';
import { postAtomically } from './post-atomically.ts';
import { type BatchVerdict, notableOf, postBatch } from './post-batch.ts';
import type { Notable, PostDeps } from './post-readings.ts';
import { Batch, itemsMax } from './posted-batch.ts';
import { parsePostedReadings } from './posted-body.ts';
import { fieldsOf } from './read-batch.ts';
import type { Reading } from './reading.ts';
import { flagsOf, type ReadingFlag, type ReadingFlagStore } from './reading-flag-store.ts';
import { inputSchemaOf, intervalEnergyInput, isIntervalEnergy, registerValueInput } from './reading-input.ts';
import { rehearseReadings } from './rehearse-readings.ts';
import type { SourceStore } from './source-store.ts';

export interface ReadingRouteDeps extends PostDeps {
  sources: SourceStore;
  flags: ReadingFlagStore;
}

const flag = z.enum(['true', 'false']).optional();
const bodyBytesMax = 8 * 1024 * 1024;
// What one sync takes in its stride: with more of it waiting, no body is read on.
const gatheredBytesMax = 4 * 1024 * 1024;
const pageMax = 25_000;

const exampleReading = { meterPoint: 'm-0001', start: '2026-11-21T10:30:00Z', energy: '0.512' };
const oneReading = z.union([registerValueInput, intervalEnergyInput]);
const counts = {
  accepted: z.int(),
  duplicate: z.int(),
  conflict: z.int(),
  quarantined: z
    .int()
    .meta({ description: 'Put aside by a rule: durable, and not counted before somebody lets it in' }),
  rejected: z.int(),
};
const noted = z
  .array(z.string())
  .readonly()
  .optional()
  .meta({ description: 'Rules that noted something at what was accepted', example: ['spike'] });
const itemResult = z.object({
  index: z.int().meta({ description: 'Position among the items sent, from 0' }),
  line: z.int().optional().meta({ description: 'Line of the body, from 1; NDJSON and CSV' }),
  verdict: z.enum(['accepted', 'duplicate', 'conflict', 'quarantined', 'rejected']),
  flags: noted,
  code: z.string().optional(),
  pointer: z.string().optional(),
  message: z.string().optional(),
});
const postAnswer = z.union([
  z.object({ verdict: z.enum(['accepted', 'duplicate']), flags: noted }).meta({ id: 'ReadingVerdict' }),
  z.object({ ...counts, items: z.array(itemResult) }).meta({ id: 'BatchVerdict' }),
]);
const asideAnswer = z
  .object({ verdict: z.literal('quarantined'), code: z.string(), message: z.string() })
  .meta({ id: 'ReadingQuarantined' });
const listAnswer = z.object({ data: z.array(z.looseObject({ quality: z.string() })) }).meta({ id: 'ReadingPage' });

/** POST /v1/readings and GET /v1/meter-points/:id/readings. */
export function registerReadingRoutes(root: FastifyInstance, deps: ReadingRouteDeps, guard: Guard): void {
  root.register(async scope => {
    const road = new PlainRoad(deps);
    const { journal } = deps;
    const behind = () => (journal.gatheredBytes > gatheredBytesMax ? journal.durable() : undefined);
    parsePostedReadings(scope, { bytesMax: bodyBytesMax, names: road.names, behind });
    registerPost(scope, deps, road, guard);
  });
  registerList(root, deps, guard);
}

function registerPost(scope: FastifyInstance, deps: ReadingRouteDeps, road: PlainRoad, guard: Guard): void {
  const app = scope.withTypeProvider<ZodTypeProvider>();
  app.route({
    method: 'POST',
    url: '/v1/readings',
    bodyLimit: bodyBytesMax,
    // A log line a reading costs more than the reading; what happens here is counted instead.
    logLevel: 'warn',
    schema: {
      tags: ['readings'],
      summary: 'Post readings',
      description:
        'One object answers 200 with its verdict, 202 when a rule puts it aside, or the problem that stops it. An array answers 200 with counts and every item that is not plainly accepted. NDJSON (application/x-ndjson) is one object a line; CSV (text/csv) has a header of meterPoint, start or at, energy or value, channel or register, unit, quality; both are answered like an array. Content-Encoding may be gzip or zstd. Answered when what is kept is on disk.',
      querystring: strictQuery({
        atomic: flag.meta({ description: 'All or nothing: one item that is rejected or in conflict refuses them all' }),
        dry_run: flag.meta({ description: 'The verdicts alone: nothing is kept' }),
      }),
      consumes: ['application/json', 'application/x-ndjson', 'text/csv'],
      body: z.union([oneReading, z.array(oneReading).max(itemsMax)]).meta({ example: [exampleReading] }),
      response: { 200: postAnswer, 202: asideAnswer },
    },
    // Items are validated one by one in the handler, so that one bad item does not refuse the others.
    validatorCompiler: part => (part.httpPart === 'body' ? value => ({ value }) : validatorOf(part)),
    serializerCompiler: () => JSON.stringify,
    onRequest: guard.needsScope('readings:write'),
    handler: async (request, reply) => {
      const source = deps.sources.idOf('api-key', request.apiKey!.name);
      const body: unknown = request.body;
      const how = { atomic: request.query.atomic === 'true', dryRun: request.query.dry_run === 'true' };
      if (body instanceof Batch) return postMany(deps, road, body, source, how);
      const answer = await postSingle(deps, road, body, source, how);
      return answer.verdict === 'quarantined' ? reply.code(202).send(answer) : answer;
    },
  });
}

function registerList(root: FastifyInstance, deps: ReadingRouteDeps, guard: Guard): void {
  const app = root.withTypeProvider<ZodTypeProvider>();
  app.route({
    method: 'GET',
    url: '/v1/meter-points/:id/readings',
    schema: {
      tags: ['readings'],
      summary: 'Readings of a meter point',
      description: `Half-open [from, to), register after register and channel after channel, each by time. At most ${pageMax} a page; follow Link rel="next". Decimals are strings in kWh; a missing interval has energy null.`,
      params: z.object({ id: z.string() }),
      querystring: strictQuery({
        from: z.string().optional().meta({ example: '2026-11-01T00:00:00Z' }),
        to: z.string().optional().meta({ example: '2026-12-01T00:00:00Z' }),
        limit: z.coerce.number().int().min(1).max(pageMax).default(1000),
        register: z.string().optional(),
        channel: z.string().optional(),
        as_known_at: asKnownAt,
        cursor: z.string().max(60).optional(),
      }),
      response: { 200: listAnswer },
    },
    serializerCompiler: () => JSON.stringify,
    onRequest: guard.needsScope('readings:read'),
    handler: async (request, reply) => {
      const { id } = request.params;
      const { from, to, limit, register, channel, as_known_at, cursor } = request.query;
      const meterPoint = deps.meterPoints.get(id);
      const period = periodInQuery({ from, to }, meterPoint.zone);
      const series = deps.meterPoints.listSeries(meterPoint.id).filter(each => wanted(each, register, channel));
      const knownAt = knownAtIn(as_known_at, meterPoint.zone);
      const page = listReadings(
        knownReadings(deps.index, knownAt),
        series,
        period,
        limit,
        cursor ? parseCursor(cursor) : undefined,
      );
      if (page.next) {
        const next = new URLSearchParams({
          ...(from && { from }),
          ...(to && { to }),
          limit: String(limit),
          ...(register && { register }),
          ...(channel && { channel }),
          ...(as_known_at && { as_known_at }),
          cursor: formatCursor(page.next),
        });
        reply.header('link', `</v1/meter-points/${encodeURIComponent(id)}/readings?${next}>; rel="next"`);
      }
      const flags = flagsAt(page.readings, deps.flags, knownAt);
      return { data: page.readings.map(each => showReading(each, deps.sources, flags.get(each.series.id) ?? [])) };
    },
  });
}

async function postSingle(deps: ReadingRouteDeps, road: PlainRoad, body: unknown, source: number, how: PostManner) {
  const parsed = inputSchemaOf(body).safeParse(body);
  if (!parsed.success) {
    const fields = fieldsOf(parsed.error);
    throw new Refusal('body-invalid', `${fields[0]!.pointer || 'the body'}: ${fields[0]!.message}`, fields);
  }
  const batch = new Batch(road.names, false);
  batch.addItem(parsed.data, 0);
  const { notable } = await post(deps, road, batch, source, how);
  return answerSingle(
    notable[0]?.verdict ?? { verdict: 'accepted' },
    isIntervalEnergy(parsed.data) ? 'channel' : 'register',
  );
}

async function postMany(deps: ReadingRouteDeps, road: PlainRoad, batch: Batch, source: number, how: PostManner) {
  const { accepted, notable } = await post(deps, road, batch, source, how);
  const tally = { accepted, duplicate: 0, conflict: 0, quarantined: 0, rejected: 0 };
  const shown = notable.map(({ index, verdict }): z.infer<typeof itemResult> => {
    if (verdict.verdict !== 'accepted') tally[verdict.verdict] += 1;
    return { index, ...(batch.hasLines && { line: batch.line[index]! }), ...showVerdict(verdict) };
  });
  if (how.atomic && tally.conflict + tally.quarantined + tally.rejected > 0) throw batchRefused(shown, batch.count);
  return { ...tally, items: shown };
}

interface PostManner {
  atomic: boolean;
  dryRun: boolean;
}

async function post(
  deps: ReadingRouteDeps,
  road: PlainRoad,
  batch: Batch,
  source: number,
  { atomic, dryRun }: PostManner,
): Promise<BatchVerdict> {
  if (dryRun) return notableOf(rehearseReadings(deps, batch.items(), source).verdicts);
  return atomic ? postAtomically(deps, road, batch, source) : postBatch(deps, road, batch, source);
}

const shownMax = 100;

function batchRefused(shown: z.infer<typeof itemResult>[], count: number): Refusal {
  const wrong = shown.filter(({ verdict }) => verdict !== 'duplicate' && verdict !== 'accepted');
  const fields = wrong.slice(0, shownMax).map(({ index, line, code, pointer = '', message }) => ({
    pointer: `/${index}${pointer}`,
    message: `${line === undefined ? '' : `line ${line}: `}${message} (${code})`,
  }));
  return new Refusal(
    'batch-refused',
    `${wrong.length} of ${count} readings cannot be accepted; none was kept.`,
    fields,
  );
}

function showVerdict(verdict: Notable) {
  if (verdict.verdict === 'conflict') {
    return { verdict: 'conflict' as const, code: 'reading-conflict', message: conflictMessage(verdict.existing) };
  }
  return verdict;
}

function wanted(series: Series, register: string | undefined, channel: string | undefined): boolean {
  if (register === undefined && channel === undefined) return true;
  return series.code === (series.kind === 'register' ? register : channel);
}

/** What rules noted at the readings of a page, by series. */
function flagsAt(
  readings: readonly ListedReading[],
  flags: ReadingFlagStore,
  knownAt = Number.POSITIVE_INFINITY,
): Map<number, ReadingFlag[]> {
  const bySeries = Map.groupBy(readings, ({ series }) => series.id);
  return new Map(
    [...bySeries].map(([id, listed]) => [
      id,
      flags
        .listOf(id, listed[0]!.reading.at, instant(listed.at(-1)!.reading.at + 1))
        .filter(({ flaggedAt }) => flaggedAt <= knownAt),
    ]),
  );
}

function showReading(
  { series, reading, versions }: ListedReading,
  sources: SourceStore,
  noted: readonly ReadingFlag[],
) {
  const flags = noted.length === 0 ? [] : flagsOf(noted, reading);
  return {
    ...showValue(series, reading),
    [series.kind]: series.code,
    ...(series.serial && { meter: series.serial }),
    unit: series.unit,
    quality: reading.quality,
    ...(flags.length > 0 && { flags }),
    source: showSource(reading, sources),
    ...(versions.length > 0 && {
      versions: versions.map(version => ({
        ...showValue(series, version.reading),
        quality: version.reading.quality,
        outcome: version.outcome,
        source: showSource(version.reading, sources),
        ...(version.receivedAt > 0 && { receivedAt: formatUtc(instant(version.receivedAt)) }),
        ...(version.endedAt > 0 && { endedAt: formatUtc(instant(version.endedAt)) }),
      })),
    }),
  };
}

/** Who said it. */
function showSource({ source, line }: Reading, sources: SourceStore) {
  const { kind, reference } = sources.find(source) ?? {};
  return kind && { kind, reference, ...(line > 0 && { line }) };
}

function showValue(series: Series, { at, value, minutes }: Reading) {
  const text = Number.isNaN(value) ? null : formatKwh(value);
  if (series.kind === 'register') return { at: formatUtc(at), value: text };
  return { start: formatUtc(at), end: formatUtc(instant(at + minutes * 60)), energy: text };
}

function formatCursor({ seriesId, from }: PageStart): string {
  return Buffer.from(`${seriesId} ${from}`).toString('base64url');
}

function parseCursor(text: string): PageStart {
  const match = /^(\d{1,15}) (\d{1,11})$/.exec(Buffer.from(text, 'base64url').toString('latin1'));
  if (!match)
    throw new Refusal('cursor-invalid', `"${text}" is not a cursor.`, [{ pointer: 'cursor', message: 'not a cursor' }]);
  return { seriesId: Number(match[1]), from: instant(Number(match[2])) };
}
