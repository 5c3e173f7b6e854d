import type { Readable } from "node:stream";
import { LIMITS } from "@sigilrt/protocol";
import { ProcessHostError } from "./process-host-error.ts";
import { quoted } from "./quoted.ts";

/** The handshake of a plugin and what it printed before. */
export interface FirstLine {
  /** The line that looks like a handshake. */
  readonly line: string;
  /** How many lines came before it. */
  readonly skipped: number;
}

/**
 * Reads `stdout` up to the first line that looks like a handshake, and then passes all that follows to `rest`, so that a plugin
 * that prints is never held up. Fails when too much comes before, or the stream ends.
 */
export function readFirstLine(
  stdout: Readable,
  rest: (bytes: Uint8Array) => void,
): Promise<FirstLine> {
  return new Promise((resolve, reject) => {
    let text = Buffer.alloc(0);
    let read = 0;
    let skipped = 0;
    let done = false;
    const fail = (
      code: "HANDSHAKE_MALFORMED" | "EXITED_EARLY",
      found: string,
      line?: string,
    ): void => {
      done = true;
      const evidence =
        line === undefined ? {} : { evidence: { line: quoted(line), stderrTail: "" } };
      reject(
        new ProcessHostError(code, `Cannot read the handshake of the plugin: ${found}`, {
          phase: "handshake",
          ...evidence,
        }),
      );
    };
    stdout.on("data", (bytes: Buffer) => {
      if (done) {
        rest(bytes);
        return;
      }
      read += bytes.byteLength;
      text = Buffer.concat([text, bytes]);
      for (let at = text.indexOf(10); at !== -1 && !done; at = text.indexOf(10)) {
        const line = text.subarray(0, at).toString("utf8").trim();
        text = text.subarray(at + 1);
        if (/^\d+\|/u.test(line)) {
          done = true;
          resolve({ line, skipped });
          if (text.byteLength > 0) rest(text);
          return;
        }
        skipped += 1;
        if (skipped > LIMITS.preambleLines) {
          fail("HANDSHAKE_MALFORMED", `${skipped} lines and none of them a handshake`, line);
        }
      }
      if (done) return;
      if (read > LIMITS.preambleBytes || text.byteLength > LIMITS.handshakeLineBytes) {
        fail(
          "HANDSHAKE_MALFORMED",
          `${read} bytes and no handshake`,
          text.subarray(0, 200).toString("utf8"),
        );
        text = Buffer.alloc(0);
      }
    });
    stdout.on("error", () => undefined);
    stdout.once("close", () => {
      if (!done)
        fail(
          "EXITED_EARLY",
          "the program ended its output without one",
          text.toString("utf8") || undefined,
        );
    });
  });
}
