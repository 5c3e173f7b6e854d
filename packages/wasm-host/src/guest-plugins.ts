import {
  LifecycleError,
  type PluginHost,
  type RunningPlugin,
  type StartSpec,
  type Waiting,
} from "@sigilrt/lifecycle";
import { guestOf } from "./guest-instance.ts";
import type { WasmLimits } from "./limits.ts";
import { readEntry } from "./read-entry.ts";
import { type AdaptedGuest, RunningGuest } from "./running-guest.ts";
import { toLifecycleError } from "./to-lifecycle-error.ts";
import { settingsOf, type WasmHost } from "./wasm-host.ts";

/** What a start may use: the spec's limits, each lowered to the host's. */
export interface GuestStart {
  /** The name it is loaded under. */
  readonly name: string;
  /** The verified bytes. */
  readonly bytes: Uint8Array;
  /** What the manager asked for. */
  readonly spec: StartSpec;
  /** Milliseconds of the start. */
  readonly timeoutMs: number;
  /** Fuel per call, where the spec names one. */
  readonly fuelLimit?: number;
  /** Limits that are lower than the host's. */
  readonly limits: Partial<WasmLimits>;
  /** Ends the start. */
  readonly signal: AbortSignal;
}

/** A loaded guest that is to be adapted. */
export interface LoadedGuest {
  /** What the host answered. */
  readonly loaded: { close(): Promise<void> };
  /** The same, as the contract wants it. */
  readonly adapted: AdaptedGuest;
}

/** Makes a `PluginHost` of one adapter. */
export function createGuestPlugins(
  host: WasmHost,
  adapter: string,
  adapters: readonly string[],
  load: (start: GuestStart) => Promise<LoadedGuest>,
): PluginHost {
  const running: RunningGuest[] = [];
  const closing = new AbortController();
  let closed: Promise<void> | undefined;

  const close = (): Promise<void> => {
    closed ??= (async () => {
      closing.abort();
      for (const plugin of running.toReversed()) {
        // oxlint-disable-next-line no-await-in-loop -- newest first is the promise
        await plugin.close();
      }
    })();
    return closed;
  };

  const begin = async (id: string, spec: StartSpec, signal: AbortSignal): Promise<RunningGuest> => {
    const { limits: own, timeoutMs, fuelLimit } = settingsOf(host);
    const { startMs, callMs, memoryBytes, maxResultBytes, fuel } = spec.limits;
    const fuels = [fuelLimit, fuel].filter((each) => each !== undefined);
    const bytes = await readEntry(spec, own);
    const { loaded, adapted } = await load({
      name: id,
      bytes,
      spec,
      timeoutMs: Math.max(1, Math.min(timeoutMs, startMs)),
      ...(fuels.length === 0 ? {} : { fuelLimit: Math.min(...fuels) }),
      limits: {
        memory_bytes: Math.min(own.memory_bytes, memoryBytes),
        result_bytes: Math.min(own.result_bytes, maxResultBytes),
      },
      signal,
    });
    const plugin = new RunningGuest(adapted, {
      id,
      instance: guestOf(loaded),
      callMs: Math.min(timeoutMs, callMs),
      close: () => loaded.close(),
    });
    running.push(plugin);
    void plugin.exited.then(() => running.splice(running.indexOf(plugin), 1));
    try {
      await adapted.describe(signal);
      return plugin;
    } catch (error) {
      await plugin.close();
      throw error;
    }
  };

  return Object.freeze({
    adapters: Object.freeze([...adapters]),
    async start(id: string, spec: StartSpec, { signal }: Waiting = {}): Promise<RunningPlugin> {
      if (closed !== undefined) {
        throw new LifecycleError(
          "CLOSED",
          "Cannot start a plugin: the host was closed; make another",
        );
      }
      if (spec.adapter !== adapter || !adapters.includes(adapter)) {
        throw new LifecycleError(
          "START_FAILED",
          `Cannot start a plugin: this host serves no adapter of that name here; use ${adapter}`,
        );
      }
      const late = AbortSignal.timeout(Math.max(1, spec.limits.startMs));
      const stops = [closing.signal, late, ...(signal === undefined ? [] : [signal])];
      try {
        return await begin(id, spec, AbortSignal.any(stops));
      } catch (error) {
        if (closing.signal.aborted) {
          throw new LifecycleError("CLOSED", "Cannot start a plugin: the host was closed", {
            cause: error,
          });
        }
        if (late.aborted && signal?.aborted !== true) {
          const message = "Cannot start a plugin: it was not ready in time; allow more time";
          throw new LifecycleError("DEADLINE", message, { cause: error, phase: "start" });
        }
        throw toLifecycleError(error, id);
      }
    },
    close,
    [Symbol.asyncDispose]: close,
  });
}
