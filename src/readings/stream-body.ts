import type { Readable } from 'node:stream';
import { errorCodes, type FastifyRequest } from 'fastify';
import { Refusal } from '../kernel/errors.ts';
import { type Packing, packingOf, unpacker } from './unpack.ts';

export interface BodyLimits {
  /** Of the body, as it comes and unpacked. */
  bytesMax: number;
  /** Resolves when whoever is behind has caught up; undefined when nobody is. */
  behind: () => Promise<unknown> | undefined;
}

interface Taker {
  take: (bytes: Uint8Array) => void;
}

/**
 * Hands the body of a request on as it comes, unpacked. While a portion is worked nothing more is read from the connection, nor while
 * somebody behind has to catch up. Rejects as Fastify does for a body that is too large, broken off or not as long as it was said to be;
 * with 'media-type-unsupported' for an encoding that is not known, 'body-malformed' for a damaged one and 'body-too-large' as soon as it
 * unpacks to too much, however small it came.
 */
export function streamBody(
  { headers }: Pick<FastifyRequest, 'headers'>,
  payload: Readable,
  taker: Taker,
  { bytesMax, behind }: BodyLimits,
): Promise<void> {
  const declared = Number(headers['content-length']);
  if (declared > bytesMax) return Promise.reject(new errorCodes.FST_ERR_CTP_BODY_TOO_LARGE());
  return new Promise((resolve, reject) => {
    let packing: Packing | undefined;
    try {
      packing = packingOf(headers['content-encoding']);
    } catch (error) {
      return reject(error);
    }
    const source = packing ? payload.pipe(unpacker(packing)) : payload;
    let [received, unpacked] = [0, 0];
    payload.on('data', count);
    source.on('data', take);
    source.on('end', end);
    payload.on('error', breakOff);
    payload.on('close', breakOff);
    if (packing)
      source.on('error', () => fail(new Refusal('body-malformed', `The body is not well-formed ${packing}.`)));

    function count({ length }: Uint8Array) {
      received += length;
      if (received > bytesMax) fail(new errorCodes.FST_ERR_CTP_BODY_TOO_LARGE());
    }
    function take(portion: Uint8Array) {
      unpacked += portion.length;
      if (unpacked > bytesMax)
        return fail(new Refusal('body-too-large', `The body unpacks to more than ${bytesMax} bytes.`));
      try {
        taker.take(portion);
      } catch (error) {
        return fail(error);
      }
      const caughtUp = behind();
      if (!caughtUp) return;
      source.pause();
      // Whether the one behind succeeded is told to whoever waits for it; here it only matters that it is done.
      const goOn = () => void source.resume();
      caughtUp.then(goOn, goOn);
    }
    function end() {
      release();
      if (Number.isNaN(declared) || received === declared) resolve();
      else reject(new errorCodes.FST_ERR_CTP_INVALID_CONTENT_LENGTH());
    }
    /** The connection is gone, so nobody hears of it. */
    function breakOff() {
      if (!payload.readableEnded) fail(Object.assign(new Error('The body was broken off'), { statusCode: 400 }));
    }
    function fail(error: unknown) {
      release();
      if (source !== payload) {
        payload.unpipe();
        source.on('error', () => undefined).destroy();
      }
      // What still comes is read and dropped, so that the answer can be sent.
      payload.resume();
      reject(error);
    }
    function release() {
      payload.off('data', count).off('error', breakOff).off('close', breakOff);
      source.off('data', take).off('end', end);
    }
  });
}
