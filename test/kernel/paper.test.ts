import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Paper } from '../../src/kernel/paper.ts';
import { openFont, printable } from '../../src/kernel/paper-font.ts';

const newPaper = () => new Paper({ title: 'A page', author: 'Nobody', language: 'en', date: new Date(0) });

describe('words on paper', () => {
  it.each([
    ['Kookaburra', 'Kookaburra'],
    ['Zoe\u0308 Łódź Ελλάδα Київ', 'Zoë Łódź Ελλάδα Київ'],
    ['tab\tand\nline', 'tab and line'],
    ['株式会社', '????'],
    ['👩🏽‍🚀', '??'],
    ['a\u202eb\u0000c\ud800', 'abc'],
    ['1300\u00a0975', '1300\u00a0975'],
  ])('%j is printed as %j', (text, printed) => {
    expect(printable(text, openFont('regular'))).toBe(printed);
  });

  it('keeps figures in columns: every digit is as wide as any other', () => {
    const paper = newPaper();
    const widths = [...'0123456789'].map(digit => paper.widthOf(`$1,${digit.repeat(3)}.00`));
    for (const width of widths) expect(width).toBeCloseTo(widths[0]!, 9);
  });

  it('wraps every word inside the width and loses none', () => {
    const paper = newPaper();
    const words = fc.array(fc.stringMatching(/^[a-z]{1,60}$/), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(words, fc.integer({ min: 30, max: 300 }), (list, width) => {
        const lines = paper.wrap(list.join(' '), width);
        for (const line of lines) expect(paper.widthOf(line)).toBeLessThanOrEqual(width);
        expect(lines.join('').replaceAll(' ', '')).toBe(list.join(''));
      }),
      { numRuns: 50 },
    );
  });

  it('ends the last line it may use in an ellipsis when more would follow', () => {
    const paper = newPaper();
    const lines = paper.wrap('one two three four five six seven eight nine ten', 60, {}, 2);
    expect(lines).toHaveLength(2);
    expect(lines[1]).toMatch(/…$/);
    expect(paper.wrap('one two', 60, {}, 2).join(' ')).not.toContain('…');
  });
});

describe('pages', () => {
  it('are furnished once each, knowing how many there are', async () => {
    const paper = newPaper();
    paper.line('first', paper.left, paper.y, 100);
    paper.nextPage();
    const seen: string[] = [];
    await paper.finish((page, pages) => seen.push(`${page} of ${pages}`));
    expect(seen).toEqual(['1 of 2', '2 of 2']);
  });
});
