import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // However busy the machine is: a test that hangs is found all the same.
    testTimeout: 180_000,
    expect: { poll: { timeout: 60_000 } },
    hookTimeout: 60_000,
    // Tests wait for disks and processes: two at a time even where there are two cores. A campaign measures memory, and goes alone.
    maxWorkers: process.env.CAMPAIGN ? 1 : Math.max(2, availableParallelism() - 1),
    // The suite must not depend on where it runs: every zone is declared, so the host's is set to one nobody uses,
    // or to the one that test/under-zones.ts asks for.
    env: { TZ: process.env.HOST_ZONE ?? 'Asia/Kathmandu' },
    coverage: { provider: 'v8', include: ['src/**/*.ts'] },
  },
});
