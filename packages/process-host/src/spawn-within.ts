import type { HostSettings } from "./options.ts";
import type { Spawned } from "./runner.ts";
import { limited, unlessAborted } from "./waiting.ts";

/** A runner that answers too late is told to end what it started. */
export async function spawnWithin(
  settings: HostSettings,
  request: Parameters<HostSettings["runner"]["spawn"]>[0],
  signal: AbortSignal,
): Promise<Spawned> {
  const own = limited(settings.timeouts.spawnMs, signal);
  const spawning = settings.runner.spawn(request, own.signal);
  try {
    return await unlessAborted(spawning, own.signal);
  } catch (error) {
    void endLate(spawning);
    throw error;
  } finally {
    own.stop();
  }
}

async function endLate(spawning: Promise<Spawned>): Promise<void> {
  const late = await spawning.catch(() => undefined);
  late?.stdout.resume();
  late?.stderr.resume();
  await late?.kill("SIGKILL").catch(() => undefined);
  await late?.exited;
  await late?.release?.();
}
