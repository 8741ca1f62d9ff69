/** reading_day.id = series × daysMax + day, see migrations/003-readings.sql. */
export const daysMax = 131_072;
