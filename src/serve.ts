import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import { addUser } from './access/add-user.ts';
import { createApp } from './app.ts';
import type { Config } from './config.ts';
import { type ControlDoor, listenForControl } from './control.ts';
import { closeHouse, type House, openHouseInSlices } from './house.ts';
import { holdToDeadline } from './http/body-deadline.ts';
import { type AnswerPlain, PlainLane } from './http/plain-lane.ts';
import { jobsOf } from './jobs/index.ts';
import { type Clock, systemClock } from './kernel/clock.ts';
import type { Lock } from './kernel/lock.ts';
import { Schedule } from './kernel/schedule.ts';
import { lockHome } from './lock-home.ts';

// Not imported: for an import Node looks at every export, and one of them loads all of undici, 30 ms of a start.
const { createServer } = process.getBuiltinModule('node:http');

export interface Serving {
  url: string;
  house: House;
  app: FastifyInstance;
  /** The first administrator's password, when this start made one. */
  newAdminPassword: string | undefined;
  /** Stops in order: no new work, finish what is under way, flush, archives, journal, database. */
  stop: () => Promise<void>;
}

export interface ServeOptions {
  config: Config;
  log: Logger;
  clock?: Clock;
  onStorageFailure: (error: Error) => void;
}

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

const headersMs = 10_000;
const keepAliveMs = 72_000;
const startingRetrySeconds = 1;
export const firstAdminName = 'admin';

/**
 * Opens the port at once, answering /healthz and 503 to all else, recovers behind it, and then lets everybody in. Throws DamageFound
 * when the home is held by another process or what is stored there is damaged.
 */
export async function serve({ config, log, clock = systemClock, onStorageFailure }: ServeOptions): Promise<Serving> {
  const lock = await lockHome(config.home);
  let handler: Handler = answerStarting;
  let appHandler: Handler = answerStarting;
  const server = createServer((request, response) => {
    holdToDeadline(request);
    handler(request, response);
  });
  // Node looks for slow clients only every 30 s unless told otherwise.
  Object.assign(server, {
    connectionsCheckingInterval: 5000,
    headersTimeout: headersMs,
    // Held to by http/body-deadline.ts, which knows uploads.
    requestTimeout: 0,
    keepAliveTimeout: keepAliveMs,
  });
  // One reading a request is what comes most: such posts are answered before node:http makes objects of them.
  const lane = new PlainLane({ path: '/v1/readings', clock, firstByteMs: headersMs, keepAliveMs });
  lane.standBefore(server);
  let answerPlain: AnswerPlain | undefined;
  try {
    await listen(server, config);
    const house = await openHouseInSlices({ config, clock, log, onStorageFailure });
    const app = await createApp(house, {
      log,
      onBrokenPromise: onStorageFailure,
      serverFactory: takeOver,
      onPlainPosts: answer => {
        answerPlain = answer;
      },
    });
    await app.ready();
    const newAdminPassword = await ensureAdmin(house);
    const control = await listenForControl(house);
    const schedule = new Schedule(log, house.jobRuns);
    schedule.start(jobsOf(house));
    house.importUndos.start();
    house.importQueue.start();
    handler = appHandler;
    if (answerPlain) lane.open(answerPlain);
    return {
      url: urlOf(server, config),
      house,
      app,
      newAdminPassword,
      stop: () => stop({ server, lane, control, schedule, app, house, lock }),
    };
  } catch (error) {
    server.close();
    lock.release();
    throw error;
  }

  function takeOver(fastifyHandler: Handler): Server {
    appHandler = fastifyHandler;
    return server;
  }
}

function answerStarting(request: IncomingMessage, response: ServerResponse): void {
  const alive = request.url === '/healthz';
  const body = alive
    ? { status: 'alive' }
    : { type: '/problems/not-ready', title: 'Starting: the journal is being replayed', status: 503, code: 'not-ready' };
  response.writeHead(alive ? 200 : 503, {
    'content-type': alive ? 'application/json' : 'application/problem+json',
    'retry-after': String(startingRetrySeconds),
  });
  response.end(JSON.stringify(body));
}

function listen(server: Server, { host, port }: Config): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

function urlOf(server: Server, { host }: Config): string {
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}

/** The first start makes one administrator; the password is told once and stored only as a hash. */
async function ensureAdmin({ access }: House): Promise<string | undefined> {
  if (access.users.count() > 0) return undefined;
  const { password } = await addUser(access, { name: firstAdminName, role: 'admin', by: 'first start' });
  return password;
}

interface Running {
  server: Server;
  lane: PlainLane;
  control: ControlDoor;
  schedule: Schedule;
  app: FastifyInstance;
  house: House;
  lock: Lock;
}

async function stop({ server, lane, control, schedule, app, house, lock }: Running): Promise<void> {
  // A command that was let in is finished, and what it took is flushed with everything else.
  const commandsDone = control.close();
  // Between two slices: the next start goes on with what is not finished.
  await house.importQueue.stop();
  await house.importUndos.stop();
  // A mail server that does not answer must not hold us: the outbox keeps what it did not take.
  house.mailer.close();
  await schedule.stop();
  const closed = new Promise<void>(resolve => server.close(() => resolve()));
  server.closeIdleConnections();
  lane.close();
  await app.close();
  // Meters keep their connections open between readings; those that are idle by now have nothing under way.
  const cut = setTimeout(() => {
    server.closeAllConnections();
    lane.destroy();
  }, 2000);
  await closed;
  clearTimeout(cut);
  await commandsDone;
  await closeHouse(house);
  lock.release();
}
