import type { CallChunk, HostCall, JsonValue, OfferedTool, PluginHost } from "@sigilrt/lifecycle";
import type { NumericType } from "./guard/value-types.ts";
import { createGuestPlugins } from "./guest-plugins.ts";
import { WasmError } from "./wasm-error.ts";
import type { WasmHost } from "./wasm-host.ts";
import type { ExportedFunction } from "./wasm-module.ts";
import type { WasmNumber } from "./worker/messages.ts";

const toolName = /^[A-Za-z0-9_.-]{1,128}$/u;

/**
 * Serves the adapter `module` behind the contract of hosts: each exported function of numbers, whose name is a tool name, is a
 * tool with arguments `{ "args": [...] }` and result `{ "results": [...] }`. An i64 is decimal text, and so is a float that
 * JSON cannot hold. A module that imports anything is refused.
 */
export function modulePlugins(host: WasmHost): PluginHost {
  return createGuestPlugins(host, "module", ["module"], async (start) => {
    const { name, bytes, timeoutMs, fuelLimit, limits, signal } = start;
    const module = await host.loadModule(name, bytes, {
      timeoutMs,
      signal,
      limits,
      ...(fuelLimit === undefined ? {} : { fuelLimit }),
    });
    const tools = module.exports.filter((each) => toolName.test(each.name));
    const surface = Object.freeze({ tools: Object.freeze(tools.map(offeredTool)) });
    return {
      loaded: module,
      adapted: {
        describe: async () => surface,
        async call(request, call) {
          const fn = tools.find((each) => each.name === request.tool);
          if (fn === undefined) {
            const message =
              "Cannot call a tool: the module exports no such function; see its tools";
            throw new WasmError("EXPORT_MISSING", "call", message);
          }
          const args = readArguments(request, fn);
          if (args === undefined) return wrongArguments(fn);
          const { values } = await module.call(fn.name, args, {
            timeoutMs: call.timeoutMs,
            signal: call.signal,
            callId: request.requestId,
          });
          return resultOf(values, limits.result_bytes ?? Infinity);
        },
      },
    };
  });
}

function offeredTool({ name, parameters, results }: ExportedFunction): OfferedTool {
  return Object.freeze({
    name,
    description: `Takes (${parameters.join(", ")}) and answers (${results.join(", ")})`,
    inputSchema: list("args", parameters),
    outputSchema: list("results", results),
  });
}

/** Schema of an object with one list of numbers. */
const list = (key: string, types: readonly NumericType[]): JsonValue => ({
  type: "object",
  properties: {
    [key]: {
      type: "array",
      prefixItems: types.map(schemaOf),
      items: false,
      minItems: types.length,
      maxItems: types.length,
    },
  },
  required: [key],
  additionalProperties: false,
});

function schemaOf(type: NumericType): JsonValue {
  switch (type) {
    case "i32":
      return { type: "integer", minimum: -2_147_483_648, maximum: 4_294_967_295 };
    case "i64":
      return { type: "string", pattern: "^-?[0-9]{1,20}$" };
    case "f32":
    case "f64":
      return { anyOf: [{ type: "number" }, { enum: ["NaN", "Infinity", "-Infinity"] }] };
    default:
      return type satisfies never;
  }
}

function readArguments(
  { arguments: given }: HostCall,
  { parameters }: ExportedFunction,
): readonly WasmNumber[] | undefined {
  const args: unknown = Object.hasOwn(given, "args") ? given["args"] : [];
  if (!Array.isArray(args) || args.length !== parameters.length) return undefined;
  const numbers = parameters
    .map((type, index) => readNumber(type, args[index]))
    .filter((each) => each !== undefined);
  return numbers.length === parameters.length ? numbers : undefined;
}

function readNumber(type: NumericType, value: unknown): WasmNumber | undefined {
  switch (type) {
    case "i32": {
      const whole = typeof value === "number" && Number.isInteger(value);
      return whole && value >= -2_147_483_648 && value <= 4_294_967_295 ? value : undefined;
    }
    case "i64": {
      if (typeof value !== "string" || !/^-?[0-9]{1,20}$/u.test(value)) return undefined;
      const number = BigInt(value);
      const fits = BigInt.asIntN(64, number) === number || BigInt.asUintN(64, number) === number;
      return fits ? number : undefined;
    }
    case "f32":
    case "f64":
      if (typeof value === "number") return value;
      return value === "NaN" || value === "Infinity" || value === "-Infinity"
        ? Number(value)
        : undefined;
    default:
      return type satisfies never;
  }
}

/** The caller's mistake is the tool's answer: the module was not asked. */
const wrongArguments = ({ parameters }: ExportedFunction): readonly CallChunk[] => [
  {
    kind: "content",
    content: { kind: "text", text: `args must be a list of (${parameters.join(", ")})` },
  },
  { kind: "result", isError: true },
];

function resultOf(values: readonly WasmNumber[], maxBytes: number): readonly CallChunk[] {
  const results = values.map((value) =>
    typeof value === "bigint" || !Number.isFinite(value) ? String(value) : value,
  );
  const text = JSON.stringify({ results });
  if (text.length > maxBytes) {
    const message = "Cannot answer a call: the result passes the limit; return less";
    throw new WasmError("LIMIT", "call", message, { limit: "result_bytes" });
  }
  return [
    { kind: "content", content: { kind: "text", text } },
    { kind: "result", isError: false, structured: { results } },
  ];
}
