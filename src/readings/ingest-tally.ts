/** Verdicts since the process started: counted instead of logged, because a log line costs more than a reading. */
export class IngestTally {
  accepted = 0;
  duplicate = 0;
  conflict = 0;
  quarantined = 0;
  rejected = 0;
}
