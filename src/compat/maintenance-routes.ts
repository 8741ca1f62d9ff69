import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { callerOf, type Guard } from '../access/guard.ts';
import type { Clock } from '../kernel/clock.ts';
import { Refusal } from '../kernel/errors.ts';
import type { Maintained, Maintenance } from '../maintenance/maintenance.ts';
import { type MaintenanceKind, maintenanceKinds } from '../maintenance/maintenance-run.ts';
import type { MaintenanceStore } from '../maintenance/maintenance-store.ts';
import { type FlushDeps, flush } from '../readings/flush.ts';
import type { Reception } from '../readings/reception.ts';
import { formatWallClock, instantOfMs, type Zone } from '../units/time.ts';
import { answerInDetail, docsOf, readParameters, takeEmptyBodies } from './predecessor-api.ts';

export interface MaintenanceRouteDeps extends FlushDeps {
  maintenance: Maintenance;
  maintenanceRuns: MaintenanceStore;
  reception: Reception;
  clock: Clock;
  zone: Zone;
}

const kindsOf: Record<string, readonly MaintenanceKind[]> = {
  daily: ['daily'],
  monthly: ['monthly'],
  both: maintenanceKinds,
};
const startInput = z.strictObject({ maintenance_type: z.enum(['daily', 'monthly', 'both']) });
const archiveInput = z.strictObject({ period: z.enum(maintenanceKinds) });
const nothing = z.strictObject({});

/**
 * Maintenance and reception by the power consumption API's paths. Maintenance refuses nobody's readings; a POST answers when the run is
 * over, so "success" is what happened.
 */
export function registerMaintenanceRoutes(root: FastifyInstance, deps: MaintenanceRouteDeps, guard: Guard): void {
  const { maintenance, maintenanceRuns, reception, store, clock, zone } = deps;
  const timestamp = () => formatWallClock(instantOfMs(clock.now()), zone);
  const mayMaintain = guard.needsScope('maintenance:write');

  root.register(async scope => {
    answerInDetail(scope);
    takeEmptyBodies(scope);
    const app = scope.withTypeProvider<ZodTypeProvider>();

    app.post('/maintenance/start', {
      schema: docsOf('Maintain yesterday, last month or both', startInput),
      onRequest: mayMaintain,
      handler: async request => {
        const { maintenance_type } = readParameters(startInput, request);
        return { ...(await maintain(kindsOf[maintenance_type]!, request)), maintenance_type };
      },
    });
    app.post('/archive_and_prepare', {
      schema: docsOf('Archive yesterday or last month', archiveInput),
      onRequest: mayMaintain,
      handler: async request => {
        const { period } = readParameters(archiveInput, request);
        return { ...(await maintain([period], request)), period };
      },
    });
    for (const kind of maintenanceKinds) {
      app.post(`/perform_${kind}_maintenance`, {
        schema: docsOf(`Maintain ${kind === 'daily' ? 'yesterday' : 'last month'}`),
        onRequest: mayMaintain,
        handler: async request => {
          readParameters(nothing, request);
          return maintain([kind], request);
        },
      });
    }
    app.get('/maintenance/status', {
      schema: docsOf('Whether maintenance runs and readings are taken in'),
      onRequest: guard.needsScope('readings:read'),
      handler: async request => {
        readParameters(nothing, request);
        return {
          is_maintenance_mode: maintenance.running,
          is_receiving_data: reception.receiving,
          timestamp: timestamp(),
          last_daily: maintenanceRuns.findLast('daily')?.period ?? null,
          last_monthly: maintenanceRuns.findLast('monthly')?.period ?? null,
        };
      },
    });
    app.post('/shutdown', {
      schema: docsOf('Take in no readings until /resume; queries go on'),
      onRequest: mayMaintain,
      handler: async request => {
        readParameters(nothing, request);
        reception.stop(callerOf(request));
        return { success: true, message: 'System data reception stopped', timestamp: timestamp() };
      },
    });
    app.post('/resume', {
      schema: docsOf('Take in readings again'),
      onRequest: mayMaintain,
      handler: async request => {
        readParameters(nothing, request);
        reception.resume(callerOf(request));
        return { success: true, message: 'System data reception resumed', timestamp: timestamp() };
      },
    });
    app.post('/restore_data', {
      schema: docsOf('What is known after recovery, which happens by itself at every start'),
      onRequest: mayMaintain,
      // Before an Idempotency-Key is claimed, so that the same one may come again when Retry-After says so.
      preHandler: async () => {
        if (maintenance.running) throw new Refusal('maintenance-under-way', 'System is in maintenance mode');
      },
      handler: async request => {
        readParameters(nothing, request);
        await flush(deps);
        const { meterPoints, readings } = store.countReadings();
        return {
          success: true,
          message: 'Nothing had to be restored: recovery is automatic at every start',
          timestamp: timestamp(),
          restored_meters_count: meterPoints,
          restored_readings_count: readings,
        };
      },
    });
  });

  async function maintain(kinds: readonly MaintenanceKind[], request: FastifyRequest) {
    const done = await maintenance.start(kinds, callerOf(request));
    return { success: true, message: done.map(sentenceOf).join(' '), timestamp: timestamp() };
  }
}

function sentenceOf({ kind, period, archive }: Maintained): string {
  const words = kind === 'daily' ? 'Daily maintenance' : 'Monthly maintenance';
  return archive
    ? `${words} of ${period} is done: ${archive}.`
    : `${words} of ${period} is done: it has no readings and so no archive.`;
}
