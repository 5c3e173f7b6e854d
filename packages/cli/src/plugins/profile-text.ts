import type { Manifest } from "@sigilrt/manifest";
import { requestedCapabilities } from "@sigilrt/manifest";

/**
 * What a plugin can touch once it is approved, in plain words, one line for each kind of thing: what a reviewer reads first. What a line
 * does not name is closed.
 */
export function touchLines(manifest: Manifest): readonly string[] {
  const { execution, resources, denyCapabilities } = manifest;
  const asked = requestedCapabilities(manifest).map(({ pattern }) => pattern);
  const rest = (prefix: string): readonly string[] =>
    asked.flatMap((pattern) =>
      pattern.startsWith(prefix) ? [placeOf(pattern.slice(prefix.length))] : [],
    );
  const [reads, changes] = [rest("filesystem.read."), rest("filesystem.write.")];
  const programs = rest("exec.");
  const others = asked.filter(
    (pattern) => !/^(?:filesystem\.(?:read|write)|net\.connect|exec)\./u.test(pattern),
  );
  const isProcess = execution.tier !== "wasm";
  const files = [
    ...(isProcess ? ["a folder of its own"] : []),
    ...(reads.length > 0 ? [`reads ${reads.join(", ")}`] : []),
    ...(changes.length > 0 ? [`reads and changes ${changes.join(", ")}`] : []),
  ];
  return [
    `files     ${sentence(files, "none")}`,
    `network   ${sentence(rest("net.connect."), "none: no route leads out")}`,
    `programs  ${sentence(isProcess ? ["its own and the shell", ...programs.map((name) => name.replace(/^run\./u, ""))] : [], "none: it is WebAssembly")}`,
    `gateway   ${sentence(others, "asks it for nothing")}`,
    `limits    ${limitsOf(resources)}`,
    ...(denyCapabilities.length > 0 ? [`never     ${denyCapabilities.join(", ")}`] : []),
  ];
}

const sentence = (parts: readonly string[], nothing: string): string =>
  parts.length === 0 ? nothing : parts.join("; ");

const placeOf = (place: string): string =>
  place.startsWith("/") && place.endsWith("/*") ? `everything below ${place.slice(0, -1)}` : place;

function limitsOf({ memoryBytes, pids, timeouts }: Manifest["resources"]): string {
  const seconds = timeouts.callMs / 1_000;
  return `${memoryBytes / 1_048_576} MiB of memory, ${pids} processes, ${seconds} s a call`;
}
