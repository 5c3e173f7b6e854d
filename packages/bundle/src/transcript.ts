import { sha256 } from "./tree-digest.ts";

/** What programs printed, byte for byte, up to a limit. */
export interface Transcript {
  /** Standard output. */
  readonly stdout: Uint8Array;
  /** Standard error. */
  readonly stderr: Uint8Array;
  /** SHA-256 of standard output in hex. */
  readonly stdoutSha256: string;
  /** SHA-256 of standard error in hex. */
  readonly stderrSha256: string;
}

/** Collects output; what goes over the limit is cut off. */
export interface TranscriptWriter {
  /** Takes a copy of bytes. Answers `false` once they do not fit. */
  write(stream: "stdout" | "stderr", bytes: Uint8Array): boolean;
  /** Everything so far. */
  read(): Transcript;
}

/** Makes an empty transcript. */
export function createTranscript(maxBytes: number): TranscriptWriter {
  const streams: Record<"stdout" | "stderr", Uint8Array[]> = { stdout: [], stderr: [] };
  let room = maxBytes;
  return {
    write(stream, bytes) {
      // Whoever reads a pipe may use the buffer again; `slice` of a Buffer is no copy.
      const kept = Uint8Array.from(bytes.subarray(0, room));
      if (kept.length > 0) streams[stream].push(kept);
      room -= kept.length;
      return kept.length === bytes.length;
    },
    read() {
      const [stdout, stderr] = [join(streams.stdout), join(streams.stderr)];
      const stdoutSha256 = sha256(stdout);
      return Object.freeze({ stdout, stderr, stdoutSha256, stderrSha256: sha256(stderr) });
    },
  };
}

function join(chunks: readonly Uint8Array[]): Uint8Array {
  const all = Buffer.concat(chunks);
  return new Uint8Array(all.buffer, all.byteOffset, all.length);
}
