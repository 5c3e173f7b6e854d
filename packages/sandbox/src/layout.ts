import { existsSync, lstatSync, readlinkSync, realpathSync } from "node:fs";

/** Where a system keeps the libraries and the two programs that every plugin may use. */
export interface SystemLayout {
  /** Library folders that are real folders, to be bound read-only. */
  readonly libraries: readonly string[];
  /** Folders that are links: path → text of the link, as in a merged `/usr`. */
  readonly links: Readonly<Record<string, string>>;
  /** Time zones and certificates, where present. */
  readonly shared: readonly string[];
  /** Real path of `/bin/sh`. */
  readonly shell: string;
  /** Real path of `/usr/bin/env`. */
  readonly env: string;
  /** Files of `/proc` that this kernel has and that show more than the sandbox. */
  readonly hiddenProc: readonly string[];
}

const folders = ["/usr/lib", "/usr/lib64", "/lib", "/lib64", "/bin"];
const shared = ["/usr/share/zoneinfo", "/usr/share/ca-certificates", "/etc/ssl/certs"];
const hiddenProc = ["/proc/keys", "/proc/kcore", "/proc/kallsyms", "/proc/timer_list"];

/** A merged `/usr` of x86-64, as most distributions have it. */
export const mergedLayout: SystemLayout = Object.freeze({
  libraries: Object.freeze(["/usr/lib", "/usr/lib64"]),
  links: Object.freeze({ "/lib": "usr/lib", "/lib64": "usr/lib64", "/bin": "usr/bin" }),
  shared: Object.freeze(shared),
  shell: "/usr/bin/dash",
  env: "/usr/bin/env",
  hiddenProc: Object.freeze(hiddenProc),
});

/** Looks at the running system. A folder that it lacks is left out, `/lib64` above all. */
export function readLayout(): SystemLayout {
  const found = folders.filter((path) => existsSync(path));
  const links = found.filter((path) => lstatSync(path).isSymbolicLink());
  const real = found.filter((path) => !links.includes(path) && path !== "/bin");
  return Object.freeze({
    libraries: Object.freeze(real),
    links: Object.freeze(Object.fromEntries(links.map((path) => [path, readlinkSync(path)]))),
    shared: Object.freeze(shared.filter((path) => existsSync(path))),
    shell: realpathSync("/bin/sh"),
    env: realpathSync("/usr/bin/env"),
    hiddenProc: Object.freeze(hiddenProc.filter((path) => existsSync(path))),
  });
}
