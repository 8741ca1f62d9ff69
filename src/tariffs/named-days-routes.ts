import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { Guard } from '../access/guard.ts';
import { day } from '../http/schemas.ts';
import type { Clock } from '../kernel/clock.ts';
import { formatUtc, type Instant, instantOfMs, parseInstant, type Zone } from '../units/time.ts';
import type { EventList } from './facts.ts';
import type { NamedDaysStore } from './named-days-store.ts';

export interface NamedDaysRouteDeps {
  namedDays: NamedDaysStore;
  clock: Clock;
}

const name = z.string().min(1).max(60);
const holidays = z
  .strictObject({
    name: name.meta({ example: 'AU-SA' }),
    from: day.meta({ example: '2026-01-01', description: 'From this day on the list is complete' }),
    to: day.meta({ example: '2027-01-01', description: 'The first day of which it knows nothing' }),
    days: z.array(day).max(2000),
  })
  .refine(({ from, to }) => from < to, { path: ['to'], message: 'must be after from' })
  .refine(({ from, to, days }) => days.every(each => each >= from && each < to), {
    path: ['days'],
    message: 'must lie between from and to',
  });
const moment = z.string().transform((text, context): Instant => {
  // Whoever runs the network tells one moment to everybody, so it has an offset.
  const at = /(Z|[+-]\d\d:\d\d)$/.test(text) ? parseInstant(text, 'UTC' as Zone) : undefined;
  if (at === undefined) context.addIssue({ code: 'custom', message: 'write a moment as 2026-01-09T07:00:00Z' });
  return at ?? z.NEVER;
});
const period = z
  .strictObject({ from: moment, to: moment })
  .refine(({ from, to }) => from < to, { path: ['to'], message: 'must be after from' });
const events = z.strictObject({
  name: name.meta({ example: 'SYSTEM_PEAKS' }),
  periods: z.array(period).max(2000),
});
const holidayAnswer = z.object({ name: z.string(), from: z.string(), to: z.string(), days: z.array(z.string()) });
const eventAnswer = z.object({
  name: z.string(),
  periods: z.array(z.object({ from: z.string(), to: z.string() })),
});

/** The lists that plans name: public holidays and events. A list posted again takes the place of the one before. */
export function registerNamedDaysRoutes(
  root: FastifyInstance,
  { namedDays, clock }: NamedDaysRouteDeps,
  guard: Guard,
): void {
  const app = root.withTypeProvider<ZodTypeProvider>();
  const reads = guard.needsScope('plans:read');
  const writes = guard.needsScope('plans:write');
  const now = () => instantOfMs(clock.now());

  app.get('/v1/holiday-calendars', {
    schema: {
      tags: ['plans'],
      summary: 'Public holidays, by the names plans use',
      response: { 200: z.object({ data: z.array(holidayAnswer) }) },
    },
    onRequest: reads,
    handler: async () => ({ data: namedDays.holidays }),
  });

  app.post('/v1/holiday-calendars', {
    schema: {
      tags: ['plans'],
      summary: 'Say which days are public holidays',
      description:
        'Every day from `from` to the day before `to` is then known to be one or not; a bill of other days is refused.',
      body: holidays,
      response: { 201: holidayAnswer },
    },
    onRequest: writes,
    handler: async ({ body }, reply) => {
      namedDays.addHolidays(body, now());
      return reply.code(201).send(body);
    },
  });

  app.get('/v1/event-lists', {
    schema: {
      tags: ['plans'],
      summary: 'Events that plans price, such as coincident peaks',
      response: { 200: z.object({ data: z.array(eventAnswer) }) },
    },
    onRequest: reads,
    handler: async () => ({ data: namedDays.events.map(showEvents) }),
  });

  app.post('/v1/event-lists', {
    schema: {
      tags: ['plans'],
      summary: 'Say when the events of a name were',
      body: events,
      response: { 201: eventAnswer },
    },
    onRequest: writes,
    handler: async ({ body }, reply) => {
      namedDays.addEvents(body, now());
      return reply.code(201).send(showEvents(body));
    },
  });
}

function showEvents({ name, periods }: EventList) {
  return { name, periods: periods.map(({ from, to }) => ({ from: formatUtc(from), to: formatUtc(to) })) };
}
