/** By which meters are compared and grouped: blanks within a serial number, of whatever kind, tell nothing apart (D10-16). */
export function meterKeyOf(serial: string): string {
  return serial.replaceAll(/\s/g, '');
}

/** Whether two serials mean one meter, whatever blanks they are written with. */
export function isSameMeter(serial: string, other: string): boolean {
  return serial === other || meterKeyOf(serial) === meterKeyOf(other);
}
