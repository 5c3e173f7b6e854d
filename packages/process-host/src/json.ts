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

/** A `google.protobuf.Value` as it is written. */
export interface WrittenValue {
  readonly kind:
    | { readonly case: "boolValue"; readonly value: boolean }
    | { readonly case: "stringValue"; readonly value: string }
    | { readonly case: "numberValue"; readonly value: number }
    | { readonly case: "nullValue"; readonly value: 0 }
    | { readonly case: "listValue"; readonly value: { readonly values: WrittenValue[] } }
    | {
        readonly case: "structValue";
        readonly value: { readonly fields: Record<string, WrittenValue> };
      };
}

/** Writes a `google.protobuf.Value`. */
export function toValue(value: JsonValue): WrittenValue {
  if (value === null) return { kind: { case: "nullValue", value: 0 } };
  if (typeof value === "boolean") return { kind: { case: "boolValue", value } };
  if (typeof value === "string") return { kind: { case: "stringValue", value } };
  if (typeof value === "number") return { kind: { case: "numberValue", value } };
  if (Array.isArray(value)) {
    const values: readonly JsonValue[] = value;
    return { kind: { case: "listValue", value: { values: values.map(toValue) } } };
  }
  const members = Object.entries(value).map(([name, item]) => [name, toValue(item)] as const);
  return { kind: { case: "structValue", value: { fields: Object.fromEntries(members) } } };
}
