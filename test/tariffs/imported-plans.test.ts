import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { importPlan } from '../../src/tariffs/import-plan.ts';

const folder = join(import.meta.dirname, 'imported');

/** Sources in which every field that has a place here says something, and what becomes of each. */
describe('a source becomes this document, with these notes and questions', () => {
  it.each(readdirSync(folder))('%s', file => {
    const { source, options, expected } = JSON.parse(readFileSync(join(folder, file), 'utf8'));
    const { document, notes, questions } = importPlan(source, undefined, options);
    expect(document['source']).toEqual({
      ...expected.document.source,
      sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    expect({ ...document, source: expected.document.source }).toEqual(expected.document);
    expect(notes.map(({ pointer, message }) => `${pointer}: ${message}`)).toEqual(expected.notes);
    expect(questions).toEqual(expected.questions);
  });
});
