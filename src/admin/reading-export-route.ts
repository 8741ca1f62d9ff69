import type { FastifyInstance } from 'fastify';
import type { Guard } from '../access/guard.ts';
import { exportReadings } from '../exports/export-readings.ts';
import { sendExport } from '../exports/export-routes.ts';
import { addDays, parseDay } from '../units/time.ts';
import type { AdminDeps } from './page.ts';

/** GET /admin/meter-points/IDENTIFIER/export: the readings of the days named, both included, on the clock of the meter point. */
export function registerReadingExport(app: FastifyInstance, deps: AdminDeps, guard: Guard): void {
  app.get<{ Params: { identifier: string }; Querystring: Record<string, unknown> }>(
    '/admin/meter-points/:identifier/export',
    { schema: { hide: true }, onRequest: guard.needsUser('viewer') },
    async ({ params, query }, reply) => {
      const { identifier, zone } = deps.meterPoints.get(params.identifier);
      const text = (name: string) => (typeof query[name] === 'string' ? query[name] : '');
      const until = parseDay(text('until'));
      const [format = '', conflicts] = text('format').split(' ');
      const file = await exportReadings(
        { ...deps, index: deps.readings, clock: deps.access.clock, zone },
        {
          format,
          conflicts: conflicts === 'conflicts',
          meterPoints: [identifier],
          codes: [],
          from: text('from'),
          to: until ? addDays(until, 1) : text('until'),
          asKnownAt: text('known'),
        },
      );
      return sendExport(reply, file);
    },
  );
}
