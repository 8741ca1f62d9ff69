import type { IRawProperty, Parameters } from 'fast-check';
import { vi } from 'vitest';

const times = Number(process.env.PROPERTY_TIMES);

/** Loaded before every test file of `npm run properties`: each property is drawn as often as that many runs of the suite draw it. */
vi.mock('fast-check', async original => {
  const { default: real } = await original<typeof import('fast-check')>();
  const numRunsOf = (numRuns = 100) => numRuns * times;
  const assert = (<Ts>(property: IRawProperty<Ts>, settings?: Parameters<Ts>) =>
    real.assert(property, { ...settings, numRuns: numRunsOf(settings?.numRuns) })) as typeof real.assert;
  return { ...real, assert, default: { ...real, assert } };
});
