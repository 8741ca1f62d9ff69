/** As the import tells it: bytes of one of its two stages. */
export interface Progress {
  stage: 'reading' | 'taking';
  done: number;
  total: number;
  secondsLeft?: number;
}

const barWidth = 24;

/** A line on a terminal's stderr that is drawn over; nothing where there is no terminal. */
export function progressBar(name: string, interactive: boolean): { show(progress: Progress): void; clear(): void } {
  if (!interactive) return { show: () => undefined, clear: () => undefined };
  return {
    show: progress => void process.stderr.write(`\r\x1b[K${lineOf(name, progress)}`),
    clear: () => void process.stderr.write('\r\x1b[K'),
  };
}

/** The bar as a line without its end; control characters of the name do nothing to the terminal. */
export function lineOf(name: string, { stage, done, total, secondsLeft }: Progress): string {
  const share = total > 0 ? Math.min(1, done / total) : 0;
  const full = Math.round(share * barWidth);
  const left = secondsLeft === undefined ? '' : `, ${secondsLeft} s left`;
  const bar = '█'.repeat(full) + '░'.repeat(barWidth - full);
  return `${name.replace(/\p{Cc}/gu, '·')}  ${bar}  ${stage === 'reading' ? 'checking' : 'taking in'} ${Math.round(share * 100)} %${left}`;
}
