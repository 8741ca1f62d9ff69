-- What the contract of a supply says besides its plan: prices of its own, loss factors, concessions, estimates. A change is a new
-- record; on each day the latest record whose days hold it is in force.
CREATE TABLE supply_terms (
  id INTEGER PRIMARY KEY,
  supply_id INTEGER NOT NULL REFERENCES supply (id),
  -- Local days at the meter point, half-open.
  from_day TEXT NOT NULL,
  to_day TEXT,
  document TEXT NOT NULL CHECK (json_valid(document)),
  recorded_at INTEGER NOT NULL,
  CHECK (to_day IS NULL OR to_day > from_day)
) STRICT;
CREATE INDEX supply_terms_supply ON supply_terms (supply_id);
CREATE TRIGGER supply_terms_update BEFORE UPDATE ON supply_terms
BEGIN SELECT RAISE(ABORT, 'billing: terms of a supply are never edited: record new ones'); END;
CREATE TRIGGER supply_terms_delete BEFORE DELETE ON supply_terms
BEGIN SELECT RAISE(ABORT, 'billing: terms of a supply are never deleted'); END;

-- Fees for an event: a reminder, a special reading. Charged by the bill that has the day, at the plan's amount.
CREATE TABLE fee_due (
  id INTEGER PRIMARY KEY,
  supply_id INTEGER NOT NULL REFERENCES supply (id),
  code TEXT NOT NULL,
  due_on TEXT NOT NULL,
  reason TEXT NOT NULL,
  recorded_at INTEGER NOT NULL
) STRICT;
CREATE INDEX fee_due_supply ON fee_due (supply_id, due_on);
CREATE TRIGGER fee_due_update BEFORE UPDATE ON fee_due BEGIN SELECT RAISE(ABORT, 'billing: a fee that fell due is never edited'); END;
CREATE TRIGGER fee_due_delete BEFORE DELETE ON fee_due BEGIN SELECT RAISE(ABORT, 'billing: a fee that fell due is never deleted'); END;

-- Lists a plan names: public holidays, coincident peaks. The last one of a kind and name is in force.
CREATE TABLE named_days (
  id INTEGER PRIMARY KEY,
  kind TEXT NOT NULL CHECK (kind IN ('holidays', 'events')),
  name TEXT NOT NULL,
  document TEXT NOT NULL CHECK (json_valid(document)),
  recorded_at INTEGER NOT NULL
) STRICT;
CREATE TRIGGER named_days_update BEFORE UPDATE ON named_days BEGIN SELECT RAISE(ABORT, 'tariffs: a list is never edited: record a new one'); END;
CREATE TRIGGER named_days_delete BEFORE DELETE ON named_days BEGIN SELECT RAISE(ABORT, 'tariffs: a list is never deleted'); END;

-- What later bills are told of issued ones, written when they are issued: readings that change afterwards do not change it.
-- Quantities are millionths of kW or kVA and of kWh; days are those of the issued charges.
CREATE TABLE billed_peak (
  invoice_id INTEGER NOT NULL REFERENCES invoice (id),
  supply_id INTEGER NOT NULL REFERENCES supply (id),
  from_day TEXT NOT NULL,
  to_day TEXT NOT NULL CHECK (to_day > from_day),
  code TEXT NOT NULL,
  month TEXT NOT NULL,
  quantity INTEGER NOT NULL,
  PRIMARY KEY (supply_id, from_day, code, month)
) STRICT, WITHOUT ROWID;
CREATE TABLE billed_energy (
  invoice_id INTEGER NOT NULL REFERENCES invoice (id),
  supply_id INTEGER NOT NULL REFERENCES supply (id),
  from_day TEXT NOT NULL,
  to_day TEXT NOT NULL CHECK (to_day > from_day),
  code TEXT NOT NULL,
  quantity INTEGER NOT NULL,
  PRIMARY KEY (supply_id, from_day, code)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER billed_peak_update BEFORE UPDATE ON billed_peak BEGIN SELECT RAISE(ABORT, 'billing: what was billed is never edited'); END;
CREATE TRIGGER billed_peak_delete BEFORE DELETE ON billed_peak BEGIN SELECT RAISE(ABORT, 'billing: what was billed is never edited'); END;
CREATE TRIGGER billed_energy_update BEFORE UPDATE ON billed_energy BEGIN SELECT RAISE(ABORT, 'billing: what was billed is never edited'); END;
CREATE TRIGGER billed_energy_delete BEFORE DELETE ON billed_energy BEGIN SELECT RAISE(ABORT, 'billing: what was billed is never edited'); END;

-- Discounts that stand beside an issued invoice, and those that were earned: each is credited once, by a later invoice.
CREATE TABLE promised_discount (
  id INTEGER PRIMARY KEY,
  invoice_id INTEGER NOT NULL REFERENCES invoice (id),
  code TEXT NOT NULL,
  category TEXT NOT NULL,
  description TEXT NOT NULL,
  -- What it takes off, tax included: below zero. `parts` are its shares by tax, as JSON.
  amount_cents INTEGER NOT NULL,
  parts TEXT NOT NULL CHECK (json_valid(parts)),
  UNIQUE (invoice_id, code)
) STRICT;
CREATE TABLE granted_discount (
  promised_discount_id INTEGER PRIMARY KEY REFERENCES promised_discount (id),
  invoice_id INTEGER NOT NULL REFERENCES invoice (id)
) STRICT;
CREATE TRIGGER promised_discount_update BEFORE UPDATE ON promised_discount BEGIN SELECT RAISE(ABORT, 'billing: a promise on an issued invoice is never edited'); END;
CREATE TRIGGER promised_discount_delete BEFORE DELETE ON promised_discount BEGIN SELECT RAISE(ABORT, 'billing: a promise on an issued invoice is never edited'); END;
CREATE TRIGGER granted_discount_update BEFORE UPDATE ON granted_discount BEGIN SELECT RAISE(ABORT, 'billing: a discount is granted once'); END;
CREATE TRIGGER granted_discount_delete BEFORE DELETE ON granted_discount BEGIN SELECT RAISE(ABORT, 'billing: a discount is granted once'); END;

-- What issuing a draft writes beside the invoice: JSON of DraftFacts.
ALTER TABLE invoice_draft ADD COLUMN facts TEXT NOT NULL DEFAULT '{"supplies":[],"promised":[],"granted":[]}';
