import { configDefaults, defineConfig, mergeConfig } from 'vitest/config';
import suite from '../vitest.config.ts';

/**
 * The suite as mutants meet it: the rules' own tables. Left out is what starts a process or a server, and what draws plans by lot:
 * a mutant that one draw finds and the next does not would make the score a matter of luck.
 */
export default mergeConfig(
  suite,
  defineConfig({
    test: {
      exclude: [
        ...configDefaults.exclude,
        'test/tariffs/{properties,power-properties,properties-tiers,year-of-months,host-zone,plan-schema,plan-store}.test.ts',
        'test/!(units|tariffs)/**',
        'test/*.test.ts',
      ],
    },
  }),
);
