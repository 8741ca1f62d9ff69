-- Who is billed, where supply is measured, and what the meter there counts.
CREATE TABLE account (
  id INTEGER PRIMARY KEY,
  number TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  business_number TEXT NOT NULL DEFAULT '',
  email TEXT NOT NULL DEFAULT '',
  phone TEXT NOT NULL DEFAULT '',
  postal_address TEXT NOT NULL DEFAULT '',
  created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE meter_point (
  id INTEGER PRIMARY KEY,
  identifier TEXT NOT NULL UNIQUE,
  address TEXT NOT NULL DEFAULT '',
  zone TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  -- How we met it: 'registered' by a person or an integrator, 'import' when a file named it first.
  origin TEXT NOT NULL CHECK (origin IN ('registered', 'import'))
) STRICT;

CREATE TABLE meter (
  id INTEGER PRIMARY KEY,
  meter_point_id INTEGER NOT NULL REFERENCES meter_point (id),
  serial TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  UNIQUE (meter_point_id, serial)
) STRICT;

-- A series is what a reading belongs to: a register (a counter, its value) or a channel (interval energies).
CREATE TABLE series (
  id INTEGER PRIMARY KEY,
  meter_point_id INTEGER NOT NULL REFERENCES meter_point (id),
  -- A register belongs to a meter when the source names one (D0010); a channel outlives its meters (N12-31).
  meter_id INTEGER REFERENCES meter (id),
  kind TEXT NOT NULL CHECK (kind IN ('register', 'channel')),
  code TEXT NOT NULL,
  flow TEXT NOT NULL CHECK (flow IN ('from-grid', 'to-grid', 'from-solar', 'none')),
  unit TEXT NOT NULL DEFAULT 'kWh',
  interval_minutes INTEGER NOT NULL DEFAULT 30,
  created_at INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX series_identity ON series (meter_point_id, kind, code, ifnull(meter_id, 0));

-- Which account pays for which meter point, on which plan, from and to (local days at the meter point, half-open).
CREATE TABLE supply (
  id INTEGER PRIMARY KEY,
  account_id INTEGER NOT NULL REFERENCES account (id),
  meter_point_id INTEGER NOT NULL REFERENCES meter_point (id),
  plan_code TEXT NOT NULL,
  from_day TEXT NOT NULL,
  to_day TEXT,
  created_at INTEGER NOT NULL,
  CHECK (to_day IS NULL OR to_day > from_day)
) STRICT;
CREATE INDEX supply_account ON supply (account_id);
CREATE INDEX supply_meter_point ON supply (meter_point_id, from_day);
