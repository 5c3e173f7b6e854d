import type { ExitCause, ExitReport } from "@sigilrt/lifecycle";
import type { Connection } from "./connection.ts";
import type { Launched } from "./launch.ts";
import { methods } from "./methods.ts";
import { type StopGraces, stopGraces, type StopOptions } from "./options.ts";
import { ProcessHostError } from "./process-host-error.ts";
import { settlesWithin } from "./waiting.ts";

/** Makes a program leave: drain, Shutdown, SIGTERM, SIGKILL to its group. */
export async function stopProgram(
  { spawned, channel, broker }: Launched,
  connection: Connection,
  exited: Promise<ExitReport>,
  intent: { cause: ExitCause },
  base: Required<StopGraces>,
  options: StopOptions,
): Promise<ExitReport> {
  const graces = stopGraces(base, options.graces);
  const hurry = Promise.withResolvers<void>();
  const abort = (): void => hurry.resolve();
  options.signal?.addEventListener("abort", abort, { once: true });
  if (options.signal?.aborted === true) abort();
  const until = performance.now() + (options.graceMs ?? Number.POSITIVE_INFINITY);
  const budget = (ms: number): number =>
    options.signal?.aborted === true ? 0 : Math.max(0, Math.min(ms, until - performance.now()));
  const gone = (ms: number): Promise<boolean> =>
    settlesWithin(Promise.race([spawned.exited, hurry.promise]), budget(ms));

  try {
    connection.refuseNew();
    if (!(await settlesWithin(spawned.exited, 0))) intent.cause = "requested";
    await settlesWithin(
      Promise.race([connection.idle(), spawned.exited, hurry.promise]),
      budget(graces.drainMs),
    );
    connection.cancelAll();

    const shutdownMs = budget(graces.shutdownMs);
    if (shutdownMs > 0) {
      const started = performance.now();
      const asked = askToLeave(channel, broker, shutdownMs);
      await settlesWithin(Promise.race([asked, spawned.exited, hurry.promise]), shutdownMs);
      await gone(Math.max(0, shutdownMs - (performance.now() - started)));
    }
    if (!(await settlesWithin(spawned.exited, 0))) {
      await spawned.kill("SIGTERM");
      await gone(graces.terminateMs);
    }
    if (!(await settlesWithin(spawned.exited, 0))) {
      intent.cause = "killed";
      await spawned.kill("SIGKILL");
      if (!(await settlesWithin(spawned.exited, graces.killMs))) {
        throw new ProcessHostError(
          "UNKILLABLE",
          `Cannot stop the plugin: process ${spawned.pid} is still there after SIGKILL`,
          { phase: "stop" },
        );
      }
    }
    return await exited;
  } finally {
    options.signal?.removeEventListener("abort", abort);
  }
}

/** Whatever it answers, it was told. */
async function askToLeave(
  channel: Launched["channel"],
  broker: Launched["broker"],
  timeoutMs: number,
): Promise<void> {
  const timeoutSeconds = Math.min(Math.ceil(timeoutMs / 1000), 2_147_483_647);
  const reason = "stopped by the host";
  await channel
    .unary(methods.shutdown, { timeoutSeconds, reason }, { timeoutMs })
    .catch(() => undefined);
  // As a Go host does: a server in Go waits for open streams before it leaves.
  await broker.close();
  await channel.unary(methods.shutdownServer, {}, { timeoutMs }).catch(() => undefined);
}
