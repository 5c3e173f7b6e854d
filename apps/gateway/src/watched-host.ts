import type { PluginHost, RunningPlugin } from "@sigilrt/lifecycle";
import type { RunningProcess } from "@sigilrt/process-host";
import type { PluginLogs } from "./admin/plugin-logs.ts";

/**
 * Tells the operator why a plugin did not start and how one ended that was not asked to: what callers hear is coarser. Where a host hands
 * out the lines of its plugins, from which it has taken their secrets, they are kept.
 */
export function watched(
  host: PluginHost,
  tell: (plugin: string, line: string) => void,
  logs: Pick<PluginLogs, "write" | "note">,
): PluginHost {
  return {
    adapters: host.adapters,
    async start(id, spec, options) {
      const name = spec.identity.plugin;
      const running = await host.start(id, spec, options).catch((error: unknown) => {
        tell(name, explained(error));
        throw error;
      });
      if (handsOutLogs(running)) void keepLogs(name, running, logs);
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

const handsOutLogs = (running: RunningPlugin): running is RunningProcess => "logs" in running;

async function keepLogs(
  name: string,
  running: Pick<RunningProcess, "logs">,
  logs: Pick<PluginLogs, "write" | "note">,
): Promise<void> {
  for await (const { level, message, fields, dropped } of running.logs) {
    if (dropped > 0) logs.note(name, `${dropped} lines of its error stream were dropped`);
    const more = Object.keys(fields).length === 0 ? "" : ` ${JSON.stringify(fields)}`;
    logs.write(name, `${level} ${message}${more}`);
  }
}
