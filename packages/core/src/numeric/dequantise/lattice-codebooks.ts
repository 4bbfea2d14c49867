import { assert } from '../../base/errors.ts'

/**
 * The codebooks of ggml's IQ formats: each is a set of points of the box levels^axes, numbered in
 * rising order with the first coordinate counting fastest. Because the order is implied, a codebook
 * is stored as the set alone.
 *
 * Source of the points: ggml-common.h (iq2xxs_grid, iq2xs_grid, iq2s_grid, iq3xxs_grid, iq3s_grid,
 * iq1s_grid) of github.com/ggml-org/ggml, read through the gguf package;
 * testdata/vectors/make_codebook_vectors.py prints the strings below.
 */
export type Codebook = {
  readonly axes: 4 | 8
  /** Magnitudes, or for IQ1 values, that a coordinate can take. */
  readonly levels: readonly number[]
  /** Only points whose level numbers have an even sum can be members. */
  readonly isEven: boolean
  /** A power of two, so that an index of its bits always names a point. */
  readonly entries: number
  /** One bit for each point of the box, six to a digit, low bits first: 1 for members. */
  readonly members: string
}

export const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

/** All coordinates, [entries, axes]. */
export function codebookPoints(codebook: Codebook): Int8Array {
  const { axes, levels, isEven, entries, members } = codebook
  const points = new Int8Array(entries * axes)
  const box = levels.length ** axes
  let candidate = 0
  let next = 0
  for (let place = 0; place < box; place++) {
    let sum = 0
    for (let axis = 0, rest = place; axis < axes; axis++) {
      const level = rest % levels.length
      rest = (rest - level) / levels.length
      sum += level
      // Overwritten by the next candidate unless this one is a member.
      points[next + axis] = levels[level]!
    }
    if (isEven && sum % 2 === 1) continue
    const digit = DIGITS.indexOf(members[Math.floor(candidate / 6)] ?? '')
    if ((digit >> (candidate % 6)) & 1) next += axes
    candidate++
  }
  assert(next === points.length, `${next / axes} points instead of ${entries}`)
  return points
}

const TWO_BITS = { axes: 8, levels: [8, 25, 43], isEven: true } as const

export const CODEBOOKS = {
  IQ2_XXS: {
    ...TWO_BITS,
    entries: 256,
    members:
      '_ZPpZCipABAIIYACAACAMhZBhJILIQAMEAMABAIApJoZAIAIAIAAAACBAAAAgJEBIIFIBBICBAAAhAAAAJogAIAAABAQ' +
      'AAIQAAAAAMBIAgAAFAAAAABAAgAAAYCABEDAAAEBAAADAAAAAgJABCAAIAgAIAAAAAAAIAIIAAAIAAAAAAAAAABAAAMp' +
      'JRhJABIAgoAgIAICBAIBBAABEACBAAAABAAAAAgJAFAAAIAAAFCAAAgAAIApMAAIBABACAAABAAAAgAAAAAAYAQAAAAA' +
      'gAAABAAIkAAIAAAAIAAAAIAAAAAAJABABAIAAgAAAAIAABAAFAAAAAAYAAAIAAAAAAAAAAQAAAAAAAAAAAAAAAAAYCgA' +
      'ACAIIIAAAAgAAAAAgpABIAAIAACAABgAIABAACAAAAAABAAAAAAEAAAAAIBJAAAEACAAIAAAAEAAAIACBAAAAAAEAAAA' +
      'AAAAAAAAAAEAAABAAAAAAAAAAACAABgAAEAAAAAIAAAAAAAIAAAAAAAAAAAAAAAAAAAAAIAAAIAAAAAAAAAAAAA',
  },
  IQ2_XS: {
    ...TWO_BITS,
    entries: 512,
    members:
      '__9v5th_PvJNB4NhpARA8v5dhJAvJMhIAgJQDAIA4PlJBBIOBIAgEABIBAAQh_NvJOB4NhJABDcBIABAAvJsBJAgJABA' +
      'AAIIAEAAAMDIIACAFAAACAAAAgAAA8PhJABIMBIBEAABQAAIAoJgBAAAIAgQAAEEQAAAAQZIAEABCAAAABBABBAAaA8v' +
      '5PlJAvJMBoAiZgBAAA4thJABBMBJAAACRAIBAAgJAFRAAIEAJgAAIAAAAAAvJNBIAgpADAAAIAABAAAOhIAhAEJAAAIB' +
      'AAEAABgIIgIAAEAQYAAAAAAAAgAgJABRQAMAAAAAAAABCAQABCAAAAAIAFAAABAAAAAAEAAAQAAAgAAAAACAARAA4NxJ' +
      'ADAfBIkAAABIAAYAp5ABIgAIAABAAgAIAAQAAJgAQYAICAAAAAAACAAJCNBIQABABQAABAAAAACgAoAAJBAAAAEAAYAA' +
      'AEAAAAAAgAAACAAEAAAAEAABAAbICAAABAAgEAAaBQAABIAAIAAgAAAAAAAAAAAgAIACLAAAIJAAAADAAADAAEQ',
  },
  IQ2_S: {
    ...TWO_BITS,
    entries: 1024,
    members:
      '__9v_N1_NvvNn5NxvAVR8v__nvN_v9v5NhvAtJMB491_NFBOvoNhIAhRDBAgg_dv_dt5_v_NvBslpMgJAvv9v5Nh_NvJ' +
      'MBoNhJABA-t4NhBAvJMBEACJABCAA4915IRBOn4MhJARQLBADovNvJMBoNhJQBAMBIgAAAlBMBACwJAAAAEACCAIYA8_' +
      '7_npNv_8v5Nh5JtJMA4_v_NvJ8v5NxJAvJMBIAk9NvJIB4NhJABCMBIAAAAv_9v5Ng_NvJMBoNhJgBA8v5NhJAvJMBIA' +
      'gJQBAAA4NhJCBAMBIAAAABEAAgAo7NtJIB4NhJABEIBIQAAEtJMBIAgJARABCIAAAAABMBAAEABBACAAAAAACAAg4tl5' +
      'FlBsv5NgJg1BMBAAg_FvJMB4NhJARAMBMAAAAlBMBAAiBABgAAAACADCQsP5NhJAlBMRAAgJABAAA6NhJABCMBIAAAFB' +
      'AQABAgJQBAAAMAAUAAAAAAAAIAVROBAASAABgAAQCaAAaANBIAAEIBEAAAAAAAgAAAACIAAAQAAAIACAYYBAABQ',
  },
  IQ3_XXS: {
    axes: 4,
    levels: [4, 12, 20, 28, 36, 44, 52, 62],
    isEven: true,
    entries: 256,
    members:
      '3OhAgNTNBBxFzCJQ5QAAQACgECWCgACAAAEAEANACEwMzhBATMAAAMTEAAyARgACFAAEAAQBIABBAAAAAIQAAMzGCAwN' +
      'RAgGTOYQAEFAAAFAABCACgQAABAAAAwgAQAAxMAEkMQEMAwEEACIQACAAAAEIASCCAEAABIACAAIAEAhADKAAAAAABQg' +
      'BkACAQAAEAAEEAABCABAAAAA0ABAAACABARCIAEAABCAgIAAgAAEKAAICABAAAAAQAAAEIAAAQADEAQAAEAgAAABAAJA' +
      'AAAAEAABAACAAACAAIQAAAgHgACAAgQAAACAkAQQgAQAAEQAAMABAAAAQAAAAAAAAA',
  },
  IQ3_S: {
    axes: 4,
    levels: [1, 3, 5, 7, 9, 11, 13, 15],
    isEven: false,
    entries: 512,
    members:
      'ne1IIUqCFI5FjkoIQAgIEMaSiEBpKAQCIISBKBRBAKSAIKBBJIAABQBAFhgoAAECApAACAABAIQFAUECAEBAAcxqFIFA' +
      'QJABLFhAJIQBAEUAkGBBJASAEIZCCGhAAQQAoQBAKQUEAAgAJIQBAIAAAAAARCAUAAAAKUgAgIAAEEwqVpYBqUAgpUQi' +
      'kIBBCAAASCgCBKAiAIRJCQhCEEAQAIIAJQiAAAAJQIABAGACAEQhAIAAAAiAAAiAAFACBAAAEoKBqQpAIIgKQoAABAQA' +
      'EFABBQBABAAACEhiBoIIAgACCRgAAQQEAIQBgQAEABACAAEAAIAAAAgCAUAIAAAAAEBBRSgABAQAEqABhggIAAgChIAC' +
      'BAIBBAhCFICAAAAAFAAEAGAAAIAoAIAAAAABAAACAABAAEAAAECABggAAAABRQAARSAQQoCBCQAAAAABBIACBBACAAAh' +
      'BAIAQIAIIIBABQAQAAAAAQAQAAgCAAAAAAAAEAAAAQBAEAAAAAAAAoCAKAAABAQAAEIAAAAEAAABAABBgQQABAhAAEAA' +
      'AAAAAACAIAABAkAAAABAAEAAgAAAAEAAAAAAKAAAAAAAAEJAFAUAQQAAEIAEAgCAAAgEBJQAAIAAAQAAAQCAIAAAigQA' +
      'AAQAAAAAAQAAEAAAAQAAAIAAAAAABAAAAAAAAAA',
  },
  IQ1: {
    axes: 8,
    levels: [-1, 0, 1],
    isEven: false,
    entries: 2048,
    members:
      'VVCFFCqACFFCFFDqGCiiiqBCqACFFCFFCCCRFVSFFAqACCCiYAACCC6AqAKi7qqCQq6CAICAKoKjCCKCAFFCFFCiACFF' +
      'CFFCKCDCYCKCAqCCFFCFFCCSCVFCFFALCDKIKaCAqQCqqKKCi_KCIgCKAAqAChiqoACqACiCbiQu6iKIK7aii6qq6w36' +
      'qr7uC6AuioryT7gkCICAiACqKqrCCKACAoiSgL6OiAyKiCQgAFoqKiCCiEAFFCVFCCSCFFCVFCKCCMCq6AChCCCVCFFC' +
      'iCCCVCFFCoCC4iqgACKSCACCCKKaiKAKrqCCFCCCCCDCFBEAFFCFFCKACFFAFFQKCCgiCqCChCDFFAFFCiCCFFCFFCiA' +
      'CAiqqAAISEriuiCq6GqqoCHACqACCgiICQIACCASACq6wqiqCDyi6Ki6af6iL6GqSCrKqK3iKSEDqACSECEKKqCCqCCy' +
      'MLqIi-qmgiOqCAgAAoCqICAIAC6iiKKK6CKgCKjC66Lu66_6iC6KiigiKgi6iCQoyIAD6Tq6e_-Ko6Sj-6366f_f_aef' +
      '66da7fy__ai-Ske4KKCEq6rDEqKCyi6CC66_6SS6DCIBixCayjqCkuCACoCCIIuqSAgACqiCmCSyCmIkCiCAiCAjAOBA' +
      'CiACAwmiqq6uCYqvKCqyCA4aX6C0ymOECChLq6NKVEdpEAgCCCgiCCCCBEKICqaO6KiMECaCAiBAKKqYCEIFEFFAFFCr' +
      'CCFFCFFCqCCKqeoCSoCCFFCFFAKCCFFCFFAICAKQiKCAICACiigaK6GuqqKgAAiCCKOyiECCEBFFCFVCKCSFFCFFGqAC' +
      'qqiKACgCCFFCFFCqAAFFCFFCiDCiCqAGCqCCqKqqKC7iCogKqCCKCCoqKgCCoAQqIKgIg67CogLCKq7Sy66_6SK-uqKI' +
      'ShCa2CKMmDoCCgCCiomYACiCCoqqroq6imKoiiACQACoKKCAC6AAFFCFFCqCAFFCFFSqGAgSqKAClCAENQEFCiCCFFCF' +
      'FAACCKIryDCAAAgqKgiC6Ci6iKAACiUCokOFAExSFFFAFFAqCAFFCFFCISCCIiiCAhAAFFAFFAqAAFFCFF',
  },
} as const satisfies Record<string, Codebook>
