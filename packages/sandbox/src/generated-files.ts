import { type Identity } from "./identity.ts";

/** A file of `/etc` that the sandbox gets in place of the host's, which would name its users and resolvers. */
export interface GeneratedFile {
  readonly target: string;
  readonly content: string | Uint8Array;
}

/** The files for one identity. */
export function generatedFiles({ uid, gid }: Identity): readonly GeneratedFile[] {
  return [
    { target: "/etc/passwd", content: `plugin:x:${uid}:${gid}::/home/plugin:/bin/sh\n` },
    { target: "/etc/group", content: `plugin:x:${gid}:\n` },
    { target: "/etc/hosts", content: "127.0.0.1 localhost plugin\n::1 localhost plugin\n" },
    { target: "/etc/nsswitch.conf", content: "passwd: files\ngroup: files\nhosts: files\n" },
    {
      target: "/etc/resolv.conf",
      content: "# There is no resolver: names are resolved outside.\n",
    },
  ];
}
