import { globSync, readFileSync } from 'node:fs';
import { defineConfig, mergeConfig } from 'vitest/config';
import suite from '../vitest.config.ts';

process.env.PROPERTY_SECONDS ??= '60';
const draws = (file: string) => readFileSync(file, 'utf8').includes("from 'fast-check'");

/** The tests that draw their cases by lot, each property for PROPERTY_SECONDS: what the suite's few draws would find once a month. */
export default mergeConfig(
  suite,
  defineConfig({
    test: {
      include: globSync('test/**/*.test.ts').filter(draws),
      setupFiles: ['test/long-properties.ts'],
      testTimeout: 3_600_000,
    },
  }),
);
