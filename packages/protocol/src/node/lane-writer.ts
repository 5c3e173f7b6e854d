import type { Duplex } from "node:stream";
import { encodeLaneFrame, type LaneFrame } from "../lane-frames.ts";

/** Sends frames, those of one turn in one write. */
export interface LaneWriter {
  send(frame: LaneFrame): void;
  /** Bytes that the other side has not taken yet. */
  backlog(): number;
  /** Calls `act` once all frames sent so far are out. */
  onceOut(act: () => void): void;
  /** Sends what waits, now. */
  flush(): void;
}

/** Makes a writer into `duplex`; `drained` is called when the stream takes more after it was full. */
export function createLaneWriter(duplex: Duplex, drained: () => void): LaneWriter {
  let frames: Uint8Array[] = [];
  let bytes = 0;
  let acts: (() => void)[] = [];
  let isScheduled = false;

  const flush = (): void => {
    isScheduled = false;
    if (frames.length === 0 || !duplex.writable) return;
    const [only] = frames;
    const whole = frames.length === 1 && only ? only : Buffer.concat(frames, bytes);
    const after = acts;
    frames = [];
    bytes = 0;
    acts = [];
    duplex.write(whole, () => {
      for (const act of after) act();
    });
  };
  duplex.on("drain", drained);
  return {
    send(frame) {
      const encoded = encodeLaneFrame(frame);
      frames.push(encoded);
      bytes += encoded.byteLength;
      if (isScheduled) return;
      isScheduled = true;
      setImmediate(flush);
    },
    backlog: () => bytes + duplex.writableLength,
    onceOut: (act) => void acts.push(act),
    flush,
  };
}
