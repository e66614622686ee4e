/** Reads a log and does nothing with its frames: what reading alone takes. Prints how many there were. */
import { LogChooser } from '../../src/cli/log-chooser.ts'
import { readLog } from '../../src/pipeline.ts'
import { openInput } from '../../src/transport/file.ts'

let frames = 0
const sink = { frame: () => void frames++ }
const chooser = new LogChooser(false, false)
const input = await openInput(process.argv[2]!, new AbortController().signal)
const { failure } = await readLog(input, {
  choose: ({ name }, head, complete) => chooser.choose(name, head, complete, () => sink),
  drained: () => {},
  stopped: () => false,
})
if (failure !== undefined) throw failure
console.log(frames)
