import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Guard } from '../access/guard.ts';
import { assert } from '../kernel/assert.ts';
import { Refusal } from '../kernel/errors.ts';
import { formOf } from './form.ts';
import type { SavedSearchStore } from './saved-search-store.ts';

const url = '/admin/saved-searches';
const nameMax = 60;
const queryMax = 1000;

/** Where a list's search is kept under a name, and forgotten again; both lead back to the list. */
export function registerSavedSearches(app: FastifyInstance, searches: SavedSearchStore, guard: Guard): void {
  const route = { schema: { hide: true }, onRequest: guard.needsUser('viewer') };
  app.post(url, route, (request, reply) => {
    const form = formOf(request.body);
    const { path, query } = placeOf(form.get('back') ?? '');
    const name = (form.get('name') ?? '').replace(/\p{Cc}+/gu, ' ').trim();
    if (name === '' || name.length > nameMax || query.length > queryMax)
      throw new Refusal('body-invalid', `A search is kept under a name of at most ${nameMax} characters.`);
    searches.put(userOf(request), path, name, query);
    return reply.redirect(query ? `${path}?${query}` : path, 303);
  });
  app.post(`${url}/remove`, route, (request, reply) => {
    const form = formOf(request.body);
    const { path } = placeOf(form.get('back') ?? '');
    searches.remove(userOf(request), Number(form.get('id') ?? 0) || 0);
    return reply.redirect(path, 303);
  });
}

/** What views/list.eta prints of them. */
export function savedSearchesOf(searches: SavedSearchStore, request: FastifyRequest) {
  const { path, query } = placeOf(request.url);
  return {
    back: query ? `${path}?${query}` : path,
    searches: searches.list(userOf(request), path).map(({ id, name, query: kept }) => ({
      id,
      name,
      url: kept ? `${path}?${kept}` : path,
      current: kept === query,
    })),
  };
}

/** A page of ours and its question without the number of the page. */
function placeOf(address: string): { path: string; query: string } {
  const [path = '', sent = ''] = address.split('?', 2);
  if (!/^\/admin(\/(?!\.{1,2}(\/|$))[\w.~%-]+)*$/.test(path))
    throw new Refusal('body-invalid', 'That is no page of ours.');
  const query = new URLSearchParams(sent);
  query.delete('page');
  for (const [name, value] of [...query]) if (value === '') query.delete(name);
  return { path, query: query.toString() };
}

function userOf({ session }: FastifyRequest): number {
  assert(session, 'needsUser ran before the page');
  return session.user.id;
}
