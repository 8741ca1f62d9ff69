import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Access, openAccess } from '../access/access.ts';
import { type Config, folders, readRemembered, type SettledConfig } from '../config.ts';
import { closeHouse, type House, openHouse } from '../house.ts';
import { systemClock } from '../kernel/clock.ts';
import { openDatabase } from '../kernel/database.ts';
import { DamageFound } from '../kernel/errors.ts';
import { acquireLock } from '../kernel/lock.ts';
import { silentLog } from '../kernel/silent-log.ts';
import { type OperationName, operations, type Tell } from '../operations.ts';
import { settleHome } from '../settings/settle-home.ts';
import { instantOfMs } from '../units/time.ts';

const waitMs = 200;
const waitMsMax = 30_000;

/**
 * Does an operation on a home: here when nobody holds it, else by the server that does. A home held by somebody who does not listen
 * (yet) is waited for. Each part of `body` is good until the next one is asked for.
 */
export async function operate(
  config: Config,
  name: OperationName,
  args: object,
  body?: () => AsyncIterable<Uint8Array>,
  tell: Tell = () => undefined,
): Promise<unknown> {
  for (let waited = 0; ; waited += waitMs) {
    const lock = acquireLock(join(folders(config.home).data, 'owner.lock'));
    if (lock) {
      try {
        return await operateHere(config, name, args, body, tell);
      } finally {
        lock.release();
      }
    }
    // It needs HTTP, which who finds the home free does without.
    const { askServer, isNobodyListening } = await import('../control.ts');
    try {
      return await askServer(config, name, args, body && (() => Readable.from(copies(body()))), tell);
    } catch (error) {
      if (!isNobodyListening(error)) throw error;
    }
    if (waited >= waitMsMax) {
      throw new DamageFound(
        `${config.home} is in use by another wattledger that does not answer`,
        'Wait for it to finish, or stop it.',
      );
    }
    await sleep(waitMs);
  }
}

/** A stream reads ahead of whoever takes its parts. */
async function* copies(parts: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  for await (const part of parts) yield Buffer.from(part);
}

function operateHere(
  config: Config,
  name: OperationName,
  args: object,
  body: () => AsyncIterable<Uint8Array> = () => Readable.from([]),
  tell: Tell,
): Promise<unknown> {
  return withHouse(config, house => operations[name].run(house, args, body(), tell));
}

/** The caller holds the home's lock. Archives are left to whoever comes next, unless `act` makes them. */
export async function withHouse<T>(config: Config, act: (house: House) => T | Promise<T>): Promise<T> {
  const house = openHouse({
    config,
    clock: systemClock,
    log: silentLog,
    alone: true,
    onStorageFailure: error => {
      process.stderr.write(`wattledger: ${error.message}: ${String(error.cause)}\n`);
      process.exit(3);
    },
  });
  try {
    return await act(house);
  } finally {
    await closeHouse(house, { archives: false });
  }
}

/** What the home remembers, for a command that does not open it; where there is none yet, what the environment says. */
export function settleConfig(config: Config): SettledConfig {
  const path = join(folders(config.home).data, 'wattledger.db');
  if (!existsSync(path)) return { ...config, ...readRemembered({ ...config.unsaid, ...config.said }) };
  const database = openDatabase(path);
  try {
    return settleHome(config, database, { now: instantOfMs(systemClock.now()), alone: true });
  } finally {
    database.close();
  }
}

/** Users and keys stand in the database alone, which two processes may share. */
export async function withAccess<T>(config: Config, act: (access: Access) => T | Promise<T>): Promise<T> {
  const database = openDatabase(join(folders(config.home).data, 'wattledger.db'));
  try {
    return await act(openAccess(database, systemClock));
  } finally {
    database.close();
  }
}
