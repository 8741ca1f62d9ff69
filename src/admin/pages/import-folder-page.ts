import { showMoment } from '../../http/format.ts';
import { href } from '../../http/href.ts';
import { instant, instantOfMs } from '../../units/time.ts';
import type { AdminPage } from '../page.ts';
import { runState } from '../run-state.ts';

const url = '/admin/imports/folder';
const recentMax = 5;

/** Files that wait in the watched folder, those that failed with their reports, and those that went through. */
export const importFolderPage: AdminPage = {
  url,
  title: 'Import from a folder',
  view: 'import-folder',
  parent: '/admin/imports',
  role: 'operator',
  load(_request, { imports, watchFolder, zone }) {
    const recent = imports.list({ limit: recentMax }).map(run => ({
      ...run,
      url: href('/admin/imports', [run.id]),
      when: showMoment(instant(run.startedAt), zone),
      shown: runState(run, run.counts),
    }));
    if (!watchFolder) return { folder: undefined, recent };
    const putAway = (outcome: 'processed' | 'failed') =>
      watchFolder
        .listPutAway(outcome)
        .map(file => ({ ...file, when: showMoment(instantOfMs(file.putAwayAtMs), zone) }));
    return {
      recent,
      folder: watchFolder.folder,
      waiting: watchFolder
        .listWaiting()
        .map(file => ({ ...file, url: file.run === undefined ? undefined : href('/admin/imports', [file.run]) })),
      failed: putAway('failed'),
      processed: putAway('processed'),
    };
  },
  actions: {
    look: {
      role: 'operator',
      async act(_request, { watchFolder }) {
        await watchFolder?.look();
        return { to: url };
      },
    },
    retry: {
      role: 'operator',
      act({ form }, { watchFolder }) {
        watchFolder?.retry(form.get('name') ?? '');
        return { to: url };
      },
    },
  },
};
