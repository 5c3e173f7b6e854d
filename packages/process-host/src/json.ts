import type { JsonValue } from "@sigilrt/lifecycle";
import type { ExecuteChunk } from "@sigilrt/protocol/plugin/v1";

type WireValue = Extract<ExecuteChunk["chunk"], { readonly case: "structured" }>["value"];

/** Reads a `google.protobuf.Value`; one without a kind is `null`. Its depth is bounded by the decoder. */
export function fromValue({ kind }: WireValue): JsonValue {
  switch (kind.case) {
    case "boolValue":
    case "stringValue":
      return kind.value;
    case "numberValue":
      return Number.isFinite(kind.value) ? kind.value : null;
    case "listValue":
      return kind.value.values.map(fromValue);
    case "structValue":
      return Object.fromEntries(
        Object.entries(kind.value.fields).map(([name, value]) => [name, fromValue(value)]),
      );
    case "nullValue":
    case undefined:
      return null;
    default:
      return kind satisfies never;
  }
}
