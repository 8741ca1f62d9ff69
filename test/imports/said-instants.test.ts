import fc from 'fast-check';
import { expect, it } from 'vitest';
import { SaidInstants } from '../../src/imports/said-instants.ts';
import type { Said } from '../../src/imports/said-spans.ts';

/** The readings of one register or channel, in any order, some of them taken back again. */
const events = fc.array(
  fc.record({
    at: fc.nat({ max: 40 }),
    quality: fc.constantFrom(0, 0, 0, 1),
    isBeside: fc.constantFrom(false, false, true),
    isRemoved: fc.constantFrom(false, false, false, true),
  }),
  { maxLength: 60 },
);

// More places than the columns have room for at first.
const place = 5000;

it.each([0, 1])('knows what was said of each instant, at steps of %s', step => {
  fc.assert(
    fc.property(events, all => {
      const said = new SaidInstants();
      const model = new Map<number, Said>();
      for (const { at, quality, isBeside, isRemoved } of all) {
        if (model.has(at)) {
          if (!isRemoved) continue;
          said.remove(place, at);
          model.delete(at);
          continue;
        }
        const span = { from: at, to: at, step, quality };
        said.put(place, isBeside ? { ...span, beside: [at * 7] } : span);
        model.set(at, isBeside ? { quality, beside: at * 7 } : { quality });
      }
      const instants = Array.from({ length: 42 }, (_, at) => at);
      expect(instants.map(at => said.find(place, at))).toEqual(instants.map(at => model.get(at)));
      const last = Math.max(-1, ...model.keys());
      expect([said.endsBy(place, last, true), said.endsBy(place, last + 1, true)]).toEqual([last === -1, true]);
      if (step === 1)
        expect(said.listOver(place, 10, 30)).toEqual(instants.filter(at => at >= 10 && at < 30 && model.has(at)));
      for (const [from, to] of [
        [3, 3],
        [5, 9],
        [0, 41],
      ] as const) {
        const isEmpty = !instants.some(at => at >= from && at <= to && model.has(at));
        // What is between two that are told at even steps may count as told.
        if (said.isFree(place, from, to)) expect(isEmpty).toBe(true);
        else if (step === 1) expect(isEmpty).toBe(false);
      }
    }),
  );
});
