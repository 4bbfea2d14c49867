import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readInputFiles } from '../../../node/round/round-folder.ts'
import { FaultsError } from '../../base/faults.ts'
import { parsePlan } from '../plan/parse-plan.ts'
import { readCsv } from './csv.ts'
import { readJsonLines } from './json-lines.ts'
import { readRows } from './read-rows.ts'
import type { InputFile } from './table.ts'

const FOLDER = join(import.meta.dirname, '../../../../../testdata/rounds/small')
const { plan } = parsePlan(readFileSync(join(FOLDER, 'plan.yaml'), 'utf8'), 'plan.yaml')
const FILES = await readInputFiles(FOLDER)

const textOf = (file: InputFile) => new TextDecoder().decode(file.bytes)
const withText = (file: InputFile, text: string): InputFile => ({
  ...file,
  bytes: new TextEncoder().encode(text),
})

/** The small round with one file changed. */
function changed(path: string, change: (text: string) => string): InputFile[] {
  return FILES.map((file) => (file.path === path ? withText(file, change(textOf(file))) : file))
}

function faultsOf(files: readonly InputFile[]): string[] {
  try {
    readRows(plan, files)
  } catch (error) {
    if (!(error instanceof FaultsError)) throw error
    expect(error.code).toBe('ROWS_INVALID')
    return error.faults.map((f) => `${f.file}:${f.line ?? ''} ${f.at ?? ''}: ${f.message}`)
  }
  return []
}

const replace = (from: string, to: string) => (text: string) => {
  expect(text).toContain(from)
  return text.replace(from, to)
}
const append = (line: string) => (text: string) => `${text}${line}\n`

describe('rows', () => {
  it('are accepted as they are, and counted per file', () => {
    const rows = readRows(plan, FILES)
    expect(rows.inputs.map((input) => [input.path, input.rows])).toEqual([
      ['panels/experts.csv', 5],
      ['panels/users.csv', 3],
      ['rows/common.csv', 18],
      ['rows/expert.csv', 22],
      ['rows/own.jsonl', 4],
      ['rows/own_targets.csv', 4],
      ['rows/user.csv', 9],
    ])
  })

  it.each([
    [
      'rows/user.csv',
      replace('u1,beta,5', 'u1,beta,6'),
      'rows/user.csv:3 score: 6 is outside of the scale 1 to 5',
    ],
    [
      'rows/user.csv',
      replace('u1,beta,5', 'u1,beta,4.5'),
      'rows/user.csv:3 score: 4.5 is not a step of the scale (1, then every 1)',
    ],
    [
      'rows/user.csv',
      replace('u1,beta,5', 'u1,beta,five'),
      'rows/user.csv:3 score: "five" is not a decimal number',
    ],
    [
      'rows/user.csv',
      replace('u1,beta,5', 'u1,beta,NaN'),
      'rows/user.csv:3 score: "NaN" is not a decimal number',
    ],
    ['rows/user.csv', replace('u1,beta,5', 'u1,beta,'), 'rows/user.csv:3 score: is empty'],
    [
      'rows/user.csv',
      replace('u1,beta,5', 'u1,betta,5'),
      'rows/user.csv:3 team: unknown team "betta"; known: alpha, beta, gamma',
    ],
    [
      'rows/user.csv',
      replace('u1,beta,5', 'u9,beta,5'),
      'rows/user.csv:3 panellist: unknown panellist "u9"; known: u1, u2, u3',
    ],
    [
      'rows/user.csv',
      append('u2,gamma,4'),
      'rows/user.csv:11 : a duplicate: team gamma, panellist u2 is already in rows/user.csv:7',
    ],
    [
      'rows/user.csv',
      replace('u1,beta,5', 'u1,beta'),
      'rows/user.csv:3 : 2 cells where the header has 3',
    ],
    [
      'rows/user.csv',
      replace('score', 'points'),
      'rows/user.csv:1 : unknown column "points"; known: panellist, team, score',
    ],
    [
      'rows/user.csv',
      replace('u1,beta,5', '"u1,beta,5'),
      'rows/user.csv:3 : a quote is opened and never closed',
    ],
    [
      'rows/expert.csv',
      replace('e1,alpha,plan,8', 'e1,alpha,plan,8.25'),
      'rows/expert.csv:2 score: 8.25 is not a step of the scale (0, then every 0.5)',
    ],
    [
      'rows/expert.csv',
      replace('e1,alpha,plan', 'e1,alpha,style'),
      'rows/expert.csv:2 criterion: unknown criterion "style"; known: plan, result',
    ],
    [
      'rows/expert.csv',
      append('e2,gamma,plan,9'),
      'rows/expert.csv:24 panellist: e2 has a conflict of interest with gamma, and has a row for it',
    ],
    [
      'rows/expert.csv',
      append('e5,alpha,plan,9'),
      'rows/expert.csv:24 panellist: e5 did not attend, and has a row',
    ],
    [
      'rows/common.csv',
      replace('alpha,math,1,1,1,', 'alpha,physics,1,1,1,'),
      'rows/common.csv:2 benchmark: unknown benchmark "physics"; known: math, code',
    ],
    [
      'rows/common.csv',
      replace('alpha,math,1,2,1,', 'alpha,math,1,3,1,'),
      'rows/common.csv:3 epoch: "3" is not one of the epochs 1 to 2',
    ],
    [
      'rows/common.csv',
      replace('timeout', 'tired'),
      'rows/common.csv:13 status: unknown status "tired"; known: scored, error, timeout, refused, truncated, unscored',
    ],
    [
      'rows/common.csv',
      replace(',,timeout', ',1,timeout'),
      'rows/common.csv:13 score: a score although the status is "timeout"',
    ],
    [
      'rows/own.jsonl',
      replace('72}', '72,"score":73}'),
      'rows/own.jsonl:1 score: the key is there twice',
    ],
    [
      'rows/own.jsonl',
      replace('72}', '[72]}'),
      'rows/own.jsonl:1 score: text, a number or null expected',
    ],
    [
      'rows/own.jsonl',
      replace('72}', '72} x'),
      'rows/own.jsonl:1 : text after the end of the object',
    ],
    [
      'rows/own.jsonl',
      replace('"score":72', '"scores":72'),
      'rows/own.jsonl:1 : unknown key "scores"; known: team, benchmark, score, status',
    ],
    [
      'panels/users.csv',
      append('u2'),
      'panels/users.csv:5 panellist: the panellist "u2" is there twice',
    ],
    [
      'panels/experts.csv',
      replace('gamma', 'delta'),
      'panels/experts.csv:3 conflicts: unknown team "delta"',
    ],
  ])('in %s are refused at their line (%#)', (path, change, expected) => {
    expect(faultsOf(changed(path, change))).toContain(expected)
  })

  it('of all files are refused together', () => {
    const files = changed('rows/user.csv', replace('u1,beta,5', 'u1,beta,6')).map((file) =>
      file.path === 'rows/common.csv' ? withText(file, `${textOf(file)}x,math,1,1,1,\n`) : file,
    )
    expect(faultsOf(files)).toHaveLength(2)
  })

  it('need the list of their panel, a known source and text in UTF-8', () => {
    expect(faultsOf(FILES.filter((file) => file.path !== 'panels/users.csv'))[0]).toContain(
      'there is no list of the panel "users"',
    )
    const stray: InputFile = {
      role: 'rows',
      name: 'extra',
      path: 'rows/extra.csv',
      bytes: new Uint8Array(),
    }
    expect(faultsOf([...FILES, stray])[0]).toContain('no part of the plan has the source "extra"')
    const broken = FILES.map((file) =>
      file.path === 'rows/user.csv' ? { ...file, bytes: new Uint8Array([0x61, 0x0a, 0xff]) } : file,
    )
    expect(faultsOf(broken)).toEqual(['rows/user.csv:2 : not valid UTF-8 at byte 2'])
  })

  it('have a digest that does not depend on order, layout, file names or spelling of numbers', () => {
    const { digest } = readRows(plan, FILES)
    fc.assert(
      fc.property(fc.infiniteStream(fc.nat()), fc.boolean(), (numbers, crlf) => {
        const files = FILES.map((file) => {
          const [header = '', ...lines] = textOf(file).trimEnd().split('\n')
          const keyed = (file.path.endsWith('.jsonl') ? [header, ...lines] : lines).map(
            (line) => [numbers.next().value, line] as const,
          )
          const mixed = keyed.sort((a, b) => a[0] - b[0]).map(([, line]) => line)
          const body = file.path.endsWith('.jsonl') ? mixed : [header, ...mixed]
          return withText(
            { ...file, path: file.path.replace('/', '/renamed-') },
            body.join(crlf ? '\r\n' : '\n'),
          )
        })
        expect(readRows(plan, files.reverse()).digest).toBe(digest)
      }),
      { numRuns: 30 },
    )
    const spelled = changed('rows/user.csv', replace('u1,beta,5', 'u1,beta,5.00'))
    expect(readRows(plan, spelled).digest).toBe(digest)
  })

  it('have another digest when any value, label, status or panellist differs', () => {
    const digests = [
      FILES,
      changed('rows/user.csv', replace('u1,beta,5', 'u1,beta,4')),
      changed('rows/common.csv', replace('timeout', 'error')),
      changed('rows/common.csv', replace('gamma,code,1,1,0.5', 'gamma,code,1,1,0.50001')),
      changed('panels/experts.csv', replace('e5,research,no', 'e5,academia,no')),
      changed('rows/own_targets.csv', replace('alpha,ocr,80', 'alpha,ocr,81')),
    ].map((files) => readRows(plan, files).digest)
    expect(new Set(digests).size).toBe(digests.length)
  })

  it('keep every digit of a number', () => {
    const files = changed('rows/own.jsonl', replace('72}', '72.12345678901234567}'))
    const table = readRows(plan, files).tables.get('own')
    expect(table?.digits).toBe(17)
    expect(table?.units[0]).toBe(7212345678901234567n)
  })
})

describe('CSV and JSON Lines', () => {
  const columns = ['a', 'b', 'c'].map((name) => ({ name, required: false }))
  const cell = fc.string({ unit: fc.constantFrom('x', ',', '"', '\n', '\r\n', ' ', '가', '1') })

  it('give back the cells that a writer of RFC 4180 put in', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(cell, cell, cell), { minLength: 1 }),
        fc.boolean(),
        (rows, crlf) => {
          const quote = (text: string) => `"${text.replaceAll('"', '""')}"`
          const eol = crlf ? '\r\n' : '\n'
          const text = [['a', 'b', 'c'], ...rows].map((row) => row.map(quote).join(',')).join(eol)
          const read: string[][] = []
          const faults: string[] = []
          readCsv(text, {
            columns,
            onRow: (cells) => read.push([...cells]),
            say: (line, message) => faults.push(`${line} ${message}`),
          })
          expect(faults).toEqual([])
          expect(read).toEqual(rows)
        },
      ),
    )
  })

  it('count lines as an editor does, quoted line breaks included', () => {
    const lines: number[] = []
    readCsv('a,b,c\n"1\n2",x,y\n\n3,x,y\n', {
      columns,
      onRow: (_cells, line) => lines.push(line),
      say: () => {},
    })
    expect(lines).toEqual([2, 5])
  })

  it('agree with JSON.parse on flat objects of text', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.record({
            a: fc.string({ unit: 'grapheme' }),
            b: fc.string({ unit: 'binary' }),
            c: fc.string(),
          }),
        ),
        (objects) => {
          const wellFormed = objects.filter((o) => o.b.isWellFormed())
          const text = wellFormed.map((object) => JSON.stringify(object)).join('\n')
          const read: string[][] = []
          readJsonLines(text, {
            columns,
            onRow: (cells) => read.push([...cells]),
            say: (line, message) => expect.fail(`${line} ${message}`),
          })
          expect(read).toEqual(wellFormed.map(({ a, b, c }) => [a, b, c]))
        },
      ),
    )
  })

  it('never throws, whatever the text is', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'{}":,[]\\abc01\n\r eu-.') }), (text) => {
        const say = () => {}
        readJsonLines(text, { columns, onRow: () => {}, say })
        readCsv(text, { columns, onRow: () => {}, say })
      }),
    )
  })
})
