import { microKwh } from '../units/energy.ts';
import { instant } from '../units/time.ts';
import { outcomes } from './decided-reading.ts';
import { powersOfTen } from './decimal-exponent.ts';
import type { RecordReader } from './journal-record.ts';
import { readAccepted } from './read-accepted.ts';
import { qualities } from './reading.ts';
import { RecordCursor } from './record-cursor.ts';
import { flagRules, isRuleName } from './rules.ts';

/** Every record of a group's body, or of its part from `from` up to `to`, where a record ends. */
export function readRecords(body: Buffer, reader: RecordReader, from = 0, to = body.length): void {
  const cursor = new RecordCursor(body, from);
  while (cursor.at < to) {
    if (reader.accepted) {
      cursor.at = readAccepted(body, cursor.at, to, reader.accepted);
      if (cursor.at >= to) break;
    }
    const letter = cursor.letter();
    if (letter === letterV) readReading(cursor, reader);
    else if (letter === letterR) readRun(cursor, reader);
    else if (letter === letterM) readWave(cursor, reader);
    else if (letter === letterW) readWithdrawal(cursor, reader);
    else if (letter === letterC) readDecision(cursor, reader);
    else if (letter === letterF) readFlag(cursor, reader);
    else if (letter === letterQ) readQuarantined(cursor, reader);
    else cursor.fail();
  }
}

const letterV = 118;
const letterR = 114;
const letterM = 109;
const letterW = 119;
const letterC = 99;
const letterF = 102;
const letterQ = 113;

function readReading(cursor: RecordCursor, reader: RecordReader): void {
  const seriesId = cursor.number();
  const at = instant(cursor.number());
  const value = microKwh(cursor.value());
  const minutes = cursor.number();
  const quality = qualities[cursor.number()];
  const source = cursor.number();
  const line = cursor.number();
  const versionAt = cursor.number();
  const receivedAt = cursor.number();
  const outcome = outcomes[cursor.number()];
  cursor.endLine();
  if (!quality || !outcome) cursor.fail();
  reader.reading({
    seriesId,
    receivedAt,
    outcome,
    reading: { at, value, minutes, quality, source, line, versionAt },
  });
}

function readWave(cursor: RecordCursor, reader: RecordReader): void {
  const at = instant(cursor.number());
  const minutes = cursor.number();
  const quality = qualities[cursor.number()];
  const source = cursor.number();
  const receivedAt = cursor.number();
  const scale = powersOfTen[cursor.number()];
  if (!quality || scale === undefined) cursor.fail();
  while (!cursor.isAtLineEnd()) {
    const seriesId = cursor.number();
    const value = microKwh(cursor.number() * scale);
    const reading = { at, value, minutes, quality, source, line: 0, versionAt: 0 };
    reader.reading({ seriesId, receivedAt, outcome: 'accepted', reading });
  }
  cursor.endLine();
}

function readWithdrawal(cursor: RecordCursor, reader: RecordReader): void {
  const seriesId = cursor.number();
  const from = instant(cursor.number());
  const to = instant(cursor.number());
  const withdrawnAt = cursor.number();
  const undone = Array.from({ length: cursor.number() }, () => cursor.number());
  const rewound = Array.from({ length: cursor.number() }, () => cursor.number());
  cursor.endLine();
  reader.withdrawal({ seriesId, from, to, withdrawnAt, undone, rewound });
}

function readDecision(cursor: RecordCursor, reader: RecordReader): void {
  const seriesId = cursor.number();
  const at = instant(cursor.number());
  const value = microKwh(cursor.value());
  const minutes = cursor.number();
  const quality = qualities[cursor.number()];
  const [source, line, versionAt] = [cursor.number(), cursor.number(), cursor.number()];
  const [receivedAt, decidedAt, takes] = [cursor.number(), cursor.number(), cursor.number() === 1];
  cursor.endLine();
  if (!quality) cursor.fail();
  const reading = { at, value, minutes, quality, source, line, versionAt };
  reader.decision({ seriesId, reading, receivedAt, decidedAt, takes });
}

function readFlag(cursor: RecordCursor, reader: RecordReader): void {
  const seriesId = cursor.number();
  const at = instant(cursor.number());
  const value = microKwh(cursor.number());
  const rule = flagRules[cursor.number()];
  const flaggedAt = cursor.number();
  cursor.endLine();
  if (!rule) cursor.fail();
  reader.flag({ seriesId, at, value, rule, flaggedAt });
}

function readQuarantined(cursor: RecordCursor, reader: RecordReader): void {
  const [id, receivedAt, source, line] = [cursor.number(), cursor.number(), cursor.number(), cursor.number()];
  const rest = cursor.rest();
  const rule = rest.slice(0, rest.indexOf(' '));
  if (!isRuleName(rule)) cursor.fail();
  const item = JSON.parse(rest.slice(rule.length + 1));
  reader.quarantined({ id, receivedAt, source, line, rule, item });
}

// No line of a file has more intervals than a day has minutes; whoever writes a run cuts it there.
const scratch = new Float64Array(1440);

function readRun(cursor: RecordCursor, reader: RecordReader): void {
  const seriesId = cursor.number();
  const startsAt = instant(cursor.number());
  const minutes = cursor.number();
  const source = cursor.number();
  const line = cursor.number();
  const lineStep = cursor.number();
  const versionAt = cursor.number();
  const receivedAt = cursor.number();
  const parts = cursor.qualityParts();
  const scale = 10 ** cursor.number();
  let count = 0;
  let values = scratch;
  while (!cursor.isAtLineEnd()) {
    if (count === values.length) {
      const larger = new Float64Array(count * 2);
      larger.set(values);
      values = larger;
    }
    values[count++] = cursor.value() * scale;
  }
  cursor.endLine();
  const codes = new Uint8Array(count);
  let filled = 0;
  for (const { code, times } of parts) {
    if (!qualities[code]) cursor.fail();
    codes.fill(code, filled, filled + (times ?? count));
    filled += times ?? count;
  }
  if (filled !== count) cursor.fail();
  const run = { seriesId, startsAt, minutes, source, line, lineStep, versionAt };
  reader.run({ ...run, values: values.slice(0, count), qualities: codes }, receivedAt);
}
