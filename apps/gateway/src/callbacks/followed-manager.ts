import type { CallChunk } from "@sigilrt/lifecycle";
import {
  type CallOptions,
  type CallOutcome,
  type CallRequest,
  PluginManager,
  type PluginManagerOptions,
} from "@sigilrt/manager";
import type { CallsInProgress } from "./calls-in-progress.ts";

/** A manager whose calls are known by whom they are made, until the plugin that answers them has them. */
export class FollowedManager extends PluginManager {
  readonly #calls: Pick<CallsInProgress, "making">;

  constructor(options: PluginManagerOptions, calls: Pick<CallsInProgress, "making">) {
    super(options);
    this.#calls = calls;
  }

  override async *stream(
    request: CallRequest,
    options: CallOptions = {},
  ): AsyncGenerator<CallChunk | CallOutcome> {
    const parts = super.stream(request, options);
    const within = <T>(work: () => T): T => this.#calls.making(request, work);
    try {
      for (;;) {
        // oxlint-disable-next-line no-await-in-loop -- parts are pulled one by one
        const next = await within(() => parts.next());
        if (next.done === true) return;
        yield next.value;
      }
    } finally {
      await within(() => parts.return(undefined));
    }
  }
}
