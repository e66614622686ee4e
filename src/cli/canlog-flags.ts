import { type Command, Option } from 'commander'

/** Options as commander hands them over. An optional value that was not given is the empty text. */
export interface CanlogFlags {
  readonly [name: string]: string | boolean | undefined
}

export const CANLOG_EXAMPLES = `
Examples:
  $ wattzup canlog samples/ecoflow/powerkit.log --rec --chan=B --typs=C0:35,28:21
  $ candump -L can0 | wattzup canlog - --nodes=34001,50001 --hex=diff --str
  $ zcat monday.log.gz tuesday.log.gz | wattzup canlog - --format ndjson | jq .values
`

type Row = readonly [flags: string, text: string]

const GROUPS: Readonly<Record<string, readonly Row[]>> = {
  'Input:': [
    ['--csv', 'the log is SavvyCAN/GVRET CSV (found by content without it)'],
    ['--tf <n>', 'multiply time stamps by a whole number'],
    ['--tinc <ms>', 'let every line be so many ms after the one before, from 1970'],
  ],
  'Filters on frames:': [
    ['--node <id>', 'node IDs, last five digits of the ID (comma-separated)'],
    ['--nodes <ids>', 'the same'],
    ['--cmd <hex>', 'command, first three digits of the ID of each frame'],
    ['--chan <letter>', 'channel: A, B, C, D or E'],
  ],
  'Filters on messages (channel B, unless A or C is named):': [
    ['--pre <hex>', 'packet version, such as AA03 (A, B)'],
    ['--rty <list>', 'record types, header byte 4 (A, B, C)'],
    ['--rtys <list>', 'the same'],
    ['--typ <list>', 'types: A 3C, B 3C:14, C 3C:01 (A, B, C)'],
    ['--typs <list>', 'the same'],
    ['--ty2 <list>', 'types with the source: 3C:14:03'],
    ['--ty2s <list>', 'the same'],
    ['--xrty <list>', 'record types to leave out'],
    ['--rrf <list>', 'flags, header byte 5'],
    ['--rrfs <list>', 'the same'],
    ['--mad <hex>', 'source module, header byte 12'],
    ['--mrt <hex>', 'destination module (B byte 13, C byte 15)'],
    ['--mda <hex>', 'source dynamic address, header byte 14'],
    ['--mde <hex>', 'product detail, header byte 10'],
    ['--mty <hex>', 'product type, header byte 11'],
    ['--sh2 <hex>', 'third byte of the sequence number, header byte 8'],
    ['--dv1 <hex>', 'top byte of the sequence number, header byte 9'],
    ['--dev <id>', 'device: node-source-dynamic, 03001-03-01'],
    ['--dv4 <list>', 'command set and id: 0506'],
    ['--dv4s <list>', 'the same; --dvs4 too'],
    ['--len <bytes>', 'length of the whole packet (B, C)'],
    ['--hexhas <hex>', "payload contains these bytes: '4d 31'"],
    ['--hdrhas <hex>', 'header contains this byte'],
    ['--dhas <hex>', 'the second half of the header contains this byte'],
    ['--excl[=str]', 'leave out streams that cl-counts.save knows'],
  ],
  'Columns:': [
    ['--rec[=used]', 'the record as names and raw values; =used adds bytes decoded and in all'],
    ['--hex[=diff]', 'payload in hex; =diff colours what changed since the last of its stream'],
    ['--val', 'payload bytes in decimal'],
    ['--chr', 'payload as characters'],
    ['--msg', 'the whole packet as on the wire'],
    ['--hdr', 'the header in hex'],
    ['--pairs', 'the whole packet in byte pairs (C)'],
    ['--crc', 'CRC on the wire and computed'],
    ['--str[=stream]', 'stream, such as 03-01-00; with a value only that one'],
    ['--smo[=stream]', 'stream without its sequence byte, 03-01; with a value only that one'],
    ['--ser', 'serial number of the stream'],
    ['--flg[=hex]', 'start command of segmented messages, 004 to 007; with a value only those (A)'],
    ['--seq', 'step of the sequence number since the last of the stream'],
    ['--dup', 'how often a sequence number came before; repeats are marked'],
    ['--field <name>', 'one member of the record as plain text'],
    ['--time', 'print the time of CSV logs'],
    ['--tab', 'columns separated by TAB'],
    ['--106', 'print frames of channel D'],
    ['--10A', 'print frames of channel E'],
    ['--unk', 'print frames of unknown commands'],
    ['--quiet', 'print no messages'],
    ['--nox', 'do not take the XOR off payloads (B)'],
    ['--fxo', 'take the XOR off all payloads (B)'],
  ],
  'Thinning:': [
    ['--reduce', 'drop repeats of a message within a window'],
    ['--duptime <ms>', 'the window (5000)'],
    ['--sample[=1]', 'thin frequent records as their definitions say; =1 across minutes'],
  ],
  'Reports and files:': [
    ['--count[=save]', 'count header fields; =save keeps them in cl-counts.save'],
    ['--sum', 'how many different ones of each, and what was dropped'],
    ['--hist', 'values of each header byte'],
    ['--stat', 'streams, to cl-streams.tsv'],
    ['--pivot[=digits]', 'messages by time and type, to cl-pivot.tsv; digits of HHmmssSSS (4)'],
    ['--scan <lo[:hi]>', 'keep messages that hold such an integer, and count where'],
    ['--scanf <lo[:hi]>', 'the same for floats'],
    ['--signed', 'scan for signed integers'],
    ['--pmm[=]', 'least, greatest and average value per minute'],
    ['--meta[=dir]', "find the values of the maker's cloud, from DIR (db-export)"],
    ['--grid', 'per stream and payload byte: how it changes, and a guess what it is'],
    ['--regen[=pattern]', 'write the frames of passing messages to files (regen.out/YY/MMDD/HHmm)'],
    ['--pick[=time]', 'print the frames of passing messages, all or those of one printed time'],
  ],
  'Output:': [
    ['-f, --format <format>', 'text, ndjson (one object per message) or json (reports)'],
    ['--json', 'json for reports, ndjson for messages'],
    ['--raw', 'ndjson: the payload in hex too'],
    ['--guesses', 'ndjson: fields marked as guesses too'],
    ['--redact', 'mask serial numbers, also in files'],
    ['--compat', "the original tool's lines, bug for bug"],
    ['--color <when>', 'always, never or auto'],
    ['--plain', 'no colour'],
    ['--structs <dir>', 'your definitions over the built-in ones; re-read when they change'],
    ['--strict', 'exit 1 when anything in the log was passed over'],
    ['--err', 'print problems as they occur'],
    ['--abort', 'stop when a stream tells another serial number'],
    ['--debug', 'print every frame; show stack traces of errors'],
  ],
}

/** Adds every option of `canlog`, in groups. */
export function addCanlogOptions<T extends Command>(command: T): T {
  for (const [group, rows] of Object.entries(GROUPS)) {
    command.optionsGroup(group)
    for (const [flags, text] of rows) command.addOption(optionOf(flags, text))
  }
  command.addOption(new Option('--dvs4 <list>').hideHelp())
  return command
}

/** `--hex[=diff]` becomes an option with an optional value. */
function optionOf(flags: string, text: string): Option {
  const option = new Option(flags.replace(/\[=(\w*)\]/, ' [$1]'), text)
  if (flags.startsWith('-f')) option.choices(['text', 'ndjson', 'json'])
  if (flags.startsWith('--color')) option.choices(['always', 'never', 'auto'])
  return option
}
