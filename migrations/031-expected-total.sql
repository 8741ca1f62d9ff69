-- What whoever handed in a file expects of it; NULL when nothing was said. Energy in micro-kWh.
ALTER TABLE import_run ADD COLUMN expected_energy INTEGER;
ALTER TABLE import_run ADD COLUMN expected_readings INTEGER;
