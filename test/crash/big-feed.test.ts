import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { campaign } from './campaign.ts';
import type { FeedRead } from './read-feed.ts';

const readings = campaign.feedReadings;
const peakBytesMax = 250_000_000;
// In MB. With more V8 lets garbage lie, two hundred megabytes of it; what has to be remembered of thirty thousand blocks fits in these.
const heapMax = ['--max-old-space-size=96', '--max-semi-space-size=16'];

describe('a Green Button feed of any size (X-1, GB-11)', () => {
  it(`of ${readings.toLocaleString('en')} readings is read in little memory, and each as it was sent`, async () => {
    const script = join(import.meta.dirname, 'read-feed.ts');
    const { stdout } = await promisify(execFile)(process.execPath, [...heapMax, script, String(readings)]);
    const { peakBytes, ...read } = JSON.parse(stdout) as FeedRead;
    expect(read).toEqual({ readings, wrong: 0, errors: 0, complete: true });
    expect(peakBytes).toBeLessThan(peakBytesMax);
  }, 900_000);
});
