import { readdirSync, readFileSync } from "node:fs";
import { SandboxError } from "./sandbox-error.ts";

const closeOnExec = 0o2_000_000;
const maxSlots = 512;
const firstFree = 3;

/**
 * Answers the descriptors from 3 up that a child would inherit. Node opens none so, but whoever started
 * this process may have left some.
 * @throws {SandboxError} DESCRIPTOR_LEAK when covering them would take more than 512 slots
 */
export function leakedDescriptors(): readonly number[] {
  const leaked = readdirSync("/proc/self/fdinfo")
    .map(Number)
    .filter((fd) => fd >= firstFree && isInherited(fd));
  const slots = coveredSlots(leaked);
  if (slots <= maxSlots) return leaked;
  throw new SandboxError(
    "DESCRIPTOR_LEAK",
    `Cannot cover the inherited descriptors: ${leaked.length} lie in ${slots} slots; at most ${maxSlots} are covered`,
    { remedy: "Start the gateway without open descriptors from 3 up" },
  );
}

/** How many slots from 3 up the covers of leaked descriptors can take. */
export function coveredSlots(leaked: readonly number[]): number {
  return Math.max(firstFree - 1, ...leaked) - firstFree + 1;
}

function isInherited(fd: number): boolean {
  const flags = /^flags:\s*([0-7]+)$/m.exec(fdInfo(fd))?.[1];
  return flags !== undefined && (Number.parseInt(flags, 8) & closeOnExec) === 0;
}

// The descriptor of the listing itself is gone by now.
function fdInfo(fd: number): string {
  try {
    return readFileSync(`/proc/self/fdinfo/${fd}`, "latin1");
  } catch {
    return "";
  }
}
