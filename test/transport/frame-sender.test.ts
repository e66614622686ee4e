import { existsSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { openFrameSender } from '../../src/transport/frame-sender.ts'
import { ManualClock } from '../manual-clock.ts'

// That frames arrive on a wire: test/real/energi-veth.test.ts.

const onLinux = existsSync('/sys/class/net/lo')

describe.skipIf(!onLinux)(`opening an interface for frames${onLinux ? '' : ' (skipped: only Linux can)'}`, () => {
  const open = (iface: string, load?: () => Promise<never>) => openFrameSender(iface, new ManualClock(), load)

  test.each(['wattzup9', 'any'])('%s, which is not there, says so', async iface => {
    await expect(open(iface)).rejects.toThrow(`cannot send on ${iface}: no such interface; see: ip link`)
  })

  test.each(['../lo', 'lo/../lo', '', '.'])('%j is no name of one', async iface => {
    await expect(open(iface)).rejects.toThrow('that is no name of one')
  })

  test('says which package is missing, and what needs none', async () => {
    const load = () =>
      Promise.reject(Object.assign(new Error("Cannot find package 'koffi'"), { code: 'ERR_MODULE_NOT_FOUND' }))
    await expect(open('lo', load)).rejects.toThrow(
      'cannot send on lo: the optional package koffi is not installed; npm install koffi adds it; --pcap FILE needs no package',
    )
  })

  test('says why the package does not load', async () => {
    const load = () => Promise.reject(new Error('wrong ELF class\nand more'))
    await expect(open('lo', load)).rejects.toThrow(
      'cannot send on lo: the package koffi does not load (wrong ELF class)',
    )
  })
})
