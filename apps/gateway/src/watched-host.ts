import type { PluginHost, RunningPlugin } from "@sigilrt/lifecycle";

/** Tells the operator why a plugin did not start and how one ended that was not asked to: what callers hear is coarser. */
export function watched(
  host: PluginHost,
  tell: (plugin: string, line: string) => void,
): PluginHost {
  return {
    adapters: host.adapters,
    async start(id, spec, options) {
      const name = spec.identity.plugin;
      const running = await host.start(id, spec, options).catch((error: unknown) => {
        tell(name, explained(error));
        throw error;
      });
      void tellEnd(name, running, tell);
      return running;
    },
    close: () => host.close(),
    [Symbol.asyncDispose]: () => host.close(),
  };
}

async function tellEnd(
  name: string,
  { exited }: RunningPlugin,
  tell: (plugin: string, line: string) => void,
): Promise<void> {
  const { cause, code, signal, stderrTail } = await exited;
  if (cause === "requested") return;
  const how = code === undefined ? (signal ?? "") : `code ${code}`;
  tell(name, `ended by itself, ${cause} ${how}; it last said: ${stderrTail.trim()}`);
}

function explained(error: unknown): string {
  if (!(error instanceof Error)) return "unknown failure";
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message;
}
