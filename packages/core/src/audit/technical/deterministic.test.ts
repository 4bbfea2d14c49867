import { describe, expect, it } from 'vitest'
import { createRng } from '../../base/rng.ts'
import { deterministicKind, powerSpectrum } from './deterministic.ts'

const make = (rows: number, cols: number, value: (i: number, j: number) => number) =>
  Float32Array.from({ length: rows * cols }, (_, at) => value(Math.floor(at / cols), at % cols))

const hann = (t: number, n: number) => 0.5 - 0.5 * Math.cos((2 * Math.PI * t) / n)

describe('computed tensors', () => {
  it('sees a windowed Fourier basis', () => {
    const basis = make(258, 256, (k, t) => {
      const angle = (2 * Math.PI * (k % 129) * t) / 256
      return hann(t, 256) * (k < 129 ? Math.cos(angle) : Math.sin(angle))
    })
    expect(deterministicKind(basis, 258, 256)).toBe('sinusoids')
  })

  it('sees sinusoidal positions, whose columns are the tones', () => {
    const table = make(200, 64, (position, j) => {
      const angle = position / 10000 ** (Math.floor(j / 2) / 32)
      return j % 2 === 0 ? Math.sin(angle) : Math.cos(angle)
    })
    expect(deterministicKind(table, 200, 64)).toBe('sinusoids')
  })

  it('sees triangular mel filters', () => {
    const filters = make(40, 128, (k, f) => Math.max(0, 1 - Math.abs(f - 3 * k) / 4))
    expect(deterministicKind(filters, 40, 128)).toBe('filter_bank')
  })

  it.each([
    ['random weights', () => createRng(1).nextNormal],
    [
      'weights with a strong common direction',
      () => {
        const rng = createRng(2)
        const direction = Array.from({ length: 64 }, () => rng.nextNormal())
        let at = 0
        return () => 3 * direction[at++ % 64]! + rng.nextNormal()
      },
    ],
    [
      'smooth filters with noise',
      () => {
        const rng = createRng(3)
        let at = 0
        return () => Math.sin(at++ / 9) + 1.5 * rng.nextNormal()
      },
    ],
  ])('leaves %s alone', (_, start) => {
    const next = start()
    const values = Float32Array.from({ length: 64 * 64 }, () => next())
    expect(deterministicKind(values, 64, 64)).toBeNull()
  })

  it('leaves short and constant tensors alone', () => {
    expect(deterministicKind(new Float32Array(64).fill(1), 1, 64)).toBeNull()
    expect(
      deterministicKind(
        make(8, 9, (i, j) => i - j),
        8,
        9,
      ),
    ).toBeNull()
  })
})

describe('the spectrum of a line', () => {
  it.each([32, 256, 33, 100])('holds the squared sums of its waves: %d values', (n) => {
    const rng = createRng(`line/${n}`)
    const line = Float64Array.from({ length: n }, () => rng.nextNormal())
    const energy = powerSpectrum(line)
    expect(energy.length).toBe(Math.floor(n / 2) + 1)
    for (let bin = 0; bin < energy.length; bin++) {
      let [re, im] = [0, 0]
      for (let i = 0; i < n; i++) {
        const value = (line[i] as number) * Math.sin((Math.PI * (i + 0.5)) / n) ** 2
        re += value * Math.cos((2 * Math.PI * bin * i) / n)
        im += value * Math.sin((2 * Math.PI * bin * i) / n)
      }
      expect(energy[bin]).toBeCloseTo(re * re + im * im, 8)
    }
  })
})
