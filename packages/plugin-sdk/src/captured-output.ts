import { LIMITS } from "@sigilrt/protocol";
import { isDebugged, isStartedByHost } from "./host-terms.ts";
import type { LogSink } from "./log.ts";
import { createOutputRing, type OutputRing } from "./output-ring.ts";

// Not an import: that would load the streams and promises of files as well, which is most of a start.
const { writeSync } = process.getBuiltinModule("node:fs");

/** The standard streams of this process after they were taken from its code. */
export interface CapturedOutput {
  /** What the code of the plugin and its dependencies print. */
  readonly printed: OutputRing;
  /** The real error stream. */
  readonly log: LogSink;
}

/** Takes the standard streams of this process, once; what is printed from then on is kept for the host. */
export function capturedOutput(): CapturedOutput {
  return (captured ??= capture());
}

let captured: CapturedOutput | undefined;

function capture(): CapturedOutput {
  const printed = createOutputRing(LIMITS.stdioRingBytes);
  const { stderr } = process;
  const writeLog = stderr.write.bind(stderr);
  // A host that is gone no longer reads; unheard, the broken pipe would end the process before its shutdown hook does.
  stderr.on("error", () => undefined);
  process.stdout.write = writerInto(printed, "stdout");
  stderr.write = writerInto(printed, "stderr");
  // The last words of a plugin that ends before its host reads them.
  process.once("exit", () => {
    for (let chunk = printed.take(); chunk !== undefined; chunk = printed.take()) {
      try {
        writeSync(2, chunk.data);
      } catch {
        return;
      }
    }
  });
  return {
    printed,
    log: { write: (line) => void writeLog(line), pending: () => stderr.writableLength },
  };
}

type Write = typeof process.stdout.write;

function writerInto(printed: OutputRing, stream: "stdout" | "stderr"): Write {
  return (
    data: string | Uint8Array,
    encodingOrDone?: BufferEncoding | ((error?: Error | null) => void),
    done?: (error?: Error | null) => void,
  ): boolean => {
    const encoding = typeof encodingOrDone === "string" ? encodingOrDone : "utf8";
    // A copy: the caller may use its buffer again.
    printed.push(
      stream,
      typeof data === "string" ? Buffer.from(data, encoding) : Buffer.from(data),
    );
    const written = typeof encodingOrDone === "function" ? encodingOrDone : done;
    if (written !== undefined) process.nextTick(written, null);
    return true;
  };
}

// Under a host, or for one that attaches, the first import of this package takes the streams: whatever is imported after it cannot print the handshake away.
if (isStartedByHost(process.env) || isDebugged(process.env)) capturedOutput();
