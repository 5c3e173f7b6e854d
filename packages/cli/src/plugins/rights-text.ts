import type { Manifest } from "@sigilrt/manifest";
import { requestedCapabilities } from "@sigilrt/manifest";
import { escaped } from "../terminal.ts";

/** What a plugin may touch once it is approved, a line for each right, with the author's reason where there is one. */
export function rightsLines(manifest: Manifest): readonly string[] {
  const { denyCapabilities, rationale } = manifest;
  const asked = requestedCapabilities(manifest).map(({ pattern }) => {
    const reason = rationale[pattern];
    const why = reason === undefined ? "no reason given" : `"${escaped(reason)}"`;
    return `may ${rightInWords(pattern)}  (${pattern}; ${why})`;
  });
  const denied = denyCapabilities.map((pattern) => `never ${rightInWords(pattern)}  (${pattern})`);
  const nothing = asked.length === 0 ? ["asks for nothing but its own folder"] : [];
  return [...nothing, ...asked, ...denied];
}

/** A right in plain words, such as `read everything below /data/`. */
export function rightInWords(pattern: string): string {
  const path = pattern.indexOf("./");
  const place = path === -1 ? "" : everywhere(pattern.slice(path + 1));
  if (pattern.startsWith("filesystem.read.")) return `read ${place}`;
  if (pattern.startsWith("filesystem.write.")) return `read and change ${place}`;
  if (pattern.startsWith("filesystem.")) return `use files at ${place || "any place"}`;
  if (pattern.startsWith("net.connect."))
    return `connect to ${pattern.slice("net.connect.".length)}`;
  if (pattern.startsWith("exec.")) return "run programs through the gateway";
  if (pattern.startsWith("tool.")) return `call the tool ${pattern.slice("tool.".length)}`;
  if (pattern.startsWith("sessions.")) return `use sessions (${pattern.slice("sessions.".length)})`;
  return `ask the gateway for ${pattern}`;
}

const everywhere = (path: string): string =>
  path.endsWith("/*") ? `everything below ${path.slice(0, -1)}` : path;
