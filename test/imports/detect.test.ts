import { describe, expect, it } from 'vitest';
import { detect } from '../../src/imports/detect.ts';
import { formats } from '../../src/imports/formats/index.ts';
import { portals } from '../../src/imports/profiles/portals.ts';
import { profileSchema } from '../../src/imports/profiles/profile.ts';
import { profileFormat } from '../../src/imports/profiles/profile-format.ts';

function bytes(...codes: number[]): Buffer {
  return Buffer.from(codes);
}

describe('a file is told by its content', () => {
  it.each([
    ['nem12', '100,NEM12,200401011200,MDP,RET\r\n'],
    ['nem12', '\ufeff100,nem12,200401011200,MDP,RET\n'],
    ['nem12', '\r\n\r\n,,,\r\n100,NEM12,200401011200,MDP,RET\n'],
    ['nem12', '200,6123456789,E1,1,E1,N1,M1,kWh,30,\n'],
    ['nem12', '300,20260630,1,2,3\n'],
    ['nem12', '900\n'],
    ['d0010', 'ZHV|0000000042|D0010002|D|UDMS|X|RETL|20260302153151||||OPER|\n'],
    ['d0086', 'ZHV|0000000042|D0086002|D|UDMS|X|RETL|20260302153151||||OPER|\n'],
    ['d0150', 'ZHV|0000000042|D0150002|M|UDMS|X|RETL|20260302153151||||OPER|\n'],
    ['d0379', 'ZHV|0000000042|D0379001|X|UDMS|X|RETL|20260302153151||||OPER|\n'],
    ['d0010', '\ufeff\nZHV|0000000042|D0010001|D|UDMS|X|RETL|20260302153151||||OPER|\n'],
    ['nem13', '100,NEM13,200401011200,MDP,RET\n'],
    ['nem13', '250,6123456789,11,1,11,N1,METER1,E,00100.0,20260301101500,A\n'],
    ['espi', '<?xml version="1.0"?><feed xmlns:espi="http://naesb.org/espi">'],
    ['espi', '\ufeff<a:feed xmlns:a="http://www.w3.org/2005/Atom">'],
  ])('as %s: %j', (name, text) => {
    expect(detect(Buffer.from(text))).toMatchObject({ kind: 'format', format: { name } });
  });

  it('as a zip, full or empty', () => {
    expect(detect(bytes(0x50, 0x4b, 3, 4, 20, 0))).toEqual({ kind: 'zip' });
    expect(detect(bytes(0x50, 0x4b, 5, 6, 0, 0))).toEqual({ kind: 'zip' });
  });

  it.each([
    ['', 'an empty file'],
    ['\r\n ,,\n', 'a file of empty lines'],
    ['%PDF-1.7\n', 'a PDF document'],
    ['<?xml version="1.0"?><data/>', 'XML that is not a Green Button feed'],
    ['<!DOCTYPE html><html>', 'a web page, perhaps a login page saved in place of the file'],
    ['100,NEM14,200401011200,MDP,RET\n', 'an MDFF file whose 100 record says neither NEM12 nor NEM13'],
    [
      'ZHV|1|D0003002|D|UDMS|X|RETL|20260302153151||||OPER|\n',
      'a UFF flow D0003 (Half Hourly Advances), which is not supported: ask the data collector for D0036 or D0275',
    ],
    [
      'ZHV|1|D9999001|D|UDMS|X|RETL|20260302153151||||OPER|\n',
      'a UFF flow D9999, which is not supported: the flows that are read are D0010, D0036, D0086, D0149, D0150, D0275, D0379',
    ],
    ['ZHV|1|\n', 'a UFF file whose header does not name a flow'],
    ['{"a":1}', 'JSON, which is not supported as a file'],
    ['date,kwh\n2026-01-01,5\n', 'a table whose columns are not known'],
    ['200,300,400\n', 'a table whose columns are not known'],
    ['hello', 'text that is not meter data'],
  ])('%j looks like %s', (text, looksLike) => {
    expect(detect(Buffer.from(text))).toEqual({ kind: 'unknown', looksLike });
  });

  it.each([
    [[0xd0, 0xcf, 0x11, 0xe0], 'an Excel workbook or another Office document of the old kind'],
    [[0x1f, 0x8b, 8], 'a gzip archive; unpack it first'],
    [[0xff, 0xfe, 0x31, 0], 'text in UTF-16; save it as UTF-8 or plain text, or import it by a profile that says so'],
    [[0x7f, 0x45, 0x4c, 0x46, 2, 1, 1], 'a binary file'],
  ])('bytes %j look like %s', (codes, looksLike) => {
    expect(detect(bytes(...codes))).toEqual({ kind: 'unknown', looksLike });
  });

  it('does not take a workbook for a zip of meter files', () => {
    const head = Buffer.concat([bytes(0x50, 0x4b, 3, 4), Buffer.alloc(26), Buffer.from('[Content_Types].xml')]);
    expect(detect(head)).toEqual({ kind: 'unknown', looksLike: 'an Excel workbook or another Office document' });
  });

  it('never throws, whatever the bytes', () => {
    for (let first = 0; first < 256; first++) {
      expect(detect(bytes(first, 255 - first, first, 10, first)).kind).toMatch(/format|zip|unknown/);
    }
  });
});

describe('a table that several profiles know', () => {
  const profile = (name: string, header: string[]) =>
    profileFormat(
      profileSchema.parse({
        ...{ name, title: name, zone: 'site', interval: { minutes: 30 }, meterPoint: { from: 'caller' } },
        tables: [{ header, values: [{ column: header.at(-1), channel: { code: 'E1', flow: 'from-grid' } }] }],
        stamp: { column: header[0], pattern: 'yyyy-MM-dd HH:mm' },
      }),
    );
  const seen = (text: string, ...saved: ReturnType<typeof profile>[]) => {
    const detection = detect(Buffer.from(text), saved);
    if (detection.kind === 'ambiguous') return detection.formats.map(({ name }) => name);
    return detection.kind === 'format' ? detection.format.name : detection.kind;
  };
  const enphase = 'Date/Time,Energy Produced (Wh)\n';
  const own = 'When,Used,Quality\n';

  it.each([
    ['a ready one', enphase, [], 'enphase'],
    ['a saved one before a ready one', enphase, [['mine', ['Date/Time', 'Energy Produced (Wh)']]], 'mine'],
    [
      'a saved one that names less than a ready one',
      enphase,
      [['mine', ['Date/Time', 'Energy Produced (Wh)']]],
      'mine',
    ],
    ['a ready one beside a saved one of another table', enphase, [['mine', ['When', 'Used']]], 'enphase'],
    [
      'the one that names more',
      own,
      [
        ['less', ['When', 'Used']],
        ['more', ['When', 'Used', 'Quality']],
      ],
      'more',
    ],
    [
      'nobody, when two fit equally',
      own,
      [
        ['one', ['When', 'Used']],
        ['two', ['When', 'Quality']],
      ],
      ['one', 'two'],
    ],
    [
      'nobody, when both name the same',
      own,
      [
        ['one', ['when', 'USED ']],
        ['two', ['When', 'Used']],
      ],
      ['one', 'two'],
    ],
    [
      'a heading named twice counts once',
      own,
      [
        ['one', ['When', 'Used', 'when']],
        ['two', ['When', 'Used', 'Quality']],
      ],
      'two',
    ],
  ] as [string, string, [string, string[]][], string | string[]][])('is read by %s', (_, text, saved, expected) => {
    expect(seen(text, ...saved.map(([name, header]) => profile(name, header)))).toEqual(expected);
    // The order in which they were saved does not decide.
    const turned = seen(text, ...saved.map(([name, header]) => profile(name, header)).reverse());
    expect(Array.isArray(turned) ? turned.sort() : turned).toEqual(expected);
  });

  it('never is one that two of the ready ones know equally well', () => {
    for (const { tables, name, delimiter } of portals())
      for (const { header } of tables)
        if (header.length > 0) expect(seen(`${header.join(delimiter)}\n`), name).toEqual(name);
  });
});

describe('the registry', () => {
  it('names each format once', () => {
    expect(new Set(formats.map(({ name }) => name)).size).toBe(formats.length);
  });
});
