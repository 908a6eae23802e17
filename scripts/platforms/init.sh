#!/bin/sh
# The first program of the machine that machine.mjs starts. Of each line that it reads it runs the
# command, and answers with what that writes and, at the end, with a mark and the command's status.
# Whatever a command leaves running ends with it.
set -eu
export HOME=/root LANG=C.UTF-8
# Debian has PostgreSQL's programs out of the path, and a script in front of some.
PATH="$(echo /usr/lib/postgresql/*/bin):/usr/sbin:/usr/bin"
export PATH

# Whoever has made the disk needn't be root.
[ "$(stat -c %u /init)" = 0 ] || chown -R -h 0:0 /

mount -t devtmpfs devtmpfs /dev
mkdir /dev/pts /dev/shm
ln -s /proc/self/fd /dev/fd
mount -t devpts devpts /dev/pts
mount -t tmpfs -o mode=1777 tmpfs /dev/shm
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t cgroup2 cgroup2 /sys/fs/cgroup
mount -t tmpfs -o mode=755 tmpfs /run
ip link set lo up
hostname arm
# What systemd gives to services.
ulimit -Hn 524288
ulimit -Sn 1024

answer=$mark
unset mark
group=/sys/fs/cgroup/command
mkdir $group
stty -F /dev/ttyAMA0 raw -echo
exec < /dev/ttyAMA0 > /dev/ttyAMA0
echo "$answer 0"
while read -r command; do
  {
    status=0
    sh -c "echo \$\$ > $group/cgroup.procs; $command" < /dev/null 2>&1 || status=$?
    echo 1 > $group/cgroup.kill
    echo $status > /run/status
  } | cat
  echo "$answer $(cat /run/status)"
done
