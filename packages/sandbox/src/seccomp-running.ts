import { compileSeccomp, type SeccompProgram } from "./seccomp-compile.ts";
import { type SeccompArch } from "./seccomp-rules.ts";
import { quoted } from "./quoted.ts";
import { SandboxError } from "./sandbox-error.ts";

const architectures: ReadonlyMap<string, SeccompArch> = new Map([
  ["x64", "x86_64"],
  ["arm64", "aarch64"],
]);

/** The filter of every launch, by Node's name of the architecture. @throws {SandboxError} UNSUPPORTED_ARCH */
export function compileFor(processArch: string): SeccompProgram {
  const arch = architectures.get(processArch);
  if (arch !== undefined) return compileSeccomp({ arch });
  throw new SandboxError(
    "UNSUPPORTED_ARCH",
    `Cannot filter system calls on ${quoted(processArch)}: only x64 and arm64 have a table`,
    { remedy: "Use the wasm tier, or a 64-bit Node on x86-64 or ARM", failed: ["seccomp"] },
  );
}
