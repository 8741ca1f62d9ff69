import { open } from 'node:fs/promises';

const portionBytes = 256 * 1024;

/**
 * A file from its beginning to its end, one portion read while the one before it is worked on. Two buffers are used for all of it, because
 * memory outside of the heap is returned late: the bytes are good until the next portion is asked for.
 */
export async function* readAhead(path: string): AsyncGenerator<Uint8Array> {
  const file = await open(path, 'r');
  const buffers = [Buffer.allocUnsafeSlow(portionBytes), Buffer.allocUnsafeSlow(portionBytes)] as const;
  const read = (turn: number, position: number) => {
    const reading = file.read(buffers[turn % 2]!, 0, portionBytes, position);
    // Whoever waits for it hears of a failure; nobody waits when the reader has ended before.
    reading.catch(() => undefined);
    return reading;
  };
  let next = read(0, 0);
  try {
    for (let turn = 1, position = 0; ; turn++) {
      const { bytesRead, buffer } = await next;
      if (bytesRead === 0) return;
      position += bytesRead;
      next = read(turn, position);
      yield buffer.subarray(0, bytesRead);
    }
  } finally {
    await next.catch(() => undefined);
    await file.close();
  }
}
