import type { Component } from '../component.ts';
import { energy } from './energy.ts';
import { feedIn } from './feed-in.ts';
import { supply } from './supply.ts';

/** Every way of charging there is. */
export const components: readonly Component[] = [energy, feedIn, supply];
