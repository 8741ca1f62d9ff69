import { parentPort, workerData } from 'node:worker_threads';
import { assert } from '../kernel/assert.ts';
import { openBeside } from '../kernel/database.ts';
import { BitWriter } from './bits.ts';
import { encodeBlock } from './day-block-codec.ts';
import type { FlushAnswer, FlushOrder } from './flush-writer.ts';
import { FlushedBlockStore } from './flushed-block-store.ts';
import { buffersOf, originsOf, unpackBlocks } from './packed-blocks.ts';

// The thread of flush-writer.ts: a flush comes, and that it counts or the error goes.
assert(parentPort, 'this file is started as a thread');
const port = parentPort;
const database = openBeside(String(workerData));
const store = new FlushedBlockStore(database);
const writer = new BitWriter();

port.on('message', (order: FlushOrder | 'end') => {
  if (order === 'end') {
    database.close();
    port.close();
    return;
  }
  const answer: FlushAnswer = { blocks: order.blocks, error: write(order) };
  port.postMessage(answer, buffersOf(order.blocks));
});

function write({ blocks, position, due }: FlushOrder): FlushAnswer['error'] {
  try {
    const origins = originsOf(blocks);
    database
      .transaction(() => {
        unpackBlocks(blocks, (id, block) => {
          writer.clear();
          // Binding copies the bytes.
          store.put(id, block.count, encodeBlock(block, origins, writer));
        });
        store.count(position, due);
      })
      .immediate();
    return undefined;
  } catch (error) {
    assert(error instanceof Error, 'what is thrown is an error');
    // Cloned to the other thread an error keeps no more than its message.
    return { message: error.message, code: 'code' in error ? String(error.code) : '' };
  }
}
