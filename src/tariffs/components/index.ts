import type { Component } from '../component.ts';
import { coincident } from './coincident.ts';
import { demand } from './demand.ts';
import { energy } from './energy.ts';
import { fee } from './fee.ts';
import { feedIn } from './feed-in.ts';
import { greenPower } from './green-power.ts';
import { hoursUse } from './hours-use.ts';
import { passThrough } from './pass-through.ts';
import { supply } from './supply.ts';

/** Every way of charging there is. */
export const components: readonly Component[] = [
  energy,
  demand,
  hoursUse,
  coincident,
  passThrough,
  feedIn,
  supply,
  greenPower,
  fee,
];
