import {
  type CallChunk,
  type HostAsk,
  type HostCallOptions,
  LifecycleError,
  type RunningPlugin,
} from "@sigilrt/lifecycle";

/** Asks a running plugin for a prompt or a resource; what it answers is the structured result of the call. */
export async function* askRunning(
  running: Pick<RunningPlugin, "ask">,
  request: HostAsk,
  options: HostCallOptions,
): AsyncGenerator<CallChunk> {
  if (!running.ask) {
    throw new LifecycleError("TOOL_UNKNOWN", `Cannot ask for a ${request.kind}: it serves none`);
  }
  const { isError, value } = await running.ask(request, options);
  yield { kind: "result", isError, structured: value };
}
