import { generateArgs, type GenerateArgsOptions, type SandboxManifest } from "../generate-args.ts";
import { mergedLayout } from "../layout.ts";

type Asked = NonNullable<SandboxManifest["execution"]["sandbox"]>;

/** A manifest of the process tier. */
export function manifest(sandbox?: Asked, capabilities: readonly string[] = []): SandboxManifest {
  return {
    name: "echo",
    execution: { tier: "process", ...(sandbox === undefined ? {} : { sandbox }) },
    capabilities,
  };
}

/** Options that look at nothing of the machine. */
export const linux = { platform: "linux", layout: mergedLayout } as const;

/** The same for macOS. */
export const darwin = { platform: "darwin" } as const;

/** `generateArgs`, for a manifest that has arguments. */
export function generate(
  asked: SandboxManifest = manifest(),
  binary = "/opt/echo/main",
  options: GenerateArgsOptions = linux,
): readonly string[] {
  return generateArgs(asked, binary, options) ?? [];
}
