import { showMoment } from '../http/format.ts';
import { type Instant, parseInstant, type Zone } from '../units/time.ts';

/** What the field "As known at" of a page holds (views/known-field.eta). */
export interface KnownAsked {
  /** As the form has it, on the clock of the site; '' is now. */
  known: string;
  /** undefined: as it is now. */
  knownAt: Instant | undefined;
  /** Why it cannot be answered. */
  problem: string | undefined;
}

/** `zone`: the clock of the site, on which pages show when something came. */
export function knownAsked(query: URLSearchParams, zone: Zone): KnownAsked {
  const known = (query.get('known') ?? '').trim().slice(0, 100);
  const knownAt = known === '' ? undefined : parseInstant(known, zone);
  return { known, knownAt, problem: known !== '' && knownAt === undefined ? `“${known}” is no time.` : undefined };
}

/** What views/known-notice.eta says above an answer of the past; nothing above one of now. `nowUrl`: the same question of now. */
export function knownNotice({ knownAt }: Pick<KnownAsked, 'knownAt'>, zone: Zone, nowUrl: string) {
  return knownAt === undefined ? {} : { knownAt: showMoment(knownAt, zone), nowUrl };
}
