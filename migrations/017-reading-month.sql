-- Months that are over, packed: one block per series and UTC month, in place of its day blocks. A row of reading_day for a day of such a
-- month is newer and stands in front; the next compaction takes it in. id = month × 2^32 + series_id, the month counted from January
-- 1970: by month first, so that a month is added at the end and fills its pages.
CREATE TABLE reading_month (
  id INTEGER PRIMARY KEY,
  count INTEGER NOT NULL,
  -- Days with a reading: bit 0 is the first of the month.
  days INTEGER NOT NULL,
  block BLOB NOT NULL
) STRICT;

-- What is in a month's block, by quality. id = reading_month.id × 8 + the quality's code, in the order of readings/reading.ts.
CREATE TABLE reading_month_total (
  id INTEGER PRIMARY KEY,
  count INTEGER NOT NULL,
  -- micro-kWh of a channel's intervals; NULL for a register, whose values are no amounts, and for a sum that no double holds exactly.
  energy INTEGER
) STRICT;
