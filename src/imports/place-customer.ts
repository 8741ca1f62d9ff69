import { type MeterPointFacts, noPremises } from '../accounts/meter-point.ts';
import type { Instant, Zone } from '../units/time.ts';
import type { CustomerRecord } from './format.ts';
import type { ImportBooks } from './import-books.ts';
import type { CreatedMeterPoints } from './import-report.ts';

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
  { name, address, premises, meterPoint: identifier }: CustomerRecord,
  now: Instant,
  created: CreatedMeterPoints,
): CustomerOutcome {
  const account = accounts.find(identifier);
  const meterPoint = meterPoints.find(identifier);
  if (account) {
    const same = account.name === name && account.postalAddress === address;
    return same && (!premises || !meterPoint || saysTheSame(meterPoint, premises)) ? 'identical' : 'conflicting';
  }
  accounts.add({ number: identifier, name, businessNumber: '', email: '', phone: '', postalAddress: address }, now);
  if (!meterPoint) {
    meterPoints.add({ identifier, address, ...premises, zone, origin: 'import' }, now);
    created.push(identifier);
  } else if (premises && saysTheSame(meterPoint, { ...noPremises, address: '' })) {
    // A reading or a file that came first knew of no place.
    meterPoints.change(meterPoint, premises);
  }
  return 'new';
}

function saysTheSame(known: MeterPointFacts, told: MeterPointFacts): boolean {
  return (
    known.address === told.address &&
    known.region === told.region &&
    known.subRegion === told.subRegion &&
    known.postcode === told.postcode &&
    known.dwellingType === told.dwellingType
  );
}
