import { type Attack } from "./attack.ts";

/** Attacks on files of the host. */
export const fileAttacks: readonly Attack[] = [
  {
    row: 1,
    title: "reads the secret by its path",
    runtime: "sh",
    body: ({ folder, canary }) => `grep -q ${canary} ${folder}/secret && through secret`,
  },
  {
    row: 2,
    title: "reads the secret by .. from its data folder",
    runtime: "sh",
    body: ({ data, canary }) =>
      `cd ${data} && for up in .. ../.. ../../..; do grep -q ${canary} $up/secret && through $up; done`,
  },
  {
    row: 3,
    title: "reads the secret by a link in its data folder",
    runtime: "sh",
    body: ({ folder, data, canary }) =>
      `ln -s ${folder}/secret ${data}/out; grep -q ${canary} ${data}/out && through link; rm -f ${data}/out`,
  },
  {
    row: 4,
    title: "reads the secret by a hard link into its data folder",
    runtime: "sh",
    body: ({ folder, data, canary }) =>
      `ln ${folder}/writable ${data}/out && through linked; ln ${folder}/secret ${data}/out2; grep -q ${canary} ${data}/out2 && through secret; rm -f ${data}/out ${data}/out2`,
  },
  {
    row: 5,
    title: "reaches the host through /proc/*/root and /proc/*/cwd",
    runtime: "sh",
    body: ({ folder, canary }) =>
      `for at in /proc/[0-9]*/root /proc/[0-9]*/cwd; do grep -q ${canary} $at${folder}/secret && { through /proc; break; }; done`,
  },
  {
    row: 10,
    title: "reads /etc/shadow, /root and the host's folder of temporary files",
    runtime: "sh",
    body: ({ folder }) =>
      `head -c 1 /etc/shadow > /dev/null && through /etc/shadow; ls -A /root | grep -q . && through /root; [ -e ${folder}/writable ] && through the folder around it`,
  },
  {
    row: 11,
    title: "learns the users of the host from /etc/passwd",
    runtime: "sh",
    body: ({ users }) =>
      `for user in ${users.join(" ")}; do grep -q "^$user:" /etc/passwd && through $user; done`,
  },
  {
    row: 12,
    title: "lists /sys, /boot and /var",
    runtime: "sh",
    body: () => "for d in /sys /boot /var; do ls -A $d | grep -q . && through $d; done",
  },
  {
    row: 13,
    title: "writes into /usr, /etc, its code, /, /run, /dev, /home and /proc",
    runtime: "sh",
    body: ({ code }) =>
      `for d in / /usr /usr/lib /etc ${code} /run /run/sigil /dev /home /proc /data; do (: > $d/attack-new) && { through $d, a $(stat -f -c %T $d); rm $d/attack-new; }; done`,
  },
  {
    row: 14,
    title: "writes through a link out of its data folder",
    runtime: "sh",
    body: ({ folder, data }) =>
      // What is not the host's own file may be written.
      `ln -s ${folder}/writable ${data}/out
grep -q untouched ${data}/out && (echo x >> ${data}/out) && through link
grep -q untouched ${folder}/writable && (echo x >> ${folder}/writable) && through path
rm -f ${data}/out`,
  },
  {
    row: 46,
    title: "opens the memory of process 1, of the kernel and of the machine",
    runtime: "sh",
    body: () =>
      "for f in /proc/1/mem /proc/kcore /proc/keys /proc/kallsyms /dev/mem /dev/kmsg; do head -c 1 $f | grep -q . && through $f; done",
  },
  {
    row: 53,
    title: "makes a device",
    runtime: "sh",
    body: ({ data }) =>
      `for at in /tmp ${data}; do mknod $at/attack-device b 8 0 && { through $at; rm $at/attack-device; }; done`,
  },
  {
    row: 59,
    title: "fills /tmp, /dev/shm and its home over their size",
    runtime: "sh",
    limits: { tmpBytes: 1_048_576, fileBytes: 16_777_216 },
    body: ({ data }) => `for d in /tmp /dev/shm "$HOME"; do
  [ -n "$d" ] && [ "$d" != ${data} ] || continue
  dd if=/dev/zero of=$d/attack-fill bs=65536 count=64
  [ "$(wc -c < $d/attack-fill || echo 0)" -gt 1048576 ] && through $d
  rm -f $d/attack-fill
done`,
  },
];
