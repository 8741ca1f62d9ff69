import type { Series } from '../accounts/meter-point.ts';
import { flowOfMap } from '../accounts/register-map.ts';
import { isMpan } from '../units/identifiers.ts';
import { type Day, formatWallClock, type Instant, instantOfWallClock, type Zone } from '../units/time.ts';
import { type ExportedPoint, unfit } from './export-format.ts';

/** What flows of the British catalogue have in common when they are written (D10-1, D10-2). */

const london = 'Europe/London' as Zone;

/** The clock of London, undefined where it does not lead back to the instant: in October's second hour, and one second before midnight. */
export function londonStamp(at: Instant): string | undefined {
  const wall = formatWallClock(at, london);
  const [hour, minute, second] = wall.slice(11).split(':').map(Number) as [number, number, number];
  const back = instantOfWallClock(wall.slice(0, 10) as Day, hour, minute, second, london);
  return back === at && !wall.endsWith('23:59:59') ? wall.replaceAll(/[-T:]/g, '') : undefined;
}

export function uffFileName(flow: string, createdAt: Instant): string {
  return `${flow}_${londonStamp(createdAt) ?? createdAt}.uff`;
}

/** Throws 'export-unfit' where a register has no name in such a flow. */
export function checkNames(flow: string, point: ExportedPoint, series: Series): void {
  const { identifier } = point.meterPoint;
  const { code, serial } = series;
  const says =
    (!isMpan(identifier) && `${identifier} is no MPAN`) ||
    (!isField(serial) && 'the register has no meter that can be named') ||
    (!isField(code) && `the register id "${code}"`);
  if (says) throw unfit(flow, point, series, says);
}

/** A register counts energy from the grid, unless its map says otherwise: then D0150 does, too. */
export function checkFlow(name: string, point: ExportedPoint, series: Series): void {
  const { flow, unit } = flowOfMap(series.map ?? []) ?? { flow: 'from-grid', unit: 'kWh' };
  if (series.unit !== unit) throw unfit(name, point, series, `the unit "${series.unit}"`);
  if (series.flow !== flow) throw unfit(name, point, series, `the flow ${series.flow}, which no register map tells,`);
}

function isField(text: string): boolean {
  return text !== '' && text.trim() === text && !/[|\r\n]/.test(text);
}

/** ZHV … ZPT after ZHV … ZPT, one for each version, because the wrapper's time is what a record's version is. */
export class Wrappers {
  /** With its version: "D0010002". */
  readonly #flow: string;
  #number = 0;
  #version: string | undefined;
  #groups = 0;
  #flows = 0;
  /** The groups that are open, the first level first. */
  #open: string[] = [];

  constructor(flow: string) {
    this.#flow = flow;
  }

  /** The lines a record needs: its own, and those of the groups above it that are not open yet. */
  add(version: string, groups: string[]): string {
    let text = '';
    if (version !== this.#version) text += `${this.close()}${this.#begin(version)}`;
    const known = groups.findIndex((group, level) => group !== this.#open[level] || level === groups.length - 1);
    for (let level = known; level < groups.length; level++) {
      if (level === 0) this.#flows += 1;
      this.#groups += 1;
      text += `${groups[level]}\r\n`;
    }
    this.#open = groups;
    return text;
  }

  close(): string {
    if (this.#version === undefined) return '';
    const trailer = `ZPT|${this.#fileId}|${this.#groups}||${this.#flows}|${this.#version}|\r\n`;
    this.#version = undefined;
    return trailer;
  }

  #begin(version: string): string {
    this.#number += 1;
    [this.#version, this.#groups, this.#flows, this.#open] = [version, 0, 0, []];
    return `ZHV|${this.#fileId}|${this.#flow}|D|WLGR|X|WLGR|${version}||||OPER|\r\n`;
  }

  get #fileId(): string {
    return String(this.#number).padStart(10, '0');
  }
}
