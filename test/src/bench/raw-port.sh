#!/bin/sh
# What raw-port.c does, for a machine without a C compiler: slower, for each command starts a dd.
# A spawn answers the mean of all, for no clock of a shell is fine enough for one.
exec 3<>"$1"
uptime_us() {
  read -r seconds _ </proc/uptime
  echo "${seconds%.*}${seconds#*.}0000"
}
while :; do
  read -r command one two <&3 || { sleep 0.01; continue; }
  case $command in
    echo) dd bs="$one" count="$two" iflag=fullblock <&3 >&3 2>/dev/null ;;
    sink) dd bs="$one" count="$two" iflag=fullblock <&3 >/dev/null 2>&1; echo done >&3 ;;
    source) dd bs="$one" count="$two" if=/dev/zero >&3 2>/dev/null ;;
    spawn)
      started_us=$(uptime_us)
      for _ in $(seq "$one"); do "$two" >/dev/null 2>&1 </dev/null; done
      printf '%s\ndone\n' $((($(uptime_us) - started_us) / one)) >&3
      ;;
    output) "$two" "$one" </dev/null >&3 2>/dev/null ;;
    input) echo ready >&3; dd bs=32768 count=$((one / 32768)) iflag=fullblock <&3 2>/dev/null | "$two" >/dev/null; echo done >&3 ;;
  esac
done
