#!/usr/bin/env bash
# What gateway-vcan.test.ts looks at: a gateway between a simulated battery on vcan0 and a simulated inverter on vcan1, and
# frames of cansend that say something bad in between.
. test/real/vcan-lib.sh

# Waits until a file says something for the nth time.
nth() { await "'$2' in $3 for the ${1}th time" has_often "$@"; }
has_often() { [ "$(grep -cE "$2" "$out/$3")" -ge "$1" ]; }

printf 'battery {\n protocol "byd"\n interface "vcan0"\n}\ninverter {\n protocol "byd"\n interface "vcan1"\n}\n' \
  >"$out/batgw.conf"

section 'a normal start'
start bus candump -L vcan0 vcan1
listening 2
start battery wattzup simulate battery byd vcan0
start inverter wattzup simulate inverter byd vcan1
start bridge wattzup batgw bridge -f "$out/batgw.conf"
nth 1 'may charge 23.6 A, discharge 23.6 A' inverter.err

section 'too hot, then well again'
cansend vcan0 447#093E015BB6033F64
nth 1 'may charge 0 A, discharge 0 A' inverter.err
nth 2 'may charge 23.6 A, discharge 23.6 A' inverter.err

section 'a cell is full, then not any more'
cansend vcan0 446#01380E0025420E43
nth 1 'may charge 0 A, discharge 23.6 A' inverter.err
nth 1 'may charge 1(\.[0-9])? A, discharge 23.6 A' inverter.err # the limit comes back slowly

section 'a damaged frame changes nothing'
cansend vcan0 447#093E015BB6033F65

section 'the battery dies, and comes back'
kill -KILL "${pids[battery]}"
ended battery
nth 2 'no current may flow: battery is not running' bridge.err
opened=$(grep -c 'discharge 23.6 A' "$out/inverter.err")
start again wattzup simulate battery byd vcan0
nth $((opened + 1)) 'discharge 23.6 A' inverter.err

section 'the gateway is stopped'
kill -TERM "${pids[bridge]}"
ended bridge
nth 2 'may charge 0 A, discharge 0 A' inverter.err
stop again inverter bus
