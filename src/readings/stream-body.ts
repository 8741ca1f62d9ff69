import type { Readable } from 'node:stream';
import { errorCodes, type FastifyRequest } from 'fastify';
import { Refusal } from '../kernel/errors.ts';
import type { BodyBudget } from './body-budget.ts';
import { packingOf, unpackedBytes, unpacker } from './unpack.ts';

export interface BodyLimits {
  /** Of the body, as it comes and unpacked. */
  bytesMax: number;
  /** What all bodies under way may hold together. */
  budget: BodyBudget;
  /** Resolves when whoever is behind has caught up; undefined when nobody is. */
  behind: () => Promise<unknown> | undefined;
}

interface Taker {
  take: (bytes: Uint8Array) => void;
  /** What it keeps of the bytes it took. */
  readonly heldBytes: number;
}

/**
 * Hands the body of a request on as it comes, unpacked. While a portion is worked nothing more is read from the connection, nor while
 * somebody behind has to catch up or all bodies together hold too much. Rejects as Fastify does for a body that is too large, broken off
 * or not as long as it was said to be; with 'media-type-unsupported' for an encoding that is not known, 'body-malformed' for a damaged one
 * and 'body-too-large' as soon as it unpacks to too much, however small it came.
 */
export async function streamBody(
  { headers }: Pick<FastifyRequest, 'headers'>,
  payload: Readable,
  taker: Taker,
  { bytesMax, budget, behind }: BodyLimits,
): Promise<void> {
  const declared = Number(headers['content-length']);
  if (declared > bytesMax) throw new errorCodes.FST_ERR_CTP_BODY_TOO_LARGE();
  const packing = packingOf(headers['content-encoding']);
  const ticket = budget.enter(packing ? unpackedBytes[packing] : 0);
  let [received, unpacked] = [0, 0];
  try {
    // Before there is anything that would hold memory.
    await ticket.turn();
    if (payload.destroyed) throw brokenOff();
    const source = packing ? payload.pipe(unpacker(packing)) : payload;
    await new Promise<void>((resolve, reject) => {
      payload.on('data', count).on('error', breakOff).on('close', breakOff);
      source.on('data', take).on('end', resolve);
      if (packing)
        source.on('error', () => reject(new Refusal('body-malformed', `The body is not well-formed ${packing}.`)));

      function count({ length }: Uint8Array) {
        received += length;
        if (received > bytesMax) reject(new errorCodes.FST_ERR_CTP_BODY_TOO_LARGE());
      }
      function take(portion: Uint8Array) {
        unpacked += portion.length;
        if (unpacked > bytesMax)
          return reject(new Refusal('body-too-large', `The body unpacks to more than ${bytesMax} bytes.`));
        try {
          taker.take(portion);
        } catch (error) {
          return reject(error);
        }
        ticket.hold(taker.heldBytes);
        const wait = behind() ?? ticket.turn();
        if (!wait) return;
        source.pause();
        // Whether the one behind succeeded is told to whoever waits for it; here it only matters that it is done.
        const goOn = () => void source.resume();
        wait.then(goOn, goOn);
      }
      function breakOff() {
        if (!payload.readableEnded) reject(brokenOff());
      }
    }).finally(() => {
      payload.removeAllListeners('data');
      if (source === payload) return;
      payload.unpipe();
      source.removeAllListeners('data').destroy();
    });
  } finally {
    ticket.leave();
    // What still comes of a body that is refused is read and dropped, so that the answer can be sent.
    payload.resume();
  }
  if (!Number.isNaN(declared) && received !== declared) throw new errorCodes.FST_ERR_CTP_INVALID_CONTENT_LENGTH();
}

/** The connection is gone, so nobody hears of it. */
function brokenOff(): Error {
  return Object.assign(new Error('The body was broken off'), { statusCode: 400 });
}
