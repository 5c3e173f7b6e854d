/**
 * Holds what plugin and gateway agree on: protobuf contract, WIT world, handshake and limits.
 *
 * This entry is pure. Generated messages are in `./plugin/v1`, `./common/v1` and `./goplugin`; gRPC over a stream is in `./node`.
 *
 * @packageDocumentation
 */

export { type Feature, FEATURES } from "./features.ts";
export { type FieldValue } from "./field-value.ts";
export { type Handshake, handshake } from "./handshake.ts";
export { formatHandshake, type HandshakeLine, parseHandshake } from "./handshake-line.ts";
export { encodeLaneFrame, type LaneFrame, type LaneMetadata } from "./lane-frames.ts";
export { createLaneReader, type LaneReader } from "./lane-reader.ts";
export { LARGEST_MESSAGE_BYTES, LIMITS, type ProtocolLimits } from "./limits.ts";
export {
  type LogLevel,
  type LogLine,
  type LogLineOptions,
  parseLogLine,
  renderLogLine,
  startsPanic,
} from "./log-line.ts";
export { createMessageReader, frameMessage, type MessageReader } from "./message-frames.ts";
export {
  ProtocolError,
  type ProtocolErrorCode,
  type ProtocolErrorOptions,
} from "./protocol-error.ts";
export { formatReattach, parseReattach, type ReattachTicket } from "./reattach.ts";
export { parseStatus, STATUS, statusName } from "./status.ts";
export { decodeStatusMessage, encodeStatusMessage } from "./status-message.ts";
export { WIT_VERSIONS } from "./wit-versions.ts";
