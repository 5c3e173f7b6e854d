import { type Attack } from "./attack.ts";

/** Attacks on processes, on limits and on settings of the host. */
export const processAttacks: readonly Attack[] = [
  {
    row: 6,
    title: "reads the secret from /proc/*/environ",
    runtime: "sh",
    body: ({ canary }) =>
      `for f in /proc/[0-9]*/environ; do tr '\\0' '\\n' < $f | grep -q ${canary} && { through environ; break; }; done`,
  },
  {
    row: 7,
    title: "reads the secret from its own environment",
    runtime: "sh",
    body: ({ canary }) => `env | grep -q ${canary} && through variable`,
  },
  {
    row: 8,
    title: "reads paths of the host from the command line of process 1",
    runtime: "sh",
    body: ({ folder }) => `tr '\\0' '\\n' < /proc/1/cmdline | grep -q ${folder} && through path`,
  },
  {
    row: 21,
    title: "sees or signals a process of the host",
    runtime: "sh",
    body: ({ bystander }) =>
      `[ -e /proc/${bystander}/stat ] && grep -q 'read -r _' /proc/${bystander}/cmdline && through seen; kill -0 ${bystander} && through signalled`,
  },
  {
    row: 35,
    title: "makes a new user namespace",
    runtime: "sh",
    body: () =>
      "unshare --user true && through user; unshare --user --map-root-user true && through root",
  },
  {
    row: 37,
    title: "enters a namespace",
    runtime: "sh",
    body: () =>
      "nsenter --user=/proc/self/ns/user true && through user; nsenter --net=/proc/1/ns/net true && through net",
  },
  {
    row: 38,
    title: "mounts, unmounts or makes /usr writable",
    runtime: "sh",
    body: () =>
      "mount -t tmpfs none /tmp && through mounted; umount /proc && through unmounted; mount -o remount,rw /usr && through remounted",
  },
  {
    row: 40,
    title: "changes its root",
    runtime: "sh",
    body: () => "/usr/sbin/chroot / /bin/sh -c : && through changed",
  },
  {
    row: 55,
    title: "takes six times as much memory as its limit",
    runtime: "node",
    limits: { memoryBytes: 134_217_728 },
    mayBeKilled: true,
    body: () => `const kept = [];
try { while (kept.length < 48) kept.push(Buffer.alloc(16_777_216, 1)); through("768 MiB"); } catch {}`,
  },
  {
    row: 56,
    title: "starts ten times as many processes as its limit",
    runtime: "sh",
    limits: { pids: 20 },
    mayBeKilled: true,
    body: () => `i=0
while [ $i -lt 200 ]; do (sleep 3 &) || break; i=$((i+1)); done
[ $i -ge 200 ] && through 200`,
  },
  {
    row: 57,
    title: "raises a hard limit or lowers its oom score",
    runtime: "sh",
    body: () => `for l in n f d; do
  now=$(ulimit -H$l)
  [ "$now" = unlimited ] || { (ulimit -H$l $((now + 1))) && through $l; }
done
(echo -1000 > /proc/self/oom_score_adj) && through oom_score_adj`,
  },
  {
    row: 60,
    title: "opens core_pattern, sysrq-trigger and binfmt_misc for writing",
    runtime: "sh",
    // Opens for appending and writes nothing.
    body: () =>
      "for f in /proc/sys/kernel/core_pattern /proc/sysrq-trigger /proc/sys/fs/binfmt_misc/register /proc/sys/kernel/hostname; do (: >> $f) && through $f; done",
  },
  {
    row: 61,
    title: "sets the host name to the same name",
    runtime: "sh",
    body: () => 'hostname "$(hostname)" && through set',
  },
  {
    row: 63,
    title: "sees or writes control groups",
    runtime: "sh",
    body: () =>
      "ls -A /sys/fs/cgroup | grep -q . && through seen; (: >> /sys/fs/cgroup/release_agent) && through release_agent",
  },
];
