import type { ConflictDecision, DecidedReading, ReadingRun, Withdrawal } from './decided-reading.ts';
import type { QuarantinedReading } from './quarantined-reading.ts';
import type { ReadingFlag } from './reading-flag-store.ts';

/** What the readings of a wave have in common; `quality` is a code of reading.ts. */
export interface Wave {
  at: number;
  minutes: number;
  quality: number;
  source: number;
  receivedAt: number;
}

/** A reading that was accepted, in numbers: one object for all of them. */
export class AcceptedRecord {
  seriesId = 0;
  at = 0;
  value = 0;
  minutes = 0;
  /** A code of reading.ts. */
  quality = 0;
  source = 0;
  line = 0;
  versionAt = 0;
  receivedAt = 0;
}

/**
 * Told of what a group of the journal holds, in order. What was decided stands there a line each: write-records.ts writes them,
 * read-records.ts reads them. Numbers are whole, instants epoch seconds, values micro-kWh (n: missing).
 *
 *   v SERIES AT VALUE MINUTES QUALITY SOURCE LINE VERSION RECEIVED OUTCOME
 *   r SERIES START MINUTES SOURCE LINE LINE-STEP VERSION RECEIVED QUALITIES EXPONENT VALUE VALUE …
 *   m AT MINUTES QUALITY SOURCE RECEIVED EXPONENT SERIES VALUE SERIES VALUE …
 *   w SERIES FROM TO WITHDRAWN UNDONE-COUNT UNDONE … REWOUND-COUNT REWOUND …
 *   c SERIES AT VALUE MINUTES QUALITY SOURCE LINE VERSION RECEIVED DECIDED TAKES
 *   f SERIES AT VALUE RULE FLAGGED
 *   q NUMBER RECEIVED SOURCE LINE RULE-NAME JSON
 *
 * v is one reading. r is a run of intervals that were all accepted: QUALITIES is one code, or CODExCOUNT with commas between, and each
 * value is to be multiplied by 10 to the EXPONENT. m is a wave: what many series sent for one instant, all accepted, with neither line nor
 * version. w takes back what sources said in a part of a series; c is what somebody decided about a conflict, TAKES 1 for the reading
 * named, 0 for the one that is current. f is what a rule noted at a reading, by its place in rules.ts `flagRules`; q is a reading that
 * was put aside. QUALITY and OUTCOME are places in the lists of reading.ts and decided-reading.ts.
 *
 * Each of those files names the characters it needs itself: an imported constant is loaded anew for every byte, which is up to a tenth of
 * what a number costs.
 */
export interface RecordReader {
  reading(decided: DecidedReading): void;
  /** Instead of `reading` for nearly all that were accepted; what it is handed is another one's when it returns. */
  accepted?(record: AcceptedRecord): void;
  run(run: ReadingRun, receivedAt: number): void;
  withdrawal(withdrawal: Withdrawal): void;
  decision(decision: ConflictDecision): void;
  flag(flag: ReadingFlag): void;
  quarantined(quarantined: QuarantinedReading): void;
}
