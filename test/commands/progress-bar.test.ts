import { expect, it } from 'vitest';
import { lineOf } from '../../src/commands/progress-bar.ts';

it.each([
  [{ stage: 'reading', done: 0, total: 0 }, '░'.repeat(24), 'checking 0 %'],
  [
    { stage: 'reading', done: 50, total: 100, secondsLeft: 3 },
    `${'█'.repeat(12)}${'░'.repeat(12)}`,
    'checking 50 %, 3 s left',
  ],
  [{ stage: 'taking', done: 100, total: 100 }, '█'.repeat(24), 'taking in 100 %'],
] as const)('a file that is %j is drawn as a bar', (progress, bar, words) => {
  expect(lineOf('a\x1b[2J.csv', progress)).toBe(`a·[2J.csv  ${bar}  ${words}`);
});
