import { compareModels } from '../../../packages/core/src/audit/compare-models.ts'
import { createRng } from '../../../packages/core/src/base/rng.ts'
import { mixValues, permuteHeads, turnKeys } from '../head-tricks.ts'
import { pickLayers } from '../layer-order.ts'
import { componentOf } from '../models.ts'
import { hideTower } from '../tower-tricks.ts'
import * as change from '../transforms.ts'
import { addIdleUnit, everySymmetry } from '../unit-tricks.ts'
import { load, made, type Planted } from './looks.ts'

// Copies that were rearranged so as not to be seen, and what must find them.

const CHILD = ['cpt1', 's1'] as const
const asStored = (what: string) =>
  ({ what, by: 'exact', verdict: 'derived', file: 'planted/planted.test.ts' }) as const
const hidden = (what: string) =>
  ({ what, by: 'aligned', verdict: 'derived_obfuscated', file: 'aligned.test.ts' }) as const
const behindAll = (what: string) =>
  ({ what, by: 'robust', verdict: 'derived_obfuscated', file: 'robust.test.ts' }) as const
const MOVED = 'moved-and-hidden.test.ts'
const movedBehindAll = (what: string) => ({ ...behindAll(what), file: MOVED }) as const
const MOVED_AS_WELL: readonly Planted[] = [
  made(
    movedBehindAll('depth pruned, all of these at once'),
    CHILD,
    change.allOf(pickLayers([0, 2]), everySymmetry),
  ),
  made(
    movedBehindAll('depth up-scaled, all of these at once'),
    CHILD,
    change.allOf(pickLayers([0, 1, 1, 2, 0]), everySymmetry),
  ),
  made(
    movedBehindAll('layers reordered, all of these at once, then 4 bits'),
    CHILD,
    change.allOf(pickLayers([2, 0, 1]), everySymmetry, change.toInt4),
  ),
  made(
    { what: 'axes dropped, the rest rotated', by: 'aligned', verdict: 'derived', file: MOVED },
    CHILD,
    change.allOf(change.pruneResidual(36), change.rotateResidual),
  ),
  made(
    movedBehindAll('units and axes dropped, all of these at once'),
    CHILD,
    change.allOf(change.pruneUnits(64), change.pruneResidual(36), everySymmetry),
  ),
  made(
    movedBehindAll('all of these at once, then experts'),
    CHILD,
    change.allOf(everySymmetry, change.upcycle(2, 0.3)),
  ),
  made(
    movedBehindAll('layers reordered, all of these at once, then experts'),
    CHILD,
    change.allOf(pickLayers([1, 2, 0]), everySymmetry, change.upcycle(2, 0.3)),
  ),
]

export const HIDDEN: readonly Planted[] = [
  // Values show it as stored; the reordered units answer after alignment, and more strongly.
  made(
    { what: 'units permuted', by: 'aligned', verdict: 'derived', file: 'aligned.test.ts' },
    CHILD,
    change.permuteUnits,
  ),
  made(asStored('units negated'), CHILD, change.flipUnits),
  made(asStored('units rescaled'), CHILD, change.scaleUnits),
  made(asStored('values permuted and negated'), CHILD, change.scrambleValues),
  made(hidden('residual axes permuted and negated'), CHILD, change.permuteResidual),
  made(hidden('residual stream rotated, norms replaced'), CHILD, change.rotateResidual),
  made(
    hidden('the same, units permuted and rescaled'),
    CHILD,
    change.allOf(change.permuteUnits, change.scaleUnits, change.rotateResidual),
  ),
  made(behindAll('all of these at once'), ['sft1', 's1'], everySymmetry),
  made(behindAll('all of these at once'), CHILD, everySymmetry),
  made(
    behindAll('all of these at once, then 4 bits'),
    CHILD,
    change.allOf(everySymmetry, change.toInt4),
  ),
  made(
    behindAll('an idle unit added, all of these at once'),
    CHILD,
    change.allOf(addIdleUnit(1e7), everySymmetry),
  ),
  made(
    movedBehindAll('attention mixed inside its heads, all of these at once'),
    CHILD,
    change.allOf(mixValues, turnKeys, permuteHeads, everySymmetry),
  ),
  ...MOVED_AS_WELL,
  {
    ...behindAll('encoder borrowed, all of these at once'),
    models: 'qvl-borrowed-tuned – qvl-donor, vision_encoder',
    look: async () => {
      const hidden = hideTower(await load('qvl-borrowed-tuned'), createRng('tower'))
      const donor = change.asSource('donor', await load('qvl-donor'))
      const comparison = await compareModels(change.asSource('hidden', hidden), donor)
      return { part: componentOf(comparison, 'vision_encoder') }
    },
  },
]
