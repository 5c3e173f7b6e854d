import { LARGEST_MESSAGE_BYTES, LIMITS } from "../limits.ts";

/** Limits of one end of a connection. */
export interface GrpcOptions {
  /** The largest message that is taken, in bytes; 16 MiB by default, at most 2 GiB - 1. */
  readonly maxMessageBytes?: number;
  /** Streams open at once; 1024 by default. */
  readonly maxStreams?: number;
  /** Size of a list of headers, in bytes; 16 KiB by default. */
  readonly maxHeaderListBytes?: number;
  /** Ends opening early. */
  readonly signal?: AbortSignal;
}

/** The limits in force. */
export interface GrpcLimits {
  readonly maxMessageBytes: number;
  readonly maxStreams: number;
  readonly maxHeaderListBytes: number;
}

/** Fills in the defaults. Throws a `RangeError` for a limit that is none. */
export function grpcLimits(options: GrpcOptions): GrpcLimits {
  const {
    maxMessageBytes = LIMITS.maxMessageBytes,
    maxStreams = LIMITS.streamsPerConnection,
    maxHeaderListBytes = LIMITS.headerListBytes,
  } = options;
  for (const [name, value, most] of [
    ["maxMessageBytes", maxMessageBytes, LARGEST_MESSAGE_BYTES],
    ["maxStreams", maxStreams, LARGEST_MESSAGE_BYTES],
    ["maxHeaderListBytes", maxHeaderListBytes, LARGEST_MESSAGE_BYTES],
  ] as const) {
    if (!Number.isSafeInteger(value) || value < 1 || value > most) {
      throw new RangeError(
        `Cannot use ${name} ${value}: it is not a whole number from 1 to ${most}`,
      );
    }
  }
  return { maxMessageBytes, maxStreams, maxHeaderListBytes };
}
