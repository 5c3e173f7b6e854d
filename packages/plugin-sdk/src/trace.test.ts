import { expect, it } from "vitest";
import { traceOf } from "./trace.ts";

const parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

it.each([
  [{ traceparent: parent }, { traceparent: parent }],
  [
    { traceparent: parent, tracestate: "a=1" },
    { traceparent: parent, tracestate: "a=1" },
  ],
  [{ traceparent: parent, tracestate: "x".repeat(513) }, { traceparent: parent }],
  [{ traceparent: `${parent}\n` }, undefined],
  [{ traceparent: parent.replace(/^00/u, "ff") }, undefined],
  [{ traceparent: parent.replace(/-0af\w+-/u, `-${"0".repeat(32)}-`) }, undefined],
  [{ tracestate: "a=1" }, undefined],
])("reads a trace where there is one: %#", (metadata, trace) => {
  expect(traceOf(metadata)).toEqual(trace);
});
