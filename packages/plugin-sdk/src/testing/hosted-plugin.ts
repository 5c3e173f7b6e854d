import type { JsonObject, JsonValue } from "../json.ts";
import type { OfferedTool, TestedPlugin, ToolAnswer } from "./tested-plugin.ts";

/** A plugin in a real host, such as `createProcessHost({ … }).launch(…)` of `@sigilrt/process-host` answers. */
export interface HostedPlugin {
  /** Asks for its tools. */
  describe(): Promise<{ readonly tools: readonly OfferedTool[] }>;
  /** Calls a tool. */
  call(
    call: {
      readonly tool: string;
      readonly arguments: JsonObject;
      readonly requestId: string;
      readonly principal: { readonly workspace: string; readonly user: string };
    },
    options: { readonly signal: AbortSignal; readonly deadlineAt: number },
  ): AsyncIterable<HostedChunk>;
}

type HostedChunk =
  | {
      readonly kind: "content";
      readonly content:
        | { readonly kind: "text"; readonly text: string }
        | {
            readonly kind: "binary";
            readonly mimeType: string;
            readonly name?: string;
            readonly data: Uint8Array;
          }
        | { readonly kind: "other" };
    }
  | { readonly kind: "progress"; readonly progress: ToolAnswer["progress"][number] }
  | { readonly kind: "result"; readonly isError: boolean; readonly structured?: JsonValue };

/** Lets the suite test a plugin in a real host: another process, its handshake, its limits. The host stays the caller's to close. */
export function hostedPlugin(plugin: HostedPlugin): TestedPlugin {
  const principal = { workspace: "test", user: "test" };
  let made = 0;
  return {
    describe: async () => (await plugin.describe()).tools,
    async call(tool, input, { signal = new AbortController().signal, timeoutMs = 60_000 } = {}) {
      made += 1;
      const call = { tool, arguments: input, requestId: `call-${made}`, principal };
      const options = { signal, deadlineAt: Date.now() + timeoutMs };
      const answer = {
        isError: false,
        text: "",
        files: [] as ToolAnswer["files"][number][],
        progress: [] as ToolAnswer["progress"][number][],
      };
      let structured: JsonValue | undefined;
      for await (const chunk of plugin.call(call, options)) {
        if (chunk.kind === "progress") answer.progress.push(chunk.progress);
        else if (chunk.kind === "result") ({ isError: answer.isError, structured } = chunk);
        else if (chunk.content.kind === "text") answer.text += chunk.content.text;
        else if (chunk.content.kind === "binary") {
          const { kind: _, ...file } = chunk.content;
          answer.files.push(file);
        }
      }
      return { ...answer, ...(structured === undefined ? {} : { structured }) };
    },
  };
}
