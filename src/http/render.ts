import { fileURLToPath } from 'node:url';
import view from '@fastify/view';
import { Eta } from 'eta';
import type { FastifyInstance } from 'fastify';
import { assetUrl } from './assets.ts';
import { showCount, showDay, showEnergy, showMoment, showMonth } from './format.ts';
import { href } from './href.ts';

export const viewsFolder = fileURLToPath(new URL('../../views', import.meta.url));

const themes = ['system', 'light', 'dark'] as const;
type Theme = (typeof themes)[number];
export const themeCookie = 'wattledger_theme';

/** What every view can call, as `it.money(…)`. */
const viewHelpers = {
  asset: assetUrl,
  href,
  energy: showEnergy,
  count: showCount,
  day: showDay,
  monthWords: showMonth,
  moment: showMoment,
};

declare module 'fastify' {
  interface FastifyReply {
    /** What the layout needs beside the view's own data: theme, and on signed-in pages the user, menu and CSRF token. */
    locals: Record<string, unknown> | null;
  }
}

/** Views are eta files in views/, escaped by default; each names its layout itself. Needs @fastify/cookie for the theme. */
export async function registerRender(app: FastifyInstance): Promise<void> {
  await app.register(view, {
    engine: { eta: new Eta({ views: viewsFolder, autoEscape: true, autoTrim: false }) },
    root: viewsFolder,
    viewExt: 'eta',
    // Views are part of the program: compiled once, not watched.
    production: true,
    defaultContext: viewHelpers,
  });
  app.addHook('onRequest', async (request, reply) => {
    reply.locals = { ...reply.locals, theme: readTheme(request.cookies[themeCookie]), path: request.url };
  });
}

/** What a cookie says; the system's own when it says nothing that there is. */
export function readTheme(text: string | undefined): Theme {
  return themes.find(theme => theme === text) ?? 'system';
}
