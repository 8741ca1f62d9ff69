-- The suffixes that a sender says a meter point has (NMIConfiguration, "E1B1Q1"), as the last file said: those without a reading are gaps.
CREATE TABLE meter_point_configuration (
  meter_point_id INTEGER PRIMARY KEY REFERENCES meter_point (id),
  suffixes TEXT NOT NULL
) STRICT;
