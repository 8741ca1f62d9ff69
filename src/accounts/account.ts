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
}

export type NewAccount = Omit<Account, 'id' | 'createdAt'>;
