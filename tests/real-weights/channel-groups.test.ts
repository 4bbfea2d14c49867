import { describe, expect, test } from 'vitest'
import { openCheckpoint } from '../../packages/core/node/checkpoint/open-checkpoint.ts'
import type { ChannelGroup } from '../../packages/core/src/model/role.ts'
import { mapRoles } from '../../packages/core/src/model/roles/map-roles.ts'
import { convertHumanModel, convertUpscaler, packageFile } from './models.ts'

const groupsOf = async (path: string): Promise<readonly ChannelGroup[]> => {
  const source = await openCheckpoint(path)
  await source.close()
  return mapRoles(source.checkpoint).channelGroups
}

const sizes = (groups: readonly ChannelGroup[]) =>
  groups.map(({ size }) => size).sort((a, b) => b - a)

/** Names without the part that all of a converter's names share. */
const layersOf = (group: ChannelGroup) =>
  group.rowsOf
    .map(({ tensor }) => tensor.replace(/^StatefulPartitionedCall\/model_?\d*\//, ''))
    .sort()

const freeTensors = (groups: readonly ChannelGroup[]) => groups.flatMap(layersOf)

/**
 * The groups expected here were also found by an independent walk over the converted graphs, and
 * permuting rows and columns of each group at random left the outputs of the running model as they
 * were (ONNX Runtime; relative change ≤ 4·10⁻⁶), while permuting the rows alone did not.
 */
describe('free channels of published networks', () => {
  test('are all inner widths of a network without shortcuts', async () => {
    const groups = await groupsOf(await convertHumanModel('faceres'))
    const widths = [1024, 512, 512, 512, 512, 512, 512, 256, 256, 256, 128, 128, 64, 32]
    expect(sizes(groups)).toEqual(widths)
    expect(groups.map(layersOf)).toContainEqual([
      'conv_dw_2/depthwise_kernel',
      'conv_pw_1/convolution/merged_input',
    ])
    const free = freeTensors(groups)
    expect(free).toContain('feats/kernel')
    for (const output of ['age_pred/kernel', 'gender_pred/kernel'])
      expect(free).not.toContain(output)
    // Another conversion, at another precision, of the same architecture.
    expect(sizes(await groupsOf(await convertHumanModel('faceres-deep')))).toEqual(widths)
  })

  test('stop where a shortcut is padded to more channels', async () => {
    const groups = await groupsOf(await convertHumanModel('facemesh'))
    // The three heads; the trunk is one chain of padded shortcuts.
    expect(sizes(groups)).toEqual([32, 32, 32])
    expect(freeTensors(groups).map((name) => name.split('/')[0])).toEqual([
      ...['conv2d_19', 'conv2d_20', 'depthwise_conv2d_18'],
      ...['conv2d_25', 'conv2d_26', 'depthwise_conv2d_22'],
      ...['conv2d_29', 'conv2d_30', 'depthwise_conv2d_24'],
    ])
  })

  test('follow a shortcut that is added, and leave outputs alone', async () => {
    const groups = await groupsOf(await convertHumanModel('blazepose-full'))
    expect(groups.filter(({ size }) => size >= 16).length).toBeGreaterThanOrEqual(20)
    expect(sizes(groups).slice(0, 5)).toEqual([864, 864, 864, 864, 528])
    const residual = groups.find(({ size }) => size === 288)
    expect(residual?.rowsOf.length).toBeGreaterThan(20)
    const outputs = ['conv_poseflag', 'convld_3d', 'convworld_3d', 'output_heatmap']
    const free = freeTensors(groups)
    expect(free.filter((name) => outputs.some((output) => name.includes(output)))).toEqual([])
  })

  test('stop where channels are concatenated', async () => {
    const groups = await groupsOf(await convertUpscaler('x2'))
    expect(groups.map((group) => [group.size, ...layersOf(group)])).toEqual([
      [64, 'F_m1/kernel', 'GFF_2/kernel'],
      [64, 'GFF_1/kernel'],
      [64, 'UPN1/kernel'],
      [32, 'UPN2/kernel'],
      [12, 'UPN3/kernel'],
    ])
  })

  test('are found in both branches of a voice detector', async () => {
    const groups = await groupsOf(packageFile('@ricky0123/vad-web', 'dist/silero_vad_v6.onnx'))
    expect(sizes(groups)).toEqual([128, 128, 64, 64, 64, 64])
  })

  test('span whole rows: as many as the group has channels', async () => {
    for (const name of ['faceres', 'blazepose-full', 'handlandmark-full']) {
      for (const { size, rowsOf } of await groupsOf(await convertHumanModel(name))) {
        for (const { view } of rowsOf) expect(view.rows).toBe(size)
      }
    }
  })
})
