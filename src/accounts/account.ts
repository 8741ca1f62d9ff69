import type { Day } from '../units/time.ts';

/** Who is billed. Addresses are lines separated by "\n". */
export interface Account {
  id: number;
  number: string;
  name: string;
  businessNumber: string;
  email: string;
  phone: string;
  postalAddress: string;
  createdAt: number;
  /** Counts changes, from 1. */
  version: number;
}

export type NewAccount = Omit<Account, 'id' | 'createdAt' | 'version'>;

/** What may be changed; the number is on papers and stays. */
export type AccountFacts = Omit<NewAccount, 'number'>;

/** A closing, or the opening again that undoes it; the last one is in force. */
export interface AccountClosing {
  /** The first day on which nothing is supplied any more; undefined: it is open again. */
  closedFrom: Day | undefined;
  /** The supplies it ended, with the days up to which they would have gone on. */
  ended: { id: number; to: Day | undefined }[];
}
