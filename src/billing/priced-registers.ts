import type { Flow } from '../accounts/meter-point.ts';
import type { SeriesEnergy } from '../consumption/consumption.ts';
import type { IntervalSeries } from '../consumption/interval-series.ts';
import { assert } from '../kernel/assert.ts';
import { Refusal } from '../kernel/errors.ts';
import { isEstimate, qualities } from '../readings/reading.ts';
import { formatUtc } from '../units/time.ts';
import { asEnergy, isActiveEnergy } from './energy-units.ts';

/** The register name by which a plan asks for all energy of a flow. */
const registerOfFlow: Record<Exclude<Flow, 'none'>, string> = {
  'from-grid': 'IMPORT',
  'to-grid': 'EXPORT',
  'from-solar': 'SOLAR',
};

/**
 * What a plan's registers mean at this meter point. A register the plan names by its suffix ("E2", a controlled load) is itself and is
 * left out of the flow's total, or the same energy would be billed twice. `named` are the registers the plan asks for, `aliases` what
 * the contract says they are called here: { CONTROLLED_LOAD: "E2" }. Series of no flow, such as reactive
 * energy, count only by name; those of a power are made energy (see energy-units.ts). Throws 'intervals-misaligned'.
 */
export function pricedRegisters(
  energies: SeriesEnergy[],
  named: string[],
  aliases: RegisterAliases = {},
): Map<string, IntervalSeries> {
  const groups = new Map<string, SeriesEnergy[]>();
  for (const energy of energies) {
    const register = registerOf(energy, named, aliases);
    if (register === undefined) continue;
    refuseStraddling(energy);
    groups.set(register, [...(groups.get(register) ?? []), energy]);
  }
  return new Map([...groups].map(([register, group]) => [register, sum(metersInTurn(group))]));
}

/** Its energy counts where it begins, or is spread: nobody knows which part of it is of the day, or of the window, that begins within. */
function refuseStraddling({ series, energy, straddles }: SeriesEnergy): void {
  if (straddles === undefined) return;
  const minutes = energy.stepSeconds / 60;
  throw new Refusal(
    'intervals-misaligned',
    `the interval of ${series.code} from ${formatUtc(straddles)} is none of ${minutes} minutes, counted from midnight at the meter point`,
  );
}

/** The plan's names for registers of the meter point, by the plan's name. */
export type RegisterAliases = Record<string, string>;

/** The plan's name for a series; undefined when the plan has nothing to say of it. */
export function registerOf(energy: SeriesEnergy, named: string[], aliases: RegisterAliases): string | undefined {
  const { code, flow } = energy.series;
  const alias = named.find(name => aliases[name] === code);
  if (alias !== undefined) return alias;
  if (named.includes(code) && aliases[code] === undefined) return code;
  return flow === 'none' || !isActiveEnergy(energy) ? undefined : registerOfFlow[flow];
}

/**
 * The series with the holes of their register filled as it was priced. Where a register adds several series up, nobody can say whose the
 * estimated energy is: they stay as they were read.
 */
export function withEstimates(
  energies: SeriesEnergy[],
  filled: Map<string, IntervalSeries>,
  named: string[],
  aliases: RegisterAliases,
): SeriesEnergy[] {
  const names = energies.map(each => registerOf(each, named, aliases));
  return energies.map((each, at) => {
    const name = names[at];
    const priced = name === undefined ? undefined : filled.get(name);
    const isAlone = names.filter(other => other === name).length === 1;
    // What was filled is energy, and does not fit a series of powers.
    return priced && isAlone && asEnergy(each) === each.energy
      ? { ...each, energy: filledFrom(each.energy, priced) }
      : each;
  });
}

function filledFrom(series: IntervalSeries, priced: IntervalSeries): IntervalSeries {
  if (priced.stepSeconds !== series.stepSeconds) return series;
  const [energy, quality] = [series.energy.slice(), series.quality.slice()];
  const ahead = (series.from - priced.from) / series.stepSeconds;
  energy.forEach((value, slot) => {
    const known = priced.energy[slot + ahead];
    if (!Number.isNaN(value) || known === undefined || Number.isNaN(known)) return;
    energy[slot] = known;
    quality[slot] = priced.quality[slot + ahead]!;
  });
  return { ...series, energy, quality };
}

/** A register keeps its code when the meter is exchanged: the meters follow each other and are one series. */
function metersInTurn(group: SeriesEnergy[]): IntervalSeries[] {
  const byCode = new Map<string, IntervalSeries[]>();
  for (const each of group) byCode.set(each.series.code, [...(byCode.get(each.series.code) ?? []), asEnergy(each)]);
  return [...byCode.values()].map(meters => combine(meters, 'one-suffices'));
}

function sum(parts: IntervalSeries[]): IntervalSeries {
  return combine(parts, 'all-needed');
}

/** Adds slot by slot. A slot without a value in one part has no sum, unless one part suffices. The worst quality stands. */
function combine(parts: IntervalSeries[], missing: 'one-suffices' | 'all-needed'): IntervalSeries {
  const [first, ...others] = atCommonStep(parts);
  assert(first, 'a register exists because some series has it');
  if (others.length === 0) return first;
  const total = { ...first, energy: first.energy.slice(), quality: first.quality.slice() };
  for (const other of others) {
    for (let slot = 0; slot < total.energy.length; slot++) {
      const [mine, theirs] = [total.energy[slot]!, other.energy[slot] ?? Number.NaN];
      if (missing === 'one-suffices' && Number.isNaN(theirs)) continue;
      const takeTheirs = missing === 'one-suffices' && Number.isNaN(mine);
      total.energy[slot] = takeTheirs ? theirs : mine + theirs;
      if (takeTheirs || isWorse(other.quality[slot]!, total.quality[slot]!)) total.quality[slot] = other.quality[slot]!;
    }
  }
  return total;
}

function isWorse(quality: number, than: number): boolean {
  const rank = (code: number) => {
    const name = qualities[code]!;
    return name === 'missing' ? 2 : isEstimate(name) ? 1 : 0;
  };
  return rank(quality) > rank(than);
}

/** Finer series are added up to the coarsest one's step, for 5-minute and 30-minute channels can stand at one meter point. */
function atCommonStep(parts: IntervalSeries[]): IntervalSeries[] {
  const stepSeconds = Math.max(...parts.map(part => part.stepSeconds));
  return parts.map(part => (part.stepSeconds === stepSeconds ? part : coarser(part, stepSeconds)));
}

function coarser(series: IntervalSeries, stepSeconds: number): IntervalSeries {
  const ratio = stepSeconds / series.stepSeconds;
  if (!Number.isInteger(ratio))
    throw new Refusal(
      'intervals-misaligned',
      `two channels of one register measure ${series.stepSeconds / 60} and ${stepSeconds / 60} minutes, and these do not fit into each other`,
    );
  const count = Math.ceil(series.energy.length / ratio);
  const energy = new Float64Array(count);
  const quality = new Uint8Array(count);
  for (let slot = 0; slot < count; slot++) {
    quality[slot] = series.quality[slot * ratio]!;
    for (let part = slot * ratio; part < (slot + 1) * ratio; part++) {
      energy[slot]! += series.energy[part] ?? Number.NaN;
      if (isWorse(series.quality[part] ?? 0, quality[slot]!)) quality[slot] = series.quality[part]!;
    }
  }
  return { from: series.from, stepSeconds, energy, quality };
}
