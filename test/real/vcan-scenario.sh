#!/usr/bin/env bash
# What vcan.test.ts looks at: wattzup and can-utils on the same buses.
. test/real/vcan-lib.sh

section 'frames of all kinds, heard by both'
start dump.log.candump candump -L vcan0,0:0,#FFFFFFFF
start dump.screen.candump candump vcan0
start dump.filter.candump candump -L vcan0,123:7FF,400~400
listening 5
start dump.log wattzup can dump vcan0,0:0,#FFFFFFFF -L
start dump.screen wattzup can dump vcan0
start dump.filter wattzup can dump vcan0,123:7FF,400~400 -L --stats 60
listening 11
dumps=(dump.{log,screen,filter}{,.candump})
# A frame that all have to hear before others follow: their sockets hold some 270 of them.
heard() {
  cansend vcan0 "123#$1"
  says "123(#| +\[1\]  )$1$" "${dumps[@]}"
}
cansend vcan0 7EF#00
for frame in 123#DEADBEEF01020304 7FF# 123#R4 123#R 456##1000102030405060708090A0B 18FF50E5#A1B2C3 123#1122 \
  00000123#01 1FFFFFFF#R8 20000088#0000800000001122 20000004#0001000000000000 20000040#0000000000000000 20000100#00; do
  cansend vcan0 "$frame"
done
run send wattzup can send vcan0 7FE#01 18FF50E5#A1.B2 '7FE##0112233445566778899' 7FE#R8
heard A0
cangen vcan0 -n 100 -g 0 -I i -L 8 -D i
heard A1
cangen vcan0 -n 100 -g 0 -e
heard A2
cangen vcan0 -n 100 -g 0 -f
heard A3
cangen vcan0 -n 100 -g 0 -m
heard A4
stop "${dumps[@]}"

section 'logs played, an event picked out of a log, and Ctrl-C while frames come'
start play.candump candump -L vcan0 vcan1
start play.dump wattzup can dump vcan0 vcan1 -L --log "$out/play.log"
listening 6
canplayer -I test/real/played.log vcan0=can0 vcan1=can1
run play wattzup can play test/real/played.log vcan0=can0 vcan1=can1 --speed 0.5
run pick bash -o pipefail -c 'wattzup canlog samples/ecoflow/powerkit.log --typs=F4:05 --quiet \
  --pick=260601.060040.270 | wattzup can play - vcan0'
lines 15 play.dump
start play.cangen cangen vcan0 -n 200 -g 5 -I i -L 8 -D i
lines 65 play.dump
stop play.dump
ended play.cangen
lines 215 play.candump
stop play.candump

section 'frames that come too fast, an interface that goes down, and one that goes away'
start lost wattzup can dump vcan0
listening 2
cansend vcan0 123#00
lines 1 lost # it runs
kill -STOP "${pids[lost]}"
cangen vcan0 -n 3000 -g 0 -I i -L 8
kill -CONT "${pids[lost]}"
says 'frames lost' lost.err
ip link set vcan0 down
says 'is down' lost.err
ip link set vcan0 up
says 'works again' lost.err
ip link del vcan0
says 'no such interface' lost.err
ip link add dev vcan0 type vcan
ip link set vcan0 up
listening 2
stop lost

section 'an slcan adapter, as can-utils has one'
adapter() { # it ends when its port is closed
  start "$1" stdbuf -o0 slcanpty /dev/ptmx vcan1
  says /dev/pts/ "$1"
  pty=$(grep -o '/dev/pts/[0-9]*' "$out/$1")
}
start slcan.candump candump -L vcan1
adapter slcan.first
start slcan.dump wattzup can dump "slcan:$pty" -L --stats 0.2
says ' 0 frames' slcan.dump.err # it is open
for frame in 123#DEADBEEF 18FF50E5#A1B2C3 123#R4; do cansend vcan1 "$frame"; done
lines 3 slcan.dump
stop slcan.dump
ended slcan.first
adapter slcan.second
run slcan.send wattzup can send "slcan:$pty" 7FE#0102 00000123#03
lines 5 slcan.candump
stop slcan.candump

section 'what cannot be opened'
run refused.unknown wattzup can dump vcan9
run refused.other wattzup can dump lo
ip link set vcan1 down
run refused.down wattzup can send vcan1 123#00
