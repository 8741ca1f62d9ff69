import { readFileSync } from 'node:fs';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import cookie from '@fastify/cookie';
import fastify, { type FastifyInstance, LogController } from 'fastify';
import type { Logger } from 'pino';
import { createGuard } from './access/guard.ts';
import { registerAccountRoutes } from './accounts/account-routes.ts';
import { registerMeterPointRoutes } from './accounts/meter-point-routes.ts';
import { registerRegisterMapRoutes } from './accounts/register-map-routes.ts';
import { Overview } from './admin/overview.ts';
import { registerPages } from './admin/register-pages.ts';
import { SavedSearchStore } from './admin/saved-search-store.ts';
import { registerBillingRoutes } from './billing/billing-routes.ts';
import { registerPlanTrialRoutes } from './billing/plan-trial-routes.ts';
import { registerRebillRoutes } from './billing/rebill-routes.ts';
import { registerSupplyRoutes } from './billing/supply-routes.ts';
import { registerTraceRoutes } from './billing/trace-routes.ts';
import { registerReceivableRoutes } from './collections/receivable-routes.ts';
import { registerCloudReadingRoutes } from './compat/cloud-reading-routes.ts';
import { registerD0010Routes } from './compat/d0010-routes.ts';
import { FlowFileStore } from './compat/flow-file-store.ts';
import { registerMaintenanceRoutes } from './compat/maintenance-routes.ts';
import { registerPowerConsumptionRoutes } from './compat/power-consumption-routes.ts';
import { ReadingNoteStore } from './compat/reading-note-store.ts';
import { registerConsumptionRoutes } from './consumption/consumption-routes.ts';
import { DayTotals } from './consumption/day-totals.ts';
import { registerGapRoutes } from './consumption/gap-routes.ts';
import { UsageAnalysis } from './consumption/usage-analysis.ts';
import { registerExportRoutes } from './exports/export-routes.ts';
import type { House } from './house.ts';
import { registerAssets } from './http/assets.ts';
import { registerIdempotency } from './http/idempotency.ts';
import { IdempotencyStore } from './http/idempotency-store.ts';
import { registerOpenapi } from './http/openapi.ts';
import type { AnswerPlain } from './http/plain-lane.ts';
import { answerFrameworkError, registerProblems } from './http/problems.ts';
import { registerRender } from './http/render.ts';
import { noCompilers, registerSchemas } from './http/schemas.ts';
import { registerSecurity } from './http/security.ts';
import { registerImportRoutes } from './imports/import-routes.ts';
import { registerImportProfileRoutes } from './imports/profiles/import-profile-routes.ts';
import { registerReconcileRoutes } from './imports/reconcile-routes.ts';
import { registerUndoRoutes } from './imports/undo-routes.ts';
import type { BrokenPromise } from './kernel/assert.ts';
import { Slices } from './kernel/slices.ts';
import { logRefusals } from './ops/log-refusals.ts';
import { registerOpsRoutes } from './ops/ops-routes.ts';
import { answerPlainPosts } from './readings/answer-plain-posts.ts';
import { registerConflictRoutes } from './readings/conflict-routes.ts';
import { contradictsExchange } from './readings/contradicts-exchange.ts';
import { registerFlagRoutes } from './readings/flag-routes.ts';
import { registerQuarantineRoutes } from './readings/quarantine-routes.ts';
import { registerReadingRoutes } from './readings/reading-routes.ts';
import { isIngestPath } from './readings/reception.ts';
import { registerNamedDaysRoutes } from './tariffs/named-days-routes.ts';
import { registerPlanRoutes } from './tariffs/plan-routes.ts';

export interface AppOptions {
  log: Logger;
  onBrokenPromise: (error: BrokenPromise) => void;
  /** Told how the lane beside node:http answers, once everything is there. */
  onPlainPosts?: (answer: AnswerPlain) => void;
  /** Hands Fastify a server that is listening already; a new one when absent. */
  serverFactory?: (handler: (request: IncomingMessage, response: ServerResponse) => void) => Server;
}

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
  version: string;
};

const tags = [
  { name: 'readings', description: 'Meters post here; integrators read here' },
  { name: 'imports', description: 'Files of meter data: handed in, followed, explained' },
  { name: 'meter points', description: 'Where supply is measured, with its registers and channels' },
  { name: 'accounts', description: 'Who is billed, and for which meter points' },
  { name: 'plans', description: 'Versioned price plans' },
  { name: 'billing', description: 'Bill runs, invoices, payments' },
  {
    name: 'power consumption API',
    description: 'Paths that clients of the power consumption management API already speak',
  },
  { name: 'D0010 importer API', description: 'Paths that clients of the D0010 reading importer already speak' },
];

/** The whole of HTTP over one house: what answers where, as one list. */
export async function createApp(
  house: House,
  { log, onBrokenPromise, onPlainPosts, serverFactory }: AppOptions,
): Promise<FastifyInstance> {
  const https = house.config.publicUrl.startsWith('https:');
  const app = fastify({
    loggerInstance: log,
    // A line per request costs more than a reading: failures are logged, and what a known key is refused (ops/log-refusals).
    logController: new LogController({ disableRequestLogging: true }),
    trustProxy: false,
    bodyLimit: 1024 * 1024,
    routerOptions: { maxParamLength: 200 },
    frameworkErrors: answerFrameworkError,
    schemaController: noCompilers,
    ...(serverFactory && { serverFactory }),
  }) as unknown as FastifyInstance;

  // The port is open already, and whoever asks is told that we are starting.
  const slices = new Slices();
  registerProblems(app, { onBrokenPromise });
  await registerSecurity(app, { https });
  registerSchemas(app);
  await app.register(cookie);
  await registerRender(app);
  await registerAssets(app);
  await registerOpenapi(app, { version, tags });
  const { requestsPerHour, anonymousReading } = house.config;
  const guard = createGuard(app, house.access, { https, requestsPerHour, anonymousReading });

  logRefusals(app, house);
  const idempotency = new IdempotencyStore(house.database);
  registerIdempotency(app, {
    store: idempotency,
    clock: house.clock,
    ownerOf: request => `key ${request.apiKey?.id ?? ''}`,
  });
  app.addHook('onRoute', route => {
    // After the key is checked and before the body is read.
    if (isIngestPath(route.url)) route.preParsing = async () => house.reception.assertOpen();
  });
  await slices.pause();
  registerReadingRoutes(app, house, guard);
  registerConflictRoutes(app, { ...house, zone: house.config.zone }, guard);
  registerFlagRoutes(app, { ...house, zone: house.config.zone }, guard);
  registerQuarantineRoutes(app, { ...house, audit: house.access.audit }, guard);
  await slices.pause();
  registerImportRoutes(app, house, guard);
  registerUndoRoutes(app, house, guard);
  registerReconcileRoutes(app, { ...house, zone: house.config.zone }, guard);
  registerImportProfileRoutes(app, { ...house, zone: house.config.zone }, guard);
  registerExportRoutes(app, { ...house, zone: house.config.zone }, guard);
  registerConsumptionRoutes(app, house, guard);
  registerGapRoutes(app, house, guard);
  await slices.pause();
  registerAccountRoutes(app, house, guard);
  registerMeterPointRoutes(app, { ...house, zone: house.config.zone }, guard);
  const contradicted = contradictsExchange.bind(undefined, house.index);
  registerRegisterMapRoutes(app, { ...house, contradicted }, guard);
  registerSupplyRoutes(app, house, guard);
  await slices.pause();
  registerPlanRoutes(app, house, guard);
  registerNamedDaysRoutes(app, house, guard);
  registerPlanTrialRoutes(app, house, guard);
  registerBillingRoutes(app, house, guard);
  registerRebillRoutes(app, house, guard);
  registerTraceRoutes(app, house, guard);
  registerReceivableRoutes(app, house, guard);
  await slices.pause();
  registerMaintenanceRoutes(app, { ...house, zone: house.config.zone }, guard);
  registerPowerConsumptionRoutes(app, { ...house, zone: house.config.zone }, guard);
  const flowFiles = new FlowFileStore(house.database);
  const { zone, publicUrl } = house.config;
  registerD0010Routes(app, { ...house, flowFiles, zone, publicUrl }, guard);
  registerCloudReadingRoutes(app, { ...house, notes: new ReadingNoteStore(house.database) }, guard);
  await slices.pause();
  const admin = {
    ...house,
    posting: house,
    readings: house.index,
    zone: house.config.zone,
    currency: house.config.currency,
  };
  await slices.pause();
  const usage = new UsageAnalysis({ ...house, days: new DayTotals(house.consumption, house.index) });
  const savedSearches = new SavedSearchStore(house.database);
  await registerPages(app, { ...admin, savedSearches, overview: new Overview(admin), usage }, { guard, https });

  app.get('/', { schema: { hide: true } }, (_request, reply) => reply.redirect('/admin', 303));
  registerOpsRoutes(app, house);
  onPlainPosts?.(answerPlainPosts({ ...house, log }, { guard, https, onBrokenPromise }));
  return app;
}
