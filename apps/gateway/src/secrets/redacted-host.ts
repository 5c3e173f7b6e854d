import { LifecycleError, type PluginHost } from "@sigilrt/lifecycle";
import type { Redaction } from "./redaction.ts";

/** A host whose errors hold none of the secrets that a plugin was given: some quote what the plugin wrote. */
export function redactedHost(host: PluginHost, { hide }: Pick<Redaction, "hide">): PluginHost {
  return {
    adapters: host.adapters,
    start: (id, spec, options) =>
      host.start(id, spec, options).catch((error: unknown) => {
        throw hiddenIn(error, (text) => hide(spec.identity.plugin, text));
      }),
    close: () => host.close(),
    [Symbol.asyncDispose]: () => host.close(),
  };
}

function hiddenIn(error: unknown, hide: (text: string) => string): unknown {
  if (!(error instanceof Error)) return error;
  const cause = hiddenIn(error.cause, hide);
  const message = hide(error.message);
  if (message === error.message && cause === error.cause) return error;
  if (error instanceof LifecycleError) {
    const { code, phase, exit } = error;
    const facts = { cause, ...(phase === undefined ? {} : { phase }), ...(exit ? { exit } : {}) };
    return new LifecycleError(code, message, facts);
  }
  return new Error(message, { cause });
}
