import { ProtocolError } from "./protocol-error.ts";
import { STATUS } from "./status.ts";

const PREFIX_BYTES = 5;

/** Reads gRPC messages from a stream of bytes, however it is cut. */
export interface MessageReader {
  /**
   * Takes the next bytes and answers the messages that are now whole. The length of a message is checked before anything is kept
   * for it.
   *
   * @throws {@link ProtocolError} `MESSAGE_TOO_LARGE`, `FRAME_MALFORMED`; the reader is of no use then
   */
  push(bytes: Uint8Array): readonly Uint8Array[];
  /**
   * Tells it that no more bytes come.
   *
   * @throws {@link ProtocolError} `FRAME_MALFORMED` when a message was cut short
   */
  end(): void;
}

/** Puts the gRPC prefix before a message. It is not compressed. */
export function frameMessage(message: Uint8Array): Uint8Array {
  const frame = new Uint8Array(PREFIX_BYTES + message.byteLength);
  new DataView(frame.buffer).setUint32(1, message.byteLength);
  frame.set(message, PREFIX_BYTES);
  return frame;
}

/** Makes a reader that refuses a message of more than `maxMessageBytes`, and any compressed one. */
export function createMessageReader(maxMessageBytes: number): MessageReader {
  let parts: Uint8Array[] = [];
  let held = 0;
  let wanted = PREFIX_BYTES;
  let inBody = false;

  const take = (): Uint8Array => {
    const all = joined(parts, held);
    const rest = all.subarray(wanted);
    parts = rest.byteLength === 0 ? [] : [rest];
    held = rest.byteLength;
    return all.subarray(0, wanted);
  };

  return {
    push(bytes) {
      if (bytes.byteLength > 0) parts.push(bytes);
      held += bytes.byteLength;
      const messages: Uint8Array[] = [];
      while (held >= wanted) {
        const piece = take();
        if (inBody) messages.push(piece);
        wanted = inBody ? PREFIX_BYTES : bodyBytes(piece, maxMessageBytes);
        inBody = !inBody;
      }
      return messages;
    },
    end() {
      if (held > 0 || inBody) {
        throw new ProtocolError("FRAME_MALFORMED", "Cannot read a message: it was cut short", {
          status: STATUS.INTERNAL,
        });
      }
    },
  };
}

function bodyBytes(prefix: Uint8Array, maxMessageBytes: number): number {
  const view = new DataView(prefix.buffer, prefix.byteOffset, prefix.byteLength);
  if (view.getUint8(0) !== 0) {
    throw new ProtocolError("FRAME_MALFORMED", "Cannot read a message: it claims a compression", {
      status: STATUS.INTERNAL,
    });
  }
  const length = view.getUint32(1);
  if (length <= maxMessageBytes) return length;
  throw new ProtocolError(
    "MESSAGE_TOO_LARGE",
    `Cannot read a message: ${length} bytes, at most ${maxMessageBytes} are taken`,
    { status: STATUS.RESOURCE_EXHAUSTED },
  );
}

function joined(parts: readonly Uint8Array[], total: number): Uint8Array {
  const [first] = parts;
  if (parts.length === 1 && first !== undefined) return first;
  const all = new Uint8Array(total);
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.byteLength;
  }
  return all;
}
