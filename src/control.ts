import { chmodSync, rmSync } from 'node:fs';
import type { IncomingMessage, Server } from 'node:http';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { pipeline, type Readable } from 'node:stream';
import { z } from 'zod';
import { type Config, folders, rememberedNames } from './config.ts';
import type { House } from './house.ts';
import { DamageFound, Refusal, type RefusalCode, refusals } from './kernel/errors.ts';
import { type OperationName, operations, type Tell } from './operations.ts';
import { refuseOthers } from './settings/settle-home.ts';

// As in serve.ts.
const { createServer, request } = process.getBuiltinModule('node:http');

function controlSocket(home: string): string {
  return join(folders(home).data, 'control.sock');
}

export interface ControlDoor {
  /** Lets nobody in any more and resolves when what was begun is done; who has not finished asking is turned away. */
  close(): Promise<void>;
}

/**
 * The side door through which the CLI asks a running server for an operation: a socket in data/ that only the owner of the home can
 * open. POST /OPERATION?args=JSON with the body; lines of JSON come back: {progress} while there is some, {status, result}
 * at last.
 */
export function listenForControl(house: House): Promise<ControlDoor> {
  const path = controlSocket(house.config.home);
  rmSync(path, { force: true });
  const asking = new Set<Socket>();
  const server = createServer((incoming, response) => {
    const send = (line: object) => {
      if (!response.headersSent)
        response.writeHead(200, { 'content-type': 'application/x-ndjson', connection: 'close' });
      response.write(`${JSON.stringify(line)}\n`);
    };
    const tell = (progress: unknown) => send({ progress });
    answer(house, incoming, () => asking.delete(incoming.socket), tell)
      .then(result => ({ status: 200, result }))
      .catch(async (error: unknown) => {
        await drain(incoming);
        return { status: error instanceof Refusal ? error.status : 500, result: describe(house, error) };
      })
      .then(last => {
        send(last);
        response.end();
      });
  });
  server.on('connection', socket => {
    asking.add(socket);
    socket.once('close', () => asking.delete(socket));
  });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, () => {
      chmodSync(path, 0o600);
      resolve({ close: () => closeDoor(server, asking) });
    });
  });
}

function closeDoor(server: Server, asking: Set<Socket>): Promise<void> {
  return new Promise(resolve => {
    server.close(() => resolve());
    for (const socket of asking) socket.destroy();
  });
}

async function answer(house: House, incoming: IncomingMessage, begun: () => void, tell: Tell): Promise<unknown> {
  const url = new URL(incoming.url ?? '/', 'http://control');
  const name = url.pathname.slice(1);
  if (!(name in operations)) throw new Refusal('route-unknown', `there is no operation ${name}`);
  refuseOthers(saidSchema.parse(JSON.parse(url.searchParams.get('said') ?? '{}')), house.config);
  return operations[name as OperationName].run(
    house,
    JSON.parse(url.searchParams.get('args') ?? '{}'),
    bodyOf(incoming, begun),
    tell,
  );
}

/** What the asking command's environment says of what homes remember. */
const saidSchema = z.partialRecord(z.enum(rememberedNames), z.string());

/** What is asked without a body is begun at once, the rest when its body is here. */
function bodyOf(incoming: IncomingMessage, begun: () => void): AsyncIterable<Uint8Array> {
  if (incoming.headers['content-length'] === '0') begun();
  return untilEnd();

  async function* untilEnd(): AsyncGenerator<Uint8Array> {
    // Left before its end, it would take the connection with it.
    for await (const chunk of incoming.iterator({ destroyOnReturn: false })) yield chunk;
    begun();
  }
}

/** Who is still sending a file when the connection closes does not hear why; whoever went away meanwhile need not. */
async function drain(incoming: IncomingMessage): Promise<void> {
  if (incoming.readableEnded || incoming.destroyed) return;
  incoming.resume();
  await new Promise(resolve => incoming.once('end', resolve).once('close', resolve));
}

const refusalAnswer = z.object({ code: z.string(), message: z.string() });

function describe(house: House, error: unknown): z.infer<typeof refusalAnswer> {
  if (error instanceof Refusal) return { code: error.code, message: error.message };
  house.log.error({ err: error }, 'operation failed');
  return { code: 'internal', message: error instanceof Error ? error.message : String(error) };
}

/** Whether a server listens at the side door of `home`. */
export function serverAnswers(home: string): Promise<boolean> {
  return new Promise(resolve => {
    const socket = connect(controlSocket(home));
    socket.once('error', () => resolve(false));
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
  });
}

/**
 * Asks the server that holds `home`. Rejects with its Refusal; with ECONNREFUSED or ENOENT when nobody listens (yet); with DamageFound
 * when the server could not do it or ended meanwhile. `body` is opened when the server listens.
 */
export function askServer(
  { home, said }: Pick<Config, 'home' | 'said'>,
  name: OperationName,
  args: object,
  body: (() => Readable) | undefined,
  tell: Tell,
): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const path = `/${name}?${new URLSearchParams({ args: JSON.stringify(args), said: JSON.stringify(said) })}`;
    const outgoing = request({
      socketPath: controlSocket(home),
      path,
      method: 'POST',
      headers: body ? {} : { 'content-length': 0 },
    });
    outgoing.once('error', error => reject(isNobodyListening(error) ? error : endedMeanwhile(error)));
    outgoing.once('response', response => readAnswer(response, tell).then(resolve, reject));
    if (!body) outgoing.end();
    else outgoing.once('socket', socket => socket.once('connect', () => pipeline(body(), outgoing, () => undefined)));
  });
}

/** Whether asking the control socket failed because there is none, or nobody behind it. */
export function isNobodyListening(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ECONNREFUSED' || error.code === 'ENOENT');
}

function endedMeanwhile(cause: unknown): DamageFound {
  const ended = new DamageFound(
    'the server ended before it answered',
    'Start it again and repeat the command: what was taken is known then and changes nothing.',
  );
  ended.cause = cause;
  return ended;
}

const answerLine = z.union([
  z.strictObject({ progress: z.unknown() }),
  z.strictObject({ status: z.int(), result: z.unknown() }),
]);

async function readAnswer(response: IncomingMessage, tell: Tell): Promise<unknown> {
  try {
    for await (const text of createInterface({ input: response })) {
      const line = answerLine.parse(JSON.parse(text));
      if ('status' in line) return resultOf(line.status, line.result);
      tell(line.progress);
    }
  } catch (error) {
    throw error instanceof Refusal || error instanceof DamageFound ? error : endedMeanwhile(error);
  }
  throw endedMeanwhile(new Error('there was no last line'));
}

function resultOf(status: number, result: unknown): unknown {
  if (status === 200) return result;
  const { code, message } = refusalAnswer.parse(result);
  const isOurFault = code === 'internal' || code.startsWith('storage-');
  throw code in refusals && !isOurFault
    ? new Refusal(code as RefusalCode, message)
    : new DamageFound(message, 'See the log of the server.');
}
