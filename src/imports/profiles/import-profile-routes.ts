import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { Guard } from '../../access/guard.ts';
import type { Clock } from '../../kernel/clock.ts';
import { Refusal } from '../../kernel/errors.ts';
import { formatUtc, instant, instantOfMs, type Zone } from '../../units/time.ts';
import { guessProfile } from './guess-profile.ts';
import type { ImportProfileStore, SavedProfile } from './import-profile-store.ts';
import { previewProfile } from './preview-profile.ts';
import { profileSchema } from './profile.ts';

export interface ImportProfileDeps {
  importProfiles: ImportProfileStore;
  clock: Clock;
  zone: Zone;
}

const sample = z
  .strictObject({
    text: z.string().max(900_000).optional().meta({ description: 'The beginning of the file, as text' }),
    base64: z.base64().max(900_000).optional().meta({ description: 'Its bytes, when they are not UTF-8' }),
  })
  .refine(({ text, base64 }) => (text === undefined) !== (base64 === undefined), { message: 'send text or base64' });
const profileAnswer = z.looseObject({ name: z.string() }).meta({ id: 'ImportProfile' });
const savedAnswer = z.object({
  profile: profileAnswer,
  version: z.int().meta({ description: '0 for one that comes with the house' }),
  savedBy: z.string(),
  savedAt: z.string().nullable(),
});
const guessAnswer = z.object({
  profile: profileAnswer.nullable(),
  reasons: z.array(z.object({ part: z.string(), says: z.string() })),
  questions: z.array(
    z.object({ part: z.string(), asks: z.string(), chosen: z.string(), choices: z.array(z.string()) }),
  ),
});
const previewAnswer = z.object({
  headings: z.array(z.string()),
  roles: z.array(z.string()).meta({ description: 'What each column is taken for, empty for nothing' }),
  rows: z.array(z.array(z.string())),
  channels: z.array(
    z.object({
      meterPoint: z.string(),
      code: z.string(),
      flow: z.string(),
      kind: z.enum(['interval', 'register']),
      readings: z.int(),
      missing: z.int(),
      energy: z.string().meta({ description: 'kWh: the sum of intervals, or last less first of a register' }),
      from: z.string(),
      to: z.string(),
    }),
  ),
  days: z.array(z.object({ day: z.string(), code: z.string(), energy: z.string(), intervals: z.int() })),
  records: z.int(),
  problemCount: z.int(),
  problems: z.array(z.looseObject({ line: z.int(), column: z.int(), rule: z.string(), message: z.string() })),
});

/** Mapping profiles: guess one, see what it makes of a sample, save it. */
export function registerImportProfileRoutes(
  root: FastifyInstance,
  { importProfiles, clock, zone }: ImportProfileDeps,
  guard: Guard,
): void {
  const app = root.withTypeProvider<ZodTypeProvider>();
  const [reads, writes] = [guard.needsScope('imports:read'), guard.needsScope('imports:write')];
  const now = () => instantOfMs(clock.now());
  const nameParam = z.object({ name: z.string() });

  app.get('/v1/import-profiles', {
    schema: {
      tags: ['imports'],
      summary: 'Mapping profiles for CSV files, saved ones first',
      response: { 200: z.object({ data: z.array(savedAnswer) }) },
    },
    onRequest: reads,
    handler: async () => ({ data: importProfiles.list().map(show) }),
  });

  app.get('/v1/import-profiles/:name', {
    schema: { tags: ['imports'], summary: 'One mapping profile', params: nameParam, response: { 200: savedAnswer } },
    onRequest: reads,
    handler: async ({ params }) => show(importProfiles.get(params.name)),
  });

  app.post('/v1/import-profiles', {
    schema: {
      tags: ['imports'],
      summary: 'Save a mapping profile under a new name',
      body: profileSchema,
      response: { 201: savedAnswer },
    },
    onRequest: writes,
    handler: async ({ body, apiKey }, reply) =>
      reply.code(201).send(show(importProfiles.add(body, `key ${apiKey!.name}`, now()))),
  });

  app.put('/v1/import-profiles/:name', {
    schema: {
      tags: ['imports'],
      summary: 'Save the next version of a mapping profile',
      params: nameParam,
      body: profileSchema,
      response: { 200: savedAnswer },
    },
    onRequest: writes,
    handler: async ({ params, body, apiKey }) => {
      if (body.name !== params.name)
        throw new Refusal('body-invalid', 'the path names another profile than the body', [
          { pointer: '/name', message: `must be ${params.name}` },
        ]);
      return show(importProfiles.replace(body, `key ${apiKey!.name}`, now()));
    },
  });

  app.post('/v1/import-profiles/guess', {
    schema: {
      tags: ['imports'],
      summary: 'Propose a profile for a sample, with reasons, and with questions the file cannot answer',
      body: z.strictObject({ sample }),
      response: { 200: guessAnswer },
    },
    onRequest: reads,
    handler: async ({ body }) => {
      const known = importProfiles.list().map(({ profile }) => profile);
      const { profile = null, reasons, questions } = guessProfile(bytesOf(body.sample), known);
      return { profile, reasons, questions };
    },
  });

  app.post('/v1/import-profiles/preview', {
    schema: {
      tags: ['imports'],
      summary: 'What a profile makes of a sample: rows by role, totals per channel and day, problems',
      body: z.strictObject({ sample, profile: profileSchema, meterPoint: z.string().max(40).optional() }),
      response: { 200: previewAnswer },
    },
    onRequest: reads,
    handler: async ({ body }) => {
      const { meterPoint } = body;
      const options = { siteZone: zone, ...(meterPoint !== undefined && { meterPoint }) };
      const preview = previewProfile(body.profile, bytesOf(body.sample), options);
      return { ...preview, problems: preview.problems.map(problem => ({ ...problem })) };
    },
  });
}

function bytesOf({ text, base64 }: z.output<typeof sample>): Buffer {
  return base64 === undefined ? Buffer.from(text ?? '', 'utf8') : Buffer.from(base64, 'base64');
}

function show({ profile, version, savedBy, createdAt }: SavedProfile): z.input<typeof savedAnswer> {
  return { profile, version, savedBy, savedAt: version === 0 ? null : formatUtc(instant(createdAt)) };
}
