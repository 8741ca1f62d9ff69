import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

// Sparse: it takes what is written to it, and a fast machine writes much in fifty cuts.
const megabytes = 8000;

/** An XFS file system in a file, mounted, whose power can be cut: what was not synced is gone, as with a real plug. */
export class LoopDisk {
  readonly folder: string;
  readonly #image: string;
  readonly #place: string;

  constructor() {
    this.#place = mkdtempSync(join(tmpdir(), 'wattledger-disk-'));
    this.#image = join(this.#place, 'image');
    this.folder = join(this.#place, 'mounted');
    mkdirSync(this.folder);
    writeFileSync(this.#image, '');
    truncateSync(this.#image, megabytes * 1024 * 1024);
    run('mkfs.xfs', '-q', this.#image);
    this.#mount();
  }

  /**
   * Cuts the power and puts it back. Whoever writes must be dead by now: a sync that is under way while the log is torn down can
   * still report success, which looks like a loss and is none.
   */
  cutPower(): void {
    run('xfs_io', '-x', '-c', 'shutdown', this.folder);
    this.#unmount();
    this.#mount();
  }

  remove(): void {
    this.#unmount();
    rmSync(this.#place, { recursive: true, force: true });
  }

  #mount(): void {
    run('mount', '-o', 'loop', this.#image, this.folder);
  }

  #unmount(): void {
    run('umount', this.folder);
  }
}

/** What is missing for one, '' when nothing is. */
export function missingForLoopDisk(): string {
  if (process.getuid?.() !== 0) return 'root';
  for (const program of ['mkfs.xfs', 'xfs_io', 'mount']) {
    if (spawnSync('which', [program]).status !== 0) return program;
  }
  try {
    new LoopDisk().remove();
    return '';
  } catch (error) {
    return `a loop device that can be mounted (${error instanceof Error ? error.message.split('\n')[0] : error})`;
  }
}

function run(program: string, ...words: string[]): void {
  execFileSync(program, words, { stdio: ['ignore', 'pipe', 'pipe'] });
}
