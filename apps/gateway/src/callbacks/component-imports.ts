import {
  type ComponentPluginsOptions,
  type HostImports,
  type ImportContext,
  ImportFailure,
} from "@sigilrt/wasm-host";
import { KvError } from "./kv-error.ts";
import type { KvSpace, KvStore } from "./kv-store.ts";
import type { PluginAsks } from "./plugin-asks.ts";

/** Decides on what components ask, and serves them the same store as the process tier. */
export function componentImports(
  asks: Pick<PluginAsks, "askerOf" | "decide">,
  kv: KvStore,
): ComponentPluginsOptions {
  const spaceOf = ({ callId }: ImportContext): KvSpace => {
    const asker = asks.askerOf(callId);
    // Decided a moment ago: the call has ended since.
    if (!asker) throw new ImportFailure("failed", "the call has ended");
    return kv.space(asker.plugin, asker.scope);
  };
  return {
    async decide({ capability, callId }, { signal }) {
      const asker = asks.askerOf(callId);
      return asker !== undefined && (await asks.decide(asker, capability, signal)) === "allowed";
    },
    imports: {
      kv: {
        async get(key, context) {
          const found = told(() => spaceOf(context).get(key));
          return found && { value: found.value, version: BigInt(found.version) };
        },
        async put(key, value, expected, context) {
          const { stored, version } = told(() =>
            spaceOf(context).put(key, value, expected === undefined ? undefined : Number(expected)),
          );
          if (!stored) throw new ImportFailure("conflict");
          return BigInt(version);
        },
        async delete(key, context) {
          return told(() => spaceOf(context).delete(key));
        },
        async keys(prefix, after, limit, context) {
          return told(() =>
            spaceOf(context).list(prefix, { limit, ...(after === undefined ? {} : { after }) }),
          );
        },
      },
    } satisfies HostImports,
  };
}

/** A refusal of the store in the world's words. */
function told<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof KvError)) throw error;
    switch (error.code) {
      case "MALFORMED":
        throw new ImportFailure("malformed", error.message);
      case "TOO_LARGE":
        throw new ImportFailure("too-large");
      case "FULL":
        throw new ImportFailure("failed", error.message);
      default:
        throw error.code satisfies never;
    }
  }
}
