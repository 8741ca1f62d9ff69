import { parentPort, workerData } from 'node:worker_threads';
import { MeterPointRowsStore, type NewRows } from '../accounts/meter-point-rows-store.ts';
import { assert } from '../kernel/assert.ts';
import { commitSynced, openBeside, widenCache } from '../kernel/database.ts';
import { BitWriter } from './bits.ts';
import { encodeBlock } from './day-block-codec.ts';
import { DialDueStore, mayBeDial } from './dial-due-store.ts';
import type { FlushOrder, WriteAnswer, WriteOrder } from './flush-writer.ts';
import { FlushedBlockStore } from './flushed-block-store.ts';
import { buffersOf, originsOf, unpackBlocks } from './packed-blocks.ts';

// The thread of flush-writer.ts: an order comes, and that it is done or the error goes.
assert(parentPort, 'this file is started as a thread');
const port = parentPort;
const database = openBeside(String(workerData));
const store = new FlushedBlockStore(database);
const dialDue = new DialDueStore(database);
const writer = new BitWriter();
let newRows: MeterPointRowsStore | undefined;

port.on('message', (order: WriteOrder) => {
  if (order === 'end') {
    database.close();
    port.close();
  } else if ('rows' in order) {
    const error = failureOf(() => putRows(order.rows));
    port.postMessage({ error } satisfies WriteAnswer);
  } else {
    const { blocks } = order.flush;
    const error = failureOf(() => flush(order.flush));
    port.postMessage({ blocks, error } satisfies WriteAnswer, buffersOf(blocks));
  }
});

function putRows(rows: NewRows): void {
  if (!newRows) {
    widenCache(database);
    newRows = new MeterPointRowsStore(database);
  }
  const store = newRows;
  commitSynced(database, () => store.put(rows));
}

function flush({ blocks, position, due }: FlushOrder): void {
  const origins = originsOf(blocks);
  const put = database.transaction(() => {
    const dials: number[] = [];
    unpackBlocks(blocks, (id, block) => {
      writer.clear();
      // Binding copies the bytes.
      store.put(id, block.count, encodeBlock(block, origins, writer));
      if (mayBeDial(block, origins)) dials.push(id);
    });
    dialDue.mark(dials);
    store.count(position, due);
  });
  put.immediate();
}

function failureOf(write: () => void): WriteAnswer['error'] {
  try {
    write();
    return undefined;
  } catch (error) {
    assert(error instanceof Error, 'what is thrown is an error');
    // Cloned to the other thread an error keeps no more than its message.
    return { message: error.message, code: 'code' in error ? String(error.code) : '' };
  }
}
