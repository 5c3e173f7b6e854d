import { describeLoop, loopOf } from "./dependencies.ts";
import type { FoundFolder } from "./read-folder.ts";
import type { AdmittedPlugin, RefusedPlugin } from "./verify.ts";

/** Refuses the members of every loop of dependencies, each with the loop. */
export function refuseLoops(
  admitted: ReadonlyMap<string, AdmittedPlugin>,
  found: readonly FoundFolder[],
): readonly RefusedPlugin[] {
  return [...admitted.keys()].flatMap((plugin) => {
    const loop = loopOf(admitted, plugin);
    if (!loop) return [];
    const dir = found.find(({ manifest }) => manifest.name === plugin)?.dir ?? "";
    const message = `Cannot admit "${plugin}": ${describeLoop(loop)}; remove one of these dependencies`;
    return [{ plugin, dir, code: "DEPENDENCY_CYCLE" as const, message }];
  });
}
