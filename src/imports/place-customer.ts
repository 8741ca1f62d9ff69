import type { Instant, Zone } from '../units/time.ts';
import type { CustomerRecord } from './format.ts';
import type { ImportBooks } from './import-books.ts';

export interface PlaceCustomerDeps extends Pick<ImportBooks, 'accounts' | 'meterPoints'> {
  zone: Zone;
}

export type CustomerOutcome = 'new' | 'identical' | 'conflicting';

/**
 * Registers a customer with the meter: what is not there is added, what is there with another name or address is left as it is. The
 * meter's id is all the list names, so it is the number of the account as well.
 */
export function placeCustomer(
  { accounts, meterPoints, zone }: PlaceCustomerDeps,
  { name, address, meterPoint: identifier }: CustomerRecord,
  now: Instant,
  created: string[],
): CustomerOutcome {
  const account = accounts.find(identifier);
  if (account) return account.name === name && account.postalAddress === address ? 'identical' : 'conflicting';
  accounts.add({ number: identifier, name, businessNumber: '', email: '', phone: '', postalAddress: address }, now);
  if (!meterPoints.find(identifier)) {
    meterPoints.add({ identifier, address, zone, origin: 'import' }, now);
    created.push(identifier);
  }
  return 'new';
}
