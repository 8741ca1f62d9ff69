import type { Format } from '../format.ts';
import { d0010 } from './d0010.ts';
import { nem12 } from './nem12.ts';

/** Every format that can be imported; detection asks them in this order. */
export const formats: readonly Format[] = [nem12, d0010];
