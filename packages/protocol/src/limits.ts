/** The limits of the wire and their defaults. Each is an option of whoever applies it; none can be turned off. Frozen. */
export interface ProtocolLimits {
  /** Length of the handshake line, in bytes. */
  readonly handshakeLineBytes: number;
  /** Bytes a plugin may print before its handshake. */
  readonly preambleBytes: number;
  /** Lines a plugin may print before its handshake. */
  readonly preambleLines: number;
  /** Length of a log line, in bytes; the rest of a longer line is dropped. */
  readonly logLineBytes: number;
  /** Fields of one structured log line. */
  readonly logFields: number;
  /** Log lines kept in one second. */
  readonly logLinesPerSecond: number;
  /** The end of the error stream that a report shows, in bytes. */
  readonly stderrTailBytes: number;
  /** What is kept of a standard stream that nobody reads, in bytes. */
  readonly stdioRingBytes: number;
  /** Size of one received message, in bytes. */
  readonly maxMessageBytes: number;
  /** Size of a list of headers, in bytes. */
  readonly headerListBytes: number;
  /** Streams open at once on one connection. */
  readonly streamsPerConnection: number;
  /** HTTP/2 window of one stream, in bytes. */
  readonly streamWindowBytes: number;
  /** HTTP/2 window of a connection, in bytes. */
  readonly connectionWindowBytes: number;
  /** Entries of a broker that wait to be dialed. */
  readonly brokerEntries: number;
  /** Streams that the other side may have open at once on a multiplexed connection. */
  readonly muxStreams: number;
  /** Body of one frame of a multiplexed connection, and what a stream of it may send unasked, in bytes. */
  readonly muxFrameBytes: number;
}

const KIB = 1024;
const MIB = 1024 * KIB;

/** The default limits. */
export const LIMITS: ProtocolLimits = Object.freeze({
  handshakeLineBytes: 16 * KIB,
  preambleBytes: 64 * KIB,
  preambleLines: 20,
  logLineBytes: 64 * KIB,
  logFields: 64,
  logLinesPerSecond: 1000,
  stderrTailBytes: 8 * KIB,
  stdioRingBytes: 256 * KIB,
  maxMessageBytes: 16 * MIB,
  headerListBytes: 16 * KIB,
  streamsPerConnection: 1024,
  streamWindowBytes: MIB,
  connectionWindowBytes: 8 * MIB,
  brokerEntries: 128,
  muxStreams: 256,
  muxFrameBytes: 256 * KIB,
});

/** The largest message that any limit may allow, in bytes: 2 GiB - 1. */
export const LARGEST_MESSAGE_BYTES = 2_147_483_647;
