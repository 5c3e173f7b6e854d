import type { OperationHandler } from "../operation.ts";
import { writeWhole } from "../state.ts";

/**
 * Makes the handler of an operation that writes one file whole: `params.content`, a text, to the one path of the operation, through
 * the envelope.
 */
export function fileWrite(): OperationHandler {
  return {
    external: false,
    async run({ type, params, paths }, { envelope, now, signal }) {
      const [path, ...more] = paths;
      const content = params["content"];
      if (path === undefined || more.length > 0 || typeof content !== "string") {
        throw new TypeError("a file is written with one path and params.content, a text");
      }
      signal.throwIfAborted();
      const bytes = Buffer.from(content);
      await writeWhole({ envelope, operation: type, now }, path, bytes);
      return { status: "ok", result: { bytes: bytes.length }, cost: 0n };
    },
  };
}
