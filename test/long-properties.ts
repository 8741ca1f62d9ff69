import type { IRawProperty, Parameters } from 'fast-check';
import { vi } from 'vitest';

const interruptAfterTimeLimit = Number(process.env.PROPERTY_SECONDS) * 1000;

/** Loaded before every test file of `npm run properties`: each property is drawn for so many seconds, not so many times. */
vi.mock('fast-check', async original => {
  const { default: real } = await original<typeof import('fast-check')>();
  const assert = (<Ts>(property: IRawProperty<Ts>, settings?: Parameters<Ts>) =>
    real.assert(property, { ...settings, numRuns: 1e9, interruptAfterTimeLimit })) as typeof real.assert;
  return { ...real, assert, default: { ...real, assert } };
});
