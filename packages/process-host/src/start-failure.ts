import type { GrpcChannel, MuxSession } from "@sigilrt/protocol/node";
import type { LogDrain } from "./output.ts";
import type { PrivateDirectory } from "./private-directory.ts";
import {
  ProcessHostError,
  type ProcessHostErrorCode,
  type ProcessPhase,
  type StartEvidence,
} from "./process-host-error.ts";
import type { Spawned } from "./runner.ts";
import { settlesWithin, TIME_OVER } from "./waiting.ts";

/** The steps of a start. */
export type StartPhase = keyof typeof phaseCodes;

/** What a failed start leaves behind. */
export interface Remains {
  readonly spawned: Spawned | undefined;
  readonly directory: PrivateDirectory | undefined;
  readonly logs: LogDrain | undefined;
  readonly channel: GrpcChannel | undefined;
  readonly mux: MuxSession | undefined;
}

/** Takes it away and answers what was seen. */
export async function tearDown({
  spawned,
  directory,
  logs,
  channel,
  mux,
}: Remains): Promise<StartEvidence> {
  // A program that is just ending by itself tells more than one that was killed.
  const exit = spawned === undefined ? undefined : await ownExit(spawned);
  await channel?.close();
  await mux?.close();
  await spawned?.kill("SIGKILL");
  if (spawned !== undefined) {
    await settlesWithin(spawned.exited, 1000);
    await settlesWithin(logs?.ended ?? Promise.resolve(), 500);
    spawned.stdout.destroy();
    spawned.stderr.destroy();
    spawned.link?.destroy();
  }
  const diagnosis = (await spawned?.diagnose()) ?? "";
  await spawned?.release?.();
  await directory?.remove();
  const stderrTail = logs?.tail() ?? "";
  const hint = hintOf(stderrTail, exit?.code);
  return {
    stderrTail,
    ...(exit === undefined ? {} : { exit }),
    ...(diagnosis === "" ? {} : { diagnosis }),
    ...(hint === undefined ? {} : { hint }),
  };
}

const ownExit = async (spawned: Spawned): Promise<Awaited<Spawned["exited"]> | undefined> =>
  (await settlesWithin(spawned.exited, 50)) ? await spawned.exited : undefined;

function hintOf(stderrTail: string, code: number | undefined): string | undefined {
  if (/Exec format error/iu.test(stderrTail))
    return "The program was built for another processor or is no program";
  if (/error while loading shared libraries/u.test(stderrTail))
    return "A shared library of the program is not installed";
  if (code === 127 || /No such file or directory/u.test(stderrTail))
    return "The program or its interpreter is missing";
  if (/^npm |^npx /mu.test(stderrTail))
    return "A package runner was started; start the interpreter itself";
  return undefined;
}

/** Says why a start failed; the caller's own wish comes first. */
export function startFailure(
  error: unknown,
  phase: StartPhase,
  seen: StartEvidence,
  stop: AbortSignal,
): ProcessHostError {
  if (stop.aborted)
    return stop.reason instanceof ProcessHostError ? stop.reason : cancelled(stop.reason, phase);
  const evidence = {
    ...seen,
    ...(error instanceof ProcessHostError && error.evidence?.line !== undefined
      ? { line: error.evidence.line }
      : {}),
  };
  if (error instanceof ProcessHostError) {
    return new ProcessHostError(error.code, error.message, {
      cause: error.cause,
      phase: error.phase ?? phase,
      evidence,
    });
  }
  const found =
    error === TIME_OVER
      ? "its time was over"
      : error instanceof Error
        ? error.message
        : "unknown reason";
  return new ProcessHostError(
    phaseCodes[phase],
    `Cannot start the plugin in step ${phase}: ${found}`,
    {
      cause: error === TIME_OVER ? undefined : error,
      phase,
      evidence,
    },
  );
}

const cancelled = (reason: unknown, phase: ProcessPhase): ProcessHostError =>
  new ProcessHostError("CANCELLED", "Cannot start the plugin: the caller cancelled it", {
    cause: reason,
    phase,
  });

const phaseCodes = {
  prepare: "SOCKET_DIR_FAILED",
  spawn: "SPAWN_FAILED",
  handshake: "HANDSHAKE_TIMEOUT",
  connect: "CONNECT_FAILED",
  health: "NOT_SERVING",
  init: "INIT_FAILED",
  negotiate: "LANE_UNAVAILABLE",
} as const satisfies Partial<Record<ProcessPhase, ProcessHostErrorCode>>;
