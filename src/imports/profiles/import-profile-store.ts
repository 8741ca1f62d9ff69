import type { Statement } from 'better-sqlite3';
import type { Database } from '../../kernel/database.ts';
import { Refusal } from '../../kernel/errors.ts';
import type { Instant } from '../../units/time.ts';
import { portals } from './portals.ts';
import { type Profile, profileSchema } from './profile.ts';

export interface SavedProfile {
  profile: Profile;
  /** 0: it comes with the house and is never changed. */
  version: number;
  savedBy: string;
  createdAt: number;
}

interface Row {
  document: string;
  version: number;
  savedBy: string;
  createdAt: number;
}

const columns = 'document, version, saved_by AS savedBy, created_at AS createdAt';

/** Mapping profiles people saved, append only, beside those that come with the house. */
export class ImportProfileStore {
  readonly #database: Database;
  readonly #find: Statement<[string], Row>;
  readonly #list: Statement<[], Row>;
  readonly #insert: Statement;

  constructor(database: Database) {
    this.#database = database;
    this.#find = database.prepare(`SELECT ${columns} FROM import_profile WHERE name = ? ORDER BY version DESC LIMIT 1`);
    this.#list = database.prepare(
      `SELECT ${columns} FROM import_profile AS each
       WHERE version = (SELECT max(version) FROM import_profile WHERE name = each.name) ORDER BY name`,
    );
    this.#insert = database.prepare(
      'INSERT INTO import_profile (name, version, document, saved_by, created_at) VALUES (?, ?, ?, ?, ?)',
    );
  }

  find(name: string): SavedProfile | undefined {
    const row = this.#find.get(name);
    if (row) return fromRow(row);
    const profile = portals().find(each => each.name === name);
    return profile && readyMade(profile);
  }

  /** Throws 'import-profile-unknown'. */
  get(name: string): SavedProfile {
    const found = this.find(name);
    if (!found) throw new Refusal('import-profile-unknown', `there is no mapping profile ${name}`);
    return found;
  }

  /** Those that people saved, by name, then those that come with the house. */
  list(): SavedProfile[] {
    return [...this.listSaved(), ...portals().map(readyMade)];
  }

  /** Those that people saved. */
  listSaved(): SavedProfile[] {
    return this.#list.all().map(fromRow);
  }

  /** Throws 'import-profile-taken' when the name is used, be it by a profile that comes with the house. */
  add(profile: Profile, savedBy: string, createdAt: Instant): SavedProfile {
    return this.#save(profile, savedBy, createdAt, known => {
      if (known) throw new Refusal('import-profile-taken', `there is a mapping profile ${profile.name} already`);
    });
  }

  /** The next version. Throws 'import-profile-unknown', or 'import-profile-taken' for one that comes with the house. */
  replace(profile: Profile, savedBy: string, createdAt: Instant): SavedProfile {
    return this.#save(profile, savedBy, createdAt, known => {
      if (!known) throw new Refusal('import-profile-unknown', `there is no mapping profile ${profile.name}`);
      if (known.version === 0)
        throw new Refusal(
          'import-profile-taken',
          `${profile.name} comes with the house: save yours under another name`,
        );
    });
  }

  #save(
    profile: Profile,
    savedBy: string,
    createdAt: Instant,
    check: (known: SavedProfile | undefined) => void,
  ): SavedProfile {
    const save = this.#database.transaction(() => {
      const known = this.find(profile.name);
      check(known);
      const version = (known?.version ?? 0) + 1;
      this.#insert.run(profile.name, version, JSON.stringify(profile), savedBy, createdAt);
      return { profile, version, savedBy, createdAt };
    });
    return save.immediate();
  }
}

function readyMade(profile: Profile): SavedProfile {
  return { profile, version: 0, savedBy: '', createdAt: 0 };
}

function fromRow({ document, ...rest }: Row): SavedProfile {
  return { ...rest, profile: profileSchema.parse(JSON.parse(document)) };
}
