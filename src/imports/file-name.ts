const charactersMax = 150;

/**
 * The name of a file as it is kept and shown: its last step, without what a terminal, a log or a page would obey (control characters,
 * marks that turn the direction of writing). Never used to open anything.
 */
export function fileNameOf(sent: string): string {
  const last = sent.split(/[/\\]/).at(-1)!;
  const shown = last
    .replace(/[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/gu, '_')
    .trim()
    .slice(0, charactersMax);
  return shown === '' || shown === '.' || shown === '..' ? 'unnamed' : shown;
}
