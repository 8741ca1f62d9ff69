/** A message that must leave the house. `reference` names what to render, "invoice:2026-000123". Instants are UTC epoch seconds. */
export interface OutboxMessage {
  id: number;
  kind: 'mail';
  reference: string;
  recipientName: string;
  recipientAddress: string;
  createdAt: number;
  /** How often sending was begun, the attempt under way included. */
  attempts: number;
  nextAttemptAt: number;
  sentAt: number | undefined;
  failedAt: number | undefined;
  lastError: string;
}

export type NewOutboxMessage = Pick<OutboxMessage, 'kind' | 'reference' | 'recipientName' | 'recipientAddress'>;

const minute = 60;
const hour = 60 * minute;
// A mail server that greylists wants minutes, one that is down wants hours; after that a person must look.
const retryDelaysSeconds = [minute, 5 * minute, 30 * minute, 2 * hour, 12 * hour];

/** Seconds to wait after attempt `attempts` (1 is the first) went wrong; undefined when it was the last. */
export function retryDelaySeconds(attempts: number): number | undefined {
  return retryDelaysSeconds[attempts - 1];
}
