import { globSync, readFileSync } from 'node:fs';
import { defineConfig } from 'vitest/config';
import suite from '../vitest.config.ts';

process.env.PROPERTY_TIMES ??= '30';
const draws = (file: string) => readFileSync(file, 'utf8').includes("from 'fast-check'");

/** The tests that draw their cases by lot, each as in PROPERTY_TIMES runs of the suite: what would fail one day without a reason fails now. */
export default defineConfig({
  test: {
    ...suite.test,
    include: globSync('test/**/*.test.ts').filter(draws),
    setupFiles: ['test/long-properties.ts'],
    testTimeout: 10_800_000,
  },
});
