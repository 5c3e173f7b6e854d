import {
  type CallChunk,
  type JsonValue,
  LifecycleError,
  type OfferedTool,
  type PluginHost,
  type StartSpec,
} from "@sigilrt/lifecycle";
import { createGuestPlugins } from "./guest-plugins.ts";
import type { DecideImport, HostImports } from "./host-imports.ts";
import type { ToolAnnotations, ToolDescription } from "./tool-description.ts";
import type { ComponentResult } from "./wasm-component.ts";
import { runsComponents, type WasmHost } from "./wasm-host.ts";

/** What a composition offers to component plugins. */
export interface ComponentPluginsOptions {
  /** Decides on every import call that needs a capability. */
  readonly decide: DecideImport;
  /** Providers; `config` and `secret` answer from the spec where they are absent. */
  readonly imports: HostImports;
}

/**
 * Serves the adapter `component` behind the contract of hosts. The guest's configuration and secrets are those of the
 * spec, each limit the lower of the spec's and the host's. Below Node 24 it serves no adapter.
 */
export function componentPlugins(host: WasmHost, options: ComponentPluginsOptions): PluginHost {
  const adapters = runsComponents() ? ["component"] : [];
  return createGuestPlugins(host, "component", adapters, async (start) => {
    const { name, bytes, spec } = start;
    const component = await host.loadComponent(name, bytes, {
      ...callLimits(start),
      limits: start.limits,
      decide: heard(options.decide, spec),
      imports: { ...fromSpec(spec), ...options.imports },
      environment: spec.environment,
    });
    return {
      loaded: component,
      adapted: {
        async describe(signal) {
          const tools = await component.describe(signal === undefined ? {} : { signal });
          return Object.freeze({ tools: Object.freeze(tools.map(offeredTool)) });
        },
        async call({ tool, arguments: args, requestId, traceparent, principal }, limits) {
          const result = await component.call(tool, JSON.stringify(args), {
            ...limits,
            callId: requestId,
            principal,
            ...(traceparent === undefined ? {} : { traceparent }),
          });
          return chunksOf(result, name);
        },
      },
    };
  });
}

/** The limits of a load, without keys that are not set. */
function callLimits({
  timeoutMs,
  fuelLimit,
  signal,
}: {
  readonly timeoutMs: number;
  readonly fuelLimit?: number;
  readonly signal: AbortSignal;
}): { timeoutMs: number; signal: AbortSignal; fuelLimit?: number } {
  return { timeoutMs, signal, ...(fuelLimit === undefined ? {} : { fuelLimit }) };
}

/** Tells of what is not allowed, where somebody wants to hear it. */
function heard(decide: DecideImport, { onRefusal }: StartSpec): DecideImport {
  if (!onRefusal) return decide;
  return async (ask, options) => {
    const isAllowed = await decide(ask, options);
    const { capability } = ask;
    if (!isAllowed) onRefusal({ pattern: capability, evidence: `asked for ${capability}` });
    return isAllowed;
  };
}

/** A text of the configuration as it is, any other value as JSON. */
function fromSpec({ config, secrets }: StartSpec): HostImports {
  return {
    async config(key) {
      const value = Object.hasOwn(config, key) ? config[key] : undefined;
      return value === undefined || typeof value === "string" ? value : JSON.stringify(value);
    },
    async secret(name) {
      return Object.hasOwn(secrets, name) ? secrets[name] : undefined;
    },
  };
}

function offeredTool(tool: ToolDescription): OfferedTool {
  const { name, title, description, inputSchemaJson, outputSchemaJson, annotations } = tool;
  return Object.freeze({
    name,
    description,
    inputSchema: parse(inputSchemaJson),
    ...(title === undefined ? {} : { title }),
    ...(outputSchemaJson === undefined ? {} : { outputSchema: parse(outputSchemaJson) }),
    ...(annotations === undefined ? {} : { annotations: hints(annotations) }),
  });
}

/** Hints under the names that MCP gives them. */
function hints({ readOnly, destructive, idempotent, openWorld }: ToolAnnotations): JsonValue {
  return {
    ...(readOnly === undefined ? {} : { readOnlyHint: readOnly }),
    ...(destructive === undefined ? {} : { destructiveHint: destructive }),
    ...(idempotent === undefined ? {} : { idempotentHint: idempotent }),
    ...(openWorld === undefined ? {} : { openWorldHint: openWorld }),
  };
}

function chunksOf(result: ComponentResult, plugin: string): readonly CallChunk[] {
  if (result.kind === "completed") {
    return [
      { kind: "content", content: { kind: "text", text: result.json } },
      { kind: "result", isError: false, structured: parse(result.json) },
    ];
  }
  const { code, message, detailsJson } = result.error;
  if (code === "unknown-tool") {
    throw new LifecycleError(
      "TOOL_UNKNOWN",
      `Cannot call a tool of plugin "${plugin}": it has none of that name`,
    );
  }
  const structured = detailsJson === undefined ? {} : { structured: parse(detailsJson) };
  return [
    { kind: "content", content: { kind: "text", text: message } },
    { kind: "result", isError: true, ...structured },
  ];
}

/** Texts were read as JSON before they came here. */
function parse(json: string): JsonValue {
  const value: JsonValue = JSON.parse(json);
  return value;
}
