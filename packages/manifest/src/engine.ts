import type { Manifest } from "./manifest.ts";
import { quote } from "./manifest-error.ts";
import { satisfiesRange } from "./range.ts";

/** Whether a runtime may load a plugin. */
export type EngineDecision =
  | {
      /** It may. */
      readonly supported: true;
    }
  | {
      /** It must not. */
      readonly supported: false;
      /** The word for it in errors. */
      readonly code: "ENGINE_UNSUPPORTED";
      /** The range the plugin accepts. */
      readonly engine: string;
      /** The version of the runtime. */
      readonly version: string;
      /** Both, for people. */
      readonly message: string;
    };

/** Decides whether a runtime's version is in the manifest's `engine` range. A version that is no SemVer is in none. */
export function decideEngine(manifest: Manifest, version: string): EngineDecision {
  const { engine, name } = manifest;
  if (satisfiesRange(version, engine)) return { supported: true };
  const message = `Cannot load ${quote(name)}: it needs a runtime ${quote(engine)}, this is ${quote(version)}`;
  return Object.freeze({ supported: false, code: "ENGINE_UNSUPPORTED", engine, version, message });
}
