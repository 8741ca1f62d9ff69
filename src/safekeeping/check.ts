import { DamageFound } from '../kernel/errors.ts';

/** What one part of the verification found. */
export interface CheckResult {
  name: string;
  /** What was looked at, in numbers; '' when damage ended it. */
  checked: string;
  /** The first damage. */
  damage: { what: string; advice: string } | undefined;
}

/** Runs a check, which answers with what it looked at and throws DamageFound at the first damage. Any other error is damage too. */
export async function check(name: string, run: () => Promise<string> | string): Promise<CheckResult> {
  try {
    return { name, checked: await run(), damage: undefined };
  } catch (error) {
    if (error instanceof DamageFound)
      return { name, checked: '', damage: { what: error.message, advice: error.advice } };
    const what = error instanceof Error ? error.message : String(error);
    return { name, checked: '', damage: { what: `${name} cannot be checked: ${what}`, advice: restoreAdvice } };
  }
}

export const restoreAdvice = 'Stop the server, keep this home as it is, and restore the last backup that verifies.';
