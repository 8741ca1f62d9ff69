// The index of meter_search is made of pieces of three characters: a shorter part cannot be looked up in it.
const indexedMin = 3;

/** A condition on a column of meter ids: those whose meter point or serial contains `search`, whatever its case. Bind what `searched` gives. */
export function meterSearch(column: string, search: string): string {
  return [...search].length >= indexedMin
    ? `${column} IN (SELECT rowid FROM meter_search WHERE words MATCH @phrase)`
    : `${column} IN (SELECT meter.id FROM meter JOIN meter_point ON meter_point.id = meter_point_id
         WHERE instr(lower(identifier || ' ' || serial), lower(@search)) > 0)`;
}

/** As one phrase, so that nothing in it is an operator. */
export function searched(search: string): { search: string; phrase: string } {
  return { search, phrase: `"${search.replaceAll('"', '""')}"` };
}
