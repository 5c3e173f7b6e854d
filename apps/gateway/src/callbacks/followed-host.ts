import type { CallChunk, PluginHost, RunningPlugin } from "@sigilrt/lifecycle";
import type { CallsInProgress, Entered } from "./calls-in-progress.ts";

/** A host whose instances and calls are known while they last. */
export function followedHost(host: PluginHost, calls: Pick<CallsInProgress, "enter">): PluginHost {
  return {
    adapters: host.adapters,
    async start(id, spec, options) {
      const entered = calls.enter(spec);
      try {
        const running = await host.start(id, spec, options);
        void running.exited.then(() => entered.leave());
        return followed(running, entered);
      } catch (error) {
        entered.leave();
        throw error;
      }
    },
    close: () => host.close(),
    [Symbol.asyncDispose]: () => host.close(),
  };
}

function followed(running: RunningPlugin, entered: Entered): RunningPlugin {
  const offers = running.offers?.bind(running);
  const ask = running.ask?.bind(running);
  return {
    exited: running.exited,
    describe: (options) => running.describe(options),
    call(request, options) {
      return whileItRuns(
        () => entered.begin(request.requestId),
        () => running.call(request, options),
      );
    },
    ...(offers ? { offers } : {}),
    ...(ask ? { ask } : {}),
    open: (kind, options) => running.open(kind, options),
    health: (options) => running.health(options),
    close: (options) => running.close(options),
    [Symbol.asyncDispose]: () => running[Symbol.asyncDispose](),
  };
}

/** A call that is never read never begins. */
async function* whileItRuns(
  begin: () => () => void,
  call: () => AsyncIterable<CallChunk>,
): AsyncGenerator<CallChunk, void, undefined> {
  const forget = begin();
  try {
    yield* call();
  } finally {
    forget();
  }
}
