import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { ExecuteChunkSchema } from "@sigilrt/protocol/plugin/v1";
import { describe, expect, it } from "vitest";
import { createResultChunks, type ResultChunk } from "./result-chunks.ts";
import type { ToolOutput } from "./tool.ts";

const everything = new Set(["progress", "structured", "binary", "failure"]);
const kept = new Set<string>();
const said = (accept: ReadonlySet<string>, output: ToolOutput) =>
  createResultChunks(accept).output(output);
/** What is left of a chunk after the wire. */
const arrived = (chunk: ResultChunk) => {
  const bytes = toBinary(ExecuteChunkSchema, create(ExecuteChunkSchema, chunk));
  return fromBinary(ExecuteChunkSchema, bytes).chunk;
};
const nested = (depth: number): ToolOutput => ({
  structured: JSON.parse(`${"[".repeat(depth)}${"]".repeat(depth)}`),
});
const file = (size: number, name?: string): ToolOutput => ({
  binary: {
    mimeType: "image/png",
    data: new Uint8Array(size).fill(7),
    ...(name === undefined ? {} : { name }),
  },
});

describe("a host that accepts additions", () => {
  it("gets data as a value", () => {
    const structured = { a: [1, "x", true, null, { b: {} }] };
    const { chunks, last } = said(everything, { structured });
    expect(last).toBe(false);
    expect(chunks.map(arrived)).toMatchObject([
      { case: "structured", value: { kind: { case: "structValue" } } },
    ]);
  });

  it("gets data 48 deep, which it can read, and no deeper", () => {
    expect(said(everything, nested(48)).chunks.map(arrived)).toHaveLength(1);
    expect(() => said(everything, nested(49))).toThrow("nested more than 48 deep");
  });

  it("gets one value of data", () => {
    const chunks = createResultChunks(everything);
    chunks.output({ structured: 1 });
    expect(() => chunks.output({ structured: 2 })).toThrow(TypeError);
  });

  it.each([
    [0, [0]],
    [1, [1]],
    [262_144, [262_144]],
    [600_000, [262_144, 262_144, 75_712]],
  ])("gets a file of %i bytes in parts, the last one marked", (size, sizes) => {
    const parts = said(everything, file(size, "a.png")).chunks.map(({ chunk }) => chunk?.value);
    expect(parts).toEqual(
      sizes.map((length, index) => ({
        partId: "1",
        mimeType: "image/png",
        name: "a.png",
        data: new Uint8Array(length).fill(7),
        last: index === sizes.length - 1,
      })),
    );
  });

  it("gets each file under an id of its own", () => {
    const chunks = createResultChunks(everything);
    const ids = [file(1), file(1)]
      .flatMap((output) => chunks.output(output).chunks)
      .map(({ chunk }) => (chunk?.case === "binary" ? chunk.value.partId : chunk?.case));
    expect(ids).toEqual(["1", "2"]);
  });

  it("gets progress and failures", () => {
    const chunks = createResultChunks(everything);
    const note = { completed: 1, total: 2, message: "half" };
    const failure = { code: "busy", message: "come back", retryable: true };
    expect(chunks.progress(note)).toEqual([{ chunk: { case: "progress", value: note } }]);
    expect(chunks.failure(failure)).toEqual({ chunk: { case: "failure", value: failure } });
  });
});

describe("a host of the kept contract", () => {
  it("gets data as JSON text", () => {
    expect(said(kept, { structured: { a: [1] } })).toEqual({
      chunks: [{ chunk: { case: "text", value: '{"a":[1]}' } }],
      last: false,
    });
  });

  it("gets an error in place of a file, and nothing after it", () => {
    expect(said(kept, file(1))).toMatchObject({
      chunks: [{ chunk: { case: "error" } }],
      last: true,
    });
  });

  it("gets no progress, and a failure as an error", () => {
    const chunks = createResultChunks(kept);
    expect(chunks.progress({ completed: 1, total: 0, message: "" })).toEqual([]);
    expect(chunks.failure({ code: "busy", message: "come back", retryable: true })).toEqual({
      chunk: { case: "error", value: "come back" },
    });
  });

  it("gets only what it names", () => {
    const binary = new Set(["binary", "unknown"]);
    expect(said(binary, file(1)).chunks).toMatchObject([{ chunk: { case: "binary" } }]);
    expect(said(binary, { structured: 1 }).chunks).toMatchObject([{ chunk: { case: "text" } }]);
  });
});
