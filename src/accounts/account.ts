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
