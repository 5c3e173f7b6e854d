import { fromJson, type MessageInitShape } from "@bufbuild/protobuf";
import { ValueSchema } from "@bufbuild/protobuf/wkt";
import type { ExecuteChunkSchema } from "@sigilrt/protocol/plugin/v1";
import { isDeeperThan } from "./json.ts";
import type { ProgressNote } from "./progress-notes.ts";
import type { ToolOutput } from "./tool.ts";

/** A piece of a result on the wire. */
export type ResultChunk = MessageInitShape<typeof ExecuteChunkSchema>;

/** How a call failed. */
export interface CallFailure {
  readonly code: string;
  readonly message: string;
  readonly retryable: boolean;
}

/** Says a tool's answer in the words that its host accepts. */
export interface ResultChunks {
  /**
   * Says one output. Throws a `TypeError` when it is none. `last` is true when the host cannot take it, and the answer ends with these
   * chunks.
   */
  output(output: ToolOutput): { readonly chunks: readonly ResultChunk[]; readonly last: boolean };
  /** Says how far the call is. */
  progress(note: ProgressNote): readonly ResultChunk[];
  /** Ends the answer badly. */
  failure(failure: CallFailure): ResultChunk;
  /** Ends the answer well. */
  done(): ResultChunk;
}

/** Binary data travels in parts of this size. */
const PART_BYTES = 262_144;
/** Readers of the wire follow a hundred messages into each other, and each container of JSON is two. */
const MAX_STRUCTURED_DEPTH = 48;

/** Begins an answer for a host that accepts the arms named in `accept`, beyond those of the kept contract. */
export function createResultChunks(accept: ReadonlySet<string>): ResultChunks {
  let parts = 0;
  let structured = false;

  const structuredChunk = (value: unknown): ResultChunk => {
    if (structured) throw new TypeError("Cannot answer with a second structured value");
    structured = true;
    const json = JSON.stringify(value);
    if (json === undefined)
      throw new TypeError("Cannot answer with a structured value that JSON cannot hold");
    if (isDeeperThan(MAX_STRUCTURED_DEPTH, json)) {
      throw new TypeError(
        `Cannot answer with a structured value nested more than ${MAX_STRUCTURED_DEPTH} deep`,
      );
    }
    return accept.has("structured")
      ? { chunk: { case: "structured", value: fromJson(ValueSchema, JSON.parse(json)) } }
      : textChunk(json);
  };
  const binaryChunks = (
    binary: Extract<ToolOutput, { readonly binary: unknown }>["binary"],
  ): readonly ResultChunk[] => {
    const { mimeType, name = "", data } = binary;
    if (typeof mimeType !== "string" || mimeType === "" || !(data instanceof Uint8Array)) {
      throw new TypeError(
        "Cannot answer with a file that has no mimeType or whose data are no bytes",
      );
    }
    parts += 1;
    const partId = String(parts);
    const count = Math.max(1, Math.ceil(data.byteLength / PART_BYTES));
    return Array.from({ length: count }, (_, index) => {
      const piece = data.subarray(index * PART_BYTES, (index + 1) * PART_BYTES);
      const value = { partId, mimeType, name, data: piece, last: index === count - 1 };
      return { chunk: { case: "binary", value } };
    });
  };

  return {
    output(output) {
      const [arm, ...others] = ["text", "structured", "binary"].filter((name) => name in output);
      if (arm === undefined || others.length > 0) {
        throw new TypeError(
          "Cannot answer with what is not exactly one of text, structured and binary",
        );
      }
      if ("text" in output) {
        if (typeof output.text !== "string")
          throw new TypeError("Cannot answer with a text that is none");
        return { chunks: [textChunk(output.text)], last: false };
      }
      if ("structured" in output) {
        return { chunks: [structuredChunk(output.structured)], last: false };
      }
      if (accept.has("binary")) return { chunks: binaryChunks(output.binary), last: false };
      return {
        chunks: [errorChunk("Cannot answer: the result is a file, and the host takes none")],
        last: true,
      };
    },
    progress: (value) => (accept.has("progress") ? [{ chunk: { case: "progress", value } }] : []),
    failure: (value) =>
      accept.has("failure") ? { chunk: { case: "failure", value } } : errorChunk(value.message),
    done: () => ({ chunk: { case: "done", value: true } }),
  };
}

const textChunk = (value: string): ResultChunk => ({ chunk: { case: "text", value } });

const errorChunk = (value: string): ResultChunk => ({ chunk: { case: "error", value } });
