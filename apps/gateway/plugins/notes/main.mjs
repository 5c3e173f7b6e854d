var __defProp = Object.defineProperty;
var __getOwnPropNames = Object.getOwnPropertyNames;
var __esm = (fn, res, err) => function __init() {
  if (err) throw err[0];
  try {
    return fn && (res = (0, fn[__getOwnPropNames(fn)[0]])(fn = 0)), res;
  } catch (e) {
    throw err = [e], e;
  }
};
var __export = (target, all) => {
  for (var name in all)
    __defProp(target, name, { get: all[name], enumerable: true });
};

// packages/plugin-sdk/src/json.ts
function isDeeperThan(most, json) {
  let depth = 0;
  let quoted3 = false;
  for (let at = 0; at < json.length; at += 1) {
    const character = json.charCodeAt(at);
    if (quoted3) {
      if (character === BACKSLASH) at += 1;
      else if (character === QUOTE) quoted3 = false;
    } else if (character === QUOTE) {
      quoted3 = true;
    } else if (character === OPEN_BRACE || character === OPEN_BRACKET) {
      depth += 1;
      if (depth > most) return true;
    } else if (character === CLOSE_BRACE || character === CLOSE_BRACKET) {
      depth -= 1;
    }
  }
  return false;
}
function frozenJsonObject(value) {
  if (!isObject(value)) return void 0;
  const copy = JSON.parse(JSON.stringify(value));
  return isObject(copy) ? deepFreeze(copy) : void 0;
}
function isObject(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
function deepFreeze(value) {
  for (const inner of Object.values(value)) {
    if (typeof inner === "object" && inner !== null) deepFreeze(inner);
  }
  return Object.freeze(value);
}
var QUOTE, BACKSLASH, OPEN_BRACE, CLOSE_BRACE, OPEN_BRACKET, CLOSE_BRACKET;
var init_json = __esm({
  "packages/plugin-sdk/src/json.ts"() {
    "use strict";
    [QUOTE, BACKSLASH, OPEN_BRACE, CLOSE_BRACE, OPEN_BRACKET, CLOSE_BRACKET] = [
      34,
      92,
      123,
      125,
      91,
      93
    ];
  }
});

// packages/protocol/src/handshake.ts
var handshake;
var init_handshake = __esm({
  "packages/protocol/src/handshake.ts"() {
    "use strict";
    handshake = Object.freeze({
      protocolVersion: 1,
      magicCookieKey: "SIGIL_PLUGIN",
      magicCookieValue: "aGFzaGljb3JwLWdvLXBsdWdpbg=="
    });
  }
});

// packages/protocol/src/limits.ts
var KIB, MIB, LIMITS, LARGEST_MESSAGE_BYTES;
var init_limits = __esm({
  "packages/protocol/src/limits.ts"() {
    "use strict";
    KIB = 1024;
    MIB = 1024 * KIB;
    LIMITS = Object.freeze({
      handshakeLineBytes: 16 * KIB,
      preambleBytes: 64 * KIB,
      preambleLines: 20,
      logLineBytes: 64 * KIB,
      logFields: 64,
      logLinesPerSecond: 1e3,
      stderrTailBytes: 8 * KIB,
      stdioRingBytes: 256 * KIB,
      maxMessageBytes: 16 * MIB,
      headerListBytes: 16 * KIB,
      streamsPerConnection: 1024,
      streamWindowBytes: MIB,
      connectionWindowBytes: 8 * MIB,
      brokerEntries: 128,
      muxStreams: 256,
      muxFrameBytes: 256 * KIB
    });
    LARGEST_MESSAGE_BYTES = 2147483647;
  }
});

// packages/protocol/src/protocol-error.ts
var ProtocolError;
var init_protocol_error = __esm({
  "packages/protocol/src/protocol-error.ts"() {
    "use strict";
    ProtocolError = class extends Error {
      /** The class name, for logs. */
      name = "ProtocolError";
      /** What callers branch on. */
      code;
      /** The gRPC status a call ended with; present when a call did. */
      status;
      constructor(code, message, options = {}) {
        super(message, options);
        this.code = code;
        this.status = options.status;
      }
    };
  }
});

// packages/protocol/src/quoted.ts
function quoted(text) {
  const short = text.length > 200 ? `${text.slice(0, 200)}...` : text;
  return JSON.stringify(short).replaceAll(
    /[\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/gu,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`
  );
}
var init_quoted = __esm({
  "packages/protocol/src/quoted.ts"() {
    "use strict";
  }
});

// packages/protocol/src/handshake-line.ts
function formatHandshake(line) {
  const { coreVersion, version, network, address, protocol, certificate, multiplex } = line;
  for (const number of [coreVersion, version]) {
    if (!DECIMAL.test(String(number))) {
      throw new RangeError(`Cannot write a handshake: ${number} is not a version`);
    }
  }
  if (!isAddress(address) || /[|\s]/u.test(protocol) || protocol === "") {
    throw new RangeError("Cannot write a handshake: address or protocol has a forbidden character");
  }
  const encoded = certificate === void 0 ? "" : encodeBase64(certificate);
  if (certificate !== void 0 && encoded.length <= EMPTY_CERTIFICATE_CHARACTERS) {
    throw new RangeError("Cannot write a handshake: the certificate is too short to be one");
  }
  const six = [coreVersion, version, network, address, protocol, encoded].join("|");
  return multiplex === void 0 ? six : `${six}|${multiplex}`;
}
var EMPTY_CERTIFICATE_CHARACTERS, DECIMAL, isAddress, encodeBase64;
var init_handshake_line = __esm({
  "packages/protocol/src/handshake-line.ts"() {
    "use strict";
    EMPTY_CERTIFICATE_CHARACTERS = 50;
    DECIMAL = /^(?:0|[1-9]\d{0,8})$/u;
    isAddress = (text) => (
      // oxlint-disable-next-line no-control-regex -- control characters are what is refused
      text !== "" && text === text.trim() && !/[|\u0000-\u001f\u007f]/u.test(text)
    );
    encodeBase64 = (bytes) => btoa(Array.from(bytes, (byte2) => String.fromCharCode(byte2)).join("")).replaceAll("=", "");
  }
});

// packages/protocol/src/lane-frames.ts
function encodeLaneFrame(frame) {
  switch (frame.kind) {
    case "open": {
      const { stream, method, timeoutMs, message } = frame;
      const metadata = encodeMetadata(frame.metadata);
      const size = OPEN_BYTES + metadata.byteLength + (message?.byteLength ?? 0);
      const bytes = framed(KIND.open, flagsOf(frame), method, stream, size);
      writeU32(bytes, HEADER_BYTES, timeoutMs);
      writeU16(bytes, HEADER_BYTES + 4, metadata.byteLength);
      bytes.set(metadata, HEADER_BYTES + OPEN_BYTES);
      if (message) bytes.set(message, HEADER_BYTES + OPEN_BYTES + metadata.byteLength);
      return bytes;
    }
    case "data": {
      const { stream, message } = frame;
      const bytes = framed(KIND.data, flagsOf(frame), 0, stream, message?.byteLength ?? 0);
      if (message) bytes.set(message, HEADER_BYTES);
      return bytes;
    }
    case "end": {
      const text = shortText(frame.text);
      const bytes = framed(KIND.end, 0, 0, frame.stream, 3 + text.byteLength);
      bytes[HEADER_BYTES] = frame.status;
      writeU16(bytes, HEADER_BYTES + 1, text.byteLength);
      bytes.set(text, HEADER_BYTES + 3);
      return bytes;
    }
    case "cancel": {
      const text = shortText(frame.text);
      const bytes = framed(KIND.cancel, 0, 0, frame.stream, 1 + text.byteLength);
      bytes[HEADER_BYTES] = frame.status;
      bytes.set(text, HEADER_BYTES + 1);
      return bytes;
    }
    case "credit": {
      const bytes = framed(KIND.credit, 0, 0, frame.stream, 4);
      writeU32(bytes, HEADER_BYTES, frame.bytes);
      return bytes;
    }
    case "ping":
    case "pong": {
      const bytes = framed(KIND[frame.kind], 0, 0, 0, 8);
      new DataView(bytes.buffer).setBigUint64(HEADER_BYTES, frame.value);
      return bytes;
    }
    case "goaway": {
      const text = shortText(frame.text);
      const bytes = framed(KIND.goaway, 0, 0, 0, 4 + text.byteLength);
      writeU32(bytes, HEADER_BYTES, frame.lastStream);
      bytes.set(text, HEADER_BYTES + 4);
      return bytes;
    }
    default:
      return frame;
  }
}
function framed(kind, flags, method, stream, bodyBytes2) {
  const bytes = new Uint8Array(HEADER_BYTES + bodyBytes2);
  writeU32(bytes, 0, HEADER_BYTES - LENGTH_BYTES + bodyBytes2);
  bytes[4] = kind;
  bytes[5] = flags;
  writeU16(bytes, 6, method);
  writeU32(bytes, 8, stream);
  return bytes;
}
function flagsOf(frame) {
  return (frame.isLast ? FLAG.last : 0) | (frame.hasMore ? FLAG.more : 0) | (frame.message === void 0 ? FLAG.bare : 0);
}
function encodeMetadata(metadata) {
  const names2 = Object.keys(metadata);
  if (names2.length === 0) return NOTHING;
  const parts = [];
  for (const name of names2) {
    const value = metadata[name] ?? "";
    if (!METADATA_NAME.test(name) || name.length > 255 || !METADATA_VALUE.test(value)) {
      throw new TypeError(
        `Cannot send metadata ${JSON.stringify(name.slice(0, 100))}: name or value is no printable ASCII, or the name is not lower case`
      );
    }
    parts.push(name.length, ...ascii(name), value.length >> 8, value.length & 255, ...ascii(value));
  }
  if (parts.length > METADATA_BYTES) {
    throw new RangeError(
      `Cannot send metadata: they take ${parts.length} bytes, at most ${METADATA_BYTES} are possible`
    );
  }
  return Uint8Array.from(parts);
}
function shortText(text) {
  if (text === "") return NOTHING;
  const bytes = new TextEncoder().encode(text);
  if (bytes.byteLength <= TEXT_BYTES) return bytes;
  let end = TEXT_BYTES;
  while (((bytes[end] ?? 0) & 192) === 128) end -= 1;
  return bytes.subarray(0, end);
}
function writeU32(bytes, at, value) {
  if (!Number.isInteger(value) || value < 0 || value > LARGEST_U32) {
    throw new RangeError(`Cannot send a frame: ${value} is no number from 0 to ${LARGEST_U32}`);
  }
  bytes[at] = value >>> 24;
  bytes[at + 1] = value >>> 16;
  bytes[at + 2] = value >>> 8;
  bytes[at + 3] = value;
}
function writeU16(bytes, at, value) {
  bytes[at] = value >>> 8;
  bytes[at + 1] = value;
}
var KIND, FLAG, HEADER_BYTES, LENGTH_BYTES, OPEN_BYTES, TEXT_BYTES, LARGEST_U32, chargeOf, FRAME_COST, ascii, METADATA_NAME, METADATA_VALUE, METADATA_BYTES, NOTHING;
var init_lane_frames = __esm({
  "packages/protocol/src/lane-frames.ts"() {
    "use strict";
    KIND = {
      open: 1,
      data: 2,
      end: 3,
      cancel: 4,
      credit: 5,
      ping: 6,
      pong: 7,
      goaway: 8
    };
    FLAG = { last: 1, more: 2, bare: 4 };
    HEADER_BYTES = 12;
    LENGTH_BYTES = 4;
    OPEN_BYTES = 6;
    TEXT_BYTES = 1024;
    LARGEST_U32 = 4294967295;
    chargeOf = (messageBytes) => messageBytes + FRAME_COST;
    FRAME_COST = 64;
    ascii = (text) => Array.from(text, (character) => character.charCodeAt(0));
    METADATA_NAME = /^[0-9a-z._-]+$/u;
    METADATA_VALUE = /^[\u0020-\u007e]{0,8192}$/u;
    METADATA_BYTES = 16384;
    NOTHING = new Uint8Array();
  }
});

// packages/protocol/src/status.ts
function statusName(status) {
  return names.get(status) ?? "UNKNOWN";
}
function parseStatus(text) {
  return /^(?:\d|1[0-6])$/u.test(text) ? Number(text) : STATUS.UNKNOWN;
}
var STATUS, names;
var init_status = __esm({
  "packages/protocol/src/status.ts"() {
    "use strict";
    STATUS = Object.freeze({
      OK: 0,
      CANCELLED: 1,
      UNKNOWN: 2,
      INVALID_ARGUMENT: 3,
      DEADLINE_EXCEEDED: 4,
      NOT_FOUND: 5,
      ALREADY_EXISTS: 6,
      PERMISSION_DENIED: 7,
      RESOURCE_EXHAUSTED: 8,
      FAILED_PRECONDITION: 9,
      ABORTED: 10,
      OUT_OF_RANGE: 11,
      UNIMPLEMENTED: 12,
      INTERNAL: 13,
      UNAVAILABLE: 14,
      DATA_LOSS: 15,
      UNAUTHENTICATED: 16
    });
    names = new Map(
      Object.entries(STATUS).map(([name, status]) => [status, name])
    );
  }
});

// packages/protocol/src/lane-reader.ts
function createLaneReader(maxFrameBytes, take) {
  let rest = NOTHING2;
  let held = 0;
  const sizeAt = (bytes, at) => {
    const size = u32(bytes, at) + LENGTH_BYTES;
    if (size < HEADER_BYTES) throw malformed(`a length of ${size - LENGTH_BYTES}`);
    if (size > maxFrameBytes) throw tooLarge(size, maxFrameBytes);
    return size;
  };
  const complete = (bytes) => {
    let used = 0;
    if (held < LENGTH_BYTES) {
      const missing2 = Math.min(LENGTH_BYTES - held, bytes.byteLength);
      rest.set(bytes.subarray(0, missing2), held);
      held += missing2;
      used = missing2;
      if (held < LENGTH_BYTES) return used;
      const whole = new Uint8Array(sizeAt(rest, 0));
      whole.set(rest.subarray(0, LENGTH_BYTES));
      rest = whole;
    }
    const missing = Math.min(rest.byteLength - held, bytes.byteLength - used);
    rest.set(bytes.subarray(used, used + missing), held);
    held += missing;
    return used + missing;
  };
  const keep = (bytes) => {
    const hasLength = bytes.byteLength >= LENGTH_BYTES;
    rest = new Uint8Array(hasLength ? sizeAt(bytes, 0) : LENGTH_BYTES);
    rest.set(bytes);
    held = bytes.byteLength;
  };
  return {
    push(bytes) {
      let at = 0;
      if (held > 0) {
        at = complete(bytes);
        if (held < LENGTH_BYTES || held < rest.byteLength) return;
        const whole = rest;
        rest = NOTHING2;
        held = 0;
        take(parseLaneFrame(whole, 0, whole.byteLength));
      }
      while (bytes.byteLength - at >= LENGTH_BYTES) {
        const size = sizeAt(bytes, at);
        if (bytes.byteLength - at < size) break;
        const from = at;
        at += size;
        take(parseLaneFrame(bytes, from, at));
      }
      if (at < bytes.byteLength) keep(bytes.subarray(at));
    }
  };
}
function parseLaneFrame(bytes, from, end) {
  const flags = byte(bytes, from + 5);
  const method = u16(bytes, from + 6);
  const stream = u32(bytes, from + 8);
  const body = from + HEADER_BYTES;
  const kind = byte(bytes, from + 4);
  if (kind > KIND.data && (flags !== 0 || method !== 0)) throw malformed("flags or a method");
  switch (kind) {
    case KIND.open: {
      if (end - body < OPEN_BYTES) throw malformed("an opening that is cut short");
      const metadataEnd = body + OPEN_BYTES + u16(bytes, body + 4);
      if (metadataEnd > end) throw malformed("metadata that are cut short");
      return {
        kind: "open",
        stream: streamOf(stream),
        method,
        timeoutMs: u32(bytes, body),
        metadata: parseMetadata(bytes, body + OPEN_BYTES, metadataEnd),
        ...messageOf(flags, bytes, metadataEnd, end)
      };
    }
    case KIND.data:
      if (method !== 0) throw malformed("a method");
      return {
        kind: "data",
        stream: streamOf(stream),
        ...messageOf(flags, bytes, body, end)
      };
    case KIND.end: {
      if (end - body < 3) throw malformed("an end that is cut short");
      const textEnd = body + 3 + u16(bytes, body + 1);
      if (textEnd > end) throw malformed("a text that is cut short");
      return {
        kind: "end",
        stream: streamOf(stream),
        status: statusOf(byte(bytes, body)),
        text: textOf(bytes, body + 3, textEnd)
      };
    }
    case KIND.cancel:
      if (end - body < 1) throw malformed("a cancel that is cut short");
      return {
        kind: "cancel",
        stream: streamOf(stream),
        status: statusOf(byte(bytes, body)),
        text: textOf(bytes, body + 1, end)
      };
    case KIND.credit: {
      if (end - body !== 4) throw malformed("a credit that is no number");
      const more = u32(bytes, body);
      if (more === 0) throw malformed("a credit of nothing");
      return { kind: "credit", stream, bytes: more };
    }
    case KIND.ping:
    case KIND.pong:
      if (end - body !== 8 || stream !== 0) throw malformed("a ping that is none");
      return {
        kind: kind === KIND.ping ? "ping" : "pong",
        value: BigInt(u32(bytes, body)) << 32n | BigInt(u32(bytes, body + 4))
      };
    case KIND.goaway:
      if (end - body < 4 || stream !== 0) throw malformed("a farewell that is none");
      return {
        kind: "goaway",
        lastStream: u32(bytes, body),
        text: textOf(bytes, body + 4, end)
      };
    default:
      throw malformed(`an unknown kind ${kind}`);
  }
}
function messageOf(flags, bytes, from, end) {
  const isLast = (flags & FLAG.last) !== 0;
  const hasMore = (flags & FLAG.more) !== 0;
  const isBare = (flags & FLAG.bare) !== 0;
  if (flags > (FLAG.last | FLAG.more | FLAG.bare)) throw malformed(`unknown flags ${flags}`);
  if (hasMore && (isLast || isBare || from === end)) throw malformed("a part that cannot be one");
  if (isBare && from !== end) throw malformed("bytes in a frame without a message");
  if (isBare) return { hasMore, isLast };
  return { message: bytes.subarray(from, end), hasMore, isLast };
}
function parseMetadata(bytes, from, end) {
  if (from === end) return NO_METADATA;
  if (end - from > METADATA_BYTES) throw malformed("metadata above 16 KiB");
  const metadata = /* @__PURE__ */ Object.create(null);
  let at = from;
  const text = (size) => {
    if (at + size > end) throw malformed("metadata that are cut short");
    const read2 = String.fromCharCode(...bytes.subarray(at, at + size));
    at += size;
    return read2;
  };
  while (at < end) {
    const nameBytes = byte(bytes, at);
    at += 1;
    const name = text(nameBytes);
    if (at + 2 > end) throw malformed("metadata that are cut short");
    const valueBytes = u16(bytes, at);
    at += 2;
    const value = text(valueBytes);
    if (!METADATA_NAME.test(name) || !METADATA_VALUE.test(value) || name in metadata) {
      throw malformed("metadata that are none, or twice");
    }
    metadata[name] = value;
  }
  return Object.freeze(metadata);
}
function textOf(bytes, from, end) {
  if (from === end) return "";
  if (end - from > TEXT_BYTES2) throw malformed("a text above 1 KiB");
  return new TextDecoder().decode(bytes.subarray(from, end));
}
var streamOf, statusOf, byte, u16, u32, malformed, tooLarge, TEXT_BYTES2, NOTHING2, NO_METADATA;
var init_lane_reader = __esm({
  "packages/protocol/src/lane-reader.ts"() {
    "use strict";
    init_lane_frames();
    init_protocol_error();
    init_status();
    streamOf = (stream) => {
      if (stream === 0) throw malformed("a call on stream 0");
      return stream;
    };
    statusOf = (status) => {
      if (status > STATUS.UNAUTHENTICATED) throw malformed(`an unknown status ${status}`);
      return status;
    };
    byte = (bytes, at) => bytes[at] ?? 0;
    u16 = (bytes, at) => byte(bytes, at) << 8 | byte(bytes, at + 1);
    u32 = (bytes, at) => (byte(bytes, at) << 24 | byte(bytes, at + 1) << 16 | byte(bytes, at + 2) << 8 | byte(bytes, at + 3)) >>> 0;
    malformed = (found) => new ProtocolError("FRAME_MALFORMED", `Cannot read a frame of the lane: it has ${found}`, {
      status: STATUS.INTERNAL
    });
    tooLarge = (size, most) => new ProtocolError(
      "FRAME_TOO_LARGE",
      `Cannot read a frame of the lane: ${size} bytes, at most ${most} are taken`,
      { status: STATUS.RESOURCE_EXHAUSTED }
    );
    TEXT_BYTES2 = 1024;
    NOTHING2 = new Uint8Array();
    NO_METADATA = Object.freeze(/* @__PURE__ */ Object.create(null));
  }
});

// packages/protocol/src/message-frames.ts
function frameMessage(message) {
  const frame = new Uint8Array(PREFIX_BYTES + message.byteLength);
  new DataView(frame.buffer).setUint32(1, message.byteLength);
  frame.set(message, PREFIX_BYTES);
  return frame;
}
function createMessageReader(maxMessageBytes) {
  let parts = [];
  let held = 0;
  let wanted = PREFIX_BYTES;
  let inBody = false;
  const take = () => {
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
      const messages = [];
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
          status: STATUS.INTERNAL
        });
      }
    }
  };
}
function bodyBytes(prefix, maxMessageBytes) {
  const view = new DataView(prefix.buffer, prefix.byteOffset, prefix.byteLength);
  if (view.getUint8(0) !== 0) {
    throw new ProtocolError("FRAME_MALFORMED", "Cannot read a message: it claims a compression", {
      status: STATUS.INTERNAL
    });
  }
  const length = view.getUint32(1);
  if (length <= maxMessageBytes) return length;
  throw new ProtocolError(
    "MESSAGE_TOO_LARGE",
    `Cannot read a message: ${length} bytes, at most ${maxMessageBytes} are taken`,
    { status: STATUS.RESOURCE_EXHAUSTED }
  );
}
function joined(parts, total) {
  const [first] = parts;
  if (parts.length === 1 && first !== void 0) return first;
  const all = new Uint8Array(total);
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.byteLength;
  }
  return all;
}
var PREFIX_BYTES;
var init_message_frames = __esm({
  "packages/protocol/src/message-frames.ts"() {
    "use strict";
    init_protocol_error();
    init_status();
    PREFIX_BYTES = 5;
  }
});

// packages/protocol/src/reattach.ts
function formatReattach(name, ticket) {
  const { version, pid, startTime, isTest, address } = ticket;
  return JSON.stringify({
    [name]: {
      Protocol: "grpc",
      ProtocolVersion: version,
      Pid: pid,
      ...startTime === void 0 ? {} : { StartTime: startTime },
      Test: isTest,
      Addr: { Network: "unix", String: address }
    }
  });
}
var init_reattach = __esm({
  "packages/protocol/src/reattach.ts"() {
    "use strict";
  }
});

// packages/protocol/src/status-message.ts
function encodeStatusMessage(message) {
  const bytes = new TextEncoder().encode(message).subarray(0, KEPT_BYTES);
  return Array.from(
    bytes,
    (byte2) => byte2 >= 32 && byte2 <= 126 && byte2 !== 37 ? String.fromCharCode(byte2) : `%${byte2.toString(16).toUpperCase().padStart(2, "0")}`
  ).join("");
}
function decodeStatusMessage(text) {
  const bytes = [];
  for (let at = 0; at < text.length && bytes.length < KEPT_BYTES; at += 1) {
    const hex = text.slice(at + 1, at + 3);
    if (text[at] === "%" && /^[\da-f]{2}$/iu.test(hex)) {
      bytes.push(Number.parseInt(hex, 16));
      at += 2;
    } else {
      bytes.push(text.charCodeAt(at) & 255);
    }
  }
  return new TextDecoder().decode(Uint8Array.from(bytes));
}
var KEPT_BYTES;
var init_status_message = __esm({
  "packages/protocol/src/status-message.ts"() {
    "use strict";
    KEPT_BYTES = 1024;
  }
});

// packages/protocol/src/index.ts
var init_src = __esm({
  "packages/protocol/src/index.ts"() {
    "use strict";
    init_handshake();
    init_handshake_line();
    init_limits();
    init_protocol_error();
    init_reattach();
    init_status();
  }
});

// packages/plugin-sdk/src/plugin-failure.ts
var PluginFailure, CODE;
var init_plugin_failure = __esm({
  "packages/plugin-sdk/src/plugin-failure.ts"() {
    "use strict";
    PluginFailure = class extends Error {
      /** The class name, for logs. */
      name = "PluginFailure";
      /** What callers branch on. */
      code;
      /** Whether the same call may succeed later. */
      retryable;
      constructor(code, message, options = {}) {
        if (!CODE.test(code)) {
          throw new TypeError(
            `Cannot make a plugin failure: its code ${JSON.stringify(code)} is not snake_case of at most 64 characters`
          );
        }
        super(message, options);
        this.code = code;
        this.retryable = options.retryable ?? false;
      }
    };
    CODE = /^[a-z][a-z0-9_]{0,63}$/u;
  }
});

// packages/plugin-sdk/src/plugin-sdk-error.ts
var PluginSdkError;
var init_plugin_sdk_error = __esm({
  "packages/plugin-sdk/src/plugin-sdk-error.ts"() {
    "use strict";
    PluginSdkError = class extends Error {
      /** The class name, for logs. */
      name = "PluginSdkError";
      /** What callers branch on. */
      code;
      constructor(code, message, options) {
        super(message, options);
        this.code = code;
        this.stack = `${this.name}: ${message}`;
      }
    };
  }
});

// packages/plugin-sdk/src/running-calls.ts
function createRunningCalls() {
  const running = /* @__PURE__ */ new Map();
  return {
    count: () => running.size,
    begin(id) {
      const controller = new AbortController();
      running.set(controller, id);
      return {
        signal: controller.signal,
        abort: (reason) => controller.abort(reason),
        end: () => void running.delete(controller)
      };
    },
    cancel(id) {
      const meant = [...running].filter(([, own]) => id !== "" && own === id);
      for (const [controller] of meant) controller.abort(cancelled("the host cancelled the call"));
      return meant.length > 0;
    },
    abortAll(reason) {
      for (const controller of running.keys()) controller.abort(reason);
    }
  };
}
var cancelled;
var init_running_calls = __esm({
  "packages/plugin-sdk/src/running-calls.ts"() {
    "use strict";
    cancelled = (why) => new DOMException(why, "AbortError");
  }
});

// node_modules/.pnpm/@bufbuild+protobuf@2.17.0/node_modules/@bufbuild/protobuf/dist/esm/reflect/names.js
function protoCamelCase(snakeCase) {
  let capNext = false;
  const b = [];
  for (let i = 0; i < snakeCase.length; i++) {
    let c = snakeCase.charAt(i);
    switch (c) {
      case "_":
        capNext = true;
        break;
      case "0":
      case "1":
      case "2":
      case "3":
      case "4":
      case "5":
      case "6":
      case "7":
      case "8":
      case "9":
        b.push(c);
        capNext = false;
        break;
      default:
        if (capNext) {
          capNext = false;
          c = c.toUpperCase();
        }
        b.push(c);
        break;
    }
  }
  return b.join("");
}
function protoSnakeCase(lowerCamelCase) {
  return lowerCamelCase.replace(/[A-Z]/g, (letter) => "_" + letter.toLowerCase());
}
function safeObjectProperty(name) {
  return reservedObjectProperties.has(name) ? name + "$" : name;
}
var reservedObjectProperties;
var init_names = __esm({
  "node_modules/.pnpm/@bufbuild+protobuf@2.17.0/node_modules/@bufbuild/protobuf/dist/esm/reflect/names.js"() {
    reservedObjectProperties = /* @__PURE__ */ new Set([
      // names reserved by JavaScript
      "constructor",
      "toString",
      "toJSON",
      "valueOf"
    ]);
  }
});

// node_modules/.pnpm/@bufbuild+protobuf@2.17.0/node_modules/@bufbuild/protobuf/dist/esm/wire/varint.js
function varint64read() {
  const buf = this.buf;
  let pos = this.pos;
  let lo = 0;
  let hi = 0;
  for (let shift = 0; shift < 28; shift += 7) {
    const b = buf[pos++];
    lo |= (b & 127) << shift;
    if ((b & 128) == 0) {
      this.pos = pos;
      this.assertBounds();
      this.varint64Lo = lo;
      this.varint64Hi = hi;
      return;
    }
  }
  const middleByte = buf[pos++];
  lo |= (middleByte & 15) << 28;
  hi = (middleByte & 112) >> 4;
  if ((middleByte & 128) == 0) {
    this.pos = pos;
    this.assertBounds();
    this.varint64Lo = lo;
    this.varint64Hi = hi;
    return;
  }
  for (let shift = 3; shift <= 31; shift += 7) {
    const b = buf[pos++];
    hi |= (b & 127) << shift;
    if ((b & 128) == 0) {
      this.pos = pos;
      this.assertBounds();
      this.varint64Lo = lo;
      this.varint64Hi = hi;
      return;
    }
  }
  throw new Error("invalid varint");
}
function int64FromString(dec) {
  const minus = dec[0] === "-";
  if (minus) {
    dec = dec.slice(1);
  }
  const base = 1e6;
  let lowBits = 0;
  let highBits = 0;
  function add1e6digit(begin, end) {
    const digit1e6 = Number(dec.slice(begin, end));
    highBits *= base;
    lowBits = lowBits * base + digit1e6;
    if (lowBits >= TWO_PWR_32_DBL) {
      highBits = highBits + (lowBits / TWO_PWR_32_DBL | 0);
      lowBits = lowBits % TWO_PWR_32_DBL;
    }
  }
  add1e6digit(-24, -18);
  add1e6digit(-18, -12);
  add1e6digit(-12, -6);
  add1e6digit(-6);
  return minus ? negate(lowBits, highBits) : newBits(lowBits, highBits);
}
function int64ToString(lo, hi) {
  let bits = newBits(lo, hi);
  const negative = bits.hi & 2147483648;
  if (negative) {
    bits = negate(bits.lo, bits.hi);
  }
  const result = uInt64ToString(bits.lo, bits.hi);
  return negative ? "-" + result : result;
}
function uInt64ToString(lo, hi) {
  ({ lo, hi } = toUnsigned(lo, hi));
  if (hi <= 2097151) {
    return String(TWO_PWR_32_DBL * hi + lo);
  }
  const low = lo & 16777215;
  const mid = (lo >>> 24 | hi << 8) & 16777215;
  const high = hi >> 16 & 65535;
  let digitA = low + mid * 6777216 + high * 6710656;
  let digitB = mid + high * 8147497;
  let digitC = high * 2;
  const base = 1e7;
  if (digitA >= base) {
    digitB += Math.floor(digitA / base);
    digitA %= base;
  }
  if (digitB >= base) {
    digitC += Math.floor(digitB / base);
    digitB %= base;
  }
  return digitC.toString() + decimalFrom1e7WithLeadingZeros(digitB) + decimalFrom1e7WithLeadingZeros(digitA);
}
function toUnsigned(lo, hi) {
  return { lo: lo >>> 0, hi: hi >>> 0 };
}
function newBits(lo, hi) {
  return { lo: lo | 0, hi: hi | 0 };
}
function negate(lowBits, highBits) {
  highBits = ~highBits;
  if (lowBits) {
    lowBits = ~lowBits + 1;
  } else {
    highBits += 1;
  }
  return newBits(lowBits, highBits);
}
function varint32write(value, bytes) {
  if (value >>> 0 < 128) {
    bytes.push(value);
    return;
  }
  if (value >= 0) {
    while (value > 127) {
      bytes.push(value & 127 | 128);
      value = value >>> 7;
    }
    bytes.push(value);
  } else {
    for (let i = 0; i < 9; i++) {
      bytes.push(value & 127 | 128);
      value = value >> 7;
    }
    bytes.push(1);
  }
}
function varint32read() {
  let b = this.buf[this.pos++];
  if ((b & 128) === 0) {
    this.assertBounds();
    return b;
  }
  let result = b & 127;
  b = this.buf[this.pos++];
  result |= (b & 127) << 7;
  if ((b & 128) === 0) {
    this.assertBounds();
    return result;
  }
  b = this.buf[this.pos++];
  result |= (b & 127) << 14;
  if ((b & 128) === 0) {
    this.assertBounds();
    return result;
  }
  b = this.buf[this.pos++];
  result |= (b & 127) << 21;
  if ((b & 128) === 0) {
    this.assertBounds();
    return result;
  }
  b = this.buf[this.pos++];
  result |= (b & 15) << 28;
  for (let readBytes = 5; (b & 128) !== 0 && readBytes < 10; readBytes++)
    b = this.buf[this.pos++];
  if ((b & 128) !== 0)
    throw new Error("invalid varint");
  this.assertBounds();
  return result >>> 0;
}
var TWO_PWR_32_DBL, decimalFrom1e7WithLeadingZeros;
var init_varint = __esm({
  "node_modules/.pnpm/@bufbuild+protobuf@2.17.0/node_modules/@bufbuild/protobuf/dist/esm/wire/varint.js"() {
    TWO_PWR_32_DBL = 4294967296;
    decimalFrom1e7WithLeadingZeros = (digit1e7) => {
      const partial = String(digit1e7);
      return "0000000".slice(partial.length) + partial;
    };
  }
});

// node_modules/.pnpm/@bufbuild+protobuf@2.17.0/node_modules/@bufbuild/protobuf/dist/esm/proto-int64.js
function makeInt64Support() {
  const dv = new DataView(new ArrayBuffer(8));
  const ok = typeof BigInt === "function" && typeof dv.getBigInt64 === "function" && typeof dv.getBigUint64 === "function" && typeof dv.setBigInt64 === "function" && typeof dv.setBigUint64 === "function" && (!!globalThis.Deno || !!globalThis.Bun || typeof process != "object" || typeof process.env != "object" || process.env.BUF_BIGINT_DISABLE !== "1");
  if (ok) {
    const MIN = BigInt("-9223372036854775808");
    const MAX = BigInt("9223372036854775807");
    const UMIN = BigInt("0");
    const UMAX = BigInt("18446744073709551615");
    return {
      zero: BigInt(0),
      supported: true,
      parse(value) {
        const bi = typeof value == "bigint" ? value : BigInt(value);
        if (bi > MAX || bi < MIN) {
          throw new Error(`invalid int64: ${value}`);
        }
        return bi;
      },
      uParse(value) {
        const bi = typeof value == "bigint" ? value : BigInt(value);
        if (bi > UMAX || bi < UMIN) {
          throw new Error(`invalid uint64: ${value}`);
        }
        return bi;
      },
      enc(value) {
        dv.setBigInt64(0, this.parse(value), true);
        return {
          lo: dv.getInt32(0, true),
          hi: dv.getInt32(4, true)
        };
      },
      uEnc(value) {
        dv.setBigInt64(0, this.uParse(value), true);
        return {
          lo: dv.getInt32(0, true),
          hi: dv.getInt32(4, true)
        };
      },
      dec(lo, hi) {
        dv.setInt32(0, lo, true);
        dv.setInt32(4, hi, true);
        return dv.getBigInt64(0, true);
      },
      uDec(lo, hi) {
        dv.setInt32(0, lo, true);
        dv.setInt32(4, hi, true);
        return dv.getBigUint64(0, true);
      }
    };
  }
  return {
    zero: "0",
    supported: false,
    parse(value) {
      if (typeof value != "string") {
        value = value.toString();
      }
      assertInt64String(value);
      return value;
    },
    uParse(value) {
      if (typeof value != "string") {
        value = value.toString();
      }
      assertUInt64String(value);
      return value;
    },
    enc(value) {
      if (typeof value != "string") {
        value = value.toString();
      }
      assertInt64String(value);
      return int64FromString(value);
    },
    uEnc(value) {
      if (typeof value != "string") {
        value = value.toString();
      }
      assertUInt64String(value);
      return int64FromString(value);
    },
    dec(lo, hi) {
      return int64ToString(lo, hi);
    },
    uDec(lo, hi) {
      return uInt64ToString(lo, hi);
    }
  };
}
function assertInt64String(value) {
  if (!/^-?[0-9]+$/.test(value)) {
    throw new Error("invalid int64: " + value);
  }
}
function assertUInt64String(value) {
  if (!/^[0-9]+$/.test(value)) {
    throw new Error("invalid uint64: " + value);
  }
}
var protoInt64;
var init_proto_int64 = __esm({
  "node_modules/.pnpm/@bufbuild+protobuf@2.17.0/node_modules/@bufbuild/protobuf/dist/esm/proto-int64.js"() {
    init_varint();
    protoInt64 = /* @__PURE__ */ makeInt64Support();
  }
});

// node_modules/.pnpm/@bufbuild+protobuf@2.17.0/node_modules/@bufbuild/protobuf/dist/esm/descriptors.js
var ScalarType;
var init_descriptors = __esm({
  "node_modules/.pnpm/@bufbuild+protobuf@2.17.0/node_modules/@bufbuild/protobuf/dist/esm/descriptors.js"() {
    (function(ScalarType2) {
      ScalarType2[ScalarType2["DOUBLE"] = 1] = "DOUBLE";
      ScalarType2[ScalarType2["FLOAT"] = 2] = "FLOAT";
      ScalarType2[ScalarType2["INT64"] = 3] = "INT64";
      ScalarType2[ScalarType2["UINT64"] = 4] = "UINT64";
      ScalarType2[ScalarType2["INT32"] = 5] = "INT32";
      ScalarType2[ScalarType2["FIXED64"] = 6] = "FIXED64";
      ScalarType2[ScalarType2["FIXED32"] = 7] = "FIXED32";
      ScalarType2[ScalarType2["BOOL"] = 8] = "BOOL";
      ScalarType2[ScalarType2["STRING"] = 9] = "STRING";
      ScalarType2[ScalarType2["BYTES"] = 12] = "BYTES";
      ScalarType2[ScalarType2["UINT32"] = 13] = "UINT32";
      ScalarType2[ScalarType2["SFIXED32"] = 15] = "SFIXED32";
      ScalarType2[ScalarType2["SFIXED64"] = 16] = "SFIXED64";
      ScalarType2[ScalarType2["SINT32"] = 17] = "SINT32";
      ScalarType2[ScalarType2["SINT64"] = 18] = "SINT64";
    })(ScalarType || (ScalarType = {}));
  }
});

// node_modules/.pnpm/@bufbuild+protobuf@2.17.0/node_modules/@bufbuild/protobuf/dist/esm/reflect/scalar.js
function scalarZeroValue(type, longAsString) {
  switch (type) {
    case ScalarType.STRING:
      return "";
    case ScalarType.BOOL:
      return false;
    case ScalarType.DOUBLE:
    case ScalarType.FLOAT:
      return 0;
    case ScalarType.INT64:
    case ScalarType.UINT64:
    case ScalarType.SFIXED64:
    case ScalarType.FIXED64:
    case ScalarType.SINT64:
      return longAsString ? "0" : protoInt64.zero;
    case ScalarType.BYTES:
      return new Uint8Array(0);
    default:
      return 0;
  }
}
function isScalarZeroValue(type, value) {
  switch (type) {
    case ScalarType.BOOL:
      return value === false;
    case ScalarType.STRING:
      return value === "";
    case ScalarType.BYTES:
      return value instanceof Uint8Array && !value.byteLength;
    case ScalarType.DOUBLE:
    case ScalarType.FLOAT:
      return Object.is(value, 0);
    default:
      return value == 0;
  }
}
var init_scalar = __esm({
  "node_modules/.pnpm/@bufbuild+protobuf@2.17.0/node_modules/@bufbuild/protobuf/dist/esm/reflect/scalar.js"() {
    init_proto_int64();
    init_descriptors();
  }
});

// node_modules/.pnpm/@bufbuild+protobuf@2.17.0/node_modules/@bufbuild/protobuf/dist/esm/reflect/unsafe.js
function unsafeOneofCase(target, oneof) {
  const c = target[oneof.localName].case;
  if (c === void 0) {
    return c;
  }
  return oneof.fields.find((f) => f.localName === c);
}
function unsafeIsSet(target, field) {
  const name = field.localName;
  if (field.oneof) {
    return target[field.oneof.localName].case === name;
  }
  if (field.presence != IMPLICIT) {
    return target[name] !== void 0 && Object.prototype.hasOwnProperty.call(target, name);
  }
  switch (field.fieldKind) {
    case "list":
      return target[name].length > 0;
    case "map":
      return Object.keys(target[name]).length > 0;
    case "scalar":
      return !isScalarZeroValue(field.scalar, target[name]);
    case "enum":
      return target[name] !== field.enum.values[0].number;
  }
  throw new Error("message field with implicit presence");
}
function unsafeIsSetExplicit(target, localName) {
  return Object.prototype.hasOwnProperty.call(target, localName) && target[localName] !== void 0;
}
function unsafeGet(target, field) {
  if (field.oneof) {
    const oneof = target[field.oneof.localName];
    if (oneof.case === field.localName) {
      return oneof.value;
    }
    return void 0;
  }
  return target[field.localName];
}
function unsafeSet(target, field, value) {
  if (field.oneof) {
    target[field.oneof.localName] = {
      case: field.localName,
      value
    };
  } else {
    target[field.localName] = value;
  }
}
function setOwn(obj, key, value) {
  if (key === "__proto__") {
    Object.defineProperty(obj, "__proto__", {
      value,
      writable: true,
      enumerable: true,
      configurable: true
    });
  } else {
    obj[key] = value;
  }
}
function getOwn(obj, key) {
  return Object.prototype.hasOwnProperty.call(obj, key) ? obj[key] : void 0;
}
function unsafeClear(target, field) {
  const name = field.localName;
  if (field.oneof) {
    const oneofLocalName = field.oneof.localName;
    if (target[oneofLocalName].case === name) {
      target[oneofLocalName] = { case: void 0 };
    }
  } else if (field.presence != IMPLICIT) {
    delete target[name];
  } else {
    switch (field.fieldKind) {
      case "map":
        target[name] = {};
        break;
      case "list":
        target[name] = [];
        break;
      case "enum":
        target[name] = field.enum.values[0].number;
        break;
      case "scalar":
        target[name] = scalarZeroValue(field.scalar, field.longAsString);
        break;
    }
  }
}
var IMPLICIT, unsafeLocal;
var init_unsafe = __esm({
  "node_modules/.pnpm/@bufbuild+protobuf@2.17.0/node_modules/@bufbuild/protobuf/dist/esm/reflect/unsafe.js"() {
    init_scalar();
    IMPLICIT = 2;
    unsafeLocal = /* @__PURE__ */ Symbol.for("reflect unsafe local");
  }
});

// node_modules/.pnpm/@bufbuild+protobuf@2.17.0/node_modules/@bufbuild/protobuf/dist/esm/codegenv2/restore-json-names.js
function restoreJsonNames(message) {
  for (const f of message.field) {
    if (!unsafeIsSetExplicit(f, "jsonName")) {
      f.jsonName = protoCamelCase(f.name);
    }
  }
  message.nestedType.forEach(restoreJsonNames);
}
var init_restore_json_names = __esm({
  "node_modules/.pnpm/@bufbuild+protobuf@2.17.0/node_modules/@bufbuild/protobuf/dist/esm/codegenv2/restore-json-names.js"() {
    init_names();
    init_unsafe();
  }
});

// node_modules/.pnpm/@bufbuild+protobuf@2.17.0/node_modules/@bufbuild/protobuf/dist/esm/wire/text-format.js
function parseTextFormatEnumValue(descEnum, value) {
  const enumValue = descEnum.values.find((v) => v.name === value);
  if (!enumValue) {
    throw new Error(`cannot parse ${descEnum} default value: ${value}`);
  }
  return enumValue.number;
}
function parseTextFormatScalarValue(type, value) {
  switch (type) {
    case ScalarType.STRING:
      return value;
    case ScalarType.BYTES: {
      const u = unescapeBytesDefaultValue(value);
      if (u === false) {
        throw new Error(`cannot parse ${ScalarType[type]} default value: ${value}`);
      }
      return u;
    }
    case ScalarType.INT64:
    case ScalarType.SFIXED64:
    case ScalarType.SINT64:
      return protoInt64.parse(value);
    case ScalarType.UINT64:
    case ScalarType.FIXED64:
      return protoInt64.uParse(value);
    case ScalarType.DOUBLE:
    case ScalarType.FLOAT:
      switch (value) {
        case "inf":
          return Number.POSITIVE_INFINITY;
        case "-inf":
          return Number.NEGATIVE_INFINITY;
        case "nan":
          return Number.NaN;
        default:
          return parseFloat(value);
      }
    case ScalarType.BOOL:
      return value === "true";
    case ScalarType.INT32:
    case ScalarType.UINT32:
    case ScalarType.SINT32:
    case ScalarType.FIXED32:
    case ScalarType.SFIXED32:
      return parseInt(value, 10);
  }
}
function unescapeBytesDefaultValue(str) {
  const b = [];
  const input = {
    tail: str,
    c: "",
    next() {
      if (this.tail.length == 0) {
        return false;
      }
      this.c = this.tail[0];
      this.tail = this.tail.substring(1);
      return true;
    },
    take(n) {
      if (this.tail.length >= n) {
        const r = this.tail.substring(0, n);
        this.tail = this.tail.substring(n);
        return r;
      }
      return false;
    }
  };
  while (input.next()) {
    switch (input.c) {
      case "\\":
        if (input.next()) {
          switch (input.c) {
            case "\\":
              b.push(input.c.charCodeAt(0));
              break;
            case "b":
              b.push(8);
              break;
            case "f":
              b.push(12);
              break;
            case "n":
              b.push(10);
              break;
            case "r":
              b.push(13);
              break;
            case "t":
              b.push(9);
              break;
            case "v":
              b.push(11);
              break;
            case "0":
            case "1":
            case "2":
            case "3":
            case "4":
            case "5":
            case "6":
            case "7": {
              const s = input.c;
              const t = input.take(2);
              if (t === false) {
                return false;
              }
              const n = parseInt(s + t, 8);
              if (Number.isNaN(n)) {
                return false;
              }
              b.push(n);
              break;
            }
            case "x": {
              const s = input.c;
              const t = input.take(2);
              if (t === false) {
                return false;
              }
              const n = parseInt(s + t, 16);
              if (Number.isNaN(n)) {
                return false;
              }
              b.push(n);
              break;
            }
            case "u": {
              const s = input.c;
              const t = input.take(4);
              if (t === false) {
                return false;
              }
              const n = parseInt(s + t, 16);
              if (Number.isNaN(n)) {
                return false;
              }
              const chunk = new Uint8Array(4);
              const view = new DataView(chunk.buffer);
              view.setInt32(0, n, true);
              b.push(chunk[0], chunk[1], chunk[2], chunk[3]);
              break;
            }
            case "U": {
              const s = input.c;
              const t = input.take(8);
              if (t === false) {
                return false;
              }
              const tc = protoInt64.uEnc(s + t);
              const chunk = new Uint8Array(8);
              const view = new DataView(chunk.buffer);
              view.setInt32(0, tc.lo, true);
              view.setInt32(4, tc.hi, true);
              b.push(chunk[0], chunk[1], chunk[2], chunk[3], chunk[4], chunk[5], chunk[6], chunk[7]);
              break;
            }
          }
        }
        break;
      default:
        b.push(input.c.charCodeAt(0));
    }
  }
  return new Uint8Array(b);
}
var init_text_format = __esm({
  "node_modules/.pnpm/@bufbuild+protobuf@2.17.0/node_modules/@bufbuild/protobuf/dist/esm/wire/text-format.js"() {
    init_descriptors();
    init_proto_int64();
  }
});

// node_modules/.pnpm/@bufbuild+protobuf@2.17.0/node_modules/@bufbuild/protobuf/dist/esm/reflect/nested-types.js
function* nestedTypes(desc) {
  switch (desc.kind) {
    case "file":
      for (const message of desc.messages) {
        yield message;
        yield* nestedTypes(message);
      }
      yield* desc.enums;
      yield* desc.services;
      yield* desc.extensions;
      break;
    case "message":
      for (const message of desc.nestedMessages) {
        yield message;
        yield* nestedTypes(message);
      }
      yield* desc.nestedEnums;
      yield* desc.nestedExtensions;
      break;
  }
}
var init_nested_types = __esm({
  "node_modules/.pnpm/@bufbuild+protobuf@2.17.0/node_modules/@bufbuild/protobuf/dist/esm/reflect/nested-types.js"() {
  }
});

// node_modules/.pnpm/@bufbuild+protobuf@2.17.0/node_modules/@bufbuild/protobuf/dist/esm/wire/text-encoding.js
function configureTextEncoding(textEncoding) {
  var _a;
  te = Object.assign(Object.assign({}, textEncoding), { encodeUtf8Into: (_a = textEncoding.encodeUtf8Into) !== null && _a !== void 0 ? _a : emulateEncodeInto(textEncoding.encodeUtf8.bind(textEncoding)) });
}
function getTextEncoding() {
  if (!te) {
    const globals = globalThis;
    if (!globals.TextEncoder || !globals.TextDecoder) {
      throw new Error("encoding API missing: install TextEncoder and TextDecoder on globalThis");
    }
    const textEncoder = new globals.TextEncoder();
    const textDecoder = new globals.TextDecoder("utf-8", {
      ignoreBOM: true
    });
    let textDecoderStrict;
    const config = {
      encodeUtf8(text) {
        return textEncoder.encode(text);
      },
      decodeUtf8(bytes, strict) {
        if (strict) {
          if (!textDecoderStrict) {
            textDecoderStrict = new globals.TextDecoder("utf-8", {
              fatal: true,
              ignoreBOM: true
            });
          }
          return textDecoderStrict.decode(bytes);
        }
        return textDecoder.decode(bytes);
      },
      checkUtf8(text) {
        try {
          encodeURIComponent(text);
          return true;
        } catch (_) {
          return false;
        }
      }
    };
    if (textEncoder.encodeInto) {
      config.encodeUtf8Into = textEncoder.encodeInto.bind(textEncoder);
    }
    const nativeStringIsWellFormed = String.prototype.isWellFormed;
    if (nativeStringIsWellFormed) {
      config.checkUtf8 = (text) => {
        return nativeStringIsWellFormed.call(text);
      };
    }
    configureTextEncoding(config);
  }
  return te;
}
function emulateEncodeInto(encodeUtf8) {
  return (text, dest) => {
    const bytes = encodeUtf8(text);
    dest.set(bytes);
    return { written: bytes.byteLength };
  };
}
var te;
var init_text_encoding = __esm({
  "node_modules/.pnpm/@bufbuild+protobuf@2.17.0/node_modules/@bufbuild/protobuf/dist/esm/wire/text-encoding.js"() {
  }
});

// node_modules/.pnpm/@bufbuild+protobuf@2.17.0/node_modules/@bufbuild/protobuf/dist/esm/wire/binary-encoding.js
function varint32Size(value) {
  if (value < 128)
    return 1;
  if (value < 16384)
    return 2;
  if (value < 2097152)
    return 3;
  if (value < 268435456)
    return 4;
  return 5;
}
function assertInt32(arg) {
  if (typeof arg == "string") {
    arg = Number(arg);
  } else if (typeof arg != "number") {
    throw new Error("invalid int32: " + typeof arg);
  }
  if (!Number.isInteger(arg) || arg > INT32_MAX || arg < INT32_MIN)
    throw new Error("invalid int32: " + arg);
}
function assertUInt32(arg) {
  if (typeof arg == "string") {
    arg = Number(arg);
  } else if (typeof arg != "number") {
    throw new Error("invalid uint32: " + typeof arg);
  }
  if (!Number.isInteger(arg) || arg > UINT32_MAX || arg < 0)
    throw new Error("invalid uint32: " + arg);
}
function assertFloat32(arg) {
  if (typeof arg == "string") {
    const o = arg;
    arg = Number(arg);
    if (Number.isNaN(arg) && o !== "NaN") {
      throw new Error("invalid float32: " + o);
    }
  } else if (typeof arg != "number") {
    throw new Error("invalid float32: " + typeof arg);
  }
  if (!Number.isFinite(Math.fround(arg)) && Number.isFinite(arg)) {
    throw new Error("invalid float32: " + arg);
  }
}
var WireType, UINT32_MAX, INT32_MAX, INT32_MIN, BinaryWriter, INITIAL_SIZE, DEFAULT_LEN_PREFIX_SIZE, EMPTY_BUFFER, EMPTY_VIEW, ASCII_MAX_LENGTH, BinaryReader;
var init_binary_encoding = __esm({
  "node_modules/.pnpm/@bufbuild+protobuf@2.17.0/node_modules/@bufbuild/protobuf/dist/esm/wire/binary-encoding.js"() {
    init_varint();
    init_proto_int64();
    init_text_encoding();
    (function(WireType2) {
      WireType2[WireType2["Varint"] = 0] = "Varint";
      WireType2[WireType2["Bit64"] = 1] = "Bit64";
      WireType2[WireType2["LengthDelimited"] = 2] = "LengthDelimited";
      WireType2[WireType2["StartGroup"] = 3] = "StartGroup";
      WireType2[WireType2["EndGroup"] = 4] = "EndGroup";
      WireType2[WireType2["Bit32"] = 5] = "Bit32";
    })(WireType || (WireType = {}));
    UINT32_MAX = 4294967295;
    INT32_MAX = 2147483647;
    INT32_MIN = -2147483648;
    BinaryWriter = class {
      constructor(encodeUtf8) {
        this.stackPos = [];
        this.encodeUtf8Into = encodeUtf8 ? emulateEncodeInto(encodeUtf8) : getTextEncoding().encodeUtf8Into;
        this.buffer = EMPTY_BUFFER;
        this.viewCache = EMPTY_VIEW;
        this.pos = 0;
      }
      ensureCapacity(size) {
        const required = this.pos + size;
        if (required > this.buffer.length) {
          let newLen = this.buffer.length || INITIAL_SIZE;
          while (newLen < required)
            newLen *= 2;
          const newBuf = new Uint8Array(newLen);
          if (this.pos > 0)
            newBuf.set(this.buffer);
          this.buffer = newBuf;
        }
      }
      /**
       * The DataView over `buffer`, rebuilt only if the buffer has grown since it
       * was last used.
       */
      view() {
        const bytes = this.buffer;
        const view = this.viewCache;
        if (view.byteLength === bytes.byteLength)
          return view;
        const newView = new DataView(bytes.buffer);
        this.viewCache = newView;
        return newView;
      }
      /**
       * Return all bytes written and reset this writer.
       */
      finish() {
        const result = this.buffer.slice(0, this.pos);
        this.pos = 0;
        this.stackPos = [];
        return result;
      }
      /**
       * Start a new fork for length-delimited data like a message
       * or a packed repeated field.
       *
       * Must be joined later with `join()`.
       */
      fork() {
        this.stackPos.push(this.pos);
        this.ensureCapacity(DEFAULT_LEN_PREFIX_SIZE);
        this.buffer[this.pos++] = 0;
        return this;
      }
      /**
       * Join the last fork. Write its length and bytes, then
       * return to the previous state.
       */
      join() {
        const forkPos = this.stackPos.pop();
        if (forkPos === void 0)
          throw new Error("invalid state, fork stack empty");
        const len = this.pos - forkPos - DEFAULT_LEN_PREFIX_SIZE;
        const lenPrefixSize = varint32Size(len);
        if (lenPrefixSize > DEFAULT_LEN_PREFIX_SIZE) {
          this.ensureCapacity(lenPrefixSize - DEFAULT_LEN_PREFIX_SIZE);
          this.buffer.copyWithin(forkPos + lenPrefixSize, forkPos + DEFAULT_LEN_PREFIX_SIZE, this.pos);
        }
        this.pos = forkPos;
        this.uint32(len);
        this.pos += len;
        return this;
      }
      /**
       * Writes a tag (field number and wire type).
       *
       * Equivalent to `uint32( (fieldNo << 3 | type) >>> 0 )`.
       *
       * Generated code should compute the tag ahead of time and call `uint32()`.
       */
      tag(fieldNo, type) {
        return this.uint32((fieldNo << 3 | type) >>> 0);
      }
      /**
       * Write a chunk of raw bytes.
       */
      raw(chunk) {
        this.ensureCapacity(chunk.length);
        this.buffer.set(chunk, this.pos);
        this.pos += chunk.length;
        return this;
      }
      /**
       * Write a `uint32` value, an unsigned 32 bit varint.
       */
      uint32(value) {
        assertUInt32(value);
        this.ensureCapacity(5);
        if (value < 128) {
          this.buffer[this.pos++] = value;
          return this;
        }
        while (value > 127) {
          this.buffer[this.pos++] = value & 127 | 128;
          value >>>= 7;
        }
        this.buffer[this.pos++] = value;
        return this;
      }
      /**
       * Write a `int32` value, a signed 32 bit varint.
       */
      int32(value) {
        assertInt32(value);
        if (value >= 0) {
          return this.uint32(value);
        }
        this.ensureCapacity(10);
        for (let i = 0; i < 9; i++) {
          this.buffer[this.pos++] = value & 127 | 128;
          value >>= 7;
        }
        this.buffer[this.pos++] = 1;
        return this;
      }
      /**
       * Write a `bool` value, a varint.
       */
      bool(value) {
        this.ensureCapacity(1);
        this.buffer[this.pos++] = value ? 1 : 0;
        return this;
      }
      /**
       * Write a `bytes` value, length-delimited arbitrary data.
       */
      bytes(value) {
        this.uint32(value.byteLength);
        return this.raw(value);
      }
      /**
       * Write a `string` value, length-delimited data converted to UTF-8 text.
       */
      string(value) {
        if (typeof value !== "string") {
          value = String(value);
        }
        const len = value.length;
        if (len <= ASCII_MAX_LENGTH) {
          this.ensureCapacity(len + 1);
          const ascii2 = this.buffer;
          let pos = this.pos;
          ascii2[pos++] = len;
          let i = 0;
          for (; i < len; i++) {
            const code = value.charCodeAt(i);
            if (code > 127)
              break;
            ascii2[pos++] = code;
          }
          if (i == len) {
            this.pos = pos;
            return this;
          }
        }
        this.ensureCapacity(len * 3 + 5);
        const lenPrefixSizeGuess = varint32Size(len);
        const buf = this.buffer;
        const start = this.pos;
        const { written: written2 } = this.encodeUtf8Into(value, buf.subarray(start + lenPrefixSizeGuess));
        const lenPrefixSize = varint32Size(written2);
        if (lenPrefixSize != lenPrefixSizeGuess) {
          buf.copyWithin(start + lenPrefixSize, start + lenPrefixSizeGuess, start + lenPrefixSizeGuess + written2);
        }
        this.uint32(written2);
        this.pos += written2;
        return this;
      }
      /**
       * Write a `float` value, 32-bit floating point number.
       */
      float(value) {
        assertFloat32(value);
        this.ensureCapacity(4);
        this.view().setFloat32(this.pos, value, true);
        this.pos += 4;
        return this;
      }
      /**
       * Write a `double` value, a 64-bit floating point number.
       */
      double(value) {
        this.ensureCapacity(8);
        this.view().setFloat64(this.pos, value, true);
        this.pos += 8;
        return this;
      }
      /**
       * Write a `fixed32` value, an unsigned, fixed-length 32-bit integer.
       */
      fixed32(value) {
        assertUInt32(value);
        this.ensureCapacity(4);
        this.view().setUint32(this.pos, value, true);
        this.pos += 4;
        return this;
      }
      /**
       * Write a `sfixed32` value, a signed, fixed-length 32-bit integer.
       */
      sfixed32(value) {
        assertInt32(value);
        this.ensureCapacity(4);
        this.view().setInt32(this.pos, value, true);
        this.pos += 4;
        return this;
      }
      /**
       * Write a `sint32` value, a signed, zigzag-encoded 32-bit varint.
       */
      sint32(value) {
        assertInt32(value);
        return this.uint32((value << 1 ^ value >> 31) >>> 0);
      }
      /**
       * Write a `sfixed64` value, a signed, fixed-length 64-bit integer.
       */
      sfixed64(value) {
        const tc = protoInt64.enc(value);
        this.ensureCapacity(8);
        const view = this.view();
        view.setInt32(this.pos, tc.lo, true);
        view.setInt32(this.pos + 4, tc.hi, true);
        this.pos += 8;
        return this;
      }
      /**
       * Write a `fixed64` value, an unsigned, fixed-length 64 bit integer.
       */
      fixed64(value) {
        const tc = protoInt64.uEnc(value);
        this.ensureCapacity(8);
        const view = this.view();
        view.setInt32(this.pos, tc.lo, true);
        view.setInt32(this.pos + 4, tc.hi, true);
        this.pos += 8;
        return this;
      }
      /**
       * Write a `int64` value, a signed 64-bit varint.
       */
      int64(value) {
        const tc = protoInt64.enc(value);
        return this.writeVarint64(tc.lo, tc.hi);
      }
      /**
       * Write a `sint64` value, a signed, zig-zag-encoded 64-bit varint.
       */
      sint64(value) {
        const tc = protoInt64.enc(value), sign = tc.hi >> 31, lo = tc.lo << 1 ^ sign, hi = (tc.hi << 1 | tc.lo >>> 31) ^ sign;
        return this.writeVarint64(lo, hi);
      }
      /**
       * Write a `uint64` value, an unsigned 64-bit varint.
       */
      uint64(value) {
        const tc = protoInt64.uEnc(value);
        return this.writeVarint64(tc.lo, tc.hi);
      }
      /**
       * Write a 64-bit varint directly into the buffer. Accepts the value as
       * split low/high 32-bit words.
       *
       * Ported from varint64write() to avoid the intermediate number[] buffer.
       * See https://github.com/protocolbuffers/protobuf/blob/8a71927d74a4ce34efe2d8769fda198f52d20d12/js/experimental/runtime/kernel/writer.js#L344
       */
      writeVarint64(lo, hi) {
        this.ensureCapacity(10);
        const buf = this.buffer;
        let pos = this.pos;
        for (let i = 0; i < 28; i = i + 7) {
          const shift = lo >>> i;
          const hasNext = !(shift >>> 7 == 0 && hi == 0);
          buf[pos++] = (hasNext ? shift | 128 : shift) & 255;
          if (!hasNext) {
            this.pos = pos;
            return this;
          }
        }
        const splitBits = lo >>> 28 & 15 | (hi & 7) << 4;
        const hasMoreBits = !(hi >> 3 == 0);
        buf[pos++] = (hasMoreBits ? splitBits | 128 : splitBits) & 255;
        if (!hasMoreBits) {
          this.pos = pos;
          return this;
        }
        for (let i = 3; i < 31; i = i + 7) {
          const shift = hi >>> i;
          const hasNext = !(shift >>> 7 == 0);
          buf[pos++] = (hasNext ? shift | 128 : shift) & 255;
          if (!hasNext) {
            this.pos = pos;
            return this;
          }
        }
        buf[pos++] = hi >>> 31 & 1;
        this.pos = pos;
        return this;
      }
    };
    INITIAL_SIZE = 128;
    DEFAULT_LEN_PREFIX_SIZE = 1;
    EMPTY_BUFFER = new Uint8Array(0);
    EMPTY_VIEW = new DataView(EMPTY_BUFFER.buffer);
    ASCII_MAX_LENGTH = 32;
    BinaryReader = class {
      constructor(buf, decodeUtf8 = getTextEncoding().decodeUtf8) {
        this.decodeUtf8 = decodeUtf8;
        this.varint64Lo = 0;
        this.varint64Hi = 0;
        this.varint64 = varint64read;
        this.uint32 = varint32read;
        this.buf = buf;
        this.len = buf.length;
        this.pos = 0;
        this.view = new DataView(buf.buffer, buf.byteOffset, buf.byteLength);
      }
      /**
       * Reads a tag - field number and wire type. Tags are uint32 varints; values
       * that do not fit in uint32 are rejected.
       */
      tag() {
        const start = this.pos;
        const tag = this.uint32();
        const bytesRead = this.pos - start;
        if (bytesRead > 5 || bytesRead == 5 && this.buf[this.pos - 1] > 15) {
          throw new Error("illegal tag: varint overflows uint32");
        }
        const fieldNo = tag >>> 3;
        const wireType = tag & 7;
        if (fieldNo <= 0 || wireType > 5) {
          throw new Error("illegal tag: field no " + fieldNo + " wire type " + wireType);
        }
        return [fieldNo, wireType];
      }
      /**
       * Skip one element and return the skipped data.
       *
       * When skipping StartGroup, provide the tags field number to check for
       * matching field number in the EndGroup tag. Recursion into nested groups
       * is guarded by the `recursionLimit` argument: When the limit is reached,
       * this method throws.
       */
      skip(wireType, fieldNo, recursionLimit = 100) {
        let start = this.pos;
        switch (wireType) {
          case WireType.Varint:
            while (this.buf[this.pos++] & 128) {
            }
            break;
          // @ts-ignore TS7029: Fallthrough case in switch -- ignore instead of expect-error for compiler settings without noFallthroughCasesInSwitch: true
          case WireType.Bit64:
            this.pos += 4;
          case WireType.Bit32:
            this.pos += 4;
            break;
          case WireType.LengthDelimited:
            let len = this.uint32();
            this.pos += len;
            break;
          case WireType.StartGroup:
            if (recursionLimit <= 0) {
              throw new Error("maximum recursion depth reached");
            }
            for (; ; ) {
              const [fn, wt] = this.tag();
              if (wt === WireType.EndGroup) {
                if (fieldNo !== void 0 && fn !== fieldNo) {
                  throw new Error("invalid end group tag");
                }
                break;
              }
              this.skip(wt, fn, recursionLimit - 1);
            }
            break;
          default:
            throw new Error("cant skip wire type " + wireType);
        }
        this.assertBounds();
        return this.buf.subarray(start, this.pos);
      }
      /**
       * Throws error if position in byte array is out of range.
       */
      assertBounds() {
        if (this.pos > this.len)
          throw new RangeError("premature EOF");
      }
      /**
       * Read a `int32` field, a signed 32 bit varint.
       */
      int32() {
        return this.uint32() | 0;
      }
      /**
       * Read a `sint32` field, a signed, zigzag-encoded 32-bit varint.
       */
      sint32() {
        let zze = this.uint32();
        return zze >>> 1 ^ -(zze & 1);
      }
      /**
       * Read a `int64` field, a signed 64-bit varint.
       */
      int64() {
        this.varint64();
        return protoInt64.dec(this.varint64Lo, this.varint64Hi);
      }
      /**
       * Read a `uint64` field, an unsigned 64-bit varint.
       */
      uint64() {
        this.varint64();
        return protoInt64.uDec(this.varint64Lo, this.varint64Hi);
      }
      /**
       * Read a `sint64` field, a signed, zig-zag-encoded 64-bit varint.
       */
      sint64() {
        this.varint64();
        let lo = this.varint64Lo;
        let hi = this.varint64Hi;
        let s = -(lo & 1);
        lo = (lo >>> 1 | (hi & 1) << 31) ^ s;
        hi = hi >>> 1 ^ s;
        return protoInt64.dec(lo, hi);
      }
      /**
       * Read a `bool` field, a variant.
       */
      bool() {
        const b = this.buf[this.pos];
        if (b < 128) {
          this.pos++;
          return b !== 0;
        }
        this.varint64();
        return this.varint64Lo !== 0 || this.varint64Hi !== 0;
      }
      /**
       * Read a `fixed32` field, an unsigned, fixed-length 32-bit integer.
       */
      fixed32() {
        return this.view.getUint32((this.pos += 4) - 4, true);
      }
      /**
       * Read a `sfixed32` field, a signed, fixed-length 32-bit integer.
       */
      sfixed32() {
        return this.view.getInt32((this.pos += 4) - 4, true);
      }
      /**
       * Read a `fixed64` field, an unsigned, fixed-length 64 bit integer.
       */
      fixed64() {
        return protoInt64.uDec(this.sfixed32(), this.sfixed32());
      }
      /**
       * Read a `fixed64` field, a signed, fixed-length 64-bit integer.
       */
      sfixed64() {
        return protoInt64.dec(this.sfixed32(), this.sfixed32());
      }
      /**
       * Read a `float` field, 32-bit floating point number.
       */
      float() {
        return this.view.getFloat32((this.pos += 4) - 4, true);
      }
      /**
       * Read a `double` field, a 64-bit floating point number.
       */
      double() {
        return this.view.getFloat64((this.pos += 8) - 8, true);
      }
      /**
       * Read a `bytes` field, length-delimited arbitrary data.
       */
      bytes() {
        let len = this.uint32(), start = this.pos;
        this.pos += len;
        this.assertBounds();
        return this.buf.subarray(start, start + len);
      }
      /**
       * Read a `string` field, length-delimited data converted to UTF-8 text. If
       * `strict` is true, throw on invalid UTF-8 instead of substituting U+FFFD.
       */
      string(strict) {
        const len = this.uint32();
        const start = this.pos;
        this.pos += len;
        this.assertBounds();
        const buf = this.buf;
        if (len <= ASCII_MAX_LENGTH) {
          const codes = new Array(len);
          for (let i = 0; i < len; i++) {
            const byte2 = buf[start + i];
            if (byte2 > 127) {
              return this.decodeUtf8(buf.subarray(start, this.pos), strict);
            }
            codes[i] = byte2;
          }
          return String.fromCharCode.apply(String, codes);
        }
        return this.decodeUtf8(buf.subarray(start, this.pos), strict);
      }
    };
  }
});

// node_modules/.pnpm/@bufbuild+protobuf@2.17.0/node_modules/@bufbuild/protobuf/dist/esm/registry.js
function createEmbeddedFileRegistry(fileDescriptorProto, resolve) {
  return buildFileRegistry([fileDescriptorProto, resolve]);
}
function buildFileRegistry(args, check) {
  const registry = createBaseRegistry();
  if (!args.length) {
    return registry;
  }
  if ("$typeName" in args[0] && args[0].$typeName == "google.protobuf.FileDescriptorSet") {
    for (const file of args[0].file) {
      check === null || check === void 0 ? void 0 : check(file);
      addFile(file, registry);
    }
    return registry;
  }
  if ("$typeName" in args[0]) {
    let recurseDeps = function(file) {
      const deps = [];
      for (const protoFileName of file.dependency) {
        if (registry.getFile(protoFileName) != void 0) {
          continue;
        }
        if (seen.has(protoFileName)) {
          continue;
        }
        const dep = resolve(protoFileName);
        if (!dep) {
          throw new Error(`Unable to resolve ${protoFileName}, imported by ${file.name}`);
        }
        if ("kind" in dep) {
          registry.addFile(dep, false, true);
        } else {
          seen.add(dep.name);
          deps.push(dep);
        }
      }
      return deps.concat(...deps.map(recurseDeps));
    };
    const input = args[0];
    const resolve = args[1];
    const seen = /* @__PURE__ */ new Set();
    for (const file of [input, ...recurseDeps(input)].reverse()) {
      check === null || check === void 0 ? void 0 : check(file);
      addFile(file, registry);
    }
  } else {
    for (const fileReg of args) {
      for (const file of fileReg.files) {
        registry.addFile(file);
      }
    }
  }
  return registry;
}
function createBaseRegistry() {
  const types = /* @__PURE__ */ new Map();
  const extendees = /* @__PURE__ */ new Map();
  const files = /* @__PURE__ */ new Map();
  return {
    kind: "registry",
    types,
    extendees,
    [Symbol.iterator]() {
      return types.values();
    },
    get files() {
      return files.values();
    },
    addFile(file, skipTypes, withDeps) {
      files.set(file.proto.name, file);
      if (!skipTypes) {
        for (const type of nestedTypes(file)) {
          this.add(type);
        }
      }
      if (withDeps) {
        for (const f of file.dependencies) {
          this.addFile(f, skipTypes, withDeps);
        }
      }
    },
    add(desc) {
      if (desc.kind == "extension") {
        let numberToExt = extendees.get(desc.extendee.typeName);
        if (!numberToExt) {
          extendees.set(
            desc.extendee.typeName,
            // biome-ignore lint/suspicious/noAssignInExpressions: no
            numberToExt = /* @__PURE__ */ new Map()
          );
        }
        numberToExt.set(desc.number, desc);
      }
      types.set(desc.typeName, desc);
    },
    get(typeName) {
      return types.get(typeName);
    },
    getFile(fileName) {
      return files.get(fileName);
    },
    getMessage(typeName) {
      const t = types.get(typeName);
      return (t === null || t === void 0 ? void 0 : t.kind) == "message" ? t : void 0;
    },
    getEnum(typeName) {
      const t = types.get(typeName);
      return (t === null || t === void 0 ? void 0 : t.kind) == "enum" ? t : void 0;
    },
    getExtension(typeName) {
      const t = types.get(typeName);
      return (t === null || t === void 0 ? void 0 : t.kind) == "extension" ? t : void 0;
    },
    getExtensionFor(extendee, no) {
      var _a;
      return (_a = extendees.get(extendee.typeName)) === null || _a === void 0 ? void 0 : _a.get(no);
    },
    getService(typeName) {
      const t = types.get(typeName);
      return (t === null || t === void 0 ? void 0 : t.kind) == "service" ? t : void 0;
    }
  };
}
function addFile(proto, reg) {
  var _a, _b;
  const file = {
    kind: "file",
    proto,
    deprecated: (_b = (_a = proto.options) === null || _a === void 0 ? void 0 : _a.deprecated) !== null && _b !== void 0 ? _b : false,
    edition: getFileEdition(proto),
    name: proto.name.replace(/\.proto$/, ""),
    dependencies: findFileDependencies(proto, reg),
    enums: [],
    messages: [],
    extensions: [],
    services: [],
    toString() {
      return `file ${proto.name}`;
    }
  };
  const mapEntriesStore = /* @__PURE__ */ new Map();
  const mapEntries = {
    get(typeName) {
      return mapEntriesStore.get(typeName);
    },
    add(desc) {
      var _a2;
      assert(((_a2 = desc.proto.options) === null || _a2 === void 0 ? void 0 : _a2.mapEntry) === true);
      mapEntriesStore.set(desc.typeName, desc);
    }
  };
  for (const enumProto of proto.enumType) {
    addEnum(enumProto, file, void 0, reg);
  }
  for (const messageProto of proto.messageType) {
    addMessage(messageProto, file, void 0, reg, mapEntries);
  }
  for (const serviceProto of proto.service) {
    addService(serviceProto, file, reg);
  }
  addExtensions(file, reg);
  for (const mapEntry of mapEntriesStore.values()) {
    addFields(mapEntry, reg, mapEntries);
  }
  for (const message of file.messages) {
    addFields(message, reg, mapEntries);
    addExtensions(message, reg);
  }
  reg.addFile(file, true);
}
function addExtensions(desc, reg) {
  switch (desc.kind) {
    case "file":
      for (const proto of desc.proto.extension) {
        const ext = newField(proto, desc, reg);
        desc.extensions.push(ext);
        reg.add(ext);
      }
      break;
    case "message":
      for (const proto of desc.proto.extension) {
        const ext = newField(proto, desc, reg);
        desc.nestedExtensions.push(ext);
        reg.add(ext);
      }
      for (const message of desc.nestedMessages) {
        addExtensions(message, reg);
      }
      break;
  }
}
function addFields(message, reg, mapEntries) {
  const allOneofs = message.proto.oneofDecl.map((proto) => newOneof(proto, message));
  const oneofsSeen = /* @__PURE__ */ new Set();
  for (const proto of message.proto.field) {
    const oneof = findOneof(proto, allOneofs);
    const field = newField(proto, message, reg, oneof, mapEntries);
    message.fields.push(field);
    message.field[field.localName] = field;
    if (oneof === void 0) {
      message.members.push(field);
    } else {
      oneof.fields.push(field);
      if (!oneofsSeen.has(oneof)) {
        oneofsSeen.add(oneof);
        message.members.push(oneof);
      }
    }
  }
  for (const oneof of allOneofs.filter((o) => oneofsSeen.has(o))) {
    message.oneofs.push(oneof);
  }
  for (const child of message.nestedMessages) {
    addFields(child, reg, mapEntries);
  }
}
function addEnum(proto, file, parent, reg) {
  var _a, _b, _c, _d, _e, _f, _g;
  var _h, _j;
  const sharedPrefix = findEnumSharedPrefix(proto.name, proto.value);
  const desc = {
    kind: "enum",
    proto,
    deprecated: (_b = (_a = proto.options) === null || _a === void 0 ? void 0 : _a.deprecated) !== null && _b !== void 0 ? _b : false,
    file,
    parent,
    open: true,
    name: proto.name,
    typeName: makeTypeName(proto, parent, file),
    value: {},
    values: [],
    sharedPrefix,
    toString() {
      return `enum ${this.typeName}`;
    }
  };
  desc.open = isEnumOpen(desc);
  reg.add(desc);
  for (const p of proto.value) {
    const name = p.name;
    const value = {
      kind: "enum_value",
      proto: p,
      deprecated: (_d = (_c = p.options) === null || _c === void 0 ? void 0 : _c.deprecated) !== null && _d !== void 0 ? _d : false,
      parent: desc,
      name,
      localName: safeObjectProperty(sharedPrefix == void 0 ? name : name.substring(sharedPrefix.length)),
      number: p.number,
      jsonName: (_e = findEnumValueJsonName(p)) !== null && _e !== void 0 ? _e : name,
      toString() {
        return `enum value ${desc.typeName}.${name}`;
      }
    };
    desc.values.push(value);
    (_f = (_h = desc.value)[_j = p.number]) !== null && _f !== void 0 ? _f : _h[_j] = value;
  }
  ((_g = parent === null || parent === void 0 ? void 0 : parent.nestedEnums) !== null && _g !== void 0 ? _g : file.enums).push(desc);
}
function addMessage(proto, file, parent, reg, mapEntries) {
  var _a, _b, _c, _d;
  const desc = {
    kind: "message",
    proto,
    deprecated: (_b = (_a = proto.options) === null || _a === void 0 ? void 0 : _a.deprecated) !== null && _b !== void 0 ? _b : false,
    file,
    parent,
    name: proto.name,
    typeName: makeTypeName(proto, parent, file),
    fields: [],
    field: {},
    oneofs: [],
    members: [],
    nestedEnums: [],
    nestedMessages: [],
    nestedExtensions: [],
    toString() {
      return `message ${this.typeName}`;
    }
  };
  if (((_c = proto.options) === null || _c === void 0 ? void 0 : _c.mapEntry) === true) {
    mapEntries.add(desc);
  } else {
    ((_d = parent === null || parent === void 0 ? void 0 : parent.nestedMessages) !== null && _d !== void 0 ? _d : file.messages).push(desc);
    reg.add(desc);
  }
  for (const enumProto of proto.enumType) {
    addEnum(enumProto, file, desc, reg);
  }
  for (const messageProto of proto.nestedType) {
    addMessage(messageProto, file, desc, reg, mapEntries);
  }
}
function addService(proto, file, reg) {
  var _a, _b;
  const desc = {
    kind: "service",
    proto,
    deprecated: (_b = (_a = proto.options) === null || _a === void 0 ? void 0 : _a.deprecated) !== null && _b !== void 0 ? _b : false,
    file,
    name: proto.name,
    typeName: makeTypeName(proto, void 0, file),
    methods: [],
    method: {},
    toString() {
      return `service ${this.typeName}`;
    }
  };
  file.services.push(desc);
  reg.add(desc);
  for (const methodProto of proto.method) {
    const method = newMethod(methodProto, desc, reg);
    desc.methods.push(method);
    desc.method[method.localName] = method;
  }
}
function newMethod(proto, parent, reg) {
  var _a, _b, _c, _d;
  let methodKind;
  if (proto.clientStreaming && proto.serverStreaming) {
    methodKind = "bidi_streaming";
  } else if (proto.clientStreaming) {
    methodKind = "client_streaming";
  } else if (proto.serverStreaming) {
    methodKind = "server_streaming";
  } else {
    methodKind = "unary";
  }
  const input = reg.getMessage(trimLeadingDot(proto.inputType));
  const output = reg.getMessage(trimLeadingDot(proto.outputType));
  assert(input, `invalid MethodDescriptorProto: input_type ${proto.inputType} not found`);
  assert(output, `invalid MethodDescriptorProto: output_type ${proto.inputType} not found`);
  const name = proto.name;
  return {
    kind: "rpc",
    proto,
    deprecated: (_b = (_a = proto.options) === null || _a === void 0 ? void 0 : _a.deprecated) !== null && _b !== void 0 ? _b : false,
    parent,
    name,
    localName: safeObjectProperty(name.length ? safeObjectProperty(name[0].toLowerCase() + name.substring(1)) : name),
    methodKind,
    input,
    output,
    idempotency: (_d = (_c = proto.options) === null || _c === void 0 ? void 0 : _c.idempotencyLevel) !== null && _d !== void 0 ? _d : IDEMPOTENCY_UNKNOWN,
    toString() {
      return `rpc ${parent.typeName}.${name}`;
    }
  };
}
function newOneof(proto, parent) {
  return {
    kind: "oneof",
    proto,
    deprecated: false,
    parent,
    fields: [],
    name: proto.name,
    localName: safeObjectProperty(protoCamelCase(proto.name)),
    toString() {
      return `oneof ${parent.typeName}.${this.name}`;
    }
  };
}
function newField(proto, parentOrFile, reg, oneof, mapEntries) {
  var _a, _b, _c;
  const isExtension = mapEntries === void 0;
  const field = {
    kind: "field",
    proto,
    deprecated: (_b = (_a = proto.options) === null || _a === void 0 ? void 0 : _a.deprecated) !== null && _b !== void 0 ? _b : false,
    name: proto.name,
    number: proto.number,
    scalar: void 0,
    message: void 0,
    enum: void 0,
    presence: getFieldPresence(proto, oneof, isExtension, parentOrFile),
    utf8Validation: isUtf8Validated(proto, parentOrFile),
    listKind: void 0,
    mapKind: void 0,
    mapKey: void 0,
    delimitedEncoding: void 0,
    packed: void 0,
    longAsString: false,
    getDefaultValue: void 0
  };
  let toStr;
  if (isExtension) {
    const file = parentOrFile.kind == "file" ? parentOrFile : parentOrFile.file;
    const parent = parentOrFile.kind == "file" ? void 0 : parentOrFile;
    const typeName = makeTypeName(proto, parent, file);
    field.kind = "extension";
    field.file = file;
    field.parent = parent;
    field.oneof = void 0;
    field.typeName = typeName;
    field.jsonName = `[${typeName}]`;
    toStr = () => `extension ${typeName}`;
    const extendee = reg.getMessage(trimLeadingDot(proto.extendee));
    assert(extendee, `invalid FieldDescriptorProto: extendee ${proto.extendee} not found`);
    field.extendee = extendee;
  } else {
    const parent = parentOrFile;
    assert(parent.kind == "message");
    field.parent = parent;
    field.oneof = oneof;
    field.localName = oneof ? protoCamelCase(proto.name) : safeObjectProperty(protoCamelCase(proto.name));
    field.jsonName = proto.jsonName;
    toStr = () => `field ${parent.typeName}.${proto.name}`;
  }
  Object.defineProperty(field, "toString", {
    value: toStr,
    writable: true,
    enumerable: true,
    configurable: true
  });
  const label = proto.label;
  const type = proto.type;
  const jstype = (_c = proto.options) === null || _c === void 0 ? void 0 : _c.jstype;
  if (label === LABEL_REPEATED) {
    const mapEntry = type == TYPE_MESSAGE ? mapEntries === null || mapEntries === void 0 ? void 0 : mapEntries.get(trimLeadingDot(proto.typeName)) : void 0;
    if (mapEntry) {
      field.fieldKind = "map";
      const { key, value } = findMapEntryFields(mapEntry);
      field.mapKey = key.scalar;
      field.mapKind = value.fieldKind;
      field.message = value.message;
      field.delimitedEncoding = false;
      field.enum = value.enum;
      field.scalar = value.scalar;
      return field;
    }
    field.fieldKind = "list";
    switch (type) {
      case TYPE_MESSAGE:
      case TYPE_GROUP:
        field.listKind = "message";
        field.message = reg.getMessage(trimLeadingDot(proto.typeName));
        assert(field.message);
        field.delimitedEncoding = isDelimitedEncoding(proto, parentOrFile);
        break;
      case TYPE_ENUM:
        field.listKind = "enum";
        field.enum = reg.getEnum(trimLeadingDot(proto.typeName));
        assert(field.enum);
        break;
      default:
        field.listKind = "scalar";
        field.scalar = type;
        field.longAsString = jstype == JS_STRING;
        break;
    }
    field.packed = isPackedField(proto, parentOrFile);
    return field;
  }
  switch (type) {
    case TYPE_MESSAGE:
    case TYPE_GROUP:
      field.fieldKind = "message";
      field.message = reg.getMessage(trimLeadingDot(proto.typeName));
      assert(field.message, `invalid FieldDescriptorProto: type_name ${proto.typeName} not found`);
      field.delimitedEncoding = isDelimitedEncoding(proto, parentOrFile);
      field.getDefaultValue = () => void 0;
      break;
    case TYPE_ENUM: {
      const enumeration = reg.getEnum(trimLeadingDot(proto.typeName));
      assert(enumeration !== void 0, `invalid FieldDescriptorProto: type_name ${proto.typeName} not found`);
      field.fieldKind = "enum";
      field.enum = reg.getEnum(trimLeadingDot(proto.typeName));
      field.getDefaultValue = () => {
        return unsafeIsSetExplicit(proto, "defaultValue") ? parseTextFormatEnumValue(enumeration, proto.defaultValue) : void 0;
      };
      break;
    }
    default: {
      field.fieldKind = "scalar";
      field.scalar = type;
      field.longAsString = jstype == JS_STRING;
      field.getDefaultValue = () => {
        return unsafeIsSetExplicit(proto, "defaultValue") ? parseTextFormatScalarValue(type, proto.defaultValue) : void 0;
      };
      break;
    }
  }
  return field;
}
function getFileEdition(proto) {
  switch (proto.syntax) {
    case "":
    case "proto2":
      return EDITION_PROTO2;
    case "proto3":
      return EDITION_PROTO3;
    case "editions":
      if (proto.edition === EDITION_UNSTABLE) {
        return maximumEdition;
      }
      if (proto.edition in featureDefaults) {
        return proto.edition;
      }
      throw new Error(`${proto.name}: unsupported edition`);
    default:
      throw new Error(`${proto.name}: unsupported syntax "${proto.syntax}"`);
  }
}
function findFileDependencies(proto, reg) {
  return proto.dependency.map((wantName) => {
    const dep = reg.getFile(wantName);
    if (!dep) {
      throw new Error(`Cannot find ${wantName}, imported by ${proto.name}`);
    }
    return dep;
  });
}
function findEnumSharedPrefix(enumName, values) {
  const prefix = camelToSnakeCase(enumName) + "_";
  for (const value of values) {
    if (!value.name.toLowerCase().startsWith(prefix)) {
      return void 0;
    }
    const shortName = value.name.substring(prefix.length);
    if (shortName.length == 0) {
      return void 0;
    }
    if (/^\d/.test(shortName)) {
      return void 0;
    }
  }
  return prefix;
}
function findEnumValueJsonName(proto) {
  var _a, _b;
  const extensionNumber = 998;
  const fieldNumber = 1;
  let jsonName;
  for (const uf of (_b = (_a = proto.options) === null || _a === void 0 ? void 0 : _a.$unknown) !== null && _b !== void 0 ? _b : []) {
    if (uf.no !== extensionNumber || uf.wireType !== WireType.LengthDelimited) {
      continue;
    }
    const reader = new BinaryReader(new BinaryReader(uf.data).bytes());
    while (reader.pos < reader.len) {
      const [no, wireType] = reader.tag();
      if (no === fieldNumber && wireType === WireType.LengthDelimited) {
        jsonName = reader.string();
      } else {
        reader.skip(wireType, no);
      }
    }
  }
  return jsonName;
}
function camelToSnakeCase(camel) {
  return (camel.substring(0, 1) + camel.substring(1).replace(/[A-Z]/g, (c) => "_" + c)).toLowerCase();
}
function makeTypeName(proto, parent, file) {
  let typeName;
  if (parent) {
    typeName = `${parent.typeName}.${proto.name}`;
  } else if (file.proto.package.length > 0) {
    typeName = `${file.proto.package}.${proto.name}`;
  } else {
    typeName = `${proto.name}`;
  }
  return typeName;
}
function trimLeadingDot(typeName) {
  return typeName.startsWith(".") ? typeName.substring(1) : typeName;
}
function findOneof(proto, allOneofs) {
  if (!unsafeIsSetExplicit(proto, "oneofIndex")) {
    return void 0;
  }
  if (proto.proto3Optional) {
    return void 0;
  }
  const oneof = allOneofs[proto.oneofIndex];
  assert(oneof, `invalid FieldDescriptorProto: oneof #${proto.oneofIndex} for field #${proto.number} not found`);
  return oneof;
}
function getFieldPresence(proto, oneof, isExtension, parent) {
  if (proto.label == LABEL_REQUIRED) {
    return LEGACY_REQUIRED;
  }
  if (proto.label == LABEL_REPEATED) {
    return IMPLICIT2;
  }
  if (!!oneof || proto.proto3Optional) {
    return EXPLICIT;
  }
  if (isExtension) {
    return EXPLICIT;
  }
  const resolved = resolveFeature("fieldPresence", { proto, parent });
  if (resolved == IMPLICIT2 && (proto.type == TYPE_MESSAGE || proto.type == TYPE_GROUP)) {
    return EXPLICIT;
  }
  return resolved;
}
function isPackedField(proto, parent) {
  if (proto.label != LABEL_REPEATED) {
    return false;
  }
  switch (proto.type) {
    case TYPE_STRING:
    case TYPE_BYTES:
    case TYPE_GROUP:
    case TYPE_MESSAGE:
      return false;
  }
  const o = proto.options;
  if (o && unsafeIsSetExplicit(o, "packed")) {
    return o.packed;
  }
  return PACKED == resolveFeature("repeatedFieldEncoding", {
    proto,
    parent
  });
}
function findMapEntryFields(mapEntry) {
  const key = mapEntry.fields.find((f) => f.number === 1);
  const value = mapEntry.fields.find((f) => f.number === 2);
  assert(key && key.fieldKind == "scalar" && key.scalar != ScalarType.BYTES && key.scalar != ScalarType.FLOAT && key.scalar != ScalarType.DOUBLE && value && value.fieldKind != "list" && value.fieldKind != "map");
  return { key, value };
}
function isEnumOpen(desc) {
  var _a;
  return OPEN == resolveFeature("enumType", {
    proto: desc.proto,
    parent: (_a = desc.parent) !== null && _a !== void 0 ? _a : desc.file
  });
}
function isDelimitedEncoding(proto, parent) {
  if (proto.type == TYPE_GROUP) {
    return true;
  }
  return DELIMITED == resolveFeature("messageEncoding", {
    proto,
    parent
  });
}
function isUtf8Validated(proto, parent) {
  return VERIFY == resolveFeature("utf8Validation", {
    proto,
    parent
  });
}
function resolveFeature(name, ref) {
  var _a, _b;
  const featureSet = (_a = ref.proto.options) === null || _a === void 0 ? void 0 : _a.features;
  if (featureSet) {
    const val = featureSet[name];
    if (val != 0) {
      return val;
    }
  }
  if ("kind" in ref) {
    if (ref.kind == "message") {
      return resolveFeature(name, (_b = ref.parent) !== null && _b !== void 0 ? _b : ref.file);
    }
    const editionDefaults = featureDefaults[ref.edition];
    if (!editionDefaults) {
      throw new Error(`feature default for edition ${ref.edition} not found`);
    }
    return editionDefaults[name];
  }
  return resolveFeature(name, ref.parent);
}
function assert(condition, msg) {
  if (!condition) {
    throw new Error(msg);
  }
}
var EDITION_PROTO2, EDITION_PROTO3, EDITION_UNSTABLE, TYPE_STRING, TYPE_GROUP, TYPE_MESSAGE, TYPE_BYTES, TYPE_ENUM, LABEL_REPEATED, LABEL_REQUIRED, JS_STRING, IDEMPOTENCY_UNKNOWN, EXPLICIT, IMPLICIT2, LEGACY_REQUIRED, PACKED, DELIMITED, OPEN, VERIFY, maximumEdition, featureDefaults;
var init_registry = __esm({
  "node_modules/.pnpm/@bufbuild+protobuf@2.17.0/node_modules/@bufbuild/protobuf/dist/esm/registry.js"() {
    init_descriptors();
    init_text_format();
    init_nested_types();
    init_unsafe();
    init_names();
    init_binary_encoding();
    EDITION_PROTO2 = 998;
    EDITION_PROTO3 = 999;
    EDITION_UNSTABLE = 9999;
    TYPE_STRING = 9;
    TYPE_GROUP = 10;
    TYPE_MESSAGE = 11;
    TYPE_BYTES = 12;
    TYPE_ENUM = 14;
    LABEL_REPEATED = 3;
    LABEL_REQUIRED = 2;
    JS_STRING = 1;
    IDEMPOTENCY_UNKNOWN = 0;
    EXPLICIT = 1;
    IMPLICIT2 = 2;
    LEGACY_REQUIRED = 3;
    PACKED = 1;
    DELIMITED = 2;
    OPEN = 1;
    VERIFY = 2;
    maximumEdition = 1002;
    featureDefaults = {
      // EDITION_PROTO2
      998: {
        fieldPresence: 1,
        // EXPLICIT,
        enumType: 2,
        // CLOSED,
        repeatedFieldEncoding: 2,
        // EXPANDED,
        utf8Validation: 3,
        // NONE,
        messageEncoding: 1,
        // LENGTH_PREFIXED,
        jsonFormat: 2,
        // LEGACY_BEST_EFFORT,
        enforceNamingStyle: 2,
        // STYLE_LEGACY,
        defaultSymbolVisibility: 1,
        // EXPORT_ALL,
        enforceProtoLimits: 1
        // LEGACY_NO_EXPLICIT_LIMITS,
      },
      // EDITION_PROTO3
      999: {
        fieldPresence: 2,
        // IMPLICIT,
        enumType: 1,
        // OPEN,
        repeatedFieldEncoding: 1,
        // PACKED,
        utf8Validation: 2,
        // VERIFY,
        messageEncoding: 1,
        // LENGTH_PREFIXED,
        jsonFormat: 1,
        // ALLOW,
        enforceNamingStyle: 2,
        // STYLE_LEGACY,
        defaultSymbolVisibility: 1,
        // EXPORT_ALL,
        enforceProtoLimits: 1
        // LEGACY_NO_EXPLICIT_LIMITS,
      },
      // EDITION_2023
      1e3: {
        fieldPresence: 1,
        // EXPLICIT,
        enumType: 1,
        // OPEN,
        repeatedFieldEncoding: 1,
        // PACKED,
        utf8Validation: 2,
        // VERIFY,
        messageEncoding: 1,
        // LENGTH_PREFIXED,
        jsonFormat: 1,
        // ALLOW,
        enforceNamingStyle: 2,
        // STYLE_LEGACY,
        defaultSymbolVisibility: 1,
        // EXPORT_ALL,
        enforceProtoLimits: 1
        // LEGACY_NO_EXPLICIT_LIMITS,
      },
      // EDITION_2024
      1001: {
        fieldPresence: 1,
        // EXPLICIT,
        enumType: 1,
        // OPEN,
        repeatedFieldEncoding: 1,
        // PACKED,
        utf8Validation: 2,
        // VERIFY,
        messageEncoding: 1,
        // LENGTH_PREFIXED,
        jsonFormat: 1,
        // ALLOW,
        enforceNamingStyle: 1,
        // STYLE2024,
        defaultSymbolVisibility: 2,
        // EXPORT_TOP_LEVEL,
        enforceProtoLimits: 1
        // LEGACY_NO_EXPLICIT_LIMITS,
      },
      // EDITION_2026
      1002: {
        fieldPresence: 1,
        // EXPLICIT,
        enumType: 1,
        // OPEN,
        repeatedFieldEncoding: 1,
        // PACKED,
        utf8Validation: 2,
        // VERIFY,
        messageEncoding: 1,
        // LENGTH_PREFIXED,
        jsonFormat: 1,
        // ALLOW,
        enforceNamingStyle: 3,
        // STYLE2026,
        defaultSymbolVisibility: 4,
        // STRICT,
        enforceProtoLimits: 2
        // PROTO_LIMITS2026,
      }
    };
  }
});

// node_modules/.pnpm/@bufbuild+protobuf@2.17.0/node_modules/@bufbuild/protobuf/dist/esm/codegenv2/boot.js
function boot(boot2) {
  const root = bootFileDescriptorProto(boot2);
  root.messageType.forEach(restoreJsonNames);
  const reg = createEmbeddedFileRegistry(root, () => void 0);
  return reg.getFile(root.name);
}
function bootFileDescriptorProto(init) {
  const proto = /* @__PURE__ */ Object.create({
    syntax: "",
    edition: 0
  });
  return Object.assign(proto, Object.assign(Object.assign({ $typeName: "google.protobuf.FileDescriptorProto", dependency: [], publicDependency: [], weakDependency: [], optionDependency: [], service: [], extension: [] }, init), { messageType: init.messageType.map(bootDescriptorProto), enumType: init.enumType.map(bootEnumDescriptorProto) }));
}
function bootDescriptorProto(init) {
  var _a, _b, _c, _d, _e, _f, _g, _h;
  const proto = /* @__PURE__ */ Object.create({
    visibility: 0
  });
  return Object.assign(proto, {
    $typeName: "google.protobuf.DescriptorProto",
    name: init.name,
    field: (_b = (_a = init.field) === null || _a === void 0 ? void 0 : _a.map(bootFieldDescriptorProto)) !== null && _b !== void 0 ? _b : [],
    extension: [],
    nestedType: (_d = (_c = init.nestedType) === null || _c === void 0 ? void 0 : _c.map(bootDescriptorProto)) !== null && _d !== void 0 ? _d : [],
    enumType: (_f = (_e = init.enumType) === null || _e === void 0 ? void 0 : _e.map(bootEnumDescriptorProto)) !== null && _f !== void 0 ? _f : [],
    extensionRange: (_h = (_g = init.extensionRange) === null || _g === void 0 ? void 0 : _g.map((e) => Object.assign({ $typeName: "google.protobuf.DescriptorProto.ExtensionRange" }, e))) !== null && _h !== void 0 ? _h : [],
    oneofDecl: [],
    reservedRange: [],
    reservedName: []
  });
}
function bootFieldDescriptorProto(init) {
  const proto = /* @__PURE__ */ Object.create({
    label: 1,
    typeName: "",
    extendee: "",
    defaultValue: "",
    oneofIndex: 0,
    jsonName: "",
    proto3Optional: false
  });
  return Object.assign(proto, Object.assign(Object.assign({ $typeName: "google.protobuf.FieldDescriptorProto" }, init), { options: init.options ? bootFieldOptions(init.options) : void 0 }));
}
function bootFieldOptions(init) {
  var _a, _b, _c;
  const proto = /* @__PURE__ */ Object.create({
    ctype: 0,
    packed: false,
    jstype: 0,
    lazy: false,
    unverifiedLazy: false,
    deprecated: false,
    weak: false,
    debugRedact: false,
    retention: 0
  });
  return Object.assign(proto, Object.assign(Object.assign({ $typeName: "google.protobuf.FieldOptions" }, init), { targets: (_a = init.targets) !== null && _a !== void 0 ? _a : [], editionDefaults: (_c = (_b = init.editionDefaults) === null || _b === void 0 ? void 0 : _b.map((e) => Object.assign({ $typeName: "google.protobuf.FieldOptions.EditionDefault" }, e))) !== null && _c !== void 0 ? _c : [], uninterpretedOption: [] }));
}
function bootEnumDescriptorProto(init) {
  const proto = /* @__PURE__ */ Object.create({
    visibility: 0
  });
  return Object.assign(proto, {
    $typeName: "google.protobuf.EnumDescriptorProto",
    name: init.name,
    reservedName: [],
    reservedRange: [],
    value: init.value.map((e) => Object.assign({ $typeName: "google.protobuf.EnumValueDescriptorProto" }, e))
  });
}
var init_boot = __esm({
  "node_modules/.pnpm/@bufbuild+protobuf@2.17.0/node_modules/@bufbuild/protobuf/dist/esm/codegenv2/boot.js"() {
    init_restore_json_names();
    init_registry();
  }
});

// node_modules/.pnpm/@bufbuild+protobuf@2.17.0/node_modules/@bufbuild/protobuf/dist/esm/fields.js
var init_fields = __esm({
  "node_modules/.pnpm/@bufbuild+protobuf@2.17.0/node_modules/@bufbuild/protobuf/dist/esm/fields.js"() {
  }
});

// node_modules/.pnpm/@bufbuild+protobuf@2.17.0/node_modules/@bufbuild/protobuf/dist/esm/wire/base64-encoding.js
function base64Decode(base64Str) {
  const len = base64Str.length;
  let size = len - (len + 3 >> 2);
  if ((len & 3) == 0 && base64Str[len - 1] == "=") {
    size -= base64Str[len - 2] == "=" ? 2 : 1;
  }
  const bytes = new Uint8Array(size);
  let written2 = -1;
  if (nativeSetFromBase64) {
    try {
      const result = nativeSetFromBase64.call(bytes, base64Str);
      if (result.read == len) {
        written2 = result.written;
      }
    } catch (_a) {
    }
  }
  if (written2 < 0) {
    written2 = setFromBase64(bytes, base64Str);
  }
  return written2 == size ? bytes : bytes.subarray(0, written2);
}
function setFromBase64(bytes, base64Str) {
  const table = getDecodeTable();
  let bytePos = 0, groupPos = 0, b, p = 0;
  for (let i = 0; i < base64Str.length; i++) {
    b = table[base64Str.charCodeAt(i)];
    if (b === void 0) {
      switch (base64Str[i]) {
        // @ts-ignore TS7029: Fallthrough case in switch -- ignore instead of expect-error for compiler settings without noFallthroughCasesInSwitch: true
        case "=":
          groupPos = 0;
        // reset state when padding found
        case "\n":
        case "\r":
        case "	":
        case " ":
          continue;
        // skip white-space, and padding
        default:
          throw Error("invalid base64 string");
      }
    }
    switch (groupPos) {
      case 0:
        p = b;
        groupPos = 1;
        break;
      case 1:
        bytes[bytePos++] = p << 2 | (b & 48) >> 4;
        p = b;
        groupPos = 2;
        break;
      case 2:
        bytes[bytePos++] = (p & 15) << 4 | (b & 60) >> 2;
        p = b;
        groupPos = 3;
        break;
      case 3:
        bytes[bytePos++] = (p & 3) << 6 | b;
        groupPos = 0;
        break;
    }
  }
  if (groupPos == 1)
    throw Error("invalid base64 string");
  return bytePos;
}
function base64Encode(bytes, encoding = "std") {
  if (nativeToBase64) {
    return nativeToBase64.call(bytes, toBase64OptionsMap[encoding]);
  }
  const table = getEncodeTable(encoding);
  const pad = encoding == "std";
  let base64 = "", groupPos = 0, b, p = 0;
  for (let i = 0; i < bytes.length; i++) {
    b = bytes[i];
    switch (groupPos) {
      case 0:
        base64 += table[b >> 2];
        p = (b & 3) << 4;
        groupPos = 1;
        break;
      case 1:
        base64 += table[p | b >> 4];
        p = (b & 15) << 2;
        groupPos = 2;
        break;
      case 2:
        base64 += table[p | b >> 6];
        base64 += table[b & 63];
        groupPos = 0;
        break;
    }
  }
  if (groupPos) {
    base64 += table[p];
    if (pad) {
      base64 += "=";
      if (groupPos == 1)
        base64 += "=";
    }
  }
  return base64;
}
function getEncodeTable(encoding) {
  if (!encodeTableStd) {
    encodeTableStd = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".split("");
    encodeTableUrl = encodeTableStd.slice(0, -2).concat("-", "_");
  }
  return encoding == "url" ? (
    // biome-ignore lint/style/noNonNullAssertion: TS fails to narrow down
    encodeTableUrl
  ) : encodeTableStd;
}
function getDecodeTable() {
  if (!decodeTable) {
    decodeTable = [];
    const encodeTable = getEncodeTable("std");
    for (let i = 0; i < encodeTable.length; i++)
      decodeTable[encodeTable[i].charCodeAt(0)] = i;
    decodeTable["-".charCodeAt(0)] = encodeTable.indexOf("+");
    decodeTable["_".charCodeAt(0)] = encodeTable.indexOf("/");
  }
  return decodeTable;
}
var nativeSetFromBase64, nativeToBase64, toBase64OptionsMap, encodeTableStd, encodeTableUrl, decodeTable;
var init_base64_encoding = __esm({
  "node_modules/.pnpm/@bufbuild+protobuf@2.17.0/node_modules/@bufbuild/protobuf/dist/esm/wire/base64-encoding.js"() {
    nativeSetFromBase64 = Uint8Array.prototype.setFromBase64;
    nativeToBase64 = Uint8Array.prototype.toBase64;
    toBase64OptionsMap = {
      std: { alphabet: "base64", omitPadding: false },
      std_raw: { alphabet: "base64", omitPadding: true },
      url: { alphabet: "base64url", omitPadding: true }
    };
  }
});

// node_modules/.pnpm/@bufbuild+protobuf@2.17.0/node_modules/@bufbuild/protobuf/dist/esm/reflect/error.js
function isFieldError(arg) {
  return arg instanceof Error && errorNames.includes(arg.name) && "field" in arg && typeof arg.field == "function";
}
var errorNames, FieldError;
var init_error = __esm({
  "node_modules/.pnpm/@bufbuild+protobuf@2.17.0/node_modules/@bufbuild/protobuf/dist/esm/reflect/error.js"() {
    errorNames = [
      "FieldValueInvalidError",
      "FieldListRangeError",
      "ForeignFieldError"
    ];
    FieldError = class extends Error {
      constructor(fieldOrOneof, message, name = "FieldValueInvalidError") {
        super(message);
        this.name = name;
        this.field = () => fieldOrOneof;
      }
    };
  }
});

// node_modules/.pnpm/@bufbuild+protobuf@2.17.0/node_modules/@bufbuild/protobuf/dist/esm/is-message.js
function isMessage(arg, schema) {
  const isMessage2 = arg !== null && typeof arg == "object" && "$typeName" in arg && typeof arg.$typeName == "string";
  if (!isMessage2) {
    return false;
  }
  if (schema === void 0) {
    return true;
  }
  return schema.typeName === arg.$typeName;
}
var init_is_message = __esm({
  "node_modules/.pnpm/@bufbuild+protobuf@2.17.0/node_modules/@bufbuild/protobuf/dist/esm/is-message.js"() {
  }
});

// node_modules/.pnpm/@bufbuild+protobuf@2.17.0/node_modules/@bufbuild/protobuf/dist/esm/reflect/guard.js
function isObject2(arg) {
  return arg !== null && typeof arg == "object" && !Array.isArray(arg);
}
function isReflectList(arg, field) {
  var _a, _b, _c, _d;
  if (isObject2(arg) && unsafeLocal in arg && "add" in arg && "field" in arg && typeof arg.field == "function") {
    if (field !== void 0) {
      const a = field;
      const b = arg.field();
      return a.listKind == b.listKind && a.scalar === b.scalar && ((_a = a.message) === null || _a === void 0 ? void 0 : _a.typeName) === ((_b = b.message) === null || _b === void 0 ? void 0 : _b.typeName) && ((_c = a.enum) === null || _c === void 0 ? void 0 : _c.typeName) === ((_d = b.enum) === null || _d === void 0 ? void 0 : _d.typeName);
    }
    return true;
  }
  return false;
}
function isReflectMap(arg, field) {
  var _a, _b, _c, _d;
  if (isObject2(arg) && unsafeLocal in arg && "has" in arg && "field" in arg && typeof arg.field == "function") {
    if (field !== void 0) {
      const a = field, b = arg.field();
      return a.mapKey === b.mapKey && a.mapKind == b.mapKind && a.scalar === b.scalar && ((_a = a.message) === null || _a === void 0 ? void 0 : _a.typeName) === ((_b = b.message) === null || _b === void 0 ? void 0 : _b.typeName) && ((_c = a.enum) === null || _c === void 0 ? void 0 : _c.typeName) === ((_d = b.enum) === null || _d === void 0 ? void 0 : _d.typeName);
    }
    return true;
  }
  return false;
}
function isReflectMessage(arg, messageDesc2) {
  return isObject2(arg) && unsafeLocal in arg && "desc" in arg && isObject2(arg.desc) && arg.desc.kind === "message" && (messageDesc2 === void 0 || arg.desc.typeName == messageDesc2.typeName);
}
var init_guard = __esm({
  "node_modules/.pnpm/@bufbuild+protobuf@2.17.0/node_modules/@bufbuild/protobuf/dist/esm/reflect/guard.js"() {
    init_unsafe();
  }
});

// node_modules/.pnpm/@bufbuild+protobuf@2.17.0/node_modules/@bufbuild/protobuf/dist/esm/wkt/wrappers.js
function isWrapper(arg) {
  return isWrapperTypeName(arg.$typeName);
}
function isWrapperDesc(messageDesc2) {
  const f = messageDesc2.fields[0];
  return isWrapperTypeName(messageDesc2.typeName) && f !== void 0 && f.fieldKind == "scalar" && f.name == "value" && f.number == 1;
}
function hasCustomJsonRepresentation(desc) {
  switch (desc.typeName) {
    case "google.protobuf.Any":
    case "google.protobuf.Timestamp":
    case "google.protobuf.Duration":
    case "google.protobuf.FieldMask":
    case "google.protobuf.Struct":
    case "google.protobuf.Value":
    case "google.protobuf.ListValue":
      return true;
    default:
      return isWrapperDesc(desc);
  }
}
function isWrapperTypeName(name) {
  return wrapperTypeNames.has(name);
}
var wrapperTypeNames;
var init_wrappers = __esm({
  "node_modules/.pnpm/@bufbuild+protobuf@2.17.0/node_modules/@bufbuild/protobuf/dist/esm/wkt/wrappers.js"() {
    wrapperTypeNames = /* @__PURE__ */ new Set([
      "google.protobuf.DoubleValue",
      "google.protobuf.FloatValue",
      "google.protobuf.Int64Value",
      "google.protobuf.UInt64Value",
      "google.protobuf.Int32Value",
      "google.protobuf.UInt32Value",
      "google.protobuf.BoolValue",
      "google.protobuf.StringValue",
      "google.protobuf.BytesValue"
    ]);
  }
});

// node_modules/.pnpm/@bufbuild+protobuf@2.17.0/node_modules/@bufbuild/protobuf/dist/esm/create.js
function create(schema, init) {
  if (isMessage(init, schema)) {
    return init;
  }
  return compiledCreate(schema)(init);
}
function compiledCreate(desc) {
  let compiled = compiledCreates.get(desc);
  if (compiled === void 0) {
    compiled = compileCreate(desc);
    compiledCreates.set(desc, compiled);
  }
  return compiled;
}
function compileCreate(desc) {
  const typeName = desc.typeName;
  const { properties, prototype } = compileInitMessage(desc);
  return (init) => {
    let message;
    if (prototype !== void 0) {
      message = Object.create(prototype);
      message.$typeName = typeName;
    } else {
      message = { $typeName: typeName };
    }
    for (let i = 0; i < properties.length; i++) {
      const property = properties[i];
      const name = property.name;
      const initValue = init === null || init === void 0 ? void 0 : init[name];
      switch (property.kind) {
        case INIT_SINGULAR:
          if (initValue != null) {
            message[name] = property.convert !== void 0 ? property.convert(initValue) : initValue;
          } else if (property.constant !== void 0) {
            message[name] = property.constant;
          }
          break;
        case INIT_LIST:
          message[name] = property.convert !== void 0 && Array.isArray(initValue) ? initValue.map(property.convert) : initValue !== null && initValue !== void 0 ? initValue : [];
          break;
        case INIT_MAP:
          if (property.convert === void 0 || !isObject2(initValue)) {
            message[name] = initValue !== null && initValue !== void 0 ? initValue : {};
          } else {
            const converted = {};
            const keys = Object.keys(initValue);
            for (let k = 0; k < keys.length; k++) {
              setOwn(converted, keys[k], property.convert(initValue[keys[k]]));
            }
            message[name] = converted;
          }
          break;
        case INIT_ONEOF: {
          const oneofValue = initValue;
          if ((oneofValue === null || oneofValue === void 0 ? void 0 : oneofValue.case) != null) {
            const convert = property.convert.get(oneofValue.case);
            if (convert !== void 0) {
              message[name] = {
                case: oneofValue.case,
                value: convert(oneofValue.value)
              };
              break;
            }
          }
          message[name] = { case: void 0 };
          break;
        }
      }
    }
    return message;
  };
}
function compileInitMessage(desc) {
  var _a, _b;
  const properties = [];
  const prototype = {};
  const usePrototype = needsPrototypeChain(desc);
  for (const member2 of desc.members) {
    const name = member2.localName;
    if (member2.kind == "oneof") {
      properties.push({
        name,
        kind: INIT_ONEOF,
        constant: void 0,
        convert: compileConvertOneof(member2)
      });
      continue;
    }
    switch (member2.fieldKind) {
      case "message": {
        properties.push({
          name,
          kind: INIT_SINGULAR,
          constant: void 0,
          convert: compileConvertMessage(member2)
        });
        break;
      }
      case "list": {
        properties.push({
          name,
          kind: INIT_LIST,
          constant: void 0,
          convert: member2.listKind == "message" ? (_a = compileConvertMessage(member2)) !== null && _a !== void 0 ? _a : ((value) => value) : member2.scalar == ScalarType.BYTES ? toU8Arr : void 0
        });
        break;
      }
      case "map": {
        properties.push({
          name,
          kind: INIT_MAP,
          constant: void 0,
          convert: member2.mapKind == "message" ? (_b = compileConvertMessage(member2)) !== null && _b !== void 0 ? _b : ((value) => value) : member2.scalar == ScalarType.BYTES ? toU8Arr : void 0
        });
        break;
      }
      default: {
        const zeroValue = createZeroValue(member2);
        properties.push({
          name,
          kind: INIT_SINGULAR,
          constant: member2.presence == IMPLICIT3 ? zeroValue : void 0,
          convert: member2.fieldKind == "scalar" && member2.scalar == ScalarType.BYTES ? toU8Arr : void 0
        });
        if (usePrototype) {
          prototype[name] = zeroValue;
        }
        break;
      }
    }
  }
  return {
    properties,
    prototype: usePrototype ? prototype : void 0
  };
}
function compileConvertOneof(oneof) {
  const converters = /* @__PURE__ */ new Map();
  for (const field of oneof.fields) {
    let convert;
    if (field.fieldKind == "message") {
      convert = compileConvertMessage(field);
    } else if (field.fieldKind == "scalar" && field.scalar == ScalarType.BYTES) {
      convert = toU8Arr;
    }
    converters.set(field.localName, convert !== null && convert !== void 0 ? convert : ((value) => value));
  }
  return converters;
}
function compileConvertMessage(field) {
  if (field.fieldKind == "message" && !field.oneof && isWrapperDesc(field.message)) {
    return field.message.fields[0].scalar == ScalarType.BYTES ? toU8Arr : void 0;
  }
  if (field.message.typeName == "google.protobuf.Struct" && field.parent.typeName !== "google.protobuf.Value") {
    return void 0;
  }
  const messageDesc2 = field.message;
  let compiled;
  return (value) => {
    if (!isObject2(value) || isMessage(value, messageDesc2)) {
      return value;
    }
    compiled !== null && compiled !== void 0 ? compiled : compiled = compiledCreate(messageDesc2);
    return compiled(value);
  };
}
function toU8Arr(value) {
  return Array.isArray(value) ? new Uint8Array(value) : value;
}
function needsPrototypeChain(desc) {
  switch (desc.file.edition) {
    case EDITION_PROTO32:
      return false;
    case EDITION_PROTO22:
      return true;
    default:
      return desc.fields.some((f) => f.presence != IMPLICIT3 && f.fieldKind != "message" && !f.oneof);
  }
}
function createZeroValue(field) {
  const defaultValue = field.getDefaultValue();
  if (defaultValue !== void 0) {
    return field.fieldKind == "scalar" && field.longAsString ? defaultValue.toString() : defaultValue;
  }
  return field.fieldKind == "scalar" ? scalarZeroValue(field.scalar, field.longAsString) : field.enum.values[0].number;
}
var EDITION_PROTO32, EDITION_PROTO22, IMPLICIT3, compiledCreates, INIT_SINGULAR, INIT_LIST, INIT_MAP, INIT_ONEOF;
var init_create = __esm({
  "node_modules/.pnpm/@bufbuild+protobuf@2.17.0/node_modules/@bufbuild/protobuf/dist/esm/create.js"() {
    init_is_message();
    init_descriptors();
    init_scalar();
    init_guard();
    init_unsafe();
    init_wrappers();
    EDITION_PROTO32 = 999;
    EDITION_PROTO22 = 998;
    IMPLICIT3 = 2;
    compiledCreates = /* @__PURE__ */ new WeakMap();
    INIT_SINGULAR = 0;
    INIT_LIST = 1;
    INIT_MAP = 2;
    INIT_ONEOF = 3;
  }
});

// node_modules/.pnpm/@bufbuild+protobuf@2.17.0/node_modules/@bufbuild/protobuf/dist/esm/reflect/message.js
function localMessageMapper(field) {
  if (usesJsonRepresentation(field)) {
    return {
      toMessage: (local) => wktStructToReflect(local),
      toLocal: (message) => wktStructToLocal(message)
    };
  }
  if (field.fieldKind == "message" && !field.oneof && isWrapperDesc(field.message)) {
    const wrapperDesc = field.message;
    const valueLocalName = wrapperDesc.fields[0].localName;
    return {
      toMessage: (local) => {
        const message = create(wrapperDesc);
        if (local !== void 0) {
          message[valueLocalName] = local;
        }
        return message;
      },
      toLocal: (message) => message[valueLocalName]
    };
  }
  const childDesc = field.message;
  return {
    toMessage: (local) => local === void 0 ? create(childDesc) : local,
    toLocal: (message) => message
  };
}
function usesJsonRepresentation(field) {
  return field.message.typeName == "google.protobuf.Struct" && field.parent.typeName != "google.protobuf.Value";
}
function wktStructToReflect(json) {
  const struct = {
    $typeName: "google.protobuf.Struct",
    fields: {}
  };
  if (isObject2(json)) {
    for (const k of Object.keys(json)) {
      setOwn(struct.fields, k, wktValueToReflect(json[k]));
    }
  }
  return struct;
}
function wktStructToLocal(val) {
  const json = {};
  for (const k of Object.keys(val.fields)) {
    setOwn(json, k, wktValueToLocal(val.fields[k]));
  }
  return json;
}
function wktValueToLocal(val) {
  switch (val.kind.case) {
    case "structValue":
      return wktStructToLocal(val.kind.value);
    case "listValue":
      return val.kind.value.values.map(wktValueToLocal);
    case "nullValue":
    case void 0:
      return null;
    default:
      return val.kind.value;
  }
}
function wktValueToReflect(json) {
  const value = {
    $typeName: "google.protobuf.Value",
    kind: { case: void 0 }
  };
  switch (typeof json) {
    case "number":
      value.kind = { case: "numberValue", value: json };
      break;
    case "string":
      value.kind = { case: "stringValue", value: json };
      break;
    case "boolean":
      value.kind = { case: "boolValue", value: json };
      break;
    case "object":
      if (json === null) {
        value.kind = { case: "nullValue", value: NULL_VALUE };
      } else if (Array.isArray(json)) {
        const listValue = {
          $typeName: "google.protobuf.ListValue",
          values: []
        };
        if (Array.isArray(json)) {
          for (const e of json) {
            listValue.values.push(wktValueToReflect(e));
          }
        }
        value.kind = {
          case: "listValue",
          value: listValue
        };
      } else {
        value.kind = {
          case: "structValue",
          value: wktStructToReflect(json)
        };
      }
      break;
  }
  return value;
}
var NULL_VALUE;
var init_message = __esm({
  "node_modules/.pnpm/@bufbuild+protobuf@2.17.0/node_modules/@bufbuild/protobuf/dist/esm/reflect/message.js"() {
    init_create();
    init_guard();
    init_unsafe();
    init_wrappers();
    NULL_VALUE = 0;
  }
});

// node_modules/.pnpm/@bufbuild+protobuf@2.17.0/node_modules/@bufbuild/protobuf/dist/esm/to-binary.js
function makeWriteOptions(options) {
  return options ? Object.assign(Object.assign({}, writeDefaults), options) : writeDefaults;
}
function toBinary(schema, message, options) {
  const writer = new BinaryWriter();
  compiledWriter(schema)(writer, makeWriteOptions(options), message);
  return writer.finish();
}
function compiledWriter(desc) {
  let compiled = compiledWriters.get(desc);
  if (compiled === void 0) {
    compiled = compileMessage(desc);
  }
  return compiled;
}
function compileMessage(desc) {
  const typeName = desc.typeName;
  const sortedFields = desc.fields.concat().sort((a, b) => a.number - b.number);
  const foreignField = sortedFields[0];
  const fieldWriters = [];
  const compiled = (writer, opts, message) => {
    if (message.$typeName !== typeName && foreignField !== void 0) {
      throw new FieldError(foreignField, `cannot use ${foreignField} with message ${message.$typeName}`, "ForeignFieldError");
    }
    for (let i = 0; i < fieldWriters.length; i++) {
      fieldWriters[i](writer, opts, message);
    }
    const unknown = message.$unknown;
    if (unknown !== void 0 && opts.writeUnknownFields) {
      for (let i = 0; i < unknown.length; i++) {
        const { no, wireType, data } = unknown[i];
        writer.tag(no, wireType).raw(data);
      }
    }
  };
  compiledWriters.set(desc, compiled);
  for (const field of sortedFields) {
    fieldWriters.push(compileField(field));
  }
  return compiled;
}
function compileField(field) {
  switch (field.fieldKind) {
    case "message":
    case "scalar":
    case "enum":
      return compileSingularField(field);
    case "list":
      return compileListField(field);
    case "map":
      return compileMapField(field);
  }
}
function compileSingularField(field) {
  const writeValue = compileSingularValue(field);
  const localName = field.localName;
  if (field.oneof) {
    const oneofLocalName = field.oneof.localName;
    return (writer, opts, message) => {
      const oneof = message[oneofLocalName];
      if (oneof.case === localName) {
        writeValue(writer, opts, oneof.value);
      }
    };
  }
  if (field.presence != IMPLICIT4) {
    const requiredError = field.presence == LEGACY_REQUIRED2 ? `cannot encode ${field} to binary: required field not set` : void 0;
    return (writer, opts, message) => {
      const value = message[localName];
      if (value !== void 0 && Object.prototype.hasOwnProperty.call(message, localName)) {
        writeValue(writer, opts, value);
      } else if (requiredError !== void 0) {
        throw new Error(requiredError);
      }
    };
  }
  if (field.fieldKind == "enum") {
    const zero = field.enum.values[0].number;
    return (writer, opts, message) => {
      const value = message[localName];
      if (value !== zero) {
        writeValue(writer, opts, value);
      }
    };
  }
  switch (field.scalar) {
    case ScalarType.BOOL:
      return (writer, opts, message) => {
        const value = message[localName];
        if (value !== false) {
          writeValue(writer, opts, value);
        }
      };
    case ScalarType.STRING:
      return (writer, opts, message) => {
        const value = message[localName];
        if (value !== "") {
          writeValue(writer, opts, value);
        }
      };
    case ScalarType.BYTES:
      return (writer, opts, message) => {
        const value = message[localName];
        if (!(value instanceof Uint8Array) || value.byteLength > 0) {
          writeValue(writer, opts, value);
        }
      };
    case ScalarType.DOUBLE:
    case ScalarType.FLOAT:
      return (writer, opts, message) => {
        const value = message[localName];
        if (!Object.is(value, 0)) {
          writeValue(writer, opts, value);
        }
      };
    default:
      return (writer, opts, message) => {
        const value = message[localName];
        if (value != 0) {
          writeValue(writer, opts, value);
        }
      };
  }
}
function compileSingularValue(field) {
  switch (field.fieldKind) {
    case "message": {
      const { toMessage } = localMessageMapper(field);
      const writeChild = compileChildWriter(field);
      return (writer, opts, value) => {
        writeChild(writer, opts, toMessage(value));
      };
    }
    case "scalar":
    case "enum": {
      const scalarType = field.fieldKind == "enum" ? ScalarType.INT32 : field.scalar;
      const fieldNo = field.number;
      const wireType = writeTypeOfScalar(scalarType);
      const writeScalar = compileScalarValue(scalarType, field.parent.typeName, field.name);
      return (writer, opts, value) => {
        writer.tag(fieldNo, wireType);
        writeScalar(writer, value);
      };
    }
  }
}
function compileListField(field) {
  const localName = field.localName;
  const fieldNo = field.number;
  switch (field.listKind) {
    case "message": {
      const { toMessage } = localMessageMapper(field);
      const writeChild = compileChildWriter(field);
      return (writer, opts, message) => {
        const items = message[localName];
        for (let i = 0; i < items.length; i++) {
          writeChild(writer, opts, toMessage(items[i]));
        }
      };
    }
    case "scalar":
    case "enum": {
      const scalarType = field.listKind == "enum" ? ScalarType.INT32 : field.scalar;
      const writeScalar = compileScalarValue(scalarType, field.parent.typeName, field.name);
      if (field.packed) {
        return (writer, opts, message) => {
          const items = message[localName];
          if (items.length == 0) {
            return;
          }
          writer.tag(fieldNo, WireType.LengthDelimited).fork();
          for (let i = 0; i < items.length; i++) {
            writeScalar(writer, items[i]);
          }
          writer.join();
        };
      }
      const wireType = writeTypeOfScalar(scalarType);
      return (writer, opts, message) => {
        const items = message[localName];
        for (let i = 0; i < items.length; i++) {
          writer.tag(fieldNo, wireType);
          writeScalar(writer, items[i]);
        }
      };
    }
  }
}
function compileMapField(field) {
  const localName = field.localName;
  const fieldNo = field.number;
  const writeKey = compileMapKey(field);
  if (field.mapKind == "message") {
    const { toMessage } = localMessageMapper(field);
    const writeMessage = compiledWriter(field.message);
    return (writer, opts, message) => {
      const record = message[localName];
      const keys = Object.keys(record);
      for (let i = 0; i < keys.length; i++) {
        const key = keys[i];
        writer.tag(fieldNo, WireType.LengthDelimited).fork();
        writeKey(writer, key);
        writer.tag(2, WireType.LengthDelimited).fork();
        writeMessage(writer, opts, toMessage(record[key]));
        writer.join();
        writer.join();
      }
    };
  }
  const scalarType = field.mapKind == "enum" ? ScalarType.INT32 : field.scalar;
  const valueWireType = writeTypeOfScalar(scalarType);
  const writeScalar = compileScalarValue(scalarType, field.parent.typeName, field.name);
  return (writer, opts, message) => {
    const record = message[localName];
    const keys = Object.keys(record);
    for (let i = 0; i < keys.length; i++) {
      const key = keys[i];
      writer.tag(fieldNo, WireType.LengthDelimited).fork();
      writeKey(writer, key);
      writer.tag(2, valueWireType);
      writeScalar(writer, record[key]);
      writer.join();
    }
  };
}
function compileMapKey(field) {
  const wireType = writeTypeOfScalar(field.mapKey);
  const writeScalar = compileScalarValue(field.mapKey, field.parent.typeName, field.name);
  const convertKey = compileMapKeyConverter(field.mapKey);
  return (writer, key) => {
    writer.tag(1, wireType);
    writeScalar(writer, convertKey(key));
  };
}
function compileMapKeyConverter(type) {
  switch (type) {
    case ScalarType.STRING:
      return (key) => key;
    case ScalarType.BOOL:
      return (key) => key === "true" ? true : key === "false" ? false : key;
    case ScalarType.UINT64:
    case ScalarType.FIXED64:
      return (key) => {
        try {
          return protoInt64.uParse(key);
        } catch (_a) {
          return key;
        }
      };
    case ScalarType.INT64:
    case ScalarType.SFIXED64:
    case ScalarType.SINT64:
      return (key) => {
        try {
          return protoInt64.parse(key);
        } catch (_a) {
          return key;
        }
      };
    default:
      return (key) => {
        const n = Number.parseInt(key);
        return Number.isFinite(n) ? n : key;
      };
  }
}
function compileScalarValue(type, messageName, fieldName) {
  const writeScalar = compileScalarWrite(type);
  return (writer, value) => {
    try {
      writeScalar(writer, value);
    } catch (e) {
      if (e instanceof Error) {
        throw new Error(`cannot encode field ${messageName}.${fieldName} to binary: ${e.message}`);
      }
      throw e;
    }
  };
}
function compileScalarWrite(type) {
  switch (type) {
    case ScalarType.STRING:
      return (writer, value) => writer.string(value);
    case ScalarType.BOOL:
      return (writer, value) => writer.bool(value);
    case ScalarType.DOUBLE:
      return (writer, value) => writer.double(value);
    case ScalarType.FLOAT:
      return (writer, value) => writer.float(value);
    case ScalarType.INT32:
      return (writer, value) => writer.int32(value);
    case ScalarType.INT64:
      return (writer, value) => writer.int64(value);
    case ScalarType.UINT64:
      return (writer, value) => writer.uint64(value);
    case ScalarType.FIXED64:
      return (writer, value) => writer.fixed64(value);
    case ScalarType.BYTES:
      return (writer, value) => writer.bytes(value);
    case ScalarType.FIXED32:
      return (writer, value) => writer.fixed32(value);
    case ScalarType.SFIXED32:
      return (writer, value) => writer.sfixed32(value);
    case ScalarType.SFIXED64:
      return (writer, value) => writer.sfixed64(value);
    case ScalarType.SINT64:
      return (writer, value) => writer.sint64(value);
    case ScalarType.UINT32:
      return (writer, value) => writer.uint32(value);
    case ScalarType.SINT32:
      return (writer, value) => writer.sint32(value);
  }
}
function writeField(writer, opts, msg, field) {
  compileField(field)(writer, opts, msg[unsafeLocal]);
}
function compileChildWriter(field) {
  const fieldNo = field.number;
  const writeMessage = compiledWriter(field.message);
  if (field.delimitedEncoding) {
    return (writer, opts, child) => {
      writer.tag(fieldNo, WireType.StartGroup);
      writeMessage(writer, opts, child);
      writer.tag(fieldNo, WireType.EndGroup);
    };
  }
  return (writer, opts, child) => {
    writer.tag(fieldNo, WireType.LengthDelimited).fork();
    writeMessage(writer, opts, child);
    writer.join();
  };
}
function writeTypeOfScalar(type) {
  switch (type) {
    case ScalarType.BYTES:
    case ScalarType.STRING:
      return WireType.LengthDelimited;
    case ScalarType.DOUBLE:
    case ScalarType.FIXED64:
    case ScalarType.SFIXED64:
      return WireType.Bit64;
    case ScalarType.FIXED32:
    case ScalarType.SFIXED32:
    case ScalarType.FLOAT:
      return WireType.Bit32;
    default:
      return WireType.Varint;
  }
}
var IMPLICIT4, LEGACY_REQUIRED2, writeDefaults, compiledWriters;
var init_to_binary = __esm({
  "node_modules/.pnpm/@bufbuild+protobuf@2.17.0/node_modules/@bufbuild/protobuf/dist/esm/to-binary.js"() {
    init_binary_encoding();
    init_descriptors();
    init_error();
    init_unsafe();
    init_message();
    init_proto_int64();
    IMPLICIT4 = 2;
    LEGACY_REQUIRED2 = 3;
    writeDefaults = {
      writeUnknownFields: true
    };
    compiledWriters = /* @__PURE__ */ new WeakMap();
  }
});

// node_modules/.pnpm/@bufbuild+protobuf@2.17.0/node_modules/@bufbuild/protobuf/dist/esm/reflect/reflect-check.js
function checkField(field, value) {
  const check = field.fieldKind == "list" ? isReflectList(value, field) : field.fieldKind == "map" ? isReflectMap(value, field) : checkSingular(field, value);
  if (check === true) {
    return void 0;
  }
  let reason;
  switch (field.fieldKind) {
    case "list":
      reason = `expected ${formatReflectList(field)}, got ${formatVal(value)}`;
      break;
    case "map":
      reason = `expected ${formatReflectMap(field)}, got ${formatVal(value)}`;
      break;
    default: {
      reason = reasonSingular(field, value, check);
    }
  }
  return new FieldError(field, reason);
}
function checkListItem(field, index, value) {
  const check = checkSingular(field, value);
  if (check !== true) {
    return new FieldError(field, `list item #${index + 1}: ${reasonSingular(field, value, check)}`);
  }
  return void 0;
}
function checkMapEntry(field, key, value) {
  const checkKey = checkScalarValue(field.mapKey)(key);
  if (checkKey !== true) {
    return new FieldError(field, `invalid map key: ${reasonSingular({ scalar: field.mapKey }, key, checkKey)}`);
  }
  const checkVal = checkSingular(field, value);
  if (checkVal !== true) {
    return new FieldError(field, `map entry ${formatVal(key)}: ${reasonSingular(field, value, checkVal)}`);
  }
  return void 0;
}
function checkSingular(field, value) {
  if (field.scalar !== void 0) {
    return checkScalarValue(field.scalar)(value);
  }
  if (field.enum !== void 0) {
    if (field.enum.open) {
      return checkScalarValue(ScalarType.INT32)(value);
    }
    return field.enum.values.some((v) => v.number === value);
  }
  return isReflectMessage(value, field.message);
}
function checkScalarValue(scalar) {
  switch (scalar) {
    case ScalarType.DOUBLE:
      return (value) => typeof value == "number";
    case ScalarType.FLOAT:
      return (value) => {
        if (typeof value != "number") {
          return false;
        }
        if (!Number.isFinite(Math.fround(value)) && Number.isFinite(value)) {
          return `${value.toFixed()} out of range`;
        }
        return true;
      };
    case ScalarType.INT32:
    case ScalarType.SFIXED32:
    case ScalarType.SINT32:
      return (value) => {
        if (typeof value !== "number" || !Number.isInteger(value)) {
          return false;
        }
        if (value > INT32_MAX || value < INT32_MIN) {
          return `${value.toFixed()} out of range`;
        }
        return true;
      };
    case ScalarType.FIXED32:
    case ScalarType.UINT32:
      return (value) => {
        if (typeof value !== "number" || !Number.isInteger(value)) {
          return false;
        }
        if (value > UINT32_MAX || value < 0) {
          return `${value.toFixed()} out of range`;
        }
        return true;
      };
    case ScalarType.BOOL:
      return (value) => typeof value == "boolean";
    case ScalarType.STRING:
      return (value) => {
        if (typeof value != "string") {
          return false;
        }
        return getTextEncoding().checkUtf8(value) || "invalid UTF8";
      };
    case ScalarType.BYTES:
      return (value) => value instanceof Uint8Array;
    case ScalarType.INT64:
    case ScalarType.SFIXED64:
    case ScalarType.SINT64:
      return (value) => {
        if (typeof value == "bigint" || typeof value == "number" || typeof value == "string" && value.length > 0) {
          try {
            protoInt64.parse(value);
            return true;
          } catch (_) {
            return `${value} out of range`;
          }
        }
        return false;
      };
    case ScalarType.FIXED64:
    case ScalarType.UINT64:
      return (value) => {
        if (typeof value == "bigint" || typeof value == "number" || typeof value == "string" && value.length > 0) {
          try {
            protoInt64.uParse(value);
            return true;
          } catch (_) {
            return `${value} out of range`;
          }
        }
        return false;
      };
  }
}
function reasonSingular(field, val, details) {
  details = typeof details == "string" ? `: ${details}` : `, got ${formatVal(val)}`;
  if (field.scalar !== void 0) {
    return `expected ${scalarTypeDescription(field.scalar)}` + details;
  }
  if (field.enum !== void 0) {
    return `expected ${field.enum.toString()}` + details;
  }
  return `expected ${formatReflectMessage(field.message)}` + details;
}
function formatVal(val) {
  switch (typeof val) {
    case "object":
      if (val === null) {
        return "null";
      }
      if (val instanceof Uint8Array) {
        return `Uint8Array(${val.length})`;
      }
      if (Array.isArray(val)) {
        return `Array(${val.length})`;
      }
      if (isReflectList(val)) {
        return formatReflectList(val.field());
      }
      if (isReflectMap(val)) {
        return formatReflectMap(val.field());
      }
      if (isReflectMessage(val)) {
        return formatReflectMessage(val.desc);
      }
      if (isMessage(val)) {
        return `message ${val.$typeName}`;
      }
      return "object";
    case "string":
      return val.length > 30 ? "string" : `"${val.split('"').join('\\"')}"`;
    case "boolean":
      return String(val);
    case "number":
      return String(val);
    case "bigint":
      return String(val) + "n";
    default:
      return typeof val;
  }
}
function formatReflectMessage(desc) {
  return `ReflectMessage (${desc.typeName})`;
}
function formatReflectList(field) {
  switch (field.listKind) {
    case "message":
      return `ReflectList (${field.message.toString()})`;
    case "enum":
      return `ReflectList (${field.enum.toString()})`;
    case "scalar":
      return `ReflectList (${ScalarType[field.scalar]})`;
  }
}
function formatReflectMap(field) {
  switch (field.mapKind) {
    case "message":
      return `ReflectMap (${ScalarType[field.mapKey]}, ${field.message.toString()})`;
    case "enum":
      return `ReflectMap (${ScalarType[field.mapKey]}, ${field.enum.toString()})`;
    case "scalar":
      return `ReflectMap (${ScalarType[field.mapKey]}, ${ScalarType[field.scalar]})`;
  }
}
function scalarTypeDescription(scalar) {
  switch (scalar) {
    case ScalarType.STRING:
      return "string";
    case ScalarType.BOOL:
      return "boolean";
    case ScalarType.INT64:
    case ScalarType.SINT64:
    case ScalarType.SFIXED64:
      return "bigint (int64)";
    case ScalarType.UINT64:
    case ScalarType.FIXED64:
      return "bigint (uint64)";
    case ScalarType.BYTES:
      return "Uint8Array";
    case ScalarType.DOUBLE:
      return "number (float64)";
    case ScalarType.FLOAT:
      return "number (float32)";
    case ScalarType.FIXED32:
    case ScalarType.UINT32:
      return "number (uint32)";
    case ScalarType.INT32:
    case ScalarType.SFIXED32:
    case ScalarType.SINT32:
      return "number (int32)";
  }
}
var init_reflect_check = __esm({
  "node_modules/.pnpm/@bufbuild+protobuf@2.17.0/node_modules/@bufbuild/protobuf/dist/esm/reflect/reflect-check.js"() {
    init_descriptors();
    init_is_message();
    init_error();
    init_guard();
    init_binary_encoding();
    init_text_encoding();
    init_proto_int64();
  }
});

// node_modules/.pnpm/@bufbuild+protobuf@2.17.0/node_modules/@bufbuild/protobuf/dist/esm/reflect/reflect.js
function reflect(messageDesc2, message, check = true) {
  return new ReflectMessageImpl(messageDesc2, message, check);
}
function assertOwn(owner, member2) {
  if (member2.parent.typeName !== owner.$typeName) {
    throw new FieldError(member2, `cannot use ${member2.toString()} with message ${owner.$typeName}`, "ForeignFieldError");
  }
}
function messageToLocal(field, value) {
  if (!isReflectMessage(value)) {
    return value;
  }
  if (isWrapper(value.message) && !field.oneof && field.fieldKind == "message") {
    return value.message.value;
  }
  if (value.desc.typeName == "google.protobuf.Struct" && field.parent.typeName != "google.protobuf.Value") {
    return wktStructToLocal(value.message);
  }
  return value.message;
}
function messageToReflect(field, value, check) {
  if (value !== void 0) {
    if (isWrapperDesc(field.message) && !field.oneof && field.fieldKind == "message") {
      value = {
        $typeName: field.message.typeName,
        value: longToReflect(field.message.fields[0], value)
      };
    } else if (field.message.typeName == "google.protobuf.Struct" && field.parent.typeName != "google.protobuf.Value" && isObject2(value)) {
      value = wktStructToReflect(value);
    }
  }
  return new ReflectMessageImpl(field.message, value, check);
}
function listItemToLocal(field, value) {
  if (field.listKind == "message") {
    return messageToLocal(field, value);
  }
  return longToLocal(field, value);
}
function listItemToReflect(field, value, check) {
  if (field.listKind == "message") {
    return messageToReflect(field, value, check);
  }
  return longToReflect(field, value);
}
function mapValueToLocal(field, value) {
  if (field.mapKind == "message") {
    return messageToLocal(field, value);
  }
  return longToLocal(field, value);
}
function mapValueToReflect(field, value, check) {
  if (field.mapKind == "message") {
    return messageToReflect(field, value, check);
  }
  return value;
}
function mapKeyToLocal(key) {
  return typeof key == "string" || typeof key == "number" ? key : String(key);
}
function mapKeyToReflect(key, type) {
  switch (type) {
    case ScalarType.STRING:
      return key;
    case ScalarType.INT32:
    case ScalarType.FIXED32:
    case ScalarType.UINT32:
    case ScalarType.SFIXED32:
    case ScalarType.SINT32: {
      const n = Number.parseInt(key);
      if (Number.isFinite(n)) {
        return n;
      }
      break;
    }
    case ScalarType.BOOL:
      switch (key) {
        case "true":
          return true;
        case "false":
          return false;
      }
      break;
    case ScalarType.UINT64:
    case ScalarType.FIXED64:
      try {
        return protoInt64.uParse(key);
      } catch (_a) {
      }
      break;
    default:
      try {
        return protoInt64.parse(key);
      } catch (_b) {
      }
      break;
  }
  return key;
}
function longToReflect(field, value) {
  switch (field.scalar) {
    case ScalarType.INT64:
    case ScalarType.SFIXED64:
    case ScalarType.SINT64:
      if ("longAsString" in field && field.longAsString && typeof value == "string") {
        value = protoInt64.parse(value);
      }
      break;
    case ScalarType.FIXED64:
    case ScalarType.UINT64:
      if ("longAsString" in field && field.longAsString && typeof value == "string") {
        value = protoInt64.uParse(value);
      }
      break;
  }
  return value;
}
function longToLocal(field, value) {
  switch (field.scalar) {
    case ScalarType.INT64:
    case ScalarType.SFIXED64:
    case ScalarType.SINT64:
      if ("longAsString" in field && field.longAsString) {
        value = String(value);
      } else if (typeof value == "string" || typeof value == "number") {
        value = protoInt64.parse(value);
      }
      break;
    case ScalarType.FIXED64:
    case ScalarType.UINT64:
      if ("longAsString" in field && field.longAsString) {
        value = String(value);
      } else if (typeof value == "string" || typeof value == "number") {
        value = protoInt64.uParse(value);
      }
      break;
  }
  return value;
}
var messageSortedFields, ReflectMessageImpl, ReflectListImpl, ReflectMapImpl;
var init_reflect = __esm({
  "node_modules/.pnpm/@bufbuild+protobuf@2.17.0/node_modules/@bufbuild/protobuf/dist/esm/reflect/reflect.js"() {
    init_descriptors();
    init_reflect_check();
    init_error();
    init_unsafe();
    init_create();
    init_wrappers();
    init_scalar();
    init_proto_int64();
    init_guard();
    init_message();
    messageSortedFields = /* @__PURE__ */ new WeakMap();
    ReflectMessageImpl = class {
      get sortedFields() {
        const cached = messageSortedFields.get(this.desc);
        if (cached) {
          return cached;
        }
        const sortedFields = this.desc.fields.concat().sort((a, b) => a.number - b.number);
        messageSortedFields.set(this.desc, sortedFields);
        return sortedFields;
      }
      constructor(messageDesc2, message, check = true) {
        this.lists = /* @__PURE__ */ new Map();
        this.maps = /* @__PURE__ */ new Map();
        this.check = check;
        this.desc = messageDesc2;
        this.message = this[unsafeLocal] = message !== null && message !== void 0 ? message : create(messageDesc2);
        this.fields = messageDesc2.fields;
        this.oneofs = messageDesc2.oneofs;
        this.members = messageDesc2.members;
      }
      findNumber(number) {
        if (!this._fieldsByNumber) {
          this._fieldsByNumber = new Map(this.desc.fields.map((f) => [f.number, f]));
        }
        return this._fieldsByNumber.get(number);
      }
      oneofCase(oneof) {
        assertOwn(this.message, oneof);
        return unsafeOneofCase(this.message, oneof);
      }
      isSet(field) {
        assertOwn(this.message, field);
        return unsafeIsSet(this.message, field);
      }
      clear(field) {
        assertOwn(this.message, field);
        unsafeClear(this.message, field);
      }
      get(field) {
        assertOwn(this.message, field);
        const value = unsafeGet(this.message, field);
        switch (field.fieldKind) {
          case "list":
            let list2 = this.lists.get(field);
            if (!list2 || list2[unsafeLocal] !== value) {
              this.lists.set(
                field,
                // biome-ignore lint/suspicious/noAssignInExpressions: no
                list2 = new ReflectListImpl(field, value, this.check)
              );
            }
            return list2;
          case "map":
            let map = this.maps.get(field);
            if (!map || map[unsafeLocal] !== value) {
              this.maps.set(
                field,
                // biome-ignore lint/suspicious/noAssignInExpressions: no
                map = new ReflectMapImpl(field, value, this.check)
              );
            }
            return map;
          case "message":
            return messageToReflect(field, value, this.check);
          case "scalar":
            return value === void 0 ? scalarZeroValue(field.scalar, false) : longToReflect(field, value);
          case "enum":
            return value !== null && value !== void 0 ? value : field.enum.values[0].number;
        }
      }
      set(field, value) {
        assertOwn(this.message, field);
        if (this.check) {
          const err = checkField(field, value);
          if (err) {
            throw err;
          }
        }
        let local;
        if (field.fieldKind == "message") {
          local = messageToLocal(field, value);
        } else if (isReflectMap(value) || isReflectList(value)) {
          local = value[unsafeLocal];
        } else {
          local = longToLocal(field, value);
        }
        unsafeSet(this.message, field, local);
      }
      getUnknown() {
        return this.message.$unknown;
      }
      setUnknown(value) {
        this.message.$unknown = value;
      }
    };
    ReflectListImpl = class {
      field() {
        return this._field;
      }
      get size() {
        return this._arr.length;
      }
      constructor(field, unsafeInput, check) {
        this._field = field;
        this._arr = this[unsafeLocal] = unsafeInput;
        this.check = check;
      }
      get(index) {
        const item = this._arr[index];
        return item === void 0 ? void 0 : listItemToReflect(this._field, item, this.check);
      }
      set(index, item) {
        if (index < 0 || index >= this._arr.length) {
          throw new FieldError(this._field, `list item #${index + 1}: out of range`);
        }
        if (this.check) {
          const err = checkListItem(this._field, index, item);
          if (err) {
            throw err;
          }
        }
        this._arr[index] = listItemToLocal(this._field, item);
      }
      add(item) {
        if (this.check) {
          const err = checkListItem(this._field, this._arr.length, item);
          if (err) {
            throw err;
          }
        }
        this._arr.push(listItemToLocal(this._field, item));
        return void 0;
      }
      clear() {
        this._arr.splice(0, this._arr.length);
      }
      [Symbol.iterator]() {
        return this.values();
      }
      keys() {
        return this._arr.keys();
      }
      *values() {
        for (const item of this._arr) {
          yield listItemToReflect(this._field, item, this.check);
        }
      }
      *entries() {
        for (let i = 0; i < this._arr.length; i++) {
          yield [i, listItemToReflect(this._field, this._arr[i], this.check)];
        }
      }
    };
    ReflectMapImpl = class {
      constructor(field, unsafeInput, check = true) {
        this.obj = this[unsafeLocal] = unsafeInput !== null && unsafeInput !== void 0 ? unsafeInput : {};
        this.check = check;
        this._field = field;
      }
      field() {
        return this._field;
      }
      set(key, value) {
        if (this.check) {
          const err = checkMapEntry(this._field, key, value);
          if (err) {
            throw err;
          }
        }
        setOwn(this.obj, mapKeyToLocal(key), mapValueToLocal(this._field, value));
        return this;
      }
      delete(key) {
        const k = mapKeyToLocal(key);
        const has = Object.prototype.hasOwnProperty.call(this.obj, k);
        if (has) {
          delete this.obj[k];
        }
        return has;
      }
      clear() {
        for (const key of Object.keys(this.obj)) {
          delete this.obj[key];
        }
      }
      get(key) {
        let val = getOwn(this.obj, mapKeyToLocal(key));
        if (val !== void 0) {
          val = mapValueToReflect(this._field, val, this.check);
        }
        return val;
      }
      has(key) {
        return Object.prototype.hasOwnProperty.call(this.obj, mapKeyToLocal(key));
      }
      *keys() {
        for (const objKey of Object.keys(this.obj)) {
          yield mapKeyToReflect(objKey, this._field.mapKey);
        }
      }
      *entries() {
        for (const objEntry of Object.entries(this.obj)) {
          yield [
            mapKeyToReflect(objEntry[0], this._field.mapKey),
            mapValueToReflect(this._field, objEntry[1], this.check)
          ];
        }
      }
      [Symbol.iterator]() {
        return this.entries();
      }
      get size() {
        return Object.keys(this.obj).length;
      }
      *values() {
        for (const val of Object.values(this.obj)) {
          yield mapValueToReflect(this._field, val, this.check);
        }
      }
      forEach(callbackfn, thisArg) {
        for (const mapEntry of this.entries()) {
          callbackfn.call(thisArg, mapEntry[1], mapEntry[0], this);
        }
      }
    };
  }
});

// node_modules/.pnpm/@bufbuild+protobuf@2.17.0/node_modules/@bufbuild/protobuf/dist/esm/clone.js
var init_clone = __esm({
  "node_modules/.pnpm/@bufbuild+protobuf@2.17.0/node_modules/@bufbuild/protobuf/dist/esm/clone.js"() {
  }
});

// node_modules/.pnpm/@bufbuild+protobuf@2.17.0/node_modules/@bufbuild/protobuf/dist/esm/codegenv2/message.js
function messageDesc(file, path, ...paths) {
  return paths.reduce((acc, cur) => acc.nestedMessages[cur], file.messages[path]);
}
var init_message2 = __esm({
  "node_modules/.pnpm/@bufbuild+protobuf@2.17.0/node_modules/@bufbuild/protobuf/dist/esm/codegenv2/message.js"() {
  }
});

// node_modules/.pnpm/@bufbuild+protobuf@2.17.0/node_modules/@bufbuild/protobuf/dist/esm/codegenv2/enum.js
var init_enum = __esm({
  "node_modules/.pnpm/@bufbuild+protobuf@2.17.0/node_modules/@bufbuild/protobuf/dist/esm/codegenv2/enum.js"() {
  }
});

// node_modules/.pnpm/@bufbuild+protobuf@2.17.0/node_modules/@bufbuild/protobuf/dist/esm/wkt/google/protobuf/descriptor_pb.js
var file_google_protobuf_descriptor, FileDescriptorProtoSchema, ExtensionRangeOptions_VerificationState, FieldDescriptorProto_Type, FieldDescriptorProto_Label, FileOptions_OptimizeMode, FieldOptions_CType, FieldOptions_JSType, FieldOptions_OptionRetention, FieldOptions_OptionTargetType, MethodOptions_IdempotencyLevel, FeatureSet_VisibilityFeature_DefaultSymbolVisibility, FeatureSet_ProtoLimitsFeature_EnforceProtoLimits, FeatureSet_FieldPresence, FeatureSet_EnumType, FeatureSet_RepeatedFieldEncoding, FeatureSet_Utf8Validation, FeatureSet_MessageEncoding, FeatureSet_JsonFormat, FeatureSet_EnforceNamingStyle, GeneratedCodeInfo_Annotation_Semantic, Edition, SymbolVisibility;
var init_descriptor_pb = __esm({
  "node_modules/.pnpm/@bufbuild+protobuf@2.17.0/node_modules/@bufbuild/protobuf/dist/esm/wkt/google/protobuf/descriptor_pb.js"() {
    init_boot();
    init_message2();
    file_google_protobuf_descriptor = /* @__PURE__ */ boot({ "name": "google/protobuf/descriptor.proto", "package": "google.protobuf", "messageType": [{ "name": "FileDescriptorSet", "field": [{ "name": "file", "number": 1, "type": 11, "label": 3, "typeName": ".google.protobuf.FileDescriptorProto" }], "extensionRange": [{ "start": 536e6, "end": 536000001 }] }, { "name": "FileDescriptorProto", "field": [{ "name": "name", "number": 1, "type": 9, "label": 1 }, { "name": "package", "number": 2, "type": 9, "label": 1 }, { "name": "dependency", "number": 3, "type": 9, "label": 3 }, { "name": "public_dependency", "number": 10, "type": 5, "label": 3 }, { "name": "weak_dependency", "number": 11, "type": 5, "label": 3 }, { "name": "option_dependency", "number": 15, "type": 9, "label": 3 }, { "name": "message_type", "number": 4, "type": 11, "label": 3, "typeName": ".google.protobuf.DescriptorProto" }, { "name": "enum_type", "number": 5, "type": 11, "label": 3, "typeName": ".google.protobuf.EnumDescriptorProto" }, { "name": "service", "number": 6, "type": 11, "label": 3, "typeName": ".google.protobuf.ServiceDescriptorProto" }, { "name": "extension", "number": 7, "type": 11, "label": 3, "typeName": ".google.protobuf.FieldDescriptorProto" }, { "name": "options", "number": 8, "type": 11, "label": 1, "typeName": ".google.protobuf.FileOptions" }, { "name": "source_code_info", "number": 9, "type": 11, "label": 1, "typeName": ".google.protobuf.SourceCodeInfo" }, { "name": "syntax", "number": 12, "type": 9, "label": 1 }, { "name": "edition", "number": 14, "type": 14, "label": 1, "typeName": ".google.protobuf.Edition" }] }, { "name": "DescriptorProto", "field": [{ "name": "name", "number": 1, "type": 9, "label": 1 }, { "name": "field", "number": 2, "type": 11, "label": 3, "typeName": ".google.protobuf.FieldDescriptorProto" }, { "name": "extension", "number": 6, "type": 11, "label": 3, "typeName": ".google.protobuf.FieldDescriptorProto" }, { "name": "nested_type", "number": 3, "type": 11, "label": 3, "typeName": ".google.protobuf.DescriptorProto" }, { "name": "enum_type", "number": 4, "type": 11, "label": 3, "typeName": ".google.protobuf.EnumDescriptorProto" }, { "name": "extension_range", "number": 5, "type": 11, "label": 3, "typeName": ".google.protobuf.DescriptorProto.ExtensionRange" }, { "name": "oneof_decl", "number": 8, "type": 11, "label": 3, "typeName": ".google.protobuf.OneofDescriptorProto" }, { "name": "options", "number": 7, "type": 11, "label": 1, "typeName": ".google.protobuf.MessageOptions" }, { "name": "reserved_range", "number": 9, "type": 11, "label": 3, "typeName": ".google.protobuf.DescriptorProto.ReservedRange" }, { "name": "reserved_name", "number": 10, "type": 9, "label": 3 }, { "name": "visibility", "number": 11, "type": 14, "label": 1, "typeName": ".google.protobuf.SymbolVisibility" }], "nestedType": [{ "name": "ExtensionRange", "field": [{ "name": "start", "number": 1, "type": 5, "label": 1 }, { "name": "end", "number": 2, "type": 5, "label": 1 }, { "name": "options", "number": 3, "type": 11, "label": 1, "typeName": ".google.protobuf.ExtensionRangeOptions" }] }, { "name": "ReservedRange", "field": [{ "name": "start", "number": 1, "type": 5, "label": 1 }, { "name": "end", "number": 2, "type": 5, "label": 1 }] }] }, { "name": "ExtensionRangeOptions", "field": [{ "name": "uninterpreted_option", "number": 999, "type": 11, "label": 3, "typeName": ".google.protobuf.UninterpretedOption" }, { "name": "declaration", "number": 2, "type": 11, "label": 3, "typeName": ".google.protobuf.ExtensionRangeOptions.Declaration", "options": { "retention": 2 } }, { "name": "features", "number": 50, "type": 11, "label": 1, "typeName": ".google.protobuf.FeatureSet" }, { "name": "verification", "number": 3, "type": 14, "label": 1, "typeName": ".google.protobuf.ExtensionRangeOptions.VerificationState", "defaultValue": "UNVERIFIED", "options": { "retention": 2 } }], "nestedType": [{ "name": "Declaration", "field": [{ "name": "number", "number": 1, "type": 5, "label": 1 }, { "name": "full_name", "number": 2, "type": 9, "label": 1 }, { "name": "type", "number": 3, "type": 9, "label": 1 }, { "name": "reserved", "number": 5, "type": 8, "label": 1 }, { "name": "repeated", "number": 6, "type": 8, "label": 1 }] }], "enumType": [{ "name": "VerificationState", "value": [{ "name": "DECLARATION", "number": 0 }, { "name": "UNVERIFIED", "number": 1 }] }], "extensionRange": [{ "start": 990, "end": 999 }, { "start": 1e3, "end": 536870912 }] }, { "name": "FieldDescriptorProto", "field": [{ "name": "name", "number": 1, "type": 9, "label": 1 }, { "name": "number", "number": 3, "type": 5, "label": 1 }, { "name": "label", "number": 4, "type": 14, "label": 1, "typeName": ".google.protobuf.FieldDescriptorProto.Label" }, { "name": "type", "number": 5, "type": 14, "label": 1, "typeName": ".google.protobuf.FieldDescriptorProto.Type" }, { "name": "type_name", "number": 6, "type": 9, "label": 1 }, { "name": "extendee", "number": 2, "type": 9, "label": 1 }, { "name": "default_value", "number": 7, "type": 9, "label": 1 }, { "name": "oneof_index", "number": 9, "type": 5, "label": 1 }, { "name": "json_name", "number": 10, "type": 9, "label": 1 }, { "name": "options", "number": 8, "type": 11, "label": 1, "typeName": ".google.protobuf.FieldOptions" }, { "name": "proto3_optional", "number": 17, "type": 8, "label": 1 }], "enumType": [{ "name": "Type", "value": [{ "name": "TYPE_DOUBLE", "number": 1 }, { "name": "TYPE_FLOAT", "number": 2 }, { "name": "TYPE_INT64", "number": 3 }, { "name": "TYPE_UINT64", "number": 4 }, { "name": "TYPE_INT32", "number": 5 }, { "name": "TYPE_FIXED64", "number": 6 }, { "name": "TYPE_FIXED32", "number": 7 }, { "name": "TYPE_BOOL", "number": 8 }, { "name": "TYPE_STRING", "number": 9 }, { "name": "TYPE_GROUP", "number": 10 }, { "name": "TYPE_MESSAGE", "number": 11 }, { "name": "TYPE_BYTES", "number": 12 }, { "name": "TYPE_UINT32", "number": 13 }, { "name": "TYPE_ENUM", "number": 14 }, { "name": "TYPE_SFIXED32", "number": 15 }, { "name": "TYPE_SFIXED64", "number": 16 }, { "name": "TYPE_SINT32", "number": 17 }, { "name": "TYPE_SINT64", "number": 18 }] }, { "name": "Label", "value": [{ "name": "LABEL_OPTIONAL", "number": 1 }, { "name": "LABEL_REPEATED", "number": 3 }, { "name": "LABEL_REQUIRED", "number": 2 }] }] }, { "name": "OneofDescriptorProto", "field": [{ "name": "name", "number": 1, "type": 9, "label": 1 }, { "name": "options", "number": 2, "type": 11, "label": 1, "typeName": ".google.protobuf.OneofOptions" }] }, { "name": "EnumDescriptorProto", "field": [{ "name": "name", "number": 1, "type": 9, "label": 1 }, { "name": "value", "number": 2, "type": 11, "label": 3, "typeName": ".google.protobuf.EnumValueDescriptorProto" }, { "name": "options", "number": 3, "type": 11, "label": 1, "typeName": ".google.protobuf.EnumOptions" }, { "name": "reserved_range", "number": 4, "type": 11, "label": 3, "typeName": ".google.protobuf.EnumDescriptorProto.EnumReservedRange" }, { "name": "reserved_name", "number": 5, "type": 9, "label": 3 }, { "name": "visibility", "number": 6, "type": 14, "label": 1, "typeName": ".google.protobuf.SymbolVisibility" }], "nestedType": [{ "name": "EnumReservedRange", "field": [{ "name": "start", "number": 1, "type": 5, "label": 1 }, { "name": "end", "number": 2, "type": 5, "label": 1 }] }] }, { "name": "EnumValueDescriptorProto", "field": [{ "name": "name", "number": 1, "type": 9, "label": 1 }, { "name": "number", "number": 2, "type": 5, "label": 1 }, { "name": "options", "number": 3, "type": 11, "label": 1, "typeName": ".google.protobuf.EnumValueOptions" }] }, { "name": "ServiceDescriptorProto", "field": [{ "name": "name", "number": 1, "type": 9, "label": 1 }, { "name": "method", "number": 2, "type": 11, "label": 3, "typeName": ".google.protobuf.MethodDescriptorProto" }, { "name": "options", "number": 3, "type": 11, "label": 1, "typeName": ".google.protobuf.ServiceOptions" }] }, { "name": "MethodDescriptorProto", "field": [{ "name": "name", "number": 1, "type": 9, "label": 1 }, { "name": "input_type", "number": 2, "type": 9, "label": 1 }, { "name": "output_type", "number": 3, "type": 9, "label": 1 }, { "name": "options", "number": 4, "type": 11, "label": 1, "typeName": ".google.protobuf.MethodOptions" }, { "name": "client_streaming", "number": 5, "type": 8, "label": 1, "defaultValue": "false" }, { "name": "server_streaming", "number": 6, "type": 8, "label": 1, "defaultValue": "false" }] }, { "name": "FileOptions", "field": [{ "name": "java_package", "number": 1, "type": 9, "label": 1 }, { "name": "java_outer_classname", "number": 8, "type": 9, "label": 1 }, { "name": "java_multiple_files", "number": 10, "type": 8, "label": 1, "defaultValue": "false", "options": {} }, { "name": "java_generate_equals_and_hash", "number": 20, "type": 8, "label": 1, "options": { "deprecated": true } }, { "name": "java_string_check_utf8", "number": 27, "type": 8, "label": 1, "defaultValue": "false" }, { "name": "optimize_for", "number": 9, "type": 14, "label": 1, "typeName": ".google.protobuf.FileOptions.OptimizeMode", "defaultValue": "SPEED" }, { "name": "go_package", "number": 11, "type": 9, "label": 1 }, { "name": "cc_generic_services", "number": 16, "type": 8, "label": 1, "defaultValue": "false" }, { "name": "java_generic_services", "number": 17, "type": 8, "label": 1, "defaultValue": "false" }, { "name": "py_generic_services", "number": 18, "type": 8, "label": 1, "defaultValue": "false" }, { "name": "deprecated", "number": 23, "type": 8, "label": 1, "defaultValue": "false" }, { "name": "cc_enable_arenas", "number": 31, "type": 8, "label": 1, "defaultValue": "true", "options": {} }, { "name": "objc_class_prefix", "number": 36, "type": 9, "label": 1 }, { "name": "csharp_namespace", "number": 37, "type": 9, "label": 1 }, { "name": "swift_prefix", "number": 39, "type": 9, "label": 1 }, { "name": "php_class_prefix", "number": 40, "type": 9, "label": 1 }, { "name": "php_namespace", "number": 41, "type": 9, "label": 1 }, { "name": "php_metadata_namespace", "number": 44, "type": 9, "label": 1 }, { "name": "ruby_package", "number": 45, "type": 9, "label": 1 }, { "name": "features", "number": 50, "type": 11, "label": 1, "typeName": ".google.protobuf.FeatureSet" }, { "name": "uninterpreted_option", "number": 999, "type": 11, "label": 3, "typeName": ".google.protobuf.UninterpretedOption" }], "enumType": [{ "name": "OptimizeMode", "value": [{ "name": "SPEED", "number": 1 }, { "name": "CODE_SIZE", "number": 2 }, { "name": "LITE_RUNTIME", "number": 3 }] }], "extensionRange": [{ "start": 990, "end": 999 }, { "start": 1e3, "end": 536870912 }] }, { "name": "MessageOptions", "field": [{ "name": "message_set_wire_format", "number": 1, "type": 8, "label": 1, "defaultValue": "false" }, { "name": "no_standard_descriptor_accessor", "number": 2, "type": 8, "label": 1, "defaultValue": "false" }, { "name": "deprecated", "number": 3, "type": 8, "label": 1, "defaultValue": "false" }, { "name": "map_entry", "number": 7, "type": 8, "label": 1 }, { "name": "deprecated_legacy_json_field_conflicts", "number": 11, "type": 8, "label": 1, "options": { "deprecated": true } }, { "name": "features", "number": 12, "type": 11, "label": 1, "typeName": ".google.protobuf.FeatureSet" }, { "name": "uninterpreted_option", "number": 999, "type": 11, "label": 3, "typeName": ".google.protobuf.UninterpretedOption" }], "extensionRange": [{ "start": 990, "end": 999 }, { "start": 1e3, "end": 536870912 }] }, { "name": "FieldOptions", "field": [{ "name": "ctype", "number": 1, "type": 14, "label": 1, "typeName": ".google.protobuf.FieldOptions.CType", "defaultValue": "STRING" }, { "name": "packed", "number": 2, "type": 8, "label": 1 }, { "name": "jstype", "number": 6, "type": 14, "label": 1, "typeName": ".google.protobuf.FieldOptions.JSType", "defaultValue": "JS_NORMAL" }, { "name": "lazy", "number": 5, "type": 8, "label": 1, "defaultValue": "false" }, { "name": "unverified_lazy", "number": 15, "type": 8, "label": 1, "defaultValue": "false" }, { "name": "deprecated", "number": 3, "type": 8, "label": 1, "defaultValue": "false" }, { "name": "weak", "number": 10, "type": 8, "label": 1, "defaultValue": "false", "options": { "deprecated": true } }, { "name": "debug_redact", "number": 16, "type": 8, "label": 1, "defaultValue": "false" }, { "name": "retention", "number": 17, "type": 14, "label": 1, "typeName": ".google.protobuf.FieldOptions.OptionRetention" }, { "name": "targets", "number": 19, "type": 14, "label": 3, "typeName": ".google.protobuf.FieldOptions.OptionTargetType" }, { "name": "edition_defaults", "number": 20, "type": 11, "label": 3, "typeName": ".google.protobuf.FieldOptions.EditionDefault" }, { "name": "features", "number": 21, "type": 11, "label": 1, "typeName": ".google.protobuf.FeatureSet" }, { "name": "feature_support", "number": 22, "type": 11, "label": 1, "typeName": ".google.protobuf.FieldOptions.FeatureSupport" }, { "name": "uninterpreted_option", "number": 999, "type": 11, "label": 3, "typeName": ".google.protobuf.UninterpretedOption" }], "nestedType": [{ "name": "EditionDefault", "field": [{ "name": "edition", "number": 3, "type": 14, "label": 1, "typeName": ".google.protobuf.Edition" }, { "name": "value", "number": 2, "type": 9, "label": 1 }] }, { "name": "FeatureSupport", "field": [{ "name": "edition_introduced", "number": 1, "type": 14, "label": 1, "typeName": ".google.protobuf.Edition" }, { "name": "edition_deprecated", "number": 2, "type": 14, "label": 1, "typeName": ".google.protobuf.Edition" }, { "name": "deprecation_warning", "number": 3, "type": 9, "label": 1 }, { "name": "edition_removed", "number": 4, "type": 14, "label": 1, "typeName": ".google.protobuf.Edition" }, { "name": "removal_error", "number": 5, "type": 9, "label": 1 }] }], "enumType": [{ "name": "CType", "value": [{ "name": "STRING", "number": 0 }, { "name": "CORD", "number": 1 }, { "name": "STRING_PIECE", "number": 2 }] }, { "name": "JSType", "value": [{ "name": "JS_NORMAL", "number": 0 }, { "name": "JS_STRING", "number": 1 }, { "name": "JS_NUMBER", "number": 2 }] }, { "name": "OptionRetention", "value": [{ "name": "RETENTION_UNKNOWN", "number": 0 }, { "name": "RETENTION_RUNTIME", "number": 1 }, { "name": "RETENTION_SOURCE", "number": 2 }] }, { "name": "OptionTargetType", "value": [{ "name": "TARGET_TYPE_UNKNOWN", "number": 0 }, { "name": "TARGET_TYPE_FILE", "number": 1 }, { "name": "TARGET_TYPE_EXTENSION_RANGE", "number": 2 }, { "name": "TARGET_TYPE_MESSAGE", "number": 3 }, { "name": "TARGET_TYPE_FIELD", "number": 4 }, { "name": "TARGET_TYPE_ONEOF", "number": 5 }, { "name": "TARGET_TYPE_ENUM", "number": 6 }, { "name": "TARGET_TYPE_ENUM_ENTRY", "number": 7 }, { "name": "TARGET_TYPE_SERVICE", "number": 8 }, { "name": "TARGET_TYPE_METHOD", "number": 9 }] }], "extensionRange": [{ "start": 990, "end": 999 }, { "start": 1e3, "end": 536870912 }] }, { "name": "OneofOptions", "field": [{ "name": "features", "number": 1, "type": 11, "label": 1, "typeName": ".google.protobuf.FeatureSet" }, { "name": "uninterpreted_option", "number": 999, "type": 11, "label": 3, "typeName": ".google.protobuf.UninterpretedOption" }], "extensionRange": [{ "start": 990, "end": 999 }, { "start": 1e3, "end": 536870912 }] }, { "name": "EnumOptions", "field": [{ "name": "allow_alias", "number": 2, "type": 8, "label": 1 }, { "name": "deprecated", "number": 3, "type": 8, "label": 1, "defaultValue": "false" }, { "name": "deprecated_legacy_json_field_conflicts", "number": 6, "type": 8, "label": 1, "options": { "deprecated": true } }, { "name": "features", "number": 7, "type": 11, "label": 1, "typeName": ".google.protobuf.FeatureSet" }, { "name": "uninterpreted_option", "number": 999, "type": 11, "label": 3, "typeName": ".google.protobuf.UninterpretedOption" }], "extensionRange": [{ "start": 990, "end": 999 }, { "start": 1e3, "end": 536870912 }] }, { "name": "EnumValueOptions", "field": [{ "name": "deprecated", "number": 1, "type": 8, "label": 1, "defaultValue": "false" }, { "name": "features", "number": 2, "type": 11, "label": 1, "typeName": ".google.protobuf.FeatureSet" }, { "name": "debug_redact", "number": 3, "type": 8, "label": 1, "defaultValue": "false" }, { "name": "feature_support", "number": 4, "type": 11, "label": 1, "typeName": ".google.protobuf.FieldOptions.FeatureSupport" }, { "name": "uninterpreted_option", "number": 999, "type": 11, "label": 3, "typeName": ".google.protobuf.UninterpretedOption" }], "extensionRange": [{ "start": 990, "end": 999 }, { "start": 1e3, "end": 536870912 }] }, { "name": "ServiceOptions", "field": [{ "name": "features", "number": 34, "type": 11, "label": 1, "typeName": ".google.protobuf.FeatureSet" }, { "name": "deprecated", "number": 33, "type": 8, "label": 1, "defaultValue": "false" }, { "name": "uninterpreted_option", "number": 999, "type": 11, "label": 3, "typeName": ".google.protobuf.UninterpretedOption" }], "extensionRange": [{ "start": 990, "end": 999 }, { "start": 1e3, "end": 536870912 }] }, { "name": "MethodOptions", "field": [{ "name": "deprecated", "number": 33, "type": 8, "label": 1, "defaultValue": "false" }, { "name": "idempotency_level", "number": 34, "type": 14, "label": 1, "typeName": ".google.protobuf.MethodOptions.IdempotencyLevel", "defaultValue": "IDEMPOTENCY_UNKNOWN" }, { "name": "features", "number": 35, "type": 11, "label": 1, "typeName": ".google.protobuf.FeatureSet" }, { "name": "uninterpreted_option", "number": 999, "type": 11, "label": 3, "typeName": ".google.protobuf.UninterpretedOption" }], "enumType": [{ "name": "IdempotencyLevel", "value": [{ "name": "IDEMPOTENCY_UNKNOWN", "number": 0 }, { "name": "NO_SIDE_EFFECTS", "number": 1 }, { "name": "IDEMPOTENT", "number": 2 }] }], "extensionRange": [{ "start": 990, "end": 999 }, { "start": 1e3, "end": 536870912 }] }, { "name": "UninterpretedOption", "field": [{ "name": "name", "number": 2, "type": 11, "label": 3, "typeName": ".google.protobuf.UninterpretedOption.NamePart" }, { "name": "identifier_value", "number": 3, "type": 9, "label": 1 }, { "name": "positive_int_value", "number": 4, "type": 4, "label": 1 }, { "name": "negative_int_value", "number": 5, "type": 3, "label": 1 }, { "name": "double_value", "number": 6, "type": 1, "label": 1 }, { "name": "string_value", "number": 7, "type": 12, "label": 1 }, { "name": "aggregate_value", "number": 8, "type": 9, "label": 1 }], "nestedType": [{ "name": "NamePart", "field": [{ "name": "name_part", "number": 1, "type": 9, "label": 2 }, { "name": "is_extension", "number": 2, "type": 8, "label": 2 }] }] }, { "name": "FeatureSet", "field": [{ "name": "field_presence", "number": 1, "type": 14, "label": 1, "typeName": ".google.protobuf.FeatureSet.FieldPresence", "options": { "retention": 1, "targets": [4, 1], "editionDefaults": [{ "value": "EXPLICIT", "edition": 900 }, { "value": "IMPLICIT", "edition": 999 }, { "value": "EXPLICIT", "edition": 1e3 }] } }, { "name": "enum_type", "number": 2, "type": 14, "label": 1, "typeName": ".google.protobuf.FeatureSet.EnumType", "options": { "retention": 1, "targets": [6, 1], "editionDefaults": [{ "value": "CLOSED", "edition": 900 }, { "value": "OPEN", "edition": 999 }] } }, { "name": "repeated_field_encoding", "number": 3, "type": 14, "label": 1, "typeName": ".google.protobuf.FeatureSet.RepeatedFieldEncoding", "options": { "retention": 1, "targets": [4, 1], "editionDefaults": [{ "value": "EXPANDED", "edition": 900 }, { "value": "PACKED", "edition": 999 }] } }, { "name": "utf8_validation", "number": 4, "type": 14, "label": 1, "typeName": ".google.protobuf.FeatureSet.Utf8Validation", "options": { "retention": 1, "targets": [4, 1], "editionDefaults": [{ "value": "NONE", "edition": 900 }, { "value": "VERIFY", "edition": 999 }] } }, { "name": "message_encoding", "number": 5, "type": 14, "label": 1, "typeName": ".google.protobuf.FeatureSet.MessageEncoding", "options": { "retention": 1, "targets": [4, 1], "editionDefaults": [{ "value": "LENGTH_PREFIXED", "edition": 900 }] } }, { "name": "json_format", "number": 6, "type": 14, "label": 1, "typeName": ".google.protobuf.FeatureSet.JsonFormat", "options": { "retention": 1, "targets": [3, 6, 1], "editionDefaults": [{ "value": "LEGACY_BEST_EFFORT", "edition": 900 }, { "value": "ALLOW", "edition": 999 }] } }, { "name": "enforce_naming_style", "number": 7, "type": 14, "label": 1, "typeName": ".google.protobuf.FeatureSet.EnforceNamingStyle", "options": { "retention": 2, "targets": [1, 2, 3, 4, 5, 6, 7, 8, 9], "editionDefaults": [{ "value": "STYLE_LEGACY", "edition": 900 }, { "value": "STYLE2024", "edition": 1001 }, { "value": "STYLE2026", "edition": 1002 }] } }, { "name": "default_symbol_visibility", "number": 8, "type": 14, "label": 1, "typeName": ".google.protobuf.FeatureSet.VisibilityFeature.DefaultSymbolVisibility", "options": { "retention": 2, "targets": [1], "editionDefaults": [{ "value": "EXPORT_ALL", "edition": 900 }, { "value": "EXPORT_TOP_LEVEL", "edition": 1001 }, { "value": "STRICT", "edition": 1002 }] } }, { "name": "enforce_proto_limits", "number": 9, "type": 14, "label": 1, "typeName": ".google.protobuf.FeatureSet.ProtoLimitsFeature.EnforceProtoLimits", "options": { "retention": 2, "targets": [6, 3, 4, 5], "editionDefaults": [{ "value": "LEGACY_NO_EXPLICIT_LIMITS", "edition": 900 }, { "value": "PROTO_LIMITS2026", "edition": 1002 }] } }], "nestedType": [{ "name": "VisibilityFeature", "enumType": [{ "name": "DefaultSymbolVisibility", "value": [{ "name": "DEFAULT_SYMBOL_VISIBILITY_UNKNOWN", "number": 0 }, { "name": "EXPORT_ALL", "number": 1 }, { "name": "EXPORT_TOP_LEVEL", "number": 2 }, { "name": "LOCAL_ALL", "number": 3 }, { "name": "STRICT", "number": 4 }] }] }, { "name": "ProtoLimitsFeature", "enumType": [{ "name": "EnforceProtoLimits", "value": [{ "name": "PROTO_LIMITS_UNKNOWN", "number": 0 }, { "name": "LEGACY_NO_EXPLICIT_LIMITS", "number": 1 }, { "name": "PROTO_LIMITS2026", "number": 2 }] }] }], "enumType": [{ "name": "FieldPresence", "value": [{ "name": "FIELD_PRESENCE_UNKNOWN", "number": 0 }, { "name": "EXPLICIT", "number": 1 }, { "name": "IMPLICIT", "number": 2 }, { "name": "LEGACY_REQUIRED", "number": 3 }] }, { "name": "EnumType", "value": [{ "name": "ENUM_TYPE_UNKNOWN", "number": 0 }, { "name": "OPEN", "number": 1 }, { "name": "CLOSED", "number": 2 }] }, { "name": "RepeatedFieldEncoding", "value": [{ "name": "REPEATED_FIELD_ENCODING_UNKNOWN", "number": 0 }, { "name": "PACKED", "number": 1 }, { "name": "EXPANDED", "number": 2 }] }, { "name": "Utf8Validation", "value": [{ "name": "UTF8_VALIDATION_UNKNOWN", "number": 0 }, { "name": "VERIFY", "number": 2 }, { "name": "NONE", "number": 3 }] }, { "name": "MessageEncoding", "value": [{ "name": "MESSAGE_ENCODING_UNKNOWN", "number": 0 }, { "name": "LENGTH_PREFIXED", "number": 1 }, { "name": "DELIMITED", "number": 2 }] }, { "name": "JsonFormat", "value": [{ "name": "JSON_FORMAT_UNKNOWN", "number": 0 }, { "name": "ALLOW", "number": 1 }, { "name": "LEGACY_BEST_EFFORT", "number": 2 }] }, { "name": "EnforceNamingStyle", "value": [{ "name": "ENFORCE_NAMING_STYLE_UNKNOWN", "number": 0 }, { "name": "STYLE2024", "number": 1 }, { "name": "STYLE_LEGACY", "number": 2 }, { "name": "STYLE2026", "number": 3 }] }], "extensionRange": [{ "start": 1e3, "end": 9995 }, { "start": 9995, "end": 1e4 }, { "start": 1e4, "end": 10001 }] }, { "name": "FeatureSetDefaults", "field": [{ "name": "defaults", "number": 1, "type": 11, "label": 3, "typeName": ".google.protobuf.FeatureSetDefaults.FeatureSetEditionDefault" }, { "name": "minimum_edition", "number": 4, "type": 14, "label": 1, "typeName": ".google.protobuf.Edition" }, { "name": "maximum_edition", "number": 5, "type": 14, "label": 1, "typeName": ".google.protobuf.Edition" }], "nestedType": [{ "name": "FeatureSetEditionDefault", "field": [{ "name": "edition", "number": 3, "type": 14, "label": 1, "typeName": ".google.protobuf.Edition" }, { "name": "overridable_features", "number": 4, "type": 11, "label": 1, "typeName": ".google.protobuf.FeatureSet" }, { "name": "fixed_features", "number": 5, "type": 11, "label": 1, "typeName": ".google.protobuf.FeatureSet" }] }] }, { "name": "SourceCodeInfo", "field": [{ "name": "location", "number": 1, "type": 11, "label": 3, "typeName": ".google.protobuf.SourceCodeInfo.Location" }], "nestedType": [{ "name": "Location", "field": [{ "name": "path", "number": 1, "type": 5, "label": 3, "options": { "packed": true } }, { "name": "span", "number": 2, "type": 5, "label": 3, "options": { "packed": true } }, { "name": "leading_comments", "number": 3, "type": 9, "label": 1 }, { "name": "trailing_comments", "number": 4, "type": 9, "label": 1 }, { "name": "leading_detached_comments", "number": 6, "type": 9, "label": 3 }] }], "extensionRange": [{ "start": 536e6, "end": 536000001 }] }, { "name": "GeneratedCodeInfo", "field": [{ "name": "annotation", "number": 1, "type": 11, "label": 3, "typeName": ".google.protobuf.GeneratedCodeInfo.Annotation" }], "nestedType": [{ "name": "Annotation", "field": [{ "name": "path", "number": 1, "type": 5, "label": 3, "options": { "packed": true } }, { "name": "source_file", "number": 2, "type": 9, "label": 1 }, { "name": "begin", "number": 3, "type": 5, "label": 1 }, { "name": "end", "number": 4, "type": 5, "label": 1 }, { "name": "semantic", "number": 5, "type": 14, "label": 1, "typeName": ".google.protobuf.GeneratedCodeInfo.Annotation.Semantic" }], "enumType": [{ "name": "Semantic", "value": [{ "name": "NONE", "number": 0 }, { "name": "SET", "number": 1 }, { "name": "ALIAS", "number": 2 }] }] }] }], "enumType": [{ "name": "Edition", "value": [{ "name": "EDITION_UNKNOWN", "number": 0 }, { "name": "EDITION_LEGACY", "number": 900 }, { "name": "EDITION_PROTO2", "number": 998 }, { "name": "EDITION_PROTO3", "number": 999 }, { "name": "EDITION_2023", "number": 1e3 }, { "name": "EDITION_2024", "number": 1001 }, { "name": "EDITION_2026", "number": 1002 }, { "name": "EDITION_UNSTABLE", "number": 9999 }, { "name": "EDITION_1_TEST_ONLY", "number": 1 }, { "name": "EDITION_2_TEST_ONLY", "number": 2 }, { "name": "EDITION_99997_TEST_ONLY", "number": 99997 }, { "name": "EDITION_99998_TEST_ONLY", "number": 99998 }, { "name": "EDITION_99999_TEST_ONLY", "number": 99999 }, { "name": "EDITION_MAX", "number": 2147483647 }] }, { "name": "SymbolVisibility", "value": [{ "name": "VISIBILITY_UNSET", "number": 0 }, { "name": "VISIBILITY_LOCAL", "number": 1 }, { "name": "VISIBILITY_EXPORT", "number": 2 }] }] });
    FileDescriptorProtoSchema = /* @__PURE__ */ messageDesc(file_google_protobuf_descriptor, 1);
    (function(ExtensionRangeOptions_VerificationState2) {
      ExtensionRangeOptions_VerificationState2[ExtensionRangeOptions_VerificationState2["DECLARATION"] = 0] = "DECLARATION";
      ExtensionRangeOptions_VerificationState2[ExtensionRangeOptions_VerificationState2["UNVERIFIED"] = 1] = "UNVERIFIED";
    })(ExtensionRangeOptions_VerificationState || (ExtensionRangeOptions_VerificationState = {}));
    (function(FieldDescriptorProto_Type2) {
      FieldDescriptorProto_Type2[FieldDescriptorProto_Type2["DOUBLE"] = 1] = "DOUBLE";
      FieldDescriptorProto_Type2[FieldDescriptorProto_Type2["FLOAT"] = 2] = "FLOAT";
      FieldDescriptorProto_Type2[FieldDescriptorProto_Type2["INT64"] = 3] = "INT64";
      FieldDescriptorProto_Type2[FieldDescriptorProto_Type2["UINT64"] = 4] = "UINT64";
      FieldDescriptorProto_Type2[FieldDescriptorProto_Type2["INT32"] = 5] = "INT32";
      FieldDescriptorProto_Type2[FieldDescriptorProto_Type2["FIXED64"] = 6] = "FIXED64";
      FieldDescriptorProto_Type2[FieldDescriptorProto_Type2["FIXED32"] = 7] = "FIXED32";
      FieldDescriptorProto_Type2[FieldDescriptorProto_Type2["BOOL"] = 8] = "BOOL";
      FieldDescriptorProto_Type2[FieldDescriptorProto_Type2["STRING"] = 9] = "STRING";
      FieldDescriptorProto_Type2[FieldDescriptorProto_Type2["GROUP"] = 10] = "GROUP";
      FieldDescriptorProto_Type2[FieldDescriptorProto_Type2["MESSAGE"] = 11] = "MESSAGE";
      FieldDescriptorProto_Type2[FieldDescriptorProto_Type2["BYTES"] = 12] = "BYTES";
      FieldDescriptorProto_Type2[FieldDescriptorProto_Type2["UINT32"] = 13] = "UINT32";
      FieldDescriptorProto_Type2[FieldDescriptorProto_Type2["ENUM"] = 14] = "ENUM";
      FieldDescriptorProto_Type2[FieldDescriptorProto_Type2["SFIXED32"] = 15] = "SFIXED32";
      FieldDescriptorProto_Type2[FieldDescriptorProto_Type2["SFIXED64"] = 16] = "SFIXED64";
      FieldDescriptorProto_Type2[FieldDescriptorProto_Type2["SINT32"] = 17] = "SINT32";
      FieldDescriptorProto_Type2[FieldDescriptorProto_Type2["SINT64"] = 18] = "SINT64";
    })(FieldDescriptorProto_Type || (FieldDescriptorProto_Type = {}));
    (function(FieldDescriptorProto_Label2) {
      FieldDescriptorProto_Label2[FieldDescriptorProto_Label2["OPTIONAL"] = 1] = "OPTIONAL";
      FieldDescriptorProto_Label2[FieldDescriptorProto_Label2["REPEATED"] = 3] = "REPEATED";
      FieldDescriptorProto_Label2[FieldDescriptorProto_Label2["REQUIRED"] = 2] = "REQUIRED";
    })(FieldDescriptorProto_Label || (FieldDescriptorProto_Label = {}));
    (function(FileOptions_OptimizeMode2) {
      FileOptions_OptimizeMode2[FileOptions_OptimizeMode2["SPEED"] = 1] = "SPEED";
      FileOptions_OptimizeMode2[FileOptions_OptimizeMode2["CODE_SIZE"] = 2] = "CODE_SIZE";
      FileOptions_OptimizeMode2[FileOptions_OptimizeMode2["LITE_RUNTIME"] = 3] = "LITE_RUNTIME";
    })(FileOptions_OptimizeMode || (FileOptions_OptimizeMode = {}));
    (function(FieldOptions_CType2) {
      FieldOptions_CType2[FieldOptions_CType2["STRING"] = 0] = "STRING";
      FieldOptions_CType2[FieldOptions_CType2["CORD"] = 1] = "CORD";
      FieldOptions_CType2[FieldOptions_CType2["STRING_PIECE"] = 2] = "STRING_PIECE";
    })(FieldOptions_CType || (FieldOptions_CType = {}));
    (function(FieldOptions_JSType2) {
      FieldOptions_JSType2[FieldOptions_JSType2["JS_NORMAL"] = 0] = "JS_NORMAL";
      FieldOptions_JSType2[FieldOptions_JSType2["JS_STRING"] = 1] = "JS_STRING";
      FieldOptions_JSType2[FieldOptions_JSType2["JS_NUMBER"] = 2] = "JS_NUMBER";
    })(FieldOptions_JSType || (FieldOptions_JSType = {}));
    (function(FieldOptions_OptionRetention2) {
      FieldOptions_OptionRetention2[FieldOptions_OptionRetention2["RETENTION_UNKNOWN"] = 0] = "RETENTION_UNKNOWN";
      FieldOptions_OptionRetention2[FieldOptions_OptionRetention2["RETENTION_RUNTIME"] = 1] = "RETENTION_RUNTIME";
      FieldOptions_OptionRetention2[FieldOptions_OptionRetention2["RETENTION_SOURCE"] = 2] = "RETENTION_SOURCE";
    })(FieldOptions_OptionRetention || (FieldOptions_OptionRetention = {}));
    (function(FieldOptions_OptionTargetType2) {
      FieldOptions_OptionTargetType2[FieldOptions_OptionTargetType2["TARGET_TYPE_UNKNOWN"] = 0] = "TARGET_TYPE_UNKNOWN";
      FieldOptions_OptionTargetType2[FieldOptions_OptionTargetType2["TARGET_TYPE_FILE"] = 1] = "TARGET_TYPE_FILE";
      FieldOptions_OptionTargetType2[FieldOptions_OptionTargetType2["TARGET_TYPE_EXTENSION_RANGE"] = 2] = "TARGET_TYPE_EXTENSION_RANGE";
      FieldOptions_OptionTargetType2[FieldOptions_OptionTargetType2["TARGET_TYPE_MESSAGE"] = 3] = "TARGET_TYPE_MESSAGE";
      FieldOptions_OptionTargetType2[FieldOptions_OptionTargetType2["TARGET_TYPE_FIELD"] = 4] = "TARGET_TYPE_FIELD";
      FieldOptions_OptionTargetType2[FieldOptions_OptionTargetType2["TARGET_TYPE_ONEOF"] = 5] = "TARGET_TYPE_ONEOF";
      FieldOptions_OptionTargetType2[FieldOptions_OptionTargetType2["TARGET_TYPE_ENUM"] = 6] = "TARGET_TYPE_ENUM";
      FieldOptions_OptionTargetType2[FieldOptions_OptionTargetType2["TARGET_TYPE_ENUM_ENTRY"] = 7] = "TARGET_TYPE_ENUM_ENTRY";
      FieldOptions_OptionTargetType2[FieldOptions_OptionTargetType2["TARGET_TYPE_SERVICE"] = 8] = "TARGET_TYPE_SERVICE";
      FieldOptions_OptionTargetType2[FieldOptions_OptionTargetType2["TARGET_TYPE_METHOD"] = 9] = "TARGET_TYPE_METHOD";
    })(FieldOptions_OptionTargetType || (FieldOptions_OptionTargetType = {}));
    (function(MethodOptions_IdempotencyLevel2) {
      MethodOptions_IdempotencyLevel2[MethodOptions_IdempotencyLevel2["IDEMPOTENCY_UNKNOWN"] = 0] = "IDEMPOTENCY_UNKNOWN";
      MethodOptions_IdempotencyLevel2[MethodOptions_IdempotencyLevel2["NO_SIDE_EFFECTS"] = 1] = "NO_SIDE_EFFECTS";
      MethodOptions_IdempotencyLevel2[MethodOptions_IdempotencyLevel2["IDEMPOTENT"] = 2] = "IDEMPOTENT";
    })(MethodOptions_IdempotencyLevel || (MethodOptions_IdempotencyLevel = {}));
    (function(FeatureSet_VisibilityFeature_DefaultSymbolVisibility2) {
      FeatureSet_VisibilityFeature_DefaultSymbolVisibility2[FeatureSet_VisibilityFeature_DefaultSymbolVisibility2["DEFAULT_SYMBOL_VISIBILITY_UNKNOWN"] = 0] = "DEFAULT_SYMBOL_VISIBILITY_UNKNOWN";
      FeatureSet_VisibilityFeature_DefaultSymbolVisibility2[FeatureSet_VisibilityFeature_DefaultSymbolVisibility2["EXPORT_ALL"] = 1] = "EXPORT_ALL";
      FeatureSet_VisibilityFeature_DefaultSymbolVisibility2[FeatureSet_VisibilityFeature_DefaultSymbolVisibility2["EXPORT_TOP_LEVEL"] = 2] = "EXPORT_TOP_LEVEL";
      FeatureSet_VisibilityFeature_DefaultSymbolVisibility2[FeatureSet_VisibilityFeature_DefaultSymbolVisibility2["LOCAL_ALL"] = 3] = "LOCAL_ALL";
      FeatureSet_VisibilityFeature_DefaultSymbolVisibility2[FeatureSet_VisibilityFeature_DefaultSymbolVisibility2["STRICT"] = 4] = "STRICT";
    })(FeatureSet_VisibilityFeature_DefaultSymbolVisibility || (FeatureSet_VisibilityFeature_DefaultSymbolVisibility = {}));
    (function(FeatureSet_ProtoLimitsFeature_EnforceProtoLimits2) {
      FeatureSet_ProtoLimitsFeature_EnforceProtoLimits2[FeatureSet_ProtoLimitsFeature_EnforceProtoLimits2["PROTO_LIMITS_UNKNOWN"] = 0] = "PROTO_LIMITS_UNKNOWN";
      FeatureSet_ProtoLimitsFeature_EnforceProtoLimits2[FeatureSet_ProtoLimitsFeature_EnforceProtoLimits2["LEGACY_NO_EXPLICIT_LIMITS"] = 1] = "LEGACY_NO_EXPLICIT_LIMITS";
      FeatureSet_ProtoLimitsFeature_EnforceProtoLimits2[FeatureSet_ProtoLimitsFeature_EnforceProtoLimits2["PROTO_LIMITS2026"] = 2] = "PROTO_LIMITS2026";
    })(FeatureSet_ProtoLimitsFeature_EnforceProtoLimits || (FeatureSet_ProtoLimitsFeature_EnforceProtoLimits = {}));
    (function(FeatureSet_FieldPresence2) {
      FeatureSet_FieldPresence2[FeatureSet_FieldPresence2["FIELD_PRESENCE_UNKNOWN"] = 0] = "FIELD_PRESENCE_UNKNOWN";
      FeatureSet_FieldPresence2[FeatureSet_FieldPresence2["EXPLICIT"] = 1] = "EXPLICIT";
      FeatureSet_FieldPresence2[FeatureSet_FieldPresence2["IMPLICIT"] = 2] = "IMPLICIT";
      FeatureSet_FieldPresence2[FeatureSet_FieldPresence2["LEGACY_REQUIRED"] = 3] = "LEGACY_REQUIRED";
    })(FeatureSet_FieldPresence || (FeatureSet_FieldPresence = {}));
    (function(FeatureSet_EnumType2) {
      FeatureSet_EnumType2[FeatureSet_EnumType2["ENUM_TYPE_UNKNOWN"] = 0] = "ENUM_TYPE_UNKNOWN";
      FeatureSet_EnumType2[FeatureSet_EnumType2["OPEN"] = 1] = "OPEN";
      FeatureSet_EnumType2[FeatureSet_EnumType2["CLOSED"] = 2] = "CLOSED";
    })(FeatureSet_EnumType || (FeatureSet_EnumType = {}));
    (function(FeatureSet_RepeatedFieldEncoding2) {
      FeatureSet_RepeatedFieldEncoding2[FeatureSet_RepeatedFieldEncoding2["REPEATED_FIELD_ENCODING_UNKNOWN"] = 0] = "REPEATED_FIELD_ENCODING_UNKNOWN";
      FeatureSet_RepeatedFieldEncoding2[FeatureSet_RepeatedFieldEncoding2["PACKED"] = 1] = "PACKED";
      FeatureSet_RepeatedFieldEncoding2[FeatureSet_RepeatedFieldEncoding2["EXPANDED"] = 2] = "EXPANDED";
    })(FeatureSet_RepeatedFieldEncoding || (FeatureSet_RepeatedFieldEncoding = {}));
    (function(FeatureSet_Utf8Validation2) {
      FeatureSet_Utf8Validation2[FeatureSet_Utf8Validation2["UTF8_VALIDATION_UNKNOWN"] = 0] = "UTF8_VALIDATION_UNKNOWN";
      FeatureSet_Utf8Validation2[FeatureSet_Utf8Validation2["VERIFY"] = 2] = "VERIFY";
      FeatureSet_Utf8Validation2[FeatureSet_Utf8Validation2["NONE"] = 3] = "NONE";
    })(FeatureSet_Utf8Validation || (FeatureSet_Utf8Validation = {}));
    (function(FeatureSet_MessageEncoding2) {
      FeatureSet_MessageEncoding2[FeatureSet_MessageEncoding2["MESSAGE_ENCODING_UNKNOWN"] = 0] = "MESSAGE_ENCODING_UNKNOWN";
      FeatureSet_MessageEncoding2[FeatureSet_MessageEncoding2["LENGTH_PREFIXED"] = 1] = "LENGTH_PREFIXED";
      FeatureSet_MessageEncoding2[FeatureSet_MessageEncoding2["DELIMITED"] = 2] = "DELIMITED";
    })(FeatureSet_MessageEncoding || (FeatureSet_MessageEncoding = {}));
    (function(FeatureSet_JsonFormat2) {
      FeatureSet_JsonFormat2[FeatureSet_JsonFormat2["JSON_FORMAT_UNKNOWN"] = 0] = "JSON_FORMAT_UNKNOWN";
      FeatureSet_JsonFormat2[FeatureSet_JsonFormat2["ALLOW"] = 1] = "ALLOW";
      FeatureSet_JsonFormat2[FeatureSet_JsonFormat2["LEGACY_BEST_EFFORT"] = 2] = "LEGACY_BEST_EFFORT";
    })(FeatureSet_JsonFormat || (FeatureSet_JsonFormat = {}));
    (function(FeatureSet_EnforceNamingStyle2) {
      FeatureSet_EnforceNamingStyle2[FeatureSet_EnforceNamingStyle2["ENFORCE_NAMING_STYLE_UNKNOWN"] = 0] = "ENFORCE_NAMING_STYLE_UNKNOWN";
      FeatureSet_EnforceNamingStyle2[FeatureSet_EnforceNamingStyle2["STYLE2024"] = 1] = "STYLE2024";
      FeatureSet_EnforceNamingStyle2[FeatureSet_EnforceNamingStyle2["STYLE_LEGACY"] = 2] = "STYLE_LEGACY";
      FeatureSet_EnforceNamingStyle2[FeatureSet_EnforceNamingStyle2["STYLE2026"] = 3] = "STYLE2026";
    })(FeatureSet_EnforceNamingStyle || (FeatureSet_EnforceNamingStyle = {}));
    (function(GeneratedCodeInfo_Annotation_Semantic2) {
      GeneratedCodeInfo_Annotation_Semantic2[GeneratedCodeInfo_Annotation_Semantic2["NONE"] = 0] = "NONE";
      GeneratedCodeInfo_Annotation_Semantic2[GeneratedCodeInfo_Annotation_Semantic2["SET"] = 1] = "SET";
      GeneratedCodeInfo_Annotation_Semantic2[GeneratedCodeInfo_Annotation_Semantic2["ALIAS"] = 2] = "ALIAS";
    })(GeneratedCodeInfo_Annotation_Semantic || (GeneratedCodeInfo_Annotation_Semantic = {}));
    (function(Edition2) {
      Edition2[Edition2["EDITION_UNKNOWN"] = 0] = "EDITION_UNKNOWN";
      Edition2[Edition2["EDITION_LEGACY"] = 900] = "EDITION_LEGACY";
      Edition2[Edition2["EDITION_PROTO2"] = 998] = "EDITION_PROTO2";
      Edition2[Edition2["EDITION_PROTO3"] = 999] = "EDITION_PROTO3";
      Edition2[Edition2["EDITION_2023"] = 1e3] = "EDITION_2023";
      Edition2[Edition2["EDITION_2024"] = 1001] = "EDITION_2024";
      Edition2[Edition2["EDITION_2026"] = 1002] = "EDITION_2026";
      Edition2[Edition2["EDITION_UNSTABLE"] = 9999] = "EDITION_UNSTABLE";
      Edition2[Edition2["EDITION_1_TEST_ONLY"] = 1] = "EDITION_1_TEST_ONLY";
      Edition2[Edition2["EDITION_2_TEST_ONLY"] = 2] = "EDITION_2_TEST_ONLY";
      Edition2[Edition2["EDITION_99997_TEST_ONLY"] = 99997] = "EDITION_99997_TEST_ONLY";
      Edition2[Edition2["EDITION_99998_TEST_ONLY"] = 99998] = "EDITION_99998_TEST_ONLY";
      Edition2[Edition2["EDITION_99999_TEST_ONLY"] = 99999] = "EDITION_99999_TEST_ONLY";
      Edition2[Edition2["EDITION_MAX"] = 2147483647] = "EDITION_MAX";
    })(Edition || (Edition = {}));
    (function(SymbolVisibility2) {
      SymbolVisibility2[SymbolVisibility2["VISIBILITY_UNSET"] = 0] = "VISIBILITY_UNSET";
      SymbolVisibility2[SymbolVisibility2["VISIBILITY_LOCAL"] = 1] = "VISIBILITY_LOCAL";
      SymbolVisibility2[SymbolVisibility2["VISIBILITY_EXPORT"] = 2] = "VISIBILITY_EXPORT";
    })(SymbolVisibility || (SymbolVisibility = {}));
  }
});

// node_modules/.pnpm/@bufbuild+protobuf@2.17.0/node_modules/@bufbuild/protobuf/dist/esm/codegenv2/embed.js
var init_embed = __esm({
  "node_modules/.pnpm/@bufbuild+protobuf@2.17.0/node_modules/@bufbuild/protobuf/dist/esm/codegenv2/embed.js"() {
  }
});

// node_modules/.pnpm/@bufbuild+protobuf@2.17.0/node_modules/@bufbuild/protobuf/dist/esm/codegenv2/extension.js
var init_extension = __esm({
  "node_modules/.pnpm/@bufbuild+protobuf@2.17.0/node_modules/@bufbuild/protobuf/dist/esm/codegenv2/extension.js"() {
  }
});

// node_modules/.pnpm/@bufbuild+protobuf@2.17.0/node_modules/@bufbuild/protobuf/dist/esm/from-binary.js
function makeReadContext(options) {
  return Object.assign(Object.assign({ readUnknownFields: true, recursionLimit: 100 }, options), { depth: 0 });
}
function fromBinary(schema, bytes, options) {
  const message = create(schema);
  compiledReader(schema).read(message, new BinaryReader(bytes), makeReadContext(options), bytes.byteLength);
  return message;
}
function compiledReader(desc) {
  let compiled = compiledReaders.get(desc);
  if (compiled === void 0) {
    compiled = compileMessage2(desc);
  }
  return compiled;
}
function compileMessage2(desc) {
  const descString = String(desc);
  const fieldReaders = /* @__PURE__ */ new Map();
  const compiled = {
    read: compileMessageReader(descString, fieldReaders),
    readGroup: compileGroupReader(descString, fieldReaders)
  };
  compiledReaders.set(desc, compiled);
  for (const field of desc.fields) {
    fieldReaders.set(field.number, compileFieldReader(field));
  }
  return compiled;
}
function compileMessageReader(descString, fieldReaders) {
  return (message, reader, ctx, length) => {
    var _a;
    if (++ctx.depth > ctx.recursionLimit) {
      throw new Error(`cannot decode ${descString} from binary: maximum recursion depth of ${ctx.recursionLimit} reached`);
    }
    const end = reader.pos + length;
    const unknownFields = (_a = message.$unknown) !== null && _a !== void 0 ? _a : [];
    while (reader.pos < end) {
      const [fieldNo, wireType] = reader.tag();
      const fieldReader = fieldReaders.get(fieldNo);
      if (fieldReader === void 0) {
        const data = reader.skip(wireType, fieldNo, ctx.recursionLimit - ctx.depth);
        if (ctx.readUnknownFields) {
          unknownFields.push({ no: fieldNo, wireType, data });
        }
        continue;
      }
      fieldReader(message, reader, ctx, wireType);
    }
    if (unknownFields.length > 0) {
      message.$unknown = unknownFields;
    }
    ctx.depth--;
  };
}
function compileGroupReader(descString, fieldReaders) {
  return (message, reader, ctx, fieldNo) => {
    var _a;
    if (++ctx.depth > ctx.recursionLimit) {
      throw new Error(`cannot decode ${descString} from binary: maximum recursion depth of ${ctx.recursionLimit} reached`);
    }
    let recordFieldNo;
    let wireType;
    const unknownFields = (_a = message.$unknown) !== null && _a !== void 0 ? _a : [];
    while (reader.pos < reader.len) {
      [recordFieldNo, wireType] = reader.tag();
      if (wireType == WireType.EndGroup) {
        break;
      }
      const fieldReader = fieldReaders.get(recordFieldNo);
      if (fieldReader === void 0) {
        const data = reader.skip(wireType, recordFieldNo, ctx.recursionLimit - ctx.depth);
        if (ctx.readUnknownFields) {
          unknownFields.push({ no: recordFieldNo, wireType, data });
        }
        continue;
      }
      fieldReader(message, reader, ctx, wireType);
    }
    if (wireType != WireType.EndGroup || recordFieldNo !== fieldNo) {
      throw new Error("invalid end group tag");
    }
    if (unknownFields.length > 0) {
      message.$unknown = unknownFields;
    }
    ctx.depth--;
  };
}
function readField(message, reader, field, wireType, ctx) {
  compileFieldReader(field)(message[unsafeLocal], reader, ctx, wireType);
}
function compileFieldReader(field) {
  switch (field.fieldKind) {
    case "scalar":
      return compileScalarFieldReader(field);
    case "enum":
      return compileEnumFieldReader(field);
    case "message":
      return compileMessageFieldReader(field);
    case "list":
      return compileListFieldReader(field);
    case "map":
      return compileMapFieldReader(field);
  }
}
function compileScalarFieldReader(field) {
  const readScalar = compileScalarReader(field.scalar, field.utf8Validation, field.longAsString);
  const localName = field.localName;
  if (field.oneof) {
    const oneofLocalName = field.oneof.localName;
    return (message, reader) => {
      message[oneofLocalName] = {
        case: localName,
        value: readScalar(reader)
      };
    };
  }
  return (message, reader) => {
    message[localName] = readScalar(reader);
  };
}
function compileEnumFieldReader(field) {
  var _a;
  const localName = field.localName;
  const oneofLocalName = (_a = field.oneof) === null || _a === void 0 ? void 0 : _a.localName;
  if (field.enum.open) {
    if (oneofLocalName !== void 0) {
      return (message, reader) => {
        message[oneofLocalName] = { case: localName, value: reader.int32() };
      };
    }
    return (message, reader) => {
      message[localName] = reader.int32();
    };
  }
  const values = field.enum.values;
  const fieldNo = field.number;
  return (message, reader, ctx, wireType) => {
    var _a2;
    const val = reader.int32();
    if (values.some((v) => v.number === val)) {
      if (oneofLocalName !== void 0) {
        message[oneofLocalName] = { case: localName, value: val };
      } else {
        message[localName] = val;
      }
    } else if (ctx.readUnknownFields) {
      const bytes = [];
      varint32write(val, bytes);
      const unknownFields = (_a2 = message.$unknown) !== null && _a2 !== void 0 ? _a2 : [];
      unknownFields.push({
        no: fieldNo,
        wireType,
        data: new Uint8Array(bytes)
      });
      message.$unknown = unknownFields;
    }
  };
}
function compileMessageFieldReader(field) {
  const localName = field.localName;
  const { toMessage, toLocal } = localMessageMapper(field);
  const readChild = compileChildReader(field);
  if (field.oneof) {
    const oneofLocalName = field.oneof.localName;
    return (message, reader, ctx) => {
      const oneof = message[oneofLocalName];
      const child = toMessage(oneof.case === localName ? oneof.value : void 0);
      readChild(child, reader, ctx);
      message[oneofLocalName] = { case: localName, value: toLocal(child) };
    };
  }
  return (message, reader, ctx) => {
    const child = toMessage(message[localName]);
    readChild(child, reader, ctx);
    message[localName] = toLocal(child);
  };
}
function compileChildReader(field) {
  const compiledChild = compiledReader(field.message);
  if (field.delimitedEncoding) {
    const fieldNo = field.number;
    return (child, reader, ctx) => compiledChild.readGroup(child, reader, ctx, fieldNo);
  }
  return (child, reader, ctx) => compiledChild.read(child, reader, ctx, reader.uint32());
}
function compileListFieldReader(field) {
  const localName = field.localName;
  if (field.listKind == "message") {
    const { toMessage, toLocal } = localMessageMapper(field);
    const readChild = compileChildReader(field);
    return (message, reader, ctx) => {
      const child = toMessage(void 0);
      readChild(child, reader, ctx);
      message[localName].push(toLocal(child));
    };
  }
  const scalarType = field.listKind == "enum" ? ScalarType.INT32 : field.scalar;
  const longAsString = field.listKind == "scalar" ? field.longAsString : false;
  const readScalar = compileScalarReader(scalarType, field.utf8Validation, longAsString);
  const packedPossible = scalarType != ScalarType.STRING && scalarType != ScalarType.BYTES;
  return (message, reader, ctx, wireType) => {
    const items = message[localName];
    if (wireType == WireType.LengthDelimited && packedPossible) {
      const end = reader.uint32() + reader.pos;
      while (reader.pos < end) {
        items.push(readScalar(reader));
      }
    } else {
      items.push(readScalar(reader));
    }
  };
}
function compileMapFieldReader(field) {
  const localName = field.localName;
  const readKey = compileScalarReader(field.mapKey, field.utf8Validation, false);
  const keyZero = scalarZeroValue(field.mapKey, false);
  let readValue;
  let valueDefault;
  switch (field.mapKind) {
    case "scalar": {
      const scalar = field.scalar;
      const readScalar = compileScalarReader(scalar, field.utf8Validation, false);
      readValue = (reader) => readScalar(reader);
      if (scalar == ScalarType.BYTES) {
        valueDefault = () => new Uint8Array(0);
      } else {
        const zero = scalarZeroValue(scalar, false);
        valueDefault = () => zero;
      }
      break;
    }
    case "enum": {
      const zero = field.enum.values[0].number;
      readValue = (reader) => reader.int32();
      valueDefault = () => zero;
      break;
    }
    case "message": {
      const { toMessage, toLocal } = localMessageMapper(field);
      const readChild = compiledReader(field.message).read;
      readValue = (reader, ctx, existing) => {
        const child = toMessage(existing);
        readChild(child, reader, ctx, reader.uint32());
        return toLocal(child);
      };
      valueDefault = () => toLocal(toMessage(void 0));
      break;
    }
  }
  return (message, reader, ctx) => {
    const record = message[localName];
    let key;
    let val;
    const len = reader.uint32();
    const end = reader.pos + len;
    while (reader.pos < end) {
      const [fieldNo, wireType] = reader.tag();
      switch (fieldNo) {
        case 1:
          key = readKey(reader);
          break;
        case 2:
          val = readValue(reader, ctx, val);
          break;
        default:
          reader.skip(wireType, fieldNo, ctx.recursionLimit - ctx.depth);
      }
    }
    if (key === void 0) {
      key = keyZero;
    }
    if (val === void 0) {
      val = valueDefault();
    }
    setOwn(record, key, val);
  };
}
function compileScalarReader(type, utf8Validation, longAsString) {
  switch (type) {
    case ScalarType.STRING:
      return (reader) => reader.string(utf8Validation);
    case ScalarType.BOOL:
      return (reader) => reader.bool();
    case ScalarType.DOUBLE:
      return (reader) => reader.double();
    case ScalarType.FLOAT:
      return (reader) => reader.float();
    case ScalarType.INT32:
      return (reader) => reader.int32();
    case ScalarType.INT64:
      if (longAsString) {
        return (reader) => String(reader.int64());
      }
      return (reader) => reader.int64();
    case ScalarType.UINT64:
      if (longAsString) {
        return (reader) => String(reader.uint64());
      }
      return (reader) => reader.uint64();
    case ScalarType.FIXED64:
      if (longAsString) {
        return (reader) => String(reader.fixed64());
      }
      return (reader) => reader.fixed64();
    case ScalarType.BYTES:
      return (reader) => reader.bytes();
    case ScalarType.FIXED32:
      return (reader) => reader.fixed32();
    case ScalarType.SFIXED32:
      return (reader) => reader.sfixed32();
    case ScalarType.SFIXED64:
      if (longAsString) {
        return (reader) => String(reader.sfixed64());
      }
      return (reader) => reader.sfixed64();
    case ScalarType.SINT64:
      if (longAsString) {
        return (reader) => String(reader.sint64());
      }
      return (reader) => reader.sint64();
    case ScalarType.UINT32:
      return (reader) => reader.uint32();
    case ScalarType.SINT32:
      return (reader) => reader.sint32();
  }
}
var compiledReaders;
var init_from_binary = __esm({
  "node_modules/.pnpm/@bufbuild+protobuf@2.17.0/node_modules/@bufbuild/protobuf/dist/esm/from-binary.js"() {
    init_descriptors();
    init_scalar();
    init_unsafe();
    init_message();
    init_create();
    init_binary_encoding();
    init_varint();
    compiledReaders = /* @__PURE__ */ new WeakMap();
  }
});

// node_modules/.pnpm/@bufbuild+protobuf@2.17.0/node_modules/@bufbuild/protobuf/dist/esm/codegenv2/file.js
function fileDesc(b64, imports) {
  var _a;
  const root = fromBinary(FileDescriptorProtoSchema, base64Decode(b64));
  root.messageType.forEach(restoreJsonNames);
  root.dependency = (_a = imports === null || imports === void 0 ? void 0 : imports.map((f) => f.proto.name)) !== null && _a !== void 0 ? _a : [];
  const reg = createEmbeddedFileRegistry(root, (protoFileName) => imports === null || imports === void 0 ? void 0 : imports.find((f) => f.proto.name === protoFileName));
  return reg.getFile(root.name);
}
var init_file = __esm({
  "node_modules/.pnpm/@bufbuild+protobuf@2.17.0/node_modules/@bufbuild/protobuf/dist/esm/codegenv2/file.js"() {
    init_base64_encoding();
    init_descriptor_pb();
    init_registry();
    init_restore_json_names();
    init_from_binary();
  }
});

// node_modules/.pnpm/@bufbuild+protobuf@2.17.0/node_modules/@bufbuild/protobuf/dist/esm/codegenv2/service.js
function serviceDesc(file, path, ...paths) {
  if (paths.length > 0) {
    throw new Error();
  }
  return file.services[path];
}
var init_service = __esm({
  "node_modules/.pnpm/@bufbuild+protobuf@2.17.0/node_modules/@bufbuild/protobuf/dist/esm/codegenv2/service.js"() {
  }
});

// node_modules/.pnpm/@bufbuild+protobuf@2.17.0/node_modules/@bufbuild/protobuf/dist/esm/codegenv2/symbols.js
var packageName, legacyWktBarrel, wktPublicImportPaths, symbols;
var init_symbols = __esm({
  "node_modules/.pnpm/@bufbuild+protobuf@2.17.0/node_modules/@bufbuild/protobuf/dist/esm/codegenv2/symbols.js"() {
    packageName = "@bufbuild/protobuf";
    legacyWktBarrel = packageName + "/wkt";
    wktPublicImportPaths = {
      "google/protobuf/compiler/plugin.proto": legacyWktBarrel,
      "google/protobuf/any.proto": legacyWktBarrel,
      "google/protobuf/api.proto": packageName + "/wkt/google/protobuf/api_pb.js",
      "google/protobuf/c_sharp_features.proto": packageName + "/wkt/google/protobuf/c_sharp_features_pb.js",
      "google/protobuf/cpp_features.proto": packageName + "/wkt/google/protobuf/cpp_features_pb.js",
      "google/protobuf/cpp_file_options.proto": packageName + "/wkt/google/protobuf/cpp_file_options_pb.js",
      "google/protobuf/cpp_options.proto": packageName + "/wkt/google/protobuf/cpp_options_pb.js",
      "google/protobuf/descriptor.proto": legacyWktBarrel,
      "google/protobuf/duration.proto": legacyWktBarrel,
      "google/protobuf/empty.proto": legacyWktBarrel,
      "google/protobuf/field_mask.proto": legacyWktBarrel,
      "google/protobuf/go_features.proto": packageName + "/wkt/google/protobuf/go_features_pb.js",
      "google/protobuf/java_features.proto": packageName + "/wkt/google/protobuf/java_features_pb.js",
      "google/protobuf/json_enumvalue_options.proto": packageName + "/wkt/google/protobuf/json_enumvalue_options_pb.js",
      "google/protobuf/json_options.proto": packageName + "/wkt/google/protobuf/json_options_pb.js",
      "google/protobuf/source_context.proto": packageName + "/wkt/google/protobuf/source_context_pb.js",
      "google/protobuf/struct.proto": legacyWktBarrel,
      "google/protobuf/timestamp.proto": legacyWktBarrel,
      "google/protobuf/type.proto": packageName + "/wkt/google/protobuf/type_pb.js",
      "google/protobuf/wrappers.proto": legacyWktBarrel
    };
    symbols = {
      isMessage: { typeOnly: false, bootstrapWktFrom: "../is-message.js", from: packageName },
      Message: { typeOnly: true, bootstrapWktFrom: "../types.js", from: packageName },
      create: { typeOnly: false, bootstrapWktFrom: "../create.js", from: packageName },
      fromJson: { typeOnly: false, bootstrapWktFrom: "../from-json.js", from: packageName },
      fromJsonString: { typeOnly: false, bootstrapWktFrom: "../from-json.js", from: packageName },
      fromBinary: { typeOnly: false, bootstrapWktFrom: "../from-binary.js", from: packageName },
      toBinary: { typeOnly: false, bootstrapWktFrom: "../to-binary.js", from: packageName },
      toJson: { typeOnly: false, bootstrapWktFrom: "../to-json.js", from: packageName },
      toJsonString: { typeOnly: false, bootstrapWktFrom: "../to-json.js", from: packageName },
      protoInt64: { typeOnly: false, bootstrapWktFrom: "../proto-int64.js", from: packageName },
      JsonValue: { typeOnly: true, bootstrapWktFrom: "../json-value.js", from: packageName },
      JsonObject: { typeOnly: true, bootstrapWktFrom: "../json-value.js", from: packageName },
      UnknownEnum: { typeOnly: true, bootstrapWktFrom: "../types.js", from: packageName },
      codegen: {
        boot: { typeOnly: false, bootstrapWktFrom: "../codegenv2/boot.js", from: packageName + "/codegenv2" },
        fileDesc: { typeOnly: false, bootstrapWktFrom: "../codegenv2/file.js", from: packageName + "/codegenv2" },
        enumDesc: { typeOnly: false, bootstrapWktFrom: "../codegenv2/enum.js", from: packageName + "/codegenv2" },
        extDesc: { typeOnly: false, bootstrapWktFrom: "../codegenv2/extension.js", from: packageName + "/codegenv2" },
        messageDesc: { typeOnly: false, bootstrapWktFrom: "../codegenv2/message.js", from: packageName + "/codegenv2" },
        serviceDesc: { typeOnly: false, bootstrapWktFrom: "../codegenv2/service.js", from: packageName + "/codegenv2" },
        tsEnum: { typeOnly: false, bootstrapWktFrom: "../codegenv2/enum.js", from: packageName + "/codegenv2" },
        objEnum: { typeOnly: false, bootstrapWktFrom: "../codegenv2/enum.js", from: packageName + "/codegenv2" },
        GenFile: { typeOnly: true, bootstrapWktFrom: "../codegenv2/types.js", from: packageName + "/codegenv2" },
        GenEnum: { typeOnly: true, bootstrapWktFrom: "../codegenv2/types.js", from: packageName + "/codegenv2" },
        GenExtension: { typeOnly: true, bootstrapWktFrom: "../codegenv2/types.js", from: packageName + "/codegenv2" },
        GenMessage: { typeOnly: true, bootstrapWktFrom: "../codegenv2/types.js", from: packageName + "/codegenv2" },
        GenService: { typeOnly: true, bootstrapWktFrom: "../codegenv2/types.js", from: packageName + "/codegenv2" }
      }
    };
  }
});

// node_modules/.pnpm/@bufbuild+protobuf@2.17.0/node_modules/@bufbuild/protobuf/dist/esm/codegenv2/scalar.js
var init_scalar2 = __esm({
  "node_modules/.pnpm/@bufbuild+protobuf@2.17.0/node_modules/@bufbuild/protobuf/dist/esm/codegenv2/scalar.js"() {
  }
});

// node_modules/.pnpm/@bufbuild+protobuf@2.17.0/node_modules/@bufbuild/protobuf/dist/esm/codegenv2/types.js
var init_types = __esm({
  "node_modules/.pnpm/@bufbuild+protobuf@2.17.0/node_modules/@bufbuild/protobuf/dist/esm/codegenv2/types.js"() {
  }
});

// node_modules/.pnpm/@bufbuild+protobuf@2.17.0/node_modules/@bufbuild/protobuf/dist/esm/codegenv2/index.js
var init_codegenv2 = __esm({
  "node_modules/.pnpm/@bufbuild+protobuf@2.17.0/node_modules/@bufbuild/protobuf/dist/esm/codegenv2/index.js"() {
    init_boot();
    init_embed();
    init_enum();
    init_extension();
    init_file();
    init_message2();
    init_service();
    init_symbols();
    init_scalar2();
    init_types();
  }
});

// node_modules/.pnpm/@bufbuild+protobuf@2.17.0/node_modules/@bufbuild/protobuf/dist/esm/wkt/google/protobuf/timestamp_pb.js
var file_google_protobuf_timestamp;
var init_timestamp_pb = __esm({
  "node_modules/.pnpm/@bufbuild+protobuf@2.17.0/node_modules/@bufbuild/protobuf/dist/esm/wkt/google/protobuf/timestamp_pb.js"() {
    init_file();
    file_google_protobuf_timestamp = /* @__PURE__ */ fileDesc("Ch9nb29nbGUvcHJvdG9idWYvdGltZXN0YW1wLnByb3RvEg9nb29nbGUucHJvdG9idWYiKwoJVGltZXN0YW1wEg8KB3NlY29uZHMYASABKAMSDQoFbmFub3MYAiABKAVChQEKE2NvbS5nb29nbGUucHJvdG9idWZCDlRpbWVzdGFtcFByb3RvUAFaMmdvb2dsZS5nb2xhbmcub3JnL3Byb3RvYnVmL3R5cGVzL2tub3duL3RpbWVzdGFtcHBi+AEBogIDR1BCqgIeR29vZ2xlLlByb3RvYnVmLldlbGxLbm93blR5cGVzYgZwcm90bzM");
  }
});

// node_modules/.pnpm/@bufbuild+protobuf@2.17.0/node_modules/@bufbuild/protobuf/dist/esm/wkt/timestamp.js
function timestampDate(timestamp) {
  return new Date(timestampMs(timestamp));
}
function timestampMs(timestamp) {
  return Number(timestamp.seconds) * 1e3 + Math.round(timestamp.nanos / 1e6);
}
var init_timestamp = __esm({
  "node_modules/.pnpm/@bufbuild+protobuf@2.17.0/node_modules/@bufbuild/protobuf/dist/esm/wkt/timestamp.js"() {
  }
});

// node_modules/.pnpm/@bufbuild+protobuf@2.17.0/node_modules/@bufbuild/protobuf/dist/esm/wkt/google/protobuf/duration_pb.js
var init_duration_pb = __esm({
  "node_modules/.pnpm/@bufbuild+protobuf@2.17.0/node_modules/@bufbuild/protobuf/dist/esm/wkt/google/protobuf/duration_pb.js"() {
  }
});

// node_modules/.pnpm/@bufbuild+protobuf@2.17.0/node_modules/@bufbuild/protobuf/dist/esm/wkt/duration.js
var init_duration = __esm({
  "node_modules/.pnpm/@bufbuild+protobuf@2.17.0/node_modules/@bufbuild/protobuf/dist/esm/wkt/duration.js"() {
  }
});

// node_modules/.pnpm/@bufbuild+protobuf@2.17.0/node_modules/@bufbuild/protobuf/dist/esm/wkt/google/protobuf/any_pb.js
var file_google_protobuf_any, AnySchema;
var init_any_pb = __esm({
  "node_modules/.pnpm/@bufbuild+protobuf@2.17.0/node_modules/@bufbuild/protobuf/dist/esm/wkt/google/protobuf/any_pb.js"() {
    init_file();
    init_message2();
    file_google_protobuf_any = /* @__PURE__ */ fileDesc("Chlnb29nbGUvcHJvdG9idWYvYW55LnByb3RvEg9nb29nbGUucHJvdG9idWYiJgoDQW55EhAKCHR5cGVfdXJsGAEgASgJEg0KBXZhbHVlGAIgASgMQnYKE2NvbS5nb29nbGUucHJvdG9idWZCCEFueVByb3RvUAFaLGdvb2dsZS5nb2xhbmcub3JnL3Byb3RvYnVmL3R5cGVzL2tub3duL2FueXBiogIDR1BCqgIeR29vZ2xlLlByb3RvYnVmLldlbGxLbm93blR5cGVzYgZwcm90bzM");
    AnySchema = /* @__PURE__ */ messageDesc(file_google_protobuf_any, 0);
  }
});

// node_modules/.pnpm/@bufbuild+protobuf@2.17.0/node_modules/@bufbuild/protobuf/dist/esm/wkt/any.js
function anyPack(schema, message, into) {
  let ret = false;
  if (!into) {
    into = create(AnySchema);
    ret = true;
  }
  into.value = toBinary(schema, message);
  into.typeUrl = typeNameToUrl(message.$typeName);
  return ret ? into : void 0;
}
function anyIs(any, descOrTypeName) {
  if (any.typeUrl === "") {
    return false;
  }
  const want = typeof descOrTypeName == "string" ? descOrTypeName : descOrTypeName.typeName;
  const got = typeUrlToName(any.typeUrl);
  return want === got;
}
function anyUnpack(any, registryOrMessageDesc) {
  if (any.typeUrl === "") {
    return void 0;
  }
  const desc = registryOrMessageDesc.kind == "message" ? registryOrMessageDesc : registryOrMessageDesc.getMessage(typeUrlToName(any.typeUrl));
  if (!desc || !anyIs(any, desc)) {
    return void 0;
  }
  return fromBinary(desc, any.value);
}
function typeNameToUrl(name) {
  return `type.googleapis.com/${name}`;
}
function typeUrlToName(url) {
  const slash = url.lastIndexOf("/");
  const name = slash >= 0 ? url.substring(slash + 1) : url;
  if (!name.length) {
    throw new Error(`invalid type url: ${url}`);
  }
  return name;
}
var init_any = __esm({
  "node_modules/.pnpm/@bufbuild+protobuf@2.17.0/node_modules/@bufbuild/protobuf/dist/esm/wkt/any.js"() {
    init_any_pb();
    init_create();
    init_to_binary();
    init_from_binary();
  }
});

// node_modules/.pnpm/@bufbuild+protobuf@2.17.0/node_modules/@bufbuild/protobuf/dist/esm/wkt/google/protobuf/source_context_pb.js
var init_source_context_pb = __esm({
  "node_modules/.pnpm/@bufbuild+protobuf@2.17.0/node_modules/@bufbuild/protobuf/dist/esm/wkt/google/protobuf/source_context_pb.js"() {
  }
});

// node_modules/.pnpm/@bufbuild+protobuf@2.17.0/node_modules/@bufbuild/protobuf/dist/esm/wkt/google/protobuf/type_pb.js
var Field_Kind, Field_Cardinality, Syntax;
var init_type_pb = __esm({
  "node_modules/.pnpm/@bufbuild+protobuf@2.17.0/node_modules/@bufbuild/protobuf/dist/esm/wkt/google/protobuf/type_pb.js"() {
    (function(Field_Kind2) {
      Field_Kind2[Field_Kind2["TYPE_UNKNOWN"] = 0] = "TYPE_UNKNOWN";
      Field_Kind2[Field_Kind2["TYPE_DOUBLE"] = 1] = "TYPE_DOUBLE";
      Field_Kind2[Field_Kind2["TYPE_FLOAT"] = 2] = "TYPE_FLOAT";
      Field_Kind2[Field_Kind2["TYPE_INT64"] = 3] = "TYPE_INT64";
      Field_Kind2[Field_Kind2["TYPE_UINT64"] = 4] = "TYPE_UINT64";
      Field_Kind2[Field_Kind2["TYPE_INT32"] = 5] = "TYPE_INT32";
      Field_Kind2[Field_Kind2["TYPE_FIXED64"] = 6] = "TYPE_FIXED64";
      Field_Kind2[Field_Kind2["TYPE_FIXED32"] = 7] = "TYPE_FIXED32";
      Field_Kind2[Field_Kind2["TYPE_BOOL"] = 8] = "TYPE_BOOL";
      Field_Kind2[Field_Kind2["TYPE_STRING"] = 9] = "TYPE_STRING";
      Field_Kind2[Field_Kind2["TYPE_GROUP"] = 10] = "TYPE_GROUP";
      Field_Kind2[Field_Kind2["TYPE_MESSAGE"] = 11] = "TYPE_MESSAGE";
      Field_Kind2[Field_Kind2["TYPE_BYTES"] = 12] = "TYPE_BYTES";
      Field_Kind2[Field_Kind2["TYPE_UINT32"] = 13] = "TYPE_UINT32";
      Field_Kind2[Field_Kind2["TYPE_ENUM"] = 14] = "TYPE_ENUM";
      Field_Kind2[Field_Kind2["TYPE_SFIXED32"] = 15] = "TYPE_SFIXED32";
      Field_Kind2[Field_Kind2["TYPE_SFIXED64"] = 16] = "TYPE_SFIXED64";
      Field_Kind2[Field_Kind2["TYPE_SINT32"] = 17] = "TYPE_SINT32";
      Field_Kind2[Field_Kind2["TYPE_SINT64"] = 18] = "TYPE_SINT64";
    })(Field_Kind || (Field_Kind = {}));
    (function(Field_Cardinality2) {
      Field_Cardinality2[Field_Cardinality2["UNKNOWN"] = 0] = "UNKNOWN";
      Field_Cardinality2[Field_Cardinality2["OPTIONAL"] = 1] = "OPTIONAL";
      Field_Cardinality2[Field_Cardinality2["REQUIRED"] = 2] = "REQUIRED";
      Field_Cardinality2[Field_Cardinality2["REPEATED"] = 3] = "REPEATED";
    })(Field_Cardinality || (Field_Cardinality = {}));
    (function(Syntax2) {
      Syntax2[Syntax2["PROTO2"] = 0] = "PROTO2";
      Syntax2[Syntax2["PROTO3"] = 1] = "PROTO3";
      Syntax2[Syntax2["EDITIONS"] = 2] = "EDITIONS";
    })(Syntax || (Syntax = {}));
  }
});

// node_modules/.pnpm/@bufbuild+protobuf@2.17.0/node_modules/@bufbuild/protobuf/dist/esm/wkt/google/protobuf/api_pb.js
var init_api_pb = __esm({
  "node_modules/.pnpm/@bufbuild+protobuf@2.17.0/node_modules/@bufbuild/protobuf/dist/esm/wkt/google/protobuf/api_pb.js"() {
  }
});

// node_modules/.pnpm/@bufbuild+protobuf@2.17.0/node_modules/@bufbuild/protobuf/dist/esm/wkt/google/protobuf/cpp_features_pb.js
var CppFeatures_StringType, CppFeatures_RepeatedType;
var init_cpp_features_pb = __esm({
  "node_modules/.pnpm/@bufbuild+protobuf@2.17.0/node_modules/@bufbuild/protobuf/dist/esm/wkt/google/protobuf/cpp_features_pb.js"() {
    (function(CppFeatures_StringType2) {
      CppFeatures_StringType2[CppFeatures_StringType2["STRING_TYPE_UNKNOWN"] = 0] = "STRING_TYPE_UNKNOWN";
      CppFeatures_StringType2[CppFeatures_StringType2["VIEW"] = 1] = "VIEW";
      CppFeatures_StringType2[CppFeatures_StringType2["CORD"] = 2] = "CORD";
      CppFeatures_StringType2[CppFeatures_StringType2["STRING"] = 3] = "STRING";
    })(CppFeatures_StringType || (CppFeatures_StringType = {}));
    (function(CppFeatures_RepeatedType2) {
      CppFeatures_RepeatedType2[CppFeatures_RepeatedType2["REPEATED_TYPE_UNKNOWN"] = 0] = "REPEATED_TYPE_UNKNOWN";
      CppFeatures_RepeatedType2[CppFeatures_RepeatedType2["LEGACY"] = 1] = "LEGACY";
      CppFeatures_RepeatedType2[CppFeatures_RepeatedType2["PROXY"] = 2] = "PROXY";
    })(CppFeatures_RepeatedType || (CppFeatures_RepeatedType = {}));
  }
});

// node_modules/.pnpm/@bufbuild+protobuf@2.17.0/node_modules/@bufbuild/protobuf/dist/esm/wkt/google/protobuf/empty_pb.js
var file_google_protobuf_empty;
var init_empty_pb = __esm({
  "node_modules/.pnpm/@bufbuild+protobuf@2.17.0/node_modules/@bufbuild/protobuf/dist/esm/wkt/google/protobuf/empty_pb.js"() {
    init_file();
    file_google_protobuf_empty = /* @__PURE__ */ fileDesc("Chtnb29nbGUvcHJvdG9idWYvZW1wdHkucHJvdG8SD2dvb2dsZS5wcm90b2J1ZiIHCgVFbXB0eUJ9ChNjb20uZ29vZ2xlLnByb3RvYnVmQgpFbXB0eVByb3RvUAFaLmdvb2dsZS5nb2xhbmcub3JnL3Byb3RvYnVmL3R5cGVzL2tub3duL2VtcHR5cGL4AQGiAgNHUEKqAh5Hb29nbGUuUHJvdG9idWYuV2VsbEtub3duVHlwZXNiBnByb3RvMw");
  }
});

// node_modules/.pnpm/@bufbuild+protobuf@2.17.0/node_modules/@bufbuild/protobuf/dist/esm/wkt/google/protobuf/field_mask_pb.js
var init_field_mask_pb = __esm({
  "node_modules/.pnpm/@bufbuild+protobuf@2.17.0/node_modules/@bufbuild/protobuf/dist/esm/wkt/google/protobuf/field_mask_pb.js"() {
  }
});

// node_modules/.pnpm/@bufbuild+protobuf@2.17.0/node_modules/@bufbuild/protobuf/dist/esm/wkt/google/protobuf/go_features_pb.js
var GoFeatures_OptimizeModeFeature_OptimizeMode, GoFeatures_APILevel, GoFeatures_StripEnumPrefix;
var init_go_features_pb = __esm({
  "node_modules/.pnpm/@bufbuild+protobuf@2.17.0/node_modules/@bufbuild/protobuf/dist/esm/wkt/google/protobuf/go_features_pb.js"() {
    (function(GoFeatures_OptimizeModeFeature_OptimizeMode2) {
      GoFeatures_OptimizeModeFeature_OptimizeMode2[GoFeatures_OptimizeModeFeature_OptimizeMode2["OPTIMIZE_MODE_UNSPECIFIED"] = 0] = "OPTIMIZE_MODE_UNSPECIFIED";
      GoFeatures_OptimizeModeFeature_OptimizeMode2[GoFeatures_OptimizeModeFeature_OptimizeMode2["SPEED"] = 1] = "SPEED";
      GoFeatures_OptimizeModeFeature_OptimizeMode2[GoFeatures_OptimizeModeFeature_OptimizeMode2["CODE_SIZE"] = 2] = "CODE_SIZE";
    })(GoFeatures_OptimizeModeFeature_OptimizeMode || (GoFeatures_OptimizeModeFeature_OptimizeMode = {}));
    (function(GoFeatures_APILevel2) {
      GoFeatures_APILevel2[GoFeatures_APILevel2["API_LEVEL_UNSPECIFIED"] = 0] = "API_LEVEL_UNSPECIFIED";
      GoFeatures_APILevel2[GoFeatures_APILevel2["API_OPEN"] = 1] = "API_OPEN";
      GoFeatures_APILevel2[GoFeatures_APILevel2["API_HYBRID"] = 2] = "API_HYBRID";
      GoFeatures_APILevel2[GoFeatures_APILevel2["API_OPAQUE"] = 3] = "API_OPAQUE";
    })(GoFeatures_APILevel || (GoFeatures_APILevel = {}));
    (function(GoFeatures_StripEnumPrefix2) {
      GoFeatures_StripEnumPrefix2[GoFeatures_StripEnumPrefix2["UNSPECIFIED"] = 0] = "UNSPECIFIED";
      GoFeatures_StripEnumPrefix2[GoFeatures_StripEnumPrefix2["KEEP"] = 1] = "KEEP";
      GoFeatures_StripEnumPrefix2[GoFeatures_StripEnumPrefix2["GENERATE_BOTH"] = 2] = "GENERATE_BOTH";
      GoFeatures_StripEnumPrefix2[GoFeatures_StripEnumPrefix2["STRIP"] = 3] = "STRIP";
    })(GoFeatures_StripEnumPrefix || (GoFeatures_StripEnumPrefix = {}));
  }
});

// node_modules/.pnpm/@bufbuild+protobuf@2.17.0/node_modules/@bufbuild/protobuf/dist/esm/wkt/google/protobuf/java_features_pb.js
var JavaFeatures_NestInFileClassFeature_NestInFileClass, JavaFeatures_Utf8Validation;
var init_java_features_pb = __esm({
  "node_modules/.pnpm/@bufbuild+protobuf@2.17.0/node_modules/@bufbuild/protobuf/dist/esm/wkt/google/protobuf/java_features_pb.js"() {
    (function(JavaFeatures_NestInFileClassFeature_NestInFileClass2) {
      JavaFeatures_NestInFileClassFeature_NestInFileClass2[JavaFeatures_NestInFileClassFeature_NestInFileClass2["NEST_IN_FILE_CLASS_UNKNOWN"] = 0] = "NEST_IN_FILE_CLASS_UNKNOWN";
      JavaFeatures_NestInFileClassFeature_NestInFileClass2[JavaFeatures_NestInFileClassFeature_NestInFileClass2["NO"] = 1] = "NO";
      JavaFeatures_NestInFileClassFeature_NestInFileClass2[JavaFeatures_NestInFileClassFeature_NestInFileClass2["YES"] = 2] = "YES";
      JavaFeatures_NestInFileClassFeature_NestInFileClass2[JavaFeatures_NestInFileClassFeature_NestInFileClass2["LEGACY"] = 3] = "LEGACY";
    })(JavaFeatures_NestInFileClassFeature_NestInFileClass || (JavaFeatures_NestInFileClassFeature_NestInFileClass = {}));
    (function(JavaFeatures_Utf8Validation2) {
      JavaFeatures_Utf8Validation2[JavaFeatures_Utf8Validation2["UTF8_VALIDATION_UNKNOWN"] = 0] = "UTF8_VALIDATION_UNKNOWN";
      JavaFeatures_Utf8Validation2[JavaFeatures_Utf8Validation2["DEFAULT"] = 1] = "DEFAULT";
      JavaFeatures_Utf8Validation2[JavaFeatures_Utf8Validation2["VERIFY"] = 2] = "VERIFY";
    })(JavaFeatures_Utf8Validation || (JavaFeatures_Utf8Validation = {}));
  }
});

// node_modules/.pnpm/@bufbuild+protobuf@2.17.0/node_modules/@bufbuild/protobuf/dist/esm/wkt/google/protobuf/struct_pb.js
var file_google_protobuf_struct, StructSchema, ValueSchema, ListValueSchema, NullValue;
var init_struct_pb = __esm({
  "node_modules/.pnpm/@bufbuild+protobuf@2.17.0/node_modules/@bufbuild/protobuf/dist/esm/wkt/google/protobuf/struct_pb.js"() {
    init_file();
    init_message2();
    file_google_protobuf_struct = /* @__PURE__ */ fileDesc("Chxnb29nbGUvcHJvdG9idWYvc3RydWN0LnByb3RvEg9nb29nbGUucHJvdG9idWYihAEKBlN0cnVjdBIzCgZmaWVsZHMYASADKAsyIy5nb29nbGUucHJvdG9idWYuU3RydWN0LkZpZWxkc0VudHJ5GkUKC0ZpZWxkc0VudHJ5EgsKA2tleRgBIAEoCRIlCgV2YWx1ZRgCIAEoCzIWLmdvb2dsZS5wcm90b2J1Zi5WYWx1ZToCOAEi6gEKBVZhbHVlEjAKCm51bGxfdmFsdWUYASABKA4yGi5nb29nbGUucHJvdG9idWYuTnVsbFZhbHVlSAASFgoMbnVtYmVyX3ZhbHVlGAIgASgBSAASFgoMc3RyaW5nX3ZhbHVlGAMgASgJSAASFAoKYm9vbF92YWx1ZRgEIAEoCEgAEi8KDHN0cnVjdF92YWx1ZRgFIAEoCzIXLmdvb2dsZS5wcm90b2J1Zi5TdHJ1Y3RIABIwCgpsaXN0X3ZhbHVlGAYgASgLMhouZ29vZ2xlLnByb3RvYnVmLkxpc3RWYWx1ZUgAQgYKBGtpbmQiMwoJTGlzdFZhbHVlEiYKBnZhbHVlcxgBIAMoCzIWLmdvb2dsZS5wcm90b2J1Zi5WYWx1ZSobCglOdWxsVmFsdWUSDgoKTlVMTF9WQUxVRRAAQn8KE2NvbS5nb29nbGUucHJvdG9idWZCC1N0cnVjdFByb3RvUAFaL2dvb2dsZS5nb2xhbmcub3JnL3Byb3RvYnVmL3R5cGVzL2tub3duL3N0cnVjdHBi+AEBogIDR1BCqgIeR29vZ2xlLlByb3RvYnVmLldlbGxLbm93blR5cGVzYgZwcm90bzM");
    StructSchema = /* @__PURE__ */ messageDesc(file_google_protobuf_struct, 0);
    ValueSchema = /* @__PURE__ */ messageDesc(file_google_protobuf_struct, 1);
    ListValueSchema = /* @__PURE__ */ messageDesc(file_google_protobuf_struct, 2);
    (function(NullValue2) {
      NullValue2[NullValue2["NULL_VALUE"] = 0] = "NULL_VALUE";
    })(NullValue || (NullValue = {}));
  }
});

// node_modules/.pnpm/@bufbuild+protobuf@2.17.0/node_modules/@bufbuild/protobuf/dist/esm/wkt/google/protobuf/wrappers_pb.js
var init_wrappers_pb = __esm({
  "node_modules/.pnpm/@bufbuild+protobuf@2.17.0/node_modules/@bufbuild/protobuf/dist/esm/wkt/google/protobuf/wrappers_pb.js"() {
  }
});

// node_modules/.pnpm/@bufbuild+protobuf@2.17.0/node_modules/@bufbuild/protobuf/dist/esm/wkt/google/protobuf/compiler/plugin_pb.js
var CodeGeneratorResponse_Feature;
var init_plugin_pb = __esm({
  "node_modules/.pnpm/@bufbuild+protobuf@2.17.0/node_modules/@bufbuild/protobuf/dist/esm/wkt/google/protobuf/compiler/plugin_pb.js"() {
    (function(CodeGeneratorResponse_Feature2) {
      CodeGeneratorResponse_Feature2[CodeGeneratorResponse_Feature2["NONE"] = 0] = "NONE";
      CodeGeneratorResponse_Feature2[CodeGeneratorResponse_Feature2["PROTO3_OPTIONAL"] = 1] = "PROTO3_OPTIONAL";
      CodeGeneratorResponse_Feature2[CodeGeneratorResponse_Feature2["SUPPORTS_EDITIONS"] = 2] = "SUPPORTS_EDITIONS";
    })(CodeGeneratorResponse_Feature || (CodeGeneratorResponse_Feature = {}));
  }
});

// node_modules/.pnpm/@bufbuild+protobuf@2.17.0/node_modules/@bufbuild/protobuf/dist/esm/wkt/index.js
var init_wkt = __esm({
  "node_modules/.pnpm/@bufbuild+protobuf@2.17.0/node_modules/@bufbuild/protobuf/dist/esm/wkt/index.js"() {
    init_timestamp();
    init_duration();
    init_any();
    init_wrappers();
    init_any_pb();
    init_api_pb();
    init_cpp_features_pb();
    init_descriptor_pb();
    init_duration_pb();
    init_empty_pb();
    init_field_mask_pb();
    init_go_features_pb();
    init_java_features_pb();
    init_source_context_pb();
    init_struct_pb();
    init_timestamp_pb();
    init_type_pb();
    init_wrappers_pb();
    init_plugin_pb();
  }
});

// packages/protocol/src/gen/goplugin/control_pb.ts
var file_goplugin_control, StdioData_Channel, GRPCController, GRPCStdio, GRPCBroker;
var init_control_pb = __esm({
  "packages/protocol/src/gen/goplugin/control_pb.ts"() {
    "use strict";
    init_codegenv2();
    init_wkt();
    file_goplugin_control = /* @__PURE__ */ fileDesc(
      "ChZnb3BsdWdpbi9jb250cm9sLnByb3RvEgZwbHVnaW4iBwoFRW1wdHkidQoJU3RkaW9EYXRhEioKB2NoYW5uZWwYASABKA4yGS5wbHVnaW4uU3RkaW9EYXRhLkNoYW5uZWwSDAoEZGF0YRgCIAEoDCIuCgdDaGFubmVsEgsKB0lOVkFMSUQQABIKCgZTVERPVVQQARIKCgZTVERFUlIQAiKbAQoIQ29ubkluZm8SEgoKc2VydmljZV9pZBgBIAEoDRIPCgduZXR3b3JrGAIgASgJEg8KB2FkZHJlc3MYAyABKAkSJQoFa25vY2sYBCABKAsyFi5wbHVnaW4uQ29ubkluZm8uS25vY2saMgoFS25vY2sSDQoFa25vY2sYASABKAgSCwoDYWNrGAIgASgIEg0KBWVycm9yGAMgASgJMjoKDkdSUENDb250cm9sbGVyEigKCFNodXRkb3duEg0ucGx1Z2luLkVtcHR5Gg0ucGx1Z2luLkVtcHR5MkcKCUdSUENTdGRpbxI6CgtTdHJlYW1TdGRpbxIWLmdvb2dsZS5wcm90b2J1Zi5FbXB0eRoRLnBsdWdpbi5TdGRpb0RhdGEwATJDCgpHUlBDQnJva2VyEjUKC1N0YXJ0U3RyZWFtEhAucGx1Z2luLkNvbm5JbmZvGhAucGx1Z2luLkNvbm5JbmZvKAEwAWIGcHJvdG8z",
      [file_google_protobuf_empty]
    );
    StdioData_Channel = {
      /**
       * @generated from enum value: INVALID = 0;
       */
      INVALID: 0,
      /**
       * @generated from enum value: STDOUT = 1;
       */
      STDOUT: 1,
      /**
       * @generated from enum value: STDERR = 2;
       */
      STDERR: 2
    };
    GRPCController = /* @__PURE__ */ serviceDesc(file_goplugin_control, 0);
    GRPCStdio = /* @__PURE__ */ serviceDesc(file_goplugin_control, 1);
    GRPCBroker = /* @__PURE__ */ serviceDesc(file_goplugin_control, 2);
  }
});

// packages/protocol/src/gen/grpc/health/v1/health_pb.ts
var file_grpc_health_v1_health, HealthCheckResponse_ServingStatus, Health;
var init_health_pb = __esm({
  "packages/protocol/src/gen/grpc/health/v1/health_pb.ts"() {
    "use strict";
    init_codegenv2();
    file_grpc_health_v1_health = /* @__PURE__ */ fileDesc(
      "ChtncnBjL2hlYWx0aC92MS9oZWFsdGgucHJvdG8SDmdycGMuaGVhbHRoLnYxIiUKEkhlYWx0aENoZWNrUmVxdWVzdBIPCgdzZXJ2aWNlGAEgASgJIqkBChNIZWFsdGhDaGVja1Jlc3BvbnNlEkEKBnN0YXR1cxgBIAEoDjIxLmdycGMuaGVhbHRoLnYxLkhlYWx0aENoZWNrUmVzcG9uc2UuU2VydmluZ1N0YXR1cyJPCg1TZXJ2aW5nU3RhdHVzEgsKB1VOS05PV04QABILCgdTRVJWSU5HEAESDwoLTk9UX1NFUlZJTkcQAhITCg9TRVJWSUNFX1VOS05PV04QAzJaCgZIZWFsdGgSUAoFQ2hlY2sSIi5ncnBjLmhlYWx0aC52MS5IZWFsdGhDaGVja1JlcXVlc3QaIy5ncnBjLmhlYWx0aC52MS5IZWFsdGhDaGVja1Jlc3BvbnNlYgZwcm90bzM"
    );
    HealthCheckResponse_ServingStatus = {
      /**
       * @generated from enum value: UNKNOWN = 0;
       */
      UNKNOWN: 0,
      /**
       * @generated from enum value: SERVING = 1;
       */
      SERVING: 1,
      /**
       * @generated from enum value: NOT_SERVING = 2;
       */
      NOT_SERVING: 2,
      /**
       * @generated from enum value: SERVICE_UNKNOWN = 3;
       */
      SERVICE_UNKNOWN: 3
    };
    Health = /* @__PURE__ */ serviceDesc(file_grpc_health_v1_health, 0);
  }
});

// packages/protocol/src/goplugin.ts
var init_goplugin = __esm({
  "packages/protocol/src/goplugin.ts"() {
    "use strict";
    init_control_pb();
    init_health_pb();
  }
});

// packages/protocol/src/node/timeout.ts
function formatTimeout(ms) {
  const whole = Math.max(1, Math.ceil(ms));
  if (whole <= 99999999) return `${whole}m`;
  return `${Math.min(Math.ceil(whole / 1e3), 99999999)}S`;
}
function parseTimeout(text) {
  const match = /^(\d{1,8})([HMSmun])$/u.exec(text);
  const unit = UNIT_MS.get(match?.[2] ?? "");
  return match === null || unit === void 0 ? void 0 : Number(match[1]) * unit;
}
function after(ms, expire) {
  const longest = 2147483647;
  let timer;
  const wait = (left) => {
    timer = setTimeout(
      () => left > longest ? wait(left - longest) : expire(),
      Math.max(0, Math.min(left, longest))
    );
  };
  wait(ms);
  return () => clearTimeout(timer);
}
var UNIT_MS;
var init_timeout = __esm({
  "packages/protocol/src/node/timeout.ts"() {
    "use strict";
    UNIT_MS = /* @__PURE__ */ new Map([
      ["H", 36e5],
      ["M", 6e4],
      ["S", 1e3],
      ["m", 1],
      ["u", 1e-3],
      ["n", 1e-6]
    ]);
  }
});

// packages/protocol/src/node/broker-entries.ts
function createBrokerEntries(waitMs) {
  const told = /* @__PURE__ */ new Map();
  const waiting = /* @__PURE__ */ new Map();
  return {
    tell(id, network, address) {
      const at = addressOf(network, address);
      if (at === void 0) return;
      const waiter = waiting.get(id);
      if (waiter !== void 0) {
        waiter(at);
        return;
      }
      if (told.has(id) || told.size >= LIMITS.brokerEntries) return;
      told.set(id, { at, keep: after(waitMs, () => told.delete(id)) });
    },
    claim(id, signal) {
      const known = told.get(id);
      if (known !== void 0) {
        known.keep();
        told.delete(id);
        return Promise.resolve(known.at);
      }
      if (waiting.has(id)) return Promise.reject(undialed(id, "somebody waits for it already"));
      if (waiting.size >= LIMITS.brokerEntries) {
        return Promise.reject(undialed(id, `${LIMITS.brokerEntries} others are waited for`));
      }
      return new Promise((resolve, reject) => {
        const leave = () => {
          waiting.delete(id);
          stopTimer();
          signal.removeEventListener("abort", abort);
        };
        const abort = () => {
          leave();
          reject(undialed(id, wordsOf(signal.reason), signal.reason));
        };
        const stopTimer = after(waitMs, () => {
          leave();
          reject(undialed(id, `the other side did not tell an address within ${waitMs} ms`));
        });
        waiting.set(id, (at) => {
          leave();
          resolve(at);
        });
        if (signal.aborted) abort();
        else signal.addEventListener("abort", abort, { once: true });
      });
    }
  };
}
function addressOf(network, address) {
  if (address === "" || address.length > MAX_ADDRESS_CHARACTERS) return void 0;
  return network === "unix" || network === "tcp" ? { network, address } : void 0;
}
var MAX_ADDRESS_CHARACTERS, undialed, unserved, wordsOf;
var init_broker_entries = __esm({
  "packages/protocol/src/node/broker-entries.ts"() {
    "use strict";
    init_limits();
    init_protocol_error();
    init_status();
    init_timeout();
    MAX_ADDRESS_CHARACTERS = 1024;
    undialed = (id, found, cause) => new ProtocolError("CONNECT_FAILED", `Cannot dial broker id ${id}: ${found}`, {
      cause,
      status: STATUS.UNAVAILABLE
    });
    unserved = (id, found) => new ProtocolError("CONNECT_FAILED", `Cannot serve broker id ${id}: ${found}`, {
      status: STATUS.UNAVAILABLE
    });
    wordsOf = (reason) => reason instanceof Error ? reason.message : "the attempt was cancelled";
  }
});

// node_modules/.pnpm/@bufbuild+protobuf@2.17.0/node_modules/@bufbuild/protobuf/dist/esm/types.js
var init_types2 = __esm({
  "node_modules/.pnpm/@bufbuild+protobuf@2.17.0/node_modules/@bufbuild/protobuf/dist/esm/types.js"() {
  }
});

// node_modules/.pnpm/@bufbuild+protobuf@2.17.0/node_modules/@bufbuild/protobuf/dist/esm/extensions.js
function getExtension(message, extension2, options) {
  assertExtendee(extension2, message);
  const ufs = filterUnknownFields(message.$unknown, extension2);
  const [container, field, get] = createExtensionContainer(extension2);
  const ctx = makeReadContext(options);
  for (const uf of ufs) {
    readField(container, new BinaryReader(uf.data), field, uf.wireType, ctx);
  }
  return get();
}
function setExtension(message, extension2, value) {
  var _a;
  assertExtendee(extension2, message);
  const ufs = ((_a = message.$unknown) !== null && _a !== void 0 ? _a : []).filter((uf) => uf.no !== extension2.number);
  const [container, field] = createExtensionContainer(extension2, value);
  const writer = new BinaryWriter();
  writeField(writer, { writeUnknownFields: true }, container, field);
  const reader = new BinaryReader(writer.finish());
  while (reader.pos < reader.len) {
    const [no, wireType] = reader.tag();
    const data = reader.skip(wireType, no);
    ufs.push({ no, wireType, data });
  }
  message.$unknown = ufs;
}
function filterUnknownFields(unknownFields, extension2) {
  if (unknownFields === void 0)
    return [];
  if (extension2.fieldKind === "enum" || extension2.fieldKind === "scalar") {
    for (let i = unknownFields.length - 1; i >= 0; --i) {
      if (unknownFields[i].no == extension2.number) {
        return [unknownFields[i]];
      }
    }
    return [];
  }
  return unknownFields.filter((uf) => uf.no === extension2.number);
}
function createExtensionContainer(extension2, value) {
  const localName = extension2.typeName;
  const field = Object.assign(Object.assign({}, extension2), { kind: "field", parent: extension2.extendee, localName });
  const desc = Object.assign(Object.assign({}, extension2.extendee), { fields: [field], members: [field], oneofs: [] });
  const container = create(desc, value !== void 0 ? { [localName]: value } : void 0);
  return [
    reflect(desc, container),
    field,
    () => {
      const value2 = container[localName];
      if (value2 === void 0) {
        const desc2 = extension2.message;
        if (isWrapperDesc(desc2)) {
          return scalarZeroValue(desc2.fields[0].scalar, desc2.fields[0].longAsString);
        }
        return create(desc2);
      }
      return value2;
    }
  ];
}
function assertExtendee(extension2, message) {
  if (extension2.extendee.typeName != message.$typeName) {
    throw new Error(`extension ${extension2.typeName} can only be applied to message ${extension2.extendee.typeName}`);
  }
}
var init_extensions = __esm({
  "node_modules/.pnpm/@bufbuild+protobuf@2.17.0/node_modules/@bufbuild/protobuf/dist/esm/extensions.js"() {
    init_create();
    init_from_binary();
    init_reflect();
    init_scalar();
    init_to_binary();
    init_binary_encoding();
    init_wrappers();
  }
});

// node_modules/.pnpm/@bufbuild+protobuf@2.17.0/node_modules/@bufbuild/protobuf/dist/esm/equals.js
var init_equals = __esm({
  "node_modules/.pnpm/@bufbuild+protobuf@2.17.0/node_modules/@bufbuild/protobuf/dist/esm/equals.js"() {
  }
});

// node_modules/.pnpm/@bufbuild+protobuf@2.17.0/node_modules/@bufbuild/protobuf/dist/esm/wkt/json.js
var timestampMsMin, timestampMsMax, durationSecondsMin, durationSecondsMax;
var init_json2 = __esm({
  "node_modules/.pnpm/@bufbuild+protobuf@2.17.0/node_modules/@bufbuild/protobuf/dist/esm/wkt/json.js"() {
    timestampMsMin = /* @__PURE__ */ Date.parse("0001-01-01T00:00:00Z");
    timestampMsMax = /* @__PURE__ */ Date.parse("9999-12-31T23:59:59Z");
    durationSecondsMin = -315576e6;
    durationSecondsMax = 315576e6;
  }
});

// node_modules/.pnpm/@bufbuild+protobuf@2.17.0/node_modules/@bufbuild/protobuf/dist/esm/wire/size-delimited.js
var defaultReadMaxBytes;
var init_size_delimited = __esm({
  "node_modules/.pnpm/@bufbuild+protobuf@2.17.0/node_modules/@bufbuild/protobuf/dist/esm/wire/size-delimited.js"() {
    defaultReadMaxBytes = 64 * 1024 * 1024;
  }
});

// node_modules/.pnpm/@bufbuild+protobuf@2.17.0/node_modules/@bufbuild/protobuf/dist/esm/wire/index.js
var init_wire = __esm({
  "node_modules/.pnpm/@bufbuild+protobuf@2.17.0/node_modules/@bufbuild/protobuf/dist/esm/wire/index.js"() {
    init_binary_encoding();
    init_base64_encoding();
    init_text_format();
    init_size_delimited();
  }
});

// node_modules/.pnpm/@bufbuild+protobuf@2.17.0/node_modules/@bufbuild/protobuf/dist/esm/to-json.js
function makeWriteOptions2(options) {
  return options ? Object.assign(Object.assign({}, jsonWriteDefaults), options) : jsonWriteDefaults;
}
function toJson(schema, message, options) {
  return compiledWriter2(schema)(makeWriteOptions2(options), message);
}
function compiledWriter2(desc) {
  let compiled = compiledWriters2.get(desc);
  if (compiled === void 0) {
    compiled = compileMessage3(desc);
  }
  return compiled;
}
function compileMessage3(desc) {
  const typeName = desc.typeName;
  const writeWkt = compileWkt(desc);
  if (writeWkt !== void 0) {
    const foreignField2 = desc.fields[0];
    const compiledWriter4 = (opts, message) => {
      if (message.$typeName !== typeName && foreignField2 !== void 0) {
        throw new FieldError(foreignField2, `cannot use ${foreignField2} with message ${message.$typeName}`, "ForeignFieldError");
      }
      return writeWkt(opts, message);
    };
    compiledWriters2.set(desc, compiledWriter4);
    return compiledWriter4;
  }
  const sortedFields = desc.fields.concat().sort((a, b) => a.number - b.number);
  const foreignField = sortedFields[0];
  const fieldWriters = [];
  const compiledWriter3 = (opts, message) => {
    if (message.$typeName !== typeName && foreignField !== void 0) {
      throw new FieldError(foreignField, `cannot use ${foreignField} with message ${message.$typeName}`, "ForeignFieldError");
    }
    const json = {};
    for (let i = 0; i < fieldWriters.length; i++) {
      fieldWriters[i](opts, message, json);
    }
    if (opts.registry) {
      writeExtensions(json, opts, opts.registry, message, desc);
    }
    return json;
  };
  compiledWriters2.set(desc, compiledWriter3);
  for (const field of sortedFields) {
    const writeField2 = compileField2(field);
    fieldWriters.push(field.jsonName === "__proto__" || field.name === "__proto__" ? writeOwnKeys(writeField2) : writeField2);
  }
  return compiledWriter3;
}
function writeOwnKeys(writeField2) {
  return (opts, message, json) => {
    const tmp = /* @__PURE__ */ Object.create(null);
    writeField2(opts, message, tmp);
    for (const key of Object.keys(tmp)) {
      setOwn(json, key, tmp[key]);
    }
  };
}
function compileWkt(desc) {
  if (!desc.typeName.startsWith("google.protobuf.")) {
    return void 0;
  }
  switch (desc.typeName) {
    case "google.protobuf.Any":
      return (opts, message) => anyToJson(message, opts);
    case "google.protobuf.Timestamp":
      return (opts, message) => timestampToJson(message);
    case "google.protobuf.Duration":
      return (opts, message) => durationToJson(message);
    case "google.protobuf.FieldMask":
      return (opts, message) => fieldMaskToJson(message);
    case "google.protobuf.Struct":
      return (opts, message) => structToJson(message);
    case "google.protobuf.Value":
      return (opts, message) => valueToJson(message);
    case "google.protobuf.ListValue":
      return (opts, message) => listValueToJson(message);
    default:
      if (isWrapperDesc(desc)) {
        const valueField = desc.fields[0];
        const localName = valueField.localName;
        const zero = scalarZeroValue(valueField.scalar, false);
        const writeScalar = compileScalarValue2(valueField);
        return (opts, message) => {
          const value = message[localName];
          return writeScalar(opts, value === void 0 ? zero : value);
        };
      }
      return void 0;
  }
}
function compileField2(field) {
  switch (field.fieldKind) {
    case "scalar":
    case "enum":
    case "message":
      return compileSingularField2(field);
    case "list":
    case "map": {
      const writeValue = field.fieldKind == "list" ? compileListValue(field) : compileMapValue(field);
      const protoName = field.name;
      const jsonKey = field.jsonName;
      const localName = field.localName;
      return (opts, message, json) => {
        const value = writeValue(opts, message[localName]);
        if (value !== void 0) {
          json[opts.useProtoFieldName ? protoName : jsonKey] = value;
        }
      };
    }
  }
}
function compileSingularField2(field) {
  const writeValue = compileSingularValue2(field);
  const protoName = field.name;
  const jsonKey = field.jsonName;
  const localName = field.localName;
  if (field.oneof) {
    const oneofLocalName = field.oneof.localName;
    return (opts, message, json) => {
      const oneof = message[oneofLocalName];
      if (oneof.case === localName) {
        json[opts.useProtoFieldName ? protoName : jsonKey] = writeValue(opts, oneof.value);
      }
    };
  }
  if (field.presence != IMPLICIT5) {
    const requiredError = field.presence == LEGACY_REQUIRED3 ? `cannot encode ${field} to JSON: required field not set` : void 0;
    return (opts, message, json) => {
      const value = message[localName];
      if (value !== void 0 && Object.prototype.hasOwnProperty.call(message, localName)) {
        json[opts.useProtoFieldName ? protoName : jsonKey] = writeValue(opts, value);
      } else if (requiredError !== void 0) {
        throw new Error(requiredError);
      }
    };
  }
  if (field.fieldKind == "enum") {
    const zero = field.enum.values[0].number;
    return (opts, message, json) => {
      const value = message[localName];
      if (value !== zero || opts.alwaysEmitImplicit) {
        json[opts.useProtoFieldName ? protoName : jsonKey] = writeValue(opts, value);
      }
    };
  }
  switch (field.scalar) {
    case ScalarType.BOOL:
      return (opts, message, json) => {
        const value = message[localName];
        if (value !== false || opts.alwaysEmitImplicit) {
          json[opts.useProtoFieldName ? protoName : jsonKey] = writeValue(opts, value);
        }
      };
    case ScalarType.STRING:
      return (opts, message, json) => {
        const value = message[localName];
        if (value !== "" || opts.alwaysEmitImplicit) {
          json[opts.useProtoFieldName ? protoName : jsonKey] = writeValue(opts, value);
        }
      };
    case ScalarType.BYTES:
      return (opts, message, json) => {
        const value = message[localName];
        if (!(value instanceof Uint8Array) || value.byteLength > 0 || opts.alwaysEmitImplicit) {
          json[opts.useProtoFieldName ? protoName : jsonKey] = writeValue(opts, value);
        }
      };
    case ScalarType.DOUBLE:
    case ScalarType.FLOAT:
      return (opts, message, json) => {
        const value = message[localName];
        if (!Object.is(value, 0) || opts.alwaysEmitImplicit) {
          json[opts.useProtoFieldName ? protoName : jsonKey] = writeValue(opts, value);
        }
      };
    default:
      return (opts, message, json) => {
        const value = message[localName];
        if (value != 0 || opts.alwaysEmitImplicit) {
          json[opts.useProtoFieldName ? protoName : jsonKey] = writeValue(opts, value);
        }
      };
  }
}
function compileFieldValue(field) {
  switch (field.fieldKind) {
    case "scalar":
    case "enum":
    case "message":
      return compileSingularValue2(field);
    case "list":
      return compileListValue(field);
    case "map":
      return compileMapValue(field);
  }
}
function compileSingularValue2(field) {
  switch (field.fieldKind) {
    case "scalar":
      return compileScalarValue2(field);
    case "enum":
      return compileEnumValue(field);
    case "message":
      return compileMessageValue(field);
  }
}
function compileMessageValue(field) {
  const { toMessage } = localMessageMapper(field);
  const writeMessage = compiledWriter2(field.message);
  return (opts, value) => writeMessage(opts, toMessage(value));
}
function compileListValue(field) {
  const writeItem = compileListItemValue(field);
  return (opts, value) => {
    const items = value;
    if (items.length == 0 && !opts.alwaysEmitImplicit) {
      return void 0;
    }
    const jsonArray = [];
    for (let i = 0; i < items.length; i++) {
      jsonArray.push(writeItem(opts, items[i]));
    }
    return jsonArray;
  };
}
function compileListItemValue(field) {
  switch (field.listKind) {
    case "scalar":
      return compileScalarValue2(field);
    case "enum":
      return compileEnumValue(field);
    case "message":
      return compileMessageValue(field);
  }
}
function compileMapValue(field) {
  const writeMapValue = compileMapEntryValue(field);
  return (opts, value) => {
    const record = value;
    const keys = Object.keys(record);
    if (keys.length == 0 && !opts.alwaysEmitImplicit) {
      return void 0;
    }
    const jsonObject = {};
    for (let i = 0; i < keys.length; i++) {
      const key = keys[i];
      setOwn(jsonObject, key, writeMapValue(opts, record[key]));
    }
    return jsonObject;
  };
}
function compileMapEntryValue(field) {
  switch (field.mapKind) {
    case "scalar":
      return compileScalarValue2(field);
    case "enum":
      return compileEnumValue(field);
    case "message":
      return compileMessageValue(field);
  }
}
function compileEnumValue(field) {
  const desc = field.enum;
  if (desc.typeName == "google.protobuf.NullValue") {
    return (opts, value) => {
      if (typeof value != "number") {
        throw errorEnumValue(desc, value);
      }
      return null;
    };
  }
  return (opts, value) => {
    var _a, _b;
    if (typeof value != "number") {
      throw errorEnumValue(desc, value);
    }
    if (opts.enumAsInteger) {
      return value;
    }
    return (_b = (_a = desc.value[value]) === null || _a === void 0 ? void 0 : _a.jsonName) !== null && _b !== void 0 ? _b : value;
  };
}
function errorEnumValue(desc, value) {
  return new Error(`cannot encode ${desc} to JSON: expected number, got ${formatVal(value)}`);
}
function compileScalarValue2(field) {
  switch (field.scalar) {
    // int32, fixed32, uint32: JSON value will be a decimal number. Either numbers or strings are accepted.
    case ScalarType.INT32:
    case ScalarType.SFIXED32:
    case ScalarType.SINT32:
    case ScalarType.FIXED32:
    case ScalarType.UINT32:
      return (opts, value) => {
        if (typeof value != "number") {
          throw errorScalarValue(field, value);
        }
        return value;
      };
    // float, double: JSON value will be a number or one of the special string values "NaN", "Infinity", and "-Infinity".
    // Either numbers or strings are accepted. Exponent notation is also accepted.
    case ScalarType.FLOAT:
    case ScalarType.DOUBLE:
      return (opts, value) => {
        if (typeof value != "number") {
          throw errorScalarValue(field, value);
        }
        if (Number.isNaN(value))
          return "NaN";
        if (value === Number.POSITIVE_INFINITY)
          return "Infinity";
        if (value === Number.NEGATIVE_INFINITY)
          return "-Infinity";
        return value;
      };
    // string:
    case ScalarType.STRING:
      return (opts, value) => {
        if (typeof value != "string") {
          throw errorScalarValue(field, value);
        }
        return value;
      };
    // bool:
    case ScalarType.BOOL:
      return (opts, value) => {
        if (typeof value != "boolean") {
          throw errorScalarValue(field, value);
        }
        return value;
      };
    // JSON value will be a decimal string. Either numbers or strings are accepted.
    case ScalarType.UINT64:
    case ScalarType.FIXED64:
    case ScalarType.INT64:
    case ScalarType.SFIXED64:
    case ScalarType.SINT64:
      return (opts, value) => {
        if (typeof value == "bigint" || typeof value == "string" || typeof value == "number" && Number.isInteger(value)) {
          return value.toString();
        }
        throw errorScalarValue(field, value);
      };
    // bytes: JSON value will be the data encoded as a string using standard base64 encoding with paddings.
    // Either standard or URL-safe base64 encoding with/without paddings are accepted.
    case ScalarType.BYTES:
      return (opts, value) => {
        if (value instanceof Uint8Array) {
          return base64Encode(value);
        }
        throw errorScalarValue(field, value);
      };
  }
}
function errorScalarValue(field, value) {
  var _a;
  return new Error(`cannot encode ${field} to JSON: ${(_a = checkField(field, value)) === null || _a === void 0 ? void 0 : _a.message}`);
}
function writeExtensions(json, opts, registry, message, desc) {
  const unknown = message.$unknown;
  if (unknown === void 0) {
    return;
  }
  const tagSeen = /* @__PURE__ */ new Set();
  for (let i = 0; i < unknown.length; i++) {
    const { no } = unknown[i];
    if (!tagSeen.has(no)) {
      tagSeen.add(no);
      const extension2 = registry.getExtensionFor(desc, no);
      if (!extension2) {
        continue;
      }
      const value = getExtension(message, extension2);
      const [container, field] = createExtensionContainer(extension2, value);
      const local = container[unsafeLocal];
      const jsonValue = compileFieldValue(field)(opts, local[field.localName]);
      if (jsonValue !== void 0) {
        json[extension2.jsonName] = jsonValue;
      }
    }
  }
}
function anyToJson(val, opts) {
  if (val.typeUrl === "") {
    return {};
  }
  const { registry } = opts;
  let message;
  let desc;
  if (registry) {
    message = anyUnpack(val, registry);
    if (message) {
      desc = registry.getMessage(message.$typeName);
    }
  }
  if (!desc || !message) {
    throw new Error(`cannot encode message ${val.$typeName} to JSON: "${val.typeUrl}" is not in the type registry`);
  }
  const json = hasCustomJsonRepresentation(desc) ? {
    value: compiledWriter2(desc)(opts, message)
  } : compiledWriter2(desc)(opts, message);
  json["@type"] = val.typeUrl;
  return json;
}
function durationToJson(val) {
  const seconds = Number(val.seconds);
  const nanos = val.nanos;
  if (seconds > durationSecondsMax || seconds < durationSecondsMin) {
    throw new Error(`cannot encode message ${val.$typeName} to JSON: value out of range`);
  }
  if (seconds > 0 && nanos < 0 || seconds < 0 && nanos > 0) {
    throw new Error(`cannot encode message ${val.$typeName} to JSON: nanos sign must match seconds sign`);
  }
  let text = val.seconds.toString();
  if (nanos !== 0) {
    let nanosStr = Math.abs(nanos).toString();
    nanosStr = "0".repeat(9 - nanosStr.length) + nanosStr;
    if (nanosStr.substring(3) === "000000") {
      nanosStr = nanosStr.substring(0, 3);
    } else if (nanosStr.substring(6) === "000") {
      nanosStr = nanosStr.substring(0, 6);
    }
    text += "." + nanosStr;
    if (nanos < 0 && seconds == 0) {
      text = "-" + text;
    }
  }
  return text + "s";
}
function fieldMaskToJson(val) {
  return val.paths.map((p) => {
    if (protoSnakeCase(protoCamelCase(p)) !== p) {
      throw new Error(`cannot encode message ${val.$typeName} to JSON: lowerCamelCase of path name "${p}" is irreversible`);
    }
    return protoCamelCase(p);
  }).join(",");
}
function structToJson(val) {
  const json = {};
  const keys = Object.keys(val.fields);
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i];
    setOwn(json, key, valueToJson(val.fields[key]));
  }
  return json;
}
function valueToJson(val) {
  switch (val.kind.case) {
    case "nullValue":
      return null;
    case "numberValue":
      if (!Number.isFinite(val.kind.value)) {
        throw new Error(`${val.$typeName} cannot be NaN or Infinity`);
      }
      return val.kind.value;
    case "boolValue":
      return val.kind.value;
    case "stringValue":
      return val.kind.value;
    case "structValue":
      return structToJson(val.kind.value);
    case "listValue":
      return listValueToJson(val.kind.value);
    default:
      throw new Error(`${val.$typeName} must have a value`);
  }
}
function listValueToJson(val) {
  return val.values.map(valueToJson);
}
function timestampToJson(val) {
  const ms = Number(val.seconds) * 1e3;
  if (ms < timestampMsMin || ms > timestampMsMax) {
    throw new Error(`cannot encode message ${val.$typeName} to JSON: must be from 0001-01-01T00:00:00Z to 9999-12-31T23:59:59Z inclusive`);
  }
  if (val.nanos < 0) {
    throw new Error(`cannot encode message ${val.$typeName} to JSON: nanos must not be negative`);
  }
  if (val.nanos > 999999999) {
    throw new Error(`cannot encode message ${val.$typeName} to JSON: nanos must not be greater than 999999999`);
  }
  let z = "Z";
  if (val.nanos > 0) {
    const nanosStr = (val.nanos + 1e9).toString().substring(1);
    if (nanosStr.substring(3) === "000000") {
      z = "." + nanosStr.substring(0, 3) + "Z";
    } else if (nanosStr.substring(6) === "000") {
      z = "." + nanosStr.substring(0, 6) + "Z";
    } else {
      z = "." + nanosStr + "Z";
    }
  }
  return new Date(ms).toISOString().replace(".000Z", z);
}
var LEGACY_REQUIRED3, IMPLICIT5, jsonWriteDefaults, compiledWriters2;
var init_to_json = __esm({
  "node_modules/.pnpm/@bufbuild+protobuf@2.17.0/node_modules/@bufbuild/protobuf/dist/esm/to-json.js"() {
    init_descriptors();
    init_names();
    init_wkt();
    init_wrappers();
    init_json2();
    init_wire();
    init_extensions();
    init_reflect_check();
    init_error();
    init_unsafe();
    init_scalar();
    init_message();
    LEGACY_REQUIRED3 = 3;
    IMPLICIT5 = 2;
    jsonWriteDefaults = {
      alwaysEmitImplicit: false,
      enumAsInteger: false,
      useProtoFieldName: false
    };
    compiledWriters2 = /* @__PURE__ */ new WeakMap();
  }
});

// node_modules/.pnpm/@bufbuild+protobuf@2.17.0/node_modules/@bufbuild/protobuf/dist/esm/from-json.js
function makeReadContext2(options) {
  return Object.assign(Object.assign({ ignoreUnknownFields: false, recursionLimit: 100 }, options), { depth: 0 });
}
function fromJson(schema, json, options) {
  const message = create(schema);
  readMessage(schema, message, json, options);
  return message;
}
function readMessage(schema, message, json, options) {
  try {
    compiledReader2(schema)(message, json, makeReadContext2(options));
  } catch (e) {
    if (isFieldError(e)) {
      throw new Error(`cannot decode ${e.field()} from JSON: ${e.message}`, {
        cause: e
      });
    }
    throw e;
  }
}
function compiledReader2(desc) {
  let compiled = compiledReaders2.get(desc);
  if (compiled === void 0) {
    compiled = compileMessage4(desc);
  }
  return compiled;
}
function compileMessage4(desc) {
  const descString = String(desc);
  const readWkt = compileWkt2(desc);
  if (readWkt !== void 0) {
    const compiled2 = (message, json, ctx) => {
      if (++ctx.depth > ctx.recursionLimit) {
        throw new Error(`cannot decode ${descString} from JSON: maximum recursion depth of ${ctx.recursionLimit} reached`);
      }
      readWkt(message, json, ctx);
      ctx.depth--;
    };
    compiledReaders2.set(desc, compiled2);
    return compiled2;
  }
  const typeName = desc.typeName;
  const fieldsByJsonKey = /* @__PURE__ */ new Map();
  const compiled = (message, json, ctx) => {
    var _a;
    if (++ctx.depth > ctx.recursionLimit) {
      throw new Error(`cannot decode ${descString} from JSON: maximum recursion depth of ${ctx.recursionLimit} reached`);
    }
    if (json == null || Array.isArray(json) || typeof json != "object") {
      throw new Error(`cannot decode ${descString} from JSON: ${formatVal(json)}`);
    }
    const oneofSeen = /* @__PURE__ */ new Map();
    const fieldSeen = /* @__PURE__ */ new Set();
    const jsonKeys = Object.keys(json);
    for (let i = 0; i < jsonKeys.length; i++) {
      const jsonKey = jsonKeys[i];
      const jsonValue = json[jsonKey];
      const entry = fieldsByJsonKey.get(jsonKey);
      if (entry !== void 0) {
        const field = entry.field;
        if (fieldSeen.has(field)) {
          throw new FieldError(field, "set multiple times");
        }
        fieldSeen.add(field);
        if (entry.oneofScalarNullSkip && jsonValue === null) {
          continue;
        }
        if (entry.oneof) {
          const seen = oneofSeen.get(entry.oneof);
          if (seen !== void 0) {
            throw new FieldError(entry.oneof, `oneof set multiple times by ${seen.name} and ${field.name}`);
          }
          oneofSeen.set(entry.oneof, field);
        }
        entry.read(message, jsonValue, ctx);
      } else {
        const extension2 = jsonKey.startsWith("[") && jsonKey.endsWith("]") ? (_a = ctx.registry) === null || _a === void 0 ? void 0 : _a.getExtension(jsonKey.substring(1, jsonKey.length - 1)) : void 0;
        if ((extension2 === null || extension2 === void 0 ? void 0 : extension2.extendee.typeName) == typeName) {
          const [container, field, get] = createExtensionContainer(extension2);
          compileFieldReader2(field)(container[unsafeLocal], jsonValue, ctx);
          setExtension(message, extension2, get());
        }
        if (extension2 === void 0 && !ctx.ignoreUnknownFields) {
          throw new Error(`cannot decode ${descString} from JSON: key "${jsonKey}" is unknown`);
        }
      }
    }
    ctx.depth--;
  };
  compiledReaders2.set(desc, compiled);
  for (const field of desc.fields) {
    const entry = {
      read: compileFieldReader2(field),
      field,
      oneof: field.oneof,
      oneofScalarNullSkip: field.oneof !== void 0 && field.fieldKind == "scalar"
    };
    fieldsByJsonKey.set(field.name, entry).set(field.jsonName, entry);
  }
  return compiled;
}
function compileWkt2(desc) {
  if (!desc.typeName.startsWith("google.protobuf.")) {
    return void 0;
  }
  switch (desc.typeName) {
    case "google.protobuf.Any":
      return (message, json, ctx) => anyFromJson(message, json, ctx);
    case "google.protobuf.Timestamp":
      return (message, json) => timestampFromJson(message, json);
    case "google.protobuf.Duration":
      return (message, json) => durationFromJson(message, json);
    case "google.protobuf.FieldMask":
      return (message, json) => fieldMaskFromJson(message, json);
    case "google.protobuf.Struct":
      return (message, json, ctx) => structFromJson(message, json, ctx);
    case "google.protobuf.Value":
      return (message, json, ctx) => valueFromJson(message, json, ctx);
    case "google.protobuf.ListValue":
      return (message, json, ctx) => listValueFromJson(message, json, ctx);
    default:
      if (isWrapperDesc(desc)) {
        const valueField = desc.fields[0];
        const localName = valueField.localName;
        const scalar = valueField.scalar;
        const longAsString = valueField.longAsString;
        const readScalar = compileScalarConverter(valueField);
        return (message, json) => {
          if (json === null) {
            message[localName] = scalarZeroValue(scalar, longAsString);
          } else {
            message[localName] = readScalar(json);
          }
        };
      }
      return void 0;
  }
}
function compileFieldReader2(field) {
  switch (field.fieldKind) {
    case "scalar":
      return compileScalarFieldReader2(field);
    case "enum":
      return compileEnumFieldReader2(field);
    case "message":
      return compileMessageFieldReader2(field);
    case "list":
      return compileListFieldReader2(field);
    case "map":
      return compileMapFieldReader2(field);
  }
}
function compileScalarFieldReader2(field) {
  const readScalar = compileScalarConverter(field);
  const localName = field.localName;
  if (field.oneof) {
    const oneofLocalName = field.oneof.localName;
    return (message, json) => {
      message[oneofLocalName] = {
        case: localName,
        value: readScalar(json)
      };
    };
  }
  const clear = compileClear(field);
  return (message, json) => {
    if (json === null) {
      clear(message);
    } else {
      message[localName] = readScalar(json);
    }
  };
}
function compileClear(field) {
  const localName = field.localName;
  if (field.presence != IMPLICIT6) {
    return (message) => {
      delete message[localName];
    };
  }
  if (field.fieldKind == "enum") {
    const zero = field.enum.values[0].number;
    return (message) => {
      message[localName] = zero;
    };
  }
  const scalar = field.scalar;
  const longAsString = field.longAsString;
  return (message) => {
    message[localName] = scalarZeroValue(scalar, longAsString);
  };
}
function compileEnumFieldReader2(field) {
  const readEnumValue = compileEnumConverter(field.enum);
  const checkEnum = compileEnumCheck(field.enum);
  const localName = field.localName;
  const nullResets = field.enum.typeName != "google.protobuf.NullValue";
  if (field.oneof) {
    const oneofLocalName = field.oneof.localName;
    return (message, json, ctx) => {
      if (json === null && nullResets) {
        const oneof = message[oneofLocalName];
        if (oneof.case === localName) {
          message[oneofLocalName] = { case: void 0 };
        }
        return;
      }
      const value = readEnumValue(json, ctx.ignoreUnknownFields);
      if (value === tokenIgnoredUnknownEnum) {
        return;
      }
      const check = checkEnum(value);
      if (check !== true) {
        throw new FieldError(field, reasonSingular(field, value, check));
      }
      message[oneofLocalName] = { case: localName, value };
    };
  }
  const clear = compileClear(field);
  return (message, json, ctx) => {
    if (json === null && nullResets) {
      clear(message);
      return;
    }
    const value = readEnumValue(json, ctx.ignoreUnknownFields);
    if (value === tokenIgnoredUnknownEnum) {
      return;
    }
    const check = checkEnum(value);
    if (check !== true) {
      throw new FieldError(field, reasonSingular(field, value, check));
    }
    message[localName] = value;
  };
}
function compileMessageFieldReader2(field) {
  const localName = field.localName;
  const { toMessage, toLocal } = localMessageMapper(field);
  const readChild = compiledReader2(field.message);
  const nullResets = field.message.typeName != "google.protobuf.Value";
  if (field.oneof) {
    const oneofLocalName = field.oneof.localName;
    return (message, json, ctx) => {
      const oneof = message[oneofLocalName];
      if (json === null && nullResets) {
        if (oneof.case === localName) {
          message[oneofLocalName] = { case: void 0 };
        }
        return;
      }
      const child = toMessage(oneof.case === localName ? oneof.value : void 0);
      readChild(child, json, ctx);
      message[oneofLocalName] = { case: localName, value: toLocal(child) };
    };
  }
  return (message, json, ctx) => {
    if (json === null && nullResets) {
      delete message[localName];
      return;
    }
    const child = toMessage(message[localName]);
    readChild(child, json, ctx);
    message[localName] = toLocal(child);
  };
}
function compileListFieldReader2(field) {
  const localName = field.localName;
  const readItem = compileListItemReader(field);
  return (message, json, ctx) => {
    if (json === null) {
      return;
    }
    if (!Array.isArray(json)) {
      throw new FieldError(field, "expected Array, got " + formatVal(json));
    }
    const items = message[localName];
    for (let i = 0; i < json.length; i++) {
      const value = readItem(json[i], ctx, items.length);
      if (value !== tokenIgnoredUnknownEnum) {
        items.push(value);
      }
    }
  };
}
function compileListItemReader(field) {
  switch (field.listKind) {
    case "scalar": {
      const parseScalar = compileScalarParse(field);
      const checkValue = checkScalarValue(field.scalar);
      const toLocal = compileScalarToLocal(field);
      return (json, ctx, index) => {
        if (json === null) {
          throw new FieldError(field, "list item must not be null");
        }
        const value = parseScalar(json);
        const check = checkValue(value);
        if (check !== true) {
          throw new FieldError(field, `list item #${index + 1}: ${reasonSingular(field, value, check)}`);
        }
        return toLocal(value);
      };
    }
    case "enum": {
      const readEnumValue = compileEnumConverter(field.enum);
      const checkEnum = compileEnumCheck(field.enum);
      const nullResets = field.enum.typeName != "google.protobuf.NullValue";
      return (json, ctx, index) => {
        if (json === null && nullResets) {
          throw new FieldError(field, "list item must not be null");
        }
        const value = readEnumValue(json, ctx.ignoreUnknownFields);
        if (value === tokenIgnoredUnknownEnum) {
          return value;
        }
        const check = checkEnum(value);
        if (check !== true) {
          throw new FieldError(field, `list item #${index + 1}: ${reasonSingular(field, value, check)}`);
        }
        return value;
      };
    }
    case "message": {
      const { toMessage, toLocal } = localMessageMapper(field);
      const readChild = compiledReader2(field.message);
      const nullResets = field.message.typeName != "google.protobuf.Value";
      return (json, ctx) => {
        if (json === null && nullResets) {
          throw new FieldError(field, "list item must not be null");
        }
        const child = toMessage(void 0);
        readChild(child, json, ctx);
        return toLocal(child);
      };
    }
  }
}
function compileMapFieldReader2(field) {
  const localName = field.localName;
  const mapKey = field.mapKey;
  const parseMapKey = compileMapKeyParse(mapKey);
  const checkMapKey = checkScalarValue(mapKey);
  let parseValue;
  let checkValue;
  let toLocalValue = (value) => value;
  let nullResets = true;
  switch (field.mapKind) {
    case "scalar": {
      parseValue = compileScalarParse(field);
      checkValue = checkScalarValue(field.scalar);
      toLocalValue = compileScalarToLocal(field);
      break;
    }
    case "enum": {
      const readEnumValue = compileEnumConverter(field.enum);
      parseValue = (json, ctx) => readEnumValue(json, ctx.ignoreUnknownFields);
      checkValue = compileEnumCheck(field.enum);
      nullResets = field.enum.typeName != "google.protobuf.NullValue";
      break;
    }
    case "message": {
      const { toMessage, toLocal } = localMessageMapper(field);
      const readChild = compiledReader2(field.message);
      nullResets = field.message.typeName != "google.protobuf.Value";
      parseValue = (json, ctx) => {
        const child = toMessage(void 0);
        readChild(child, json, ctx);
        return toLocal(child);
      };
      break;
    }
  }
  return (message, json, ctx) => {
    if (json === null) {
      return;
    }
    if (typeof json != "object" || Array.isArray(json)) {
      throw new FieldError(field, "expected object, got " + formatVal(json));
    }
    const record = message[localName];
    const seen = /* @__PURE__ */ new Set();
    const jsonMapKeys = Object.keys(json);
    for (let i = 0; i < jsonMapKeys.length; i++) {
      const jsonMapKey = jsonMapKeys[i];
      const jsonMapValue = json[jsonMapKey];
      const key = parseMapKey(jsonMapKey);
      if (seen.has(key)) {
        throw new FieldError(field, `duplicate map key "${jsonMapKey}"`);
      }
      seen.add(key);
      if (jsonMapValue === null && nullResets) {
        throw new FieldError(field, "map value must not be null");
      }
      const value = parseValue(jsonMapValue, ctx);
      if (value === tokenIgnoredUnknownEnum) {
        continue;
      }
      const checkKey = checkMapKey(key);
      if (checkKey !== true) {
        throw new FieldError(field, `invalid map key: ${reasonSingular({ scalar: mapKey }, key, checkKey)}`);
      }
      if (checkValue !== void 0) {
        const check = checkValue(value);
        if (check !== true) {
          throw new FieldError(field, `map entry ${formatVal(key)}: ${reasonSingular(field, value, check)}`);
        }
      }
      setOwn(record, key, toLocalValue(value));
    }
  };
}
function compileEnumConverter(desc) {
  const zero = desc.values[0].number;
  const numbers = /* @__PURE__ */ new Map();
  for (const value of desc.values) {
    numbers.set(value.jsonName, value.number);
  }
  for (const value of desc.values) {
    numbers.set(value.name, value.number);
  }
  return (json, ignoreUnknownFields) => {
    if (json === null) {
      return zero;
    }
    switch (typeof json) {
      case "number":
        if (Number.isInteger(json)) {
          return json;
        }
        break;
      case "string": {
        const number = numbers.get(json);
        if (number !== void 0) {
          return number;
        }
        if (ignoreUnknownFields) {
          return tokenIgnoredUnknownEnum;
        }
        break;
      }
    }
    throw new Error(`cannot decode ${desc} from JSON: ${formatVal(json)}`);
  };
}
function compileEnumCheck(desc) {
  if (desc.open) {
    return checkScalarValue(ScalarType.INT32);
  }
  const values = desc.values;
  return (value) => values.some((v) => v.number === value);
}
function compileScalarConverter(field) {
  const parseScalar = compileScalarParse(field);
  const checkValue = checkScalarValue(field.scalar);
  const toLocal = compileScalarToLocal(field);
  return (json) => {
    const value = parseScalar(json);
    const check = checkValue(value);
    if (check !== true) {
      throw new FieldError(field, reasonSingular(field, value, check));
    }
    return toLocal(value);
  };
}
function compileScalarParse(field) {
  switch (field.scalar) {
    // float, double: JSON value will be a number or one of the special string values "NaN", "Infinity", and "-Infinity".
    // Either numbers or strings are accepted. Exponent notation is also accepted.
    case ScalarType.DOUBLE:
    case ScalarType.FLOAT:
      return (json) => {
        if (json === "NaN")
          return NaN;
        if (json === "Infinity")
          return Number.POSITIVE_INFINITY;
        if (json === "-Infinity")
          return Number.NEGATIVE_INFINITY;
        if (typeof json == "number") {
          if (Number.isNaN(json)) {
            throw new FieldError(field, "unexpected NaN number");
          }
          if (!Number.isFinite(json)) {
            throw new FieldError(field, "unexpected infinite number");
          }
          return json;
        }
        if (typeof json == "string") {
          if (json === "") {
            return json;
          }
          if (json.trim().length !== json.length) {
            return json;
          }
          const float = Number(json);
          if (!Number.isFinite(float)) {
            return json;
          }
          return float;
        }
        return json;
      };
    // int32, fixed32, uint32: JSON value will be a decimal number. Either numbers or strings are accepted.
    case ScalarType.INT32:
    case ScalarType.FIXED32:
    case ScalarType.SFIXED32:
    case ScalarType.SINT32:
    case ScalarType.UINT32:
      return int32FromJson;
    // bytes: JSON value will be the data encoded as a string using standard base64 encoding with paddings.
    // Either standard or URL-safe base64 encoding with/without paddings are accepted.
    case ScalarType.BYTES:
      return (json) => {
        if (typeof json == "string") {
          if (json === "") {
            return new Uint8Array(0);
          }
          try {
            return base64Decode(json);
          } catch (e) {
            const message = e instanceof Error ? e.message : String(e);
            throw new FieldError(field, message);
          }
        }
        return json;
      };
    // int64, sfixed64, sint64, fixed64, uint64: The validation step accepts
    // string and number. string, bool: no conversion.
    default:
      return (json) => json;
  }
}
function compileScalarToLocal(field) {
  const longAsString = field.fieldKind !== "map" && field.longAsString;
  switch (field.scalar) {
    case ScalarType.INT64:
    case ScalarType.SFIXED64:
    case ScalarType.SINT64:
      if (longAsString) {
        return (value) => String(value);
      }
      return (value) => typeof value == "string" || typeof value == "number" ? protoInt64.parse(value) : value;
    case ScalarType.FIXED64:
    case ScalarType.UINT64:
      if (longAsString) {
        return (value) => String(value);
      }
      return (value) => typeof value == "string" || typeof value == "number" ? protoInt64.uParse(value) : value;
    default:
      return (value) => value;
  }
}
function compileMapKeyParse(type) {
  switch (type) {
    case ScalarType.BOOL:
      return (jsonString) => {
        switch (jsonString) {
          case "true":
            return true;
          case "false":
            return false;
        }
        return jsonString;
      };
    case ScalarType.INT32:
    case ScalarType.FIXED32:
    case ScalarType.UINT32:
    case ScalarType.SFIXED32:
    case ScalarType.SINT32:
      return int32FromJson;
    case ScalarType.INT64:
    case ScalarType.SINT64:
    case ScalarType.SFIXED64:
    case ScalarType.UINT64:
    case ScalarType.FIXED64:
      return (jsonString) => /^-?0+$/.test(jsonString) ? "0" : jsonString.replace(/^(-?)0+(?=\d)/, "$1");
    default:
      return (jsonString) => jsonString;
  }
}
function int32FromJson(json) {
  if (typeof json == "string") {
    if (json === "") {
      return json;
    }
    if (json.trim().length !== json.length) {
      return json;
    }
    const num = Number(json);
    if (Number.isNaN(num)) {
      return json;
    }
    return num;
  }
  return json;
}
function anyFromJson(any, json, ctx) {
  var _a;
  if (json === null || Array.isArray(json) || typeof json != "object") {
    throw new Error(`cannot decode message ${any.$typeName} from JSON: expected object but got ${formatVal(json)}`);
  }
  if (Object.keys(json).length == 0) {
    return;
  }
  const typeUrl = json["@type"];
  if (typeof typeUrl != "string" || typeUrl == "") {
    throw new Error(`cannot decode message ${any.$typeName} from JSON: "@type" is empty`);
  }
  const typeName = typeUrl.includes("/") ? typeUrl.substring(typeUrl.lastIndexOf("/") + 1) : typeUrl;
  if (!typeName.length) {
    throw new Error(`cannot decode message ${any.$typeName} from JSON: "@type" is invalid`);
  }
  const desc = (_a = ctx.registry) === null || _a === void 0 ? void 0 : _a.getMessage(typeName);
  if (!desc) {
    throw new Error(`cannot decode message ${any.$typeName} from JSON: ${typeUrl} is not in the type registry`);
  }
  const message = create(desc);
  if (hasCustomJsonRepresentation(desc) && Object.prototype.hasOwnProperty.call(json, "value")) {
    compiledReader2(desc)(message, json.value, ctx);
  } else {
    const copy = {};
    for (const key of Object.keys(json)) {
      if (key !== "@type") {
        setOwn(copy, key, json[key]);
      }
    }
    compiledReader2(desc)(message, copy, ctx);
  }
  anyPack(desc, message, any);
}
function timestampFromJson(timestamp, json) {
  if (typeof json !== "string") {
    throw new Error(`cannot decode message ${timestamp.$typeName} from JSON: ${formatVal(json)}`);
  }
  const matches = json.match(/^([0-9]{4})-([0-9]{2})-([0-9]{2})T([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.([0-9]{1,9}))?(?:Z|([+-][0-9][0-9]:[0-9][0-9]))$/);
  if (!matches) {
    throw new Error(`cannot decode message ${timestamp.$typeName} from JSON: invalid RFC 3339 string`);
  }
  const ms = Date.parse(
    // biome-ignore format: want this to read well
    matches[1] + "-" + matches[2] + "-" + matches[3] + "T" + matches[4] + ":" + matches[5] + ":" + matches[6] + (matches[8] ? matches[8] : "Z")
  );
  if (Number.isNaN(ms)) {
    throw new Error(`cannot decode message ${timestamp.$typeName} from JSON: invalid RFC 3339 string`);
  }
  if (ms < timestampMsMin || ms > timestampMsMax) {
    throw new Error(`cannot decode message ${timestamp.$typeName} from JSON: must be from 0001-01-01T00:00:00Z to 9999-12-31T23:59:59Z inclusive`);
  }
  timestamp.seconds = protoInt64.parse(ms / 1e3);
  timestamp.nanos = 0;
  if (matches[7]) {
    timestamp.nanos = parseInt("1" + matches[7] + "0".repeat(9 - matches[7].length)) - 1e9;
  }
}
function durationFromJson(duration, json) {
  if (typeof json !== "string") {
    throw new Error(`cannot decode message ${duration.$typeName} from JSON: ${formatVal(json)}`);
  }
  const match = json.match(/^(-?[0-9]+)(?:\.([0-9]+))?s/);
  if (match === null) {
    throw new Error(`cannot decode message ${duration.$typeName} from JSON: ${formatVal(json)}`);
  }
  const longSeconds = Number(match[1]);
  if (longSeconds > durationSecondsMax || longSeconds < durationSecondsMin) {
    throw new Error(`cannot decode message ${duration.$typeName} from JSON: ${formatVal(json)}`);
  }
  duration.seconds = protoInt64.parse(longSeconds);
  if (typeof match[2] !== "string") {
    return;
  }
  const nanosStr = match[2] + "0".repeat(9 - match[2].length);
  duration.nanos = parseInt(nanosStr);
  if (longSeconds < 0 || Object.is(longSeconds, -0)) {
    duration.nanos = -duration.nanos;
  }
}
function fieldMaskFromJson(fieldMask, json) {
  if (typeof json !== "string") {
    throw new Error(`cannot decode message ${fieldMask.$typeName} from JSON: ${formatVal(json)}`);
  }
  if (json === "") {
    return;
  }
  fieldMask.paths = json.split(",").map((path) => {
    if (path.includes("_")) {
      throw new Error(`cannot decode message ${fieldMask.$typeName} from JSON: path names must be lowerCamelCase`);
    }
    return protoSnakeCase(path);
  });
}
function structFromJson(struct, json, ctx) {
  if (typeof json != "object" || json == null || Array.isArray(json)) {
    throw new Error(`cannot decode message ${struct.$typeName} from JSON ${formatVal(json)}`);
  }
  const keys = Object.keys(json);
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i];
    const parsedValue = create(ValueSchema);
    valueFromJson(parsedValue, json[key], ctx);
    setOwn(struct.fields, key, parsedValue);
  }
}
function valueFromJson(value, json, ctx) {
  if (++ctx.depth > ctx.recursionLimit) {
    throw new Error(`cannot decode ${value.$typeName} from JSON: maximum recursion depth of ${ctx.recursionLimit} reached`);
  }
  switch (typeof json) {
    case "number":
      value.kind = { case: "numberValue", value: json };
      break;
    case "string":
      value.kind = { case: "stringValue", value: json };
      break;
    case "boolean":
      value.kind = { case: "boolValue", value: json };
      break;
    case "object":
      if (json === null) {
        value.kind = { case: "nullValue", value: NullValue.NULL_VALUE };
      } else if (Array.isArray(json)) {
        const listValue = create(ListValueSchema);
        listValueFromJson(listValue, json, ctx);
        value.kind = { case: "listValue", value: listValue };
      } else {
        const struct = create(StructSchema);
        structFromJson(struct, json, ctx);
        value.kind = { case: "structValue", value: struct };
      }
      break;
    default:
      throw new Error(`cannot decode message ${value.$typeName} from JSON ${formatVal(json)}`);
  }
  ctx.depth--;
  return value;
}
function listValueFromJson(listValue, json, ctx) {
  if (!Array.isArray(json)) {
    throw new Error(`cannot decode message ${listValue.$typeName} from JSON ${formatVal(json)}`);
  }
  for (let i = 0; i < json.length; i++) {
    const value = create(ValueSchema);
    valueFromJson(value, json[i], ctx);
    listValue.values.push(value);
  }
}
var IMPLICIT6, compiledReaders2, tokenIgnoredUnknownEnum;
var init_from_json = __esm({
  "node_modules/.pnpm/@bufbuild+protobuf@2.17.0/node_modules/@bufbuild/protobuf/dist/esm/from-json.js"() {
    init_descriptors();
    init_proto_int64();
    init_create();
    init_error();
    init_reflect_check();
    init_names();
    init_scalar();
    init_unsafe();
    init_message();
    init_base64_encoding();
    init_wkt();
    init_extensions();
    init_json2();
    IMPLICIT6 = 2;
    compiledReaders2 = /* @__PURE__ */ new WeakMap();
    tokenIgnoredUnknownEnum = /* @__PURE__ */ Symbol();
  }
});

// node_modules/.pnpm/@bufbuild+protobuf@2.17.0/node_modules/@bufbuild/protobuf/dist/esm/merge.js
var init_merge = __esm({
  "node_modules/.pnpm/@bufbuild+protobuf@2.17.0/node_modules/@bufbuild/protobuf/dist/esm/merge.js"() {
  }
});

// node_modules/.pnpm/@bufbuild+protobuf@2.17.0/node_modules/@bufbuild/protobuf/dist/esm/unknown-enum.js
var init_unknown_enum = __esm({
  "node_modules/.pnpm/@bufbuild+protobuf@2.17.0/node_modules/@bufbuild/protobuf/dist/esm/unknown-enum.js"() {
  }
});

// node_modules/.pnpm/@bufbuild+protobuf@2.17.0/node_modules/@bufbuild/protobuf/dist/esm/index.js
var init_esm = __esm({
  "node_modules/.pnpm/@bufbuild+protobuf@2.17.0/node_modules/@bufbuild/protobuf/dist/esm/index.js"() {
    init_types2();
    init_is_message();
    init_create();
    init_clone();
    init_descriptors();
    init_equals();
    init_fields();
    init_to_binary();
    init_from_binary();
    init_to_json();
    init_from_json();
    init_merge();
    init_proto_int64();
    init_unknown_enum();
  }
});

// packages/protocol/src/node/method.ts
function clientMethod(method) {
  return {
    path: pathOf(method),
    kind: KINDS[method.methodKind],
    encode: (message) => toBinary(method.input, create(method.input, message)),
    decode: (bytes) => fromBinary(method.output, bytes)
  };
}
function serverMethod(method) {
  return {
    path: pathOf(method),
    kind: KINDS[method.methodKind],
    encode: (message) => toBinary(method.output, create(method.output, message)),
    decode: (bytes) => fromBinary(method.input, bytes)
  };
}
var pathOf, KINDS;
var init_method = __esm({
  "packages/protocol/src/node/method.ts"() {
    "use strict";
    init_esm();
    pathOf = (method) => `/${method.parent.typeName}/${method.name}`;
    KINDS = {
      unary: "unary",
      server_streaming: "server-stream",
      client_streaming: "client-stream",
      bidi_streaming: "bidirectional"
    };
  }
});

// packages/protocol/src/node/mux-knocks.ts
function createKnocks(session, waitMs, knock) {
  const unanswered = /* @__PURE__ */ new Set();
  let current;
  let turn = Promise.resolve();
  let waiting = 0;
  const knocked = (id, signal) => new Promise((resolve, reject) => {
    const leave = () => {
      current = void 0;
      stopTimer();
      signal.removeEventListener("abort", abort);
    };
    const giveUp = (found, cause) => {
      leave();
      if (unanswered.size < LIMITS.brokerEntries) unanswered.add(id);
      reject(undialed(id, found, cause));
    };
    const abort = () => giveUp(wordsOf(signal.reason), signal.reason);
    const stopTimer = after(
      waitMs,
      () => giveUp(`the other side did not answer within ${waitMs} ms`)
    );
    const hear = (error) => {
      leave();
      try {
        if (error !== "") throw new Error(`the other side refused, ${quoted(error)}`);
        resolve(session.open());
      } catch (cause) {
        reject(undialed(id, wordsOf(cause), cause));
      }
    };
    current = { id, hear };
    signal.addEventListener("abort", abort, { once: true });
    knock(id);
  });
  return {
    async open(id, signal) {
      if (waiting >= LIMITS.brokerEntries) throw undialed(id, `${waiting} others are waited for`);
      waiting += 1;
      const before = turn;
      const own = Promise.withResolvers();
      turn = Promise.all([before, own.promise]);
      const stopped = Promise.withResolvers();
      const stop = () => stopped.resolve();
      signal.addEventListener("abort", stop, { once: true });
      try {
        await Promise.race([before, stopped.promise]);
        if (signal.aborted) throw undialed(id, wordsOf(signal.reason), signal.reason);
        return await knocked(id, signal);
      } finally {
        signal.removeEventListener("abort", stop);
        waiting -= 1;
        own.resolve();
      }
    },
    answered(id, error) {
      if (current?.id === id) {
        current.hear(error);
        return;
      }
      if (unanswered.delete(id) && error === "") fillPlace(session);
    }
  };
}
function fillPlace(session) {
  try {
    session.open().destroy();
  } catch {
  }
}
var init_mux_knocks = __esm({
  "packages/protocol/src/node/mux-knocks.ts"() {
    "use strict";
    init_limits();
    init_quoted();
    init_broker_entries();
    init_timeout();
  }
});

// packages/protocol/src/node/der.ts
function element(tag, ...parts) {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  return join2([Uint8Array.of(tag), lengthOf(length), ...parts]);
}
function lengthOf(length) {
  if (length < 128) return Uint8Array.of(length);
  const bytes = [];
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) bytes.unshift(rest % 256);
  return Uint8Array.of(128 | bytes.length, ...bytes);
}
function base128(value) {
  const bytes = [value % 128];
  for (let rest = Math.floor(value / 128); rest > 0; rest = Math.floor(rest / 128)) {
    bytes.unshift(128 | rest % 128);
  }
  return Uint8Array.from(bytes);
}
function join2(parts) {
  const joined2 = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    joined2.set(part, at);
    at += part.length;
  }
  return joined2;
}
var der;
var init_der = __esm({
  "packages/protocol/src/node/der.ts"() {
    "use strict";
    der = {
      sequence: (...items) => element(48, ...items),
      set: (...items) => element(49, ...items),
      boolean: (value) => element(1, Uint8Array.of(value ? 255 : 0)),
      /** A positive integer, from its bytes, most significant first. */
      integer(bytes) {
        const first = bytes.findIndex((byte2) => byte2 !== 0);
        const shortest = first === -1 ? Uint8Array.of(0) : bytes.subarray(first);
        const sign = (shortest[0] ?? 0) >= 128 ? [Uint8Array.of(0)] : [];
        return element(2, ...sign, shortest);
      },
      bitString: (bytes, unusedBits = 0) => element(3, Uint8Array.of(unusedBits), bytes),
      octetString: (bytes) => element(4, bytes),
      utf8String: (text) => element(12, new TextEncoder().encode(text)),
      /** `1.2.840.…` */
      objectIdentifier(dotted) {
        const [first = 0, second = 0, ...rest] = dotted.split(".").map(Number);
        return element(6, ...[first * 40 + second, ...rest].map(base128));
      },
      /** UTCTime up to 2049 and GeneralizedTime after it (RFC 5280, section 4.1.2.5), to the second. */
      time(at) {
        const digits = at.toISOString().replaceAll(/[-:T]|\.\d+/gu, "");
        const isShort = at.getUTCFullYear() >= 1950 && at.getUTCFullYear() < 2050;
        const text = isShort ? digits.slice(2) : digits;
        return element(isShort ? 23 : 24, new TextEncoder().encode(text));
      },
      /** `[n] EXPLICIT`: the element with a tag of its own around it. */
      explicit: (tag, item) => element(160 | tag, item),
      /** `[n] IMPLICIT` of a primitive type: the bytes under another tag. */
      implicit: (tag, bytes) => element(128 | tag, bytes)
    };
  }
});

// packages/protocol/src/node/one-time-certificate.ts
function createOneTimeCertificate(now = /* @__PURE__ */ new Date()) {
  const crypto = process.getBuiltinModule("node:crypto");
  const { publicKey, privateKey } = crypto.generateKeyPairSync("ec", { namedCurve: "P-256" });
  const until = new Date(now);
  until.setUTCFullYear(until.getUTCFullYear() + YEARS);
  const algorithm = der.sequence(der.objectIdentifier(OID.ecdsaWithSha256));
  const name = nameOf({ [OID.organisation]: "HashiCorp", [OID.commonName]: "localhost" });
  const toBeSigned = der.sequence(
    der.explicit(0, der.integer(Uint8Array.of(2))),
    der.integer(crypto.randomBytes(SERIAL_BYTES)),
    algorithm,
    name,
    der.sequence(der.time(new Date(now.getTime() - SKEW_MS)), der.time(until)),
    name,
    new Uint8Array(publicKey.export({ type: "spki", format: "der" })),
    der.explicit(3, der.sequence(...extensions()))
  );
  const signature = crypto.sign("sha256", toBeSigned, privateKey);
  return {
    certificate: der.sequence(toBeSigned, algorithm, der.bitString(signature)),
    privateKey: privateKey.export({ type: "pkcs8", format: "pem" }).toString()
  };
}
function certificatePem(certificate) {
  const base64 = Buffer.from(certificate).toString("base64");
  const lines = base64.match(/.{1,64}/gu) ?? [];
  return `-----BEGIN CERTIFICATE-----
${lines.join("\n")}
-----END CERTIFICATE-----
`;
}
function extensions() {
  const usage = der.bitString(Uint8Array.of(172), 2);
  const purposes = [OID.clientAuthentication, OID.serverAuthentication];
  const localhost = der.implicit(2, new TextEncoder().encode("localhost"));
  return [
    extension(OID.keyUsage, usage, true),
    extension(
      OID.extendedKeyUsage,
      der.sequence(...purposes.map((oid) => der.objectIdentifier(oid))),
      false
    ),
    extension(OID.basicConstraints, der.sequence(der.boolean(true)), true),
    extension(OID.alternativeNames, der.sequence(localhost), false)
  ];
}
var OID, SKEW_MS, YEARS, SERIAL_BYTES, extension, nameOf;
var init_one_time_certificate = __esm({
  "packages/protocol/src/node/one-time-certificate.ts"() {
    "use strict";
    init_der();
    OID = {
      ecdsaWithSha256: "1.2.840.10045.4.3.2",
      organisation: "2.5.4.10",
      commonName: "2.5.4.3",
      keyUsage: "2.5.29.15",
      alternativeNames: "2.5.29.17",
      basicConstraints: "2.5.29.19",
      extendedKeyUsage: "2.5.29.37",
      serverAuthentication: "1.3.6.1.5.5.7.3.1",
      clientAuthentication: "1.3.6.1.5.5.7.3.2"
    };
    SKEW_MS = 3e4;
    YEARS = 30;
    SERIAL_BYTES = 16;
    extension = (oid, value, isCritical) => der.sequence(
      der.objectIdentifier(oid),
      ...isCritical ? [der.boolean(true)] : [],
      der.octetString(value)
    );
    nameOf = (parts) => der.sequence(
      ...Object.entries(parts).map(
        ([oid, text]) => der.set(der.sequence(der.objectIdentifier(oid), der.utf8String(text)))
      )
    );
  }
});

// packages/protocol/src/node/mutual-tls.ts
function certificateFault(certificate) {
  const { X509Certificate } = process.getBuiltinModule("node:crypto");
  try {
    const { publicKey } = new X509Certificate(certificate);
    return publicKey.asymmetricKeyType === void 0 ? "its key is of no known kind" : void 0;
  } catch (error) {
    return error instanceof Error ? error.message : "it cannot be read";
  }
}
function connectMutualTls(stream, tls, signal) {
  const { connect: connect2 } = process.getBuiltinModule("node:tls");
  const secured2 = connect2({ ...commonOptions(tls), socket: stream, servername: "localhost" });
  stream.once("close", () => secured2.destroy());
  secured2.once("close", () => stream.destroy());
  return settled(secured2, stream, "secureConnect", signal);
}
function createMutualTlsServer(tls, accept) {
  const { createServer: createServer3 } = process.getBuiltinModule("node:tls");
  const server = createServer3({ ...commonOptions(tls), requestCert: true });
  server.on("secureConnection", accept);
  server.on("tlsClientError", (_error, socket) => socket.destroy());
  return { accept: (stream) => void server.emit("connection", stream) };
}
function settled(secured2, stream, event, signal) {
  return new Promise((resolve, reject) => {
    const fail = (cause) => {
      leave();
      secured2.destroy();
      stream.destroy();
      const state = cause instanceof Error ? cause.message : "the attempt was cancelled";
      reject(
        new ProtocolError("CONNECT_FAILED", `Cannot secure the connection: ${state}`, { cause })
      );
    };
    const stop = () => fail(signal?.reason);
    const closed = () => fail(new Error("the other side closed it"));
    const leave = () => {
      signal?.removeEventListener("abort", stop);
      secured2.off("error", fail).off("close", closed);
    };
    secured2.once(event, () => {
      leave();
      secured2.on("error", () => void 0);
      resolve(secured2);
    });
    secured2.on("error", fail).on("close", closed);
    if (signal?.aborted === true) stop();
    signal?.addEventListener("abort", stop, { once: true });
  });
}
var commonOptions;
var init_mutual_tls = __esm({
  "packages/protocol/src/node/mutual-tls.ts"() {
    "use strict";
    init_protocol_error();
    init_one_time_certificate();
    commonOptions = ({
      own,
      peer
    }) => ({
      cert: certificatePem(own.certificate),
      key: own.privateKey,
      // The other side's certificate alone: no authority of the machine is asked.
      ca: certificatePem(peer),
      rejectUnauthorized: true,
      minVersion: "TLSv1.2",
      ALPNProtocols: ["h2"]
    });
  }
});

// packages/protocol/src/node/mux-broker.ts
function createMuxBroker({ session, tls, waitMs = WAIT_MS }, tell) {
  const served = /* @__PURE__ */ new Map();
  const early = /* @__PURE__ */ new Map();
  const knocks = createKnocks(
    session,
    waitMs,
    (id) => tell({ serviceId: id, knock: { knock: true } })
  );
  let admitting = 0;
  const answer = (id, error) => tell({ serviceId: id, knock: { knock: true, ack: true, error } });
  const admit = (id, serve3) => {
    if (admitting >= LIMITS.brokerEntries) {
      answer(id, "too many connections are expected already");
      return;
    }
    admitting += 1;
    const done = () => {
      admitting -= 1;
      stopTimer();
    };
    const withdraw = session.expect((stream) => {
      done();
      serve3(stream);
    });
    const stopTimer = after(waitMs, () => {
      withdraw();
      done();
    });
    answer(id, "");
  };
  const knockedAt = (id) => {
    const serve3 = served.get(id);
    if (serve3 !== void 0) {
      admit(id, serve3);
      return;
    }
    if (early.has(id)) return;
    if (early.size >= LIMITS.brokerEntries) {
      answer(id, "too many ids are asked for that nobody serves");
      return;
    }
    const stopTimer = after(waitMs, () => {
      early.delete(id);
      answer(id, "nobody serves this id");
    });
    early.set(id, stopTimer);
  };
  return {
    async accept(id, serve3) {
      if (served.has(id)) throw unserved(id, "it is served already");
      const enter = tls ? createMutualTlsServer(tls, serve3).accept : serve3;
      served.set(id, enter);
      const close = async () => void served.delete(id);
      const waiting = early.get(id);
      early.delete(id);
      waiting?.();
      if (waiting !== void 0) admit(id, enter);
      return { close, [Symbol.asyncDispose]: close };
    },
    async dial(id, signal) {
      const stream = await knocks.open(id, signal);
      if (tls === void 0) return stream;
      const late = new AbortController();
      const stopTimer = after(waitMs, () => late.abort(new Error(`not within ${waitMs} ms`)));
      try {
        return await connectMutualTls(stream, tls, AbortSignal.any([signal, late.signal]));
      } catch (error) {
        throw undialed(id, wordsOf(error), error);
      } finally {
        stopTimer();
      }
    },
    take({ serviceId, knock }) {
      if (knock === void 0 || !knock.knock || serviceId === 0) return;
      if (knock.ack) knocks.answered(serviceId, knock.error);
      else knockedAt(serviceId);
    },
    close() {
      for (const stopTimer of early.values()) stopTimer();
      early.clear();
    }
  };
}
var WAIT_MS;
var init_mux_broker = __esm({
  "packages/protocol/src/node/mux-broker.ts"() {
    "use strict";
    init_limits();
    init_broker_entries();
    init_mux_knocks();
    init_mutual_tls();
    init_timeout();
    WAIT_MS = 5e3;
  }
});

// packages/protocol/src/node/plain-broker.ts
function createPlainBroker({ listen, connect: connect2, tls, waitMs = WAIT_MS2 }, tell, ended) {
  const entries = createBrokerEntries(waitMs);
  return {
    async accept(id, serve3) {
      const listener = await listen(tls ? createMutualTlsServer(tls, serve3).accept : serve3);
      let closing;
      const closeOnce = () => closing ??= listener.close();
      if (!ended.aborted) tell({ serviceId: id, ...listener.address });
      return { close: closeOnce, [Symbol.asyncDispose]: closeOnce };
    },
    async dial(id, stop) {
      const address = await entries.claim(id, stop);
      const late = new AbortController();
      const stopTimer = after(waitMs, () => late.abort(new Error(`not within ${waitMs} ms`)));
      const within = AbortSignal.any([stop, late.signal]);
      try {
        const stream = await connect2(address, within);
        return tls ? await connectMutualTls(stream, tls, within) : stream;
      } catch (error) {
        throw undialed(id, wordsOf(error), error);
      } finally {
        stopTimer();
      }
    },
    take({ serviceId, network, address, knock }) {
      if (serviceId > 0 && knock === void 0) entries.tell(serviceId, network, address);
    },
    close: () => void 0
  };
}
var WAIT_MS2;
var init_plain_broker = __esm({
  "packages/protocol/src/node/plain-broker.ts"() {
    "use strict";
    init_broker_entries();
    init_mutual_tls();
    init_timeout();
    WAIT_MS2 = 5e3;
  }
});

// packages/protocol/src/node/route.ts
function unaryRoute(method, handler) {
  refuseKind(method.kind, "unary");
  return {
    path: method.path,
    async *serve(requests, context) {
      const request = decoded(method, await onlyRequest(requests));
      yield method.encode(await handler(request, context));
    }
  };
}
function streamRoute(method, handler) {
  refuseKind(method.kind, "server-stream");
  return {
    path: method.path,
    async *serve(requests, context) {
      const request = decoded(method, await onlyRequest(requests));
      for await (const message of handler(request, context)) yield method.encode(message);
    }
  };
}
function clientStreamRoute(method, handler) {
  refuseKind(method.kind, "client-stream");
  return {
    path: method.path,
    async *serve(requests, context) {
      yield method.encode(await handler(eachDecoded(method, requests), context));
    }
  };
}
function bidirectionalRoute(method, handler) {
  refuseKind(method.kind, "bidirectional");
  return {
    path: method.path,
    async *serve(requests, context) {
      const messages = eachDecoded(method, requests);
      for await (const message of handler(messages, context)) yield method.encode(message);
    }
  };
}
async function onlyRequest(requests) {
  let only;
  for await (const request of requests) {
    if (only !== void 0) throw notOne();
    only = request;
  }
  if (only === void 0) throw notOne();
  return only;
}
async function* eachDecoded(method, requests) {
  for await (const request of requests) yield decoded(method, request);
}
function decoded(method, bytes) {
  try {
    return method.decode(bytes);
  } catch (error) {
    throw new ProtocolError("FRAME_MALFORMED", `Cannot read a request of ${method.path}`, {
      cause: error,
      status: STATUS.INTERNAL
    });
  }
}
function refuseKind(kind, served) {
  if (kind === served) return;
  throw new ProtocolError("METHOD_UNSUPPORTED", `Cannot serve a ${kind} method as ${served}`, {
    status: STATUS.UNIMPLEMENTED
  });
}
var notOne;
var init_route = __esm({
  "packages/protocol/src/node/route.ts"() {
    "use strict";
    init_protocol_error();
    init_status();
    notOne = () => new ProtocolError("FRAME_MALFORMED", "Cannot read a request: it is not exactly one message", {
      status: STATUS.INTERNAL
    });
  }
});

// packages/protocol/src/node/broker.ts
function openGrpcBroker(channel, options) {
  const { broker, kind, outgoing } = createBroker(options);
  const method = clientMethod(GRPCBroker.method.startStream);
  const talk = async () => {
    const told = channel.bidirectional(method, outgoing(), { signal: broker.ended });
    for await (const info of told) kind.take(info);
  };
  const end = () => broker.close();
  void talk().then(end, end);
  return broker;
}
function serveGrpcBroker(options) {
  const { broker, kind, outgoing } = createBroker(options);
  let begun = false;
  const end = () => void broker.close();
  const method = serverMethod(GRPCBroker.method.startStream);
  const route = bidirectionalRoute(method, async function* (told, { signal }) {
    if (begun) {
      throw new ProtocolError("CALL_FAILED", "Cannot serve the broker twice", {
        status: STATUS.FAILED_PRECONDITION
      });
    }
    begun = true;
    signal.addEventListener("abort", end, { once: true });
    const listen = async () => {
      for await (const info of told) kind.take(info);
    };
    void listen().then(end, end);
    yield* outgoing();
  });
  return { broker, route };
}
function createBroker(options) {
  const over = new AbortController();
  const { signal: ended } = over;
  const open2 = /* @__PURE__ */ new Set();
  const queue = [];
  let wake = Promise.withResolvers();
  let ids = 0;
  const tell = (told) => {
    queue.push(told);
    if (queue.length > MAX_UNREAD) void close();
    wake.resolve();
  };
  const kind = "session" in options ? createMuxBroker(options, tell) : createPlainBroker(options, tell, ended);
  const close = async () => {
    over.abort(new Error("the broker is over"));
    wake.resolve();
    kind.close();
    await Promise.allSettled([...open2].map((service) => service.close()));
  };
  const broker = {
    ended,
    nextId: () => ids += 1,
    accept: async (id, serve3) => {
      if (ended.aborted) throw unserved(id, "the broker is over");
      const made = await kind.accept(id, serve3);
      const closeOnce = () => {
        open2.delete(service);
        return made.close();
      };
      const service = { close: closeOnce, [Symbol.asyncDispose]: closeOnce };
      open2.add(service);
      if (ended.aborted) {
        await service.close();
        throw unserved(id, "the broker is over");
      }
      return service;
    },
    dial: async (id, { signal } = {}) => {
      const stop = signal === void 0 ? ended : AbortSignal.any([signal, ended]);
      if (stop.aborted) throw undialed(id, wordsOf(stop.reason), stop.reason);
      return await kind.dial(id, stop);
    },
    close,
    [Symbol.asyncDispose]: close
  };
  return {
    broker,
    kind,
    async *outgoing() {
      while (!ended.aborted) {
        yield* queue.splice(0);
        await wake.promise;
        if (!ended.aborted) wake = Promise.withResolvers();
      }
    }
  };
}
var MAX_UNREAD;
var init_broker = __esm({
  "packages/protocol/src/node/broker.ts"() {
    "use strict";
    init_goplugin();
    init_limits();
    init_protocol_error();
    init_status();
    init_broker_entries();
    init_method();
    init_mux_broker();
    init_plain_broker();
    init_route();
    MAX_UNREAD = 4 * LIMITS.brokerEntries;
  }
});

// packages/protocol/src/node/call-failure.ts
function refuseKind2(kind, served) {
  if (kind === served) return;
  throw new ProtocolError("METHOD_UNSUPPORTED", `Cannot call a ${kind} method as ${served}`, {
    status: STATUS.UNIMPLEMENTED
  });
}
function decodedAnswer(method, bytes) {
  try {
    return method.decode(bytes);
  } catch (error) {
    throw new ProtocolError(
      "FRAME_MALFORMED",
      `Cannot read an answer of ${method.path}: not the message it should be`,
      { cause: error, status: STATUS.INTERNAL }
    );
  }
}
var callEnded, callExpired, callCancelled, callOver, misframed, afterStatus;
var init_call_failure = __esm({
  "packages/protocol/src/node/call-failure.ts"() {
    "use strict";
    init_protocol_error();
    init_status();
    callEnded = (path, status, message) => new ProtocolError(
      "CALL_FAILED",
      `Cannot call ${path}: ${statusName(status)}${message === "" ? "" : `, ${message}`}`,
      { status }
    );
    callExpired = (path) => callEnded(path, STATUS.DEADLINE_EXCEEDED, "its time is over");
    callCancelled = (path) => callEnded(path, STATUS.CANCELLED, "cancelled by the caller");
    callOver = () => new ProtocolError("CALL_FAILED", "Cannot read on: the call is over", {
      status: STATUS.CANCELLED
    });
    misframed = (found) => new ProtocolError("FRAME_MALFORMED", `Cannot read the one answer of a call: ${found}`, {
      status: STATUS.INTERNAL
    });
    afterStatus = (path) => new ProtocolError(
      "FRAME_MALFORMED",
      `Cannot read an answer of ${path}: it goes on after its status`,
      { status: STATUS.INTERNAL }
    );
  }
});

// packages/protocol/src/node/end-session.ts
function endSession(session, connection) {
  return new Promise((resolve) => {
    const stop = after(LINGER_MS2, () => connection.destroy());
    const done = () => {
      stop();
      resolve();
    };
    if (session.destroyed && connection.destroyed) {
      done();
      return;
    }
    session.once("close", done);
    connection.once("close", done);
    session.destroy();
  });
}
var LINGER_MS2;
var init_end_session = __esm({
  "packages/protocol/src/node/end-session.ts"() {
    "use strict";
    init_timeout();
    LINGER_MS2 = 250;
  }
});

// packages/protocol/src/node/interruption.ts
function createInterruption() {
  const waiting = /* @__PURE__ */ new Set();
  let over;
  return {
    interrupt(reason) {
      over ??= { reason };
      for (const reject of waiting) reject(over.reason);
      waiting.clear();
    },
    unless: (work) => new Promise((resolve, reject) => {
      if (over === void 0) waiting.add(reject);
      else reject(over.reason);
      const forget = () => waiting.delete(reject);
      work.then(resolve, reject).finally(forget);
    })
  };
}
var init_interruption = __esm({
  "packages/protocol/src/node/interruption.ts"() {
    "use strict";
  }
});

// packages/protocol/src/node/sending.ts
async function sendEach(stream, messages) {
  for await (const message of messages) {
    if (!takesMore(stream)) return;
    await send(stream, frameMessage(message));
  }
}
async function sendOnly(stream, frame) {
  if (frame.byteLength > PART_BYTES) await send(stream, frame.subarray(0, -PART_BYTES));
  if (takesMore(stream)) stream.end(frame.subarray(-PART_BYTES));
}
function startSending(stream, messages, encode, failed4) {
  const source = messages[Symbol.asyncIterator]();
  let stopped = false;
  const stop = () => {
    if (stopped) return;
    stopped = true;
    void letGo(source);
  };
  const run = async () => {
    for (; ; ) {
      const next2 = await source.next();
      if (stopped) return;
      if (next2.done === true) break;
      if (!takesMore(stream)) return stop();
      await send(stream, frameMessage(encode(next2.value)));
    }
    stopped = true;
    if (takesMore(stream)) stream.end();
  };
  run().catch((error) => {
    stop();
    failed4(error);
  });
  return { stop };
}
async function send(stream, frame) {
  for (let at = 0; at < frame.byteLength && takesMore(stream); at += PART_BYTES) {
    if (!stream.write(frame.subarray(at, at + PART_BYTES))) await drained(stream);
  }
}
async function letGo(source) {
  try {
    await source.return?.();
  } catch {
  }
}
var PART_BYTES, takesMore, drained;
var init_sending = __esm({
  "packages/protocol/src/node/sending.ts"() {
    "use strict";
    init_message_frames();
    PART_BYTES = 65536;
    takesMore = (stream) => !stream.destroyed && !stream.closed && !stream.writableEnded;
    drained = (stream) => new Promise((resolve) => {
      const done = () => {
        stream.off("drain", done);
        stream.off("close", done);
        resolve();
      };
      stream.on("drain", done);
      stream.on("close", done);
      if (stream.destroyed) done();
    });
  }
});

// packages/protocol/src/node/grpc-call.ts
async function* runCall(session, limits, method, outgoing, options) {
  const { signal, timeoutMs, metadata = {} } = options;
  if (signal?.aborted === true) throw callCancelled(method.path);
  if (timeoutMs !== void 0 && timeoutMs <= 0) throw callExpired(method.path);
  const body = "message" in outgoing ? frameMessage(method.encode(outgoing.message)) : NOTHING3;
  const reset = "messages" in outgoing ? new AbortController() : void 0;
  const call = openStream(session, method.path, reset?.signal, {
    ...metadata,
    ":method": "POST",
    ":scheme": "http",
    ":authority": "localhost",
    ":path": method.path,
    te: "trailers",
    "content-type": "application/grpc",
    ...timeoutMs === void 0 ? {} : { "grpc-timeout": formatTimeout(timeoutMs) }
  });
  const { stream } = call;
  const over = createInterruption();
  const abort = () => over.interrupt(callCancelled(method.path));
  signal?.addEventListener("abort", abort, { once: true });
  const stopTimer = timeoutMs === void 0 ? void 0 : after(timeoutMs, () => over.interrupt(callExpired(method.path)));
  let sending;
  try {
    if ("messages" in outgoing)
      sending = startSending(
        stream,
        outgoing.messages,
        method.encode,
        (error) => over.interrupt(error)
      );
    else void sendOnly(stream, body);
    const reader = createMessageReader(limits.maxMessageBytes);
    const chunks = stream[Symbol.asyncIterator]();
    for (; ; ) {
      const next2 = await over.unless(chunks.next().catch(endOfBytes));
      if (next2.done === true) break;
      if (!call.isGrpc()) continue;
      if (call.beganWithStatus()) throw afterStatus(method.path);
      for (const bytes of reader.push(next2.value)) yield decodedAnswer(method, bytes);
    }
    sending?.stop();
    if (!call.hasStatus() || stream.writableFinished) {
      stream.end();
      await over.unless(call.closed);
    }
    const status = call.status();
    if (status.code !== STATUS.OK) throw callEnded(method.path, status.code, status.message);
    reader.end();
  } finally {
    sending?.stop();
    stopTimer?.();
    signal?.removeEventListener("abort", abort);
    if (reset !== void 0) reset.abort();
    else if (!stream.closed) stream.close(constants.NGHTTP2_CANCEL);
  }
}
function openStream(session, path, reset, headers) {
  if (session.destroyed || session.closed) {
    throw callEnded(path, STATUS.UNAVAILABLE, "the connection has ended");
  }
  const stream = session.request(headers, {
    endStream: false,
    ...reset === void 0 ? {} : { signal: reset }
  });
  const lost = () => session.destroyed || session.socket.destroyed;
  let response = {};
  let trailers;
  stream.on("response", (received) => response = received);
  stream.on("trailers", (received) => trailers = received);
  stream.on("error", () => void 0);
  const closed = new Promise((resolve) => {
    stream.once("close", () => resolve());
  });
  return {
    stream,
    closed,
    isGrpc: () => response[":status"] === 200,
    beganWithStatus: () => "grpc-status" in response,
    hasStatus: () => "grpc-status" in (trailers ?? response),
    status: () => {
      const final = trailers ?? response;
      if ("grpc-status" in final) return statusIn(final);
      if (lost()) return { code: STATUS.UNAVAILABLE, message: "the connection was lost" };
      if (stream.rstCode !== constants.NGHTTP2_NO_ERROR) return statusOfReset(stream.rstCode ?? 0);
      return statusOfHttp(response[":status"]);
    }
  };
}
function statusIn(headers) {
  const text = headers["grpc-message"];
  return {
    code: parseStatus(String(headers["grpc-status"])),
    message: typeof text === "string" ? decodeStatusMessage(text) : ""
  };
}
function statusOfReset(code) {
  const message = `the stream was reset with code ${code}`;
  switch (code) {
    case constants.NGHTTP2_REFUSED_STREAM:
      return { code: STATUS.UNAVAILABLE, message };
    case constants.NGHTTP2_CANCEL:
      return { code: STATUS.CANCELLED, message };
    case constants.NGHTTP2_ENHANCE_YOUR_CALM:
      return { code: STATUS.RESOURCE_EXHAUSTED, message };
    case constants.NGHTTP2_INADEQUATE_SECURITY:
      return { code: STATUS.PERMISSION_DENIED, message };
    default:
      return { code: STATUS.INTERNAL, message };
  }
}
function statusOfHttp(status) {
  const message = `the answer has HTTP status ${String(status)} and no gRPC status`;
  const codes = /* @__PURE__ */ new Map([
    [400, STATUS.INTERNAL],
    [401, STATUS.UNAUTHENTICATED],
    [403, STATUS.PERMISSION_DENIED],
    [404, STATUS.UNIMPLEMENTED],
    [429, STATUS.UNAVAILABLE],
    [502, STATUS.UNAVAILABLE],
    [503, STATUS.UNAVAILABLE],
    [504, STATUS.UNAVAILABLE],
    // No header at all: the connection went away first.
    [void 0, STATUS.UNAVAILABLE]
  ]);
  return { code: codes.get(status) ?? STATUS.UNKNOWN, message };
}
var constants, NOTHING3, endOfBytes;
var init_grpc_call = __esm({
  "packages/protocol/src/node/grpc-call.ts"() {
    "use strict";
    init_message_frames();
    init_status();
    init_status_message();
    init_call_failure();
    init_interruption();
    init_sending();
    init_timeout();
    ({ constants } = process.getBuiltinModule("node:http2"));
    NOTHING3 = new Uint8Array();
    endOfBytes = () => ({ done: true, value: void 0 });
  }
});

// packages/protocol/src/node/grpc-options.ts
function grpcLimits(options) {
  const {
    maxMessageBytes = LIMITS.maxMessageBytes,
    maxStreams = LIMITS.streamsPerConnection,
    maxHeaderListBytes = LIMITS.headerListBytes
  } = options;
  for (const [name, value, most] of [
    ["maxMessageBytes", maxMessageBytes, LARGEST_MESSAGE_BYTES],
    ["maxStreams", maxStreams, LARGEST_MESSAGE_BYTES],
    ["maxHeaderListBytes", maxHeaderListBytes, LARGEST_MESSAGE_BYTES]
  ]) {
    if (!Number.isSafeInteger(value) || value < 1 || value > most) {
      throw new RangeError(
        `Cannot use ${name} ${value}: it is not a whole number from 1 to ${most}`
      );
    }
  }
  return { maxMessageBytes, maxStreams, maxHeaderListBytes };
}
var init_grpc_options = __esm({
  "packages/protocol/src/node/grpc-options.ts"() {
    "use strict";
    init_limits();
  }
});

// packages/protocol/src/node/grpc-channel.ts
async function openGrpcChannel(connect2, options = {}) {
  const limits = grpcLimits(options);
  const { signal } = options;
  if (signal?.aborted === true) throw failed("the attempt was cancelled", signal.reason);
  const duplex = await connect2().catch((error) => {
    throw failed("no stream could be opened", error);
  });
  const session = connectHttp2("http://localhost", {
    createConnection: () => duplex,
    maxOutstandingPings: 4,
    maxSettings: 32,
    settings: {
      enablePush: false,
      initialWindowSize: LIMITS.streamWindowBytes,
      maxHeaderListSize: limits.maxHeaderListBytes
    }
  });
  await greeted(session, signal);
  session.setLocalWindowSize(LIMITS.connectionWindowBytes);
  const closed = new Promise((resolve) => {
    if (session.destroyed) resolve();
    else {
      session.once("close", () => resolve());
      duplex.once("close", () => resolve());
    }
  });
  session.on("goaway", () => session.close());
  const close = async () => {
    await endSession(session, duplex);
  };
  return {
    closed,
    unary: async (method, message, callOptions = {}) => {
      refuseKind2(method.kind, "unary");
      return await onlyAnswer(runCall(session, limits, method, { message }, callOptions));
    },
    stream: (method, message, callOptions = {}) => {
      refuseKind2(method.kind, "server-stream");
      return runCall(session, limits, method, { message }, callOptions);
    },
    clientStream: async (method, messages, callOptions = {}) => {
      refuseKind2(method.kind, "client-stream");
      return await onlyAnswer(runCall(session, limits, method, { messages }, callOptions));
    },
    bidirectional: (method, messages, callOptions = {}) => {
      refuseKind2(method.kind, "bidirectional");
      return runCall(session, limits, method, { messages }, callOptions);
    },
    close,
    [Symbol.asyncDispose]: close
  };
}
async function onlyAnswer(answers) {
  let only;
  for await (const message of answers) {
    if (only !== void 0) throw misframed("more than one message");
    only = { message };
  }
  if (only === void 0) throw misframed("no message");
  return only.message;
}
function greeted(session, signal) {
  return new Promise((resolve, reject) => {
    const leave = () => {
      session.destroy();
      reject(failed("the attempt was cancelled", signal?.reason));
    };
    session.once("remoteSettings", () => {
      signal?.removeEventListener("abort", leave);
      resolve();
    });
    session.on("error", (error) => reject(failed("the other side does not speak HTTP/2", error)));
    session.once("close", () => {
      signal?.removeEventListener("abort", leave);
      reject(failed("the other side ended the connection", void 0));
    });
    signal?.addEventListener("abort", leave, { once: true });
  });
}
var connectHttp2, failed;
var init_grpc_channel = __esm({
  "packages/protocol/src/node/grpc-channel.ts"() {
    "use strict";
    init_limits();
    init_protocol_error();
    init_status();
    init_call_failure();
    init_end_session();
    init_grpc_call();
    init_grpc_options();
    ({ connect: connectHttp2 } = process.getBuiltinModule("node:http2"));
    failed = (found, cause) => new ProtocolError("CONNECT_FAILED", `Cannot open a gRPC connection: ${found}`, {
      cause,
      status: STATUS.UNAVAILABLE
    });
  }
});

// packages/protocol/src/node/grpc-server.ts
function createGrpcServer(routes, options = {}) {
  const limits = grpcLimits(options);
  const table = new Map(routes.map((route) => [route.path, route]));
  if (table.size !== routes.length) {
    throw new TypeError("Cannot serve routes: two of them have one path");
  }
  const server = createServer2({
    maxOutstandingPings: 4,
    maxSettings: 32,
    maxSessionInvalidFrames: 100,
    settings: {
      initialWindowSize: LIMITS.streamWindowBytes,
      maxConcurrentStreams: limits.maxStreams,
      maxHeaderListSize: limits.maxHeaderListBytes
    }
  });
  const sessions = /* @__PURE__ */ new Map();
  let accepting;
  server.on("session", (session) => {
    if (accepting !== void 0) sessions.set(session, accepting);
    session.on("error", () => void 0);
    session.once("close", () => sessions.delete(session));
  });
  server.on("stream", (stream, headers) => {
    stream.on("error", () => void 0);
    void serve(table, limits, stream, headers);
  });
  const close = async () => {
    await Promise.all(
      [...sessions].map(([session, connection]) => endSession(session, connection))
    );
  };
  return {
    accept: (connection) => {
      connection.on("error", () => void 0);
      accepting = connection;
      server.emit("connection", connection);
      accepting = void 0;
    },
    close,
    [Symbol.asyncDispose]: close
  };
}
async function serve(table, limits, stream, headers) {
  const route = table.get(headers[":path"] ?? "");
  if (headers[":method"] !== "POST" || headers["content-type"]?.startsWith("application/grpc") !== true) {
    stream.respond({ ":status": 415 }, { endStream: true });
    letGo2(stream);
    return;
  }
  if (route === void 0) {
    refuse(stream, STATUS.UNIMPLEMENTED, "no such method");
    return;
  }
  const timeoutMs = parseTimeout(String(headers["grpc-timeout"] ?? ""));
  const gone = new AbortController();
  const over = createInterruption();
  const leave = () => {
    gone.abort();
    over.interrupt(callOver());
  };
  stream.once("aborted", leave).once("close", leave);
  const stopTimer = timeoutMs === void 0 ? void 0 : after(timeoutMs, () => {
    leave();
    refuse(stream, STATUS.DEADLINE_EXCEEDED, "");
  });
  try {
    stream.respond(
      { ":status": 200, "content-type": "application/grpc" },
      { waitForTrailers: true }
    );
    const requests = readRequests(stream, limits.maxMessageBytes, over);
    const context = {
      signal: gone.signal,
      metadata: metadataOf(headers),
      ...timeoutMs === void 0 ? {} : { timeoutMs }
    };
    await sendEach(stream, route.serve(requests, context));
    refuse(stream, STATUS.OK, "");
  } catch (error) {
    const known = error instanceof ProtocolError ? error : void 0;
    refuse(stream, known?.status ?? STATUS.UNKNOWN, known?.message ?? "the handler failed");
  } finally {
    stopTimer?.();
  }
}
async function* readRequests(stream, maxMessageBytes, over) {
  const reader = createMessageReader(maxMessageBytes);
  const chunks = stream.iterator({ destroyOnReturn: false });
  try {
    for (; ; ) {
      const pulled = chunks.next().catch(() => {
        throw callOver();
      });
      const next2 = await over.unless(pulled);
      if (next2.done === true) break;
      yield* reader.push(next2.value);
    }
  } finally {
    void chunks.return?.();
  }
  reader.end();
}
function refuse(stream, status, message) {
  if (stream.destroyed || stream.closed || stream.writableEnded) return;
  const trailers = {
    "grpc-status": String(status),
    ...message === "" ? {} : { "grpc-message": encodeStatusMessage(message) }
  };
  if (stream.headersSent) {
    stream.once("wantTrailers", () => stream.sendTrailers(trailers));
    stream.end();
  } else {
    stream.respond(
      { ":status": 200, "content-type": "application/grpc", ...trailers },
      { endStream: true }
    );
  }
  if (!stream.readableEnded) letGo2(stream);
}
function letGo2(stream) {
  stream.resume();
  const stop = after(LINGER_MS3, () => stream.close(constants2.NGHTTP2_NO_ERROR));
  stream.once("close", stop);
}
function metadataOf(headers) {
  const metadata = /* @__PURE__ */ Object.create(null);
  for (const [name, value] of Object.entries(headers)) {
    if (!name.startsWith(":") && typeof value === "string") metadata[name] = value;
  }
  return Object.freeze(metadata);
}
var constants2, createServer2, LINGER_MS3;
var init_grpc_server = __esm({
  "packages/protocol/src/node/grpc-server.ts"() {
    "use strict";
    init_limits();
    init_message_frames();
    init_protocol_error();
    init_status();
    init_status_message();
    init_call_failure();
    init_end_session();
    init_grpc_options();
    init_interruption();
    init_sending();
    init_timeout();
    ({ constants: constants2, createServer: createServer2 } = process.getBuiltinModule("node:http2"));
    LINGER_MS3 = 1e3;
  }
});

// packages/protocol/src/node/lane-credit.ts
function grown(credit, bytes) {
  if (credit + bytes > MOST_CREDIT) throw violation("more credit than there can be");
  return credit + bytes;
}
var violation, Allowance, MOST_CREDIT;
var init_lane_credit = __esm({
  "packages/protocol/src/node/lane-credit.ts"() {
    "use strict";
    init_protocol_error();
    init_status();
    violation = (found) => new ProtocolError("LANE_VIOLATED", `Cannot go on with the lane: the other side sent ${found}`, {
      status: STATUS.INTERNAL
    });
    Allowance = class {
      #stream;
      #whole;
      #send;
      #left;
      #due = 0;
      /** `stream` zero is the whole lane. */
      constructor(stream, bytes, send2) {
        this.#stream = stream;
        this.#whole = bytes;
        this.#left = bytes;
        this.#send = send2;
      }
      /** Counts what has come. Throws a {@link ProtocolError} `LANE_VIOLATED` when it was more than may be sent. */
      spend(charge) {
        this.#left -= charge;
        if (this.#left < 0) throw violation("more than its credit");
      }
      /** Gives back what has been read, once it is worth a frame. */
      giveBack(charge) {
        this.#due += charge;
        if (this.#due * 2 < this.#whole) return;
        const bytes = this.#due;
        this.#due = 0;
        this.#left += bytes;
        this.#send({ kind: "credit", stream: this.#stream, bytes });
      }
    };
    MOST_CREDIT = 4294967295;
  }
});

// packages/protocol/src/node/message-queue.ts
var MessageQueue;
var init_message_queue = __esm({
  "packages/protocol/src/node/message-queue.ts"() {
    "use strict";
    MessageQueue = class {
      #waiting = [];
      #read;
      #reader;
      #end;
      /** `read` hears what each pulled message cost. */
      constructor(read2) {
        this.#read = read2;
      }
      push(message, charge) {
        if (this.#end !== void 0) return;
        const reader = this.#reader;
        if (reader === void 0) {
          this.#waiting.push({ message, charge });
          return;
        }
        this.#reader = void 0;
        this.#read(charge);
        reader.resolve({ done: false, value: message });
      }
      /** Nothing more comes; what waits is still read, and then `error`, if there is one. */
      end(error) {
        if (this.#end !== void 0) return;
        this.#end = error === void 0 ? {} : { error: () => error };
        this.#settle(this.#end);
      }
      /** Ends with what `error` makes, before what waits. Most queues are not read any more then, and an error costs more than a call. */
      fail(error) {
        this.#waiting.length = 0;
        this.#end = { error };
        this.#settle(this.#end);
      }
      #settle({ error }) {
        const reader = this.#reader;
        this.#reader = void 0;
        if (error !== void 0) reader?.reject(error());
        else reader?.resolve({ done: true, value: void 0 });
      }
      /** Pulls the next message; one pull at a time. */
      next() {
        const first = this.#waiting.shift();
        if (first !== void 0) {
          this.#read(first.charge);
          return Promise.resolve({ done: false, value: first.message });
        }
        if (this.#end !== void 0) {
          if (this.#end.error !== void 0) return Promise.reject(this.#end.error());
          return Promise.resolve({ done: true, value: void 0 });
        }
        this.#reader = Promise.withResolvers();
        return this.#reader.promise;
      }
    };
  }
});

// packages/protocol/src/node/lane-served-call.ts
var ServedCall, OVER;
var init_lane_served_call = __esm({
  "packages/protocol/src/node/lane-served-call.ts"() {
    "use strict";
    init_protocol_error();
    init_status();
    init_call_failure();
    init_message_queue();
    ServedCall = class {
      metadata;
      timeoutMs;
      /** When its time is over. */
      endsAt;
      #core;
      #stream;
      #ended;
      #inbox;
      #outbox;
      #requests;
      #isOver = false;
      #gone;
      constructor(core, frame, ended) {
        const { stream, metadata, timeoutMs } = frame;
        this.#core = core;
        this.#stream = stream;
        this.#ended = ended;
        this.#inbox = core.inbox(stream);
        this.#outbox = core.outbox(stream);
        this.#requests = new MessageQueue((charge) => this.#inbox.read(charge));
        this.metadata = metadata;
        this.endsAt = timeoutMs === 0 ? Number.POSITIVE_INFINITY : performance.now() + timeoutMs;
        if (timeoutMs > 0) {
          this.timeoutMs = timeoutMs;
          core.deadlines.add(this);
        }
      }
      /** Made when somebody asks for it: most handlers of short calls do not. */
      get signal() {
        if (this.#gone === void 0) {
          this.#gone = new AbortController();
          if (this.#isOver) this.#gone.abort(OVER);
        }
        return this.#gone.signal;
      }
      /** Answers all that comes by `route`. Never rejects. */
      async serve(route) {
        try {
          const requests = {
            next: () => this.#requests.next(),
            [Symbol.asyncIterator]: () => requests
          };
          for await (const message of route.serve(requests, this)) {
            if (this.#isOver) return;
            const sent = this.#outbox.send(message, false);
            if (sent !== void 0) await sent;
          }
          this.end(STATUS.OK, "");
        } catch (error) {
          const known = error instanceof ProtocolError ? error : void 0;
          this.end(known?.status ?? STATUS.UNKNOWN, known?.message ?? "the handler failed");
        }
      }
      /** Takes a frame of the caller. Throws a ProtocolError `LANE_VIOLATED`. */
      take(frame) {
        switch (frame.kind) {
          case "data":
            this.#core.spend(frame.message);
            this.receive(frame);
            return;
          case "credit":
            this.#outbox.grant(frame.bytes);
            return;
          case "cancel":
            this.end(frame.status === STATUS.OK ? STATUS.CANCELLED : frame.status, "");
            return;
          case "end":
            return;
          default:
            frame;
        }
      }
      /** Takes a message, or a part. Throws a ProtocolError `LANE_VIOLATED`. */
      receive(part) {
        try {
          const whole = this.#inbox.take(part);
          if (whole !== void 0) this.#requests.push(whole.message, whole.charge);
          if (part.isLast) this.#requests.end();
        } catch (error) {
          if (!(error instanceof ProtocolError) || error.code === "LANE_VIOLATED") throw error;
          this.end(STATUS.RESOURCE_EXHAUSTED, error.message);
        }
      }
      /** Ends it with a status, once. */
      end(status, text) {
        if (this.#isOver) return;
        this.#leave();
        this.#core.send({ kind: "end", stream: this.#stream, status, text });
        this.#ended();
        const gone = this.#gone;
        if (gone === void 0) return;
        if (status === STATUS.OK) this.#core.onceOut(() => gone.abort(OVER));
        else gone.abort(OVER);
      }
      /** Ends it; there is nobody to tell. */
      abort() {
        this.#leave();
        this.#gone?.abort(OVER);
      }
      expire() {
        this.end(STATUS.DEADLINE_EXCEEDED, "");
      }
      #leave() {
        this.#isOver = true;
        this.#core.deadlines.remove(this);
        this.#outbox.stop();
        this.#inbox.stop();
        this.#requests.fail(callOver);
      }
    };
    OVER = new DOMException("the call is over", "AbortError");
  }
});

// packages/protocol/src/node/lane-callee.ts
function createLaneCallee(core, routes, most) {
  const calls = /* @__PURE__ */ new Map();
  let last = 0;
  let handlers = 0;
  const open2 = (frame) => {
    const { stream } = frame;
    if (stream <= last) throw violation(`call ${stream}, which is not the next`);
    if (calls.size >= most) throw violation(`more than ${most} calls at once`);
    last = stream;
    core.spend(frame.message);
    const call = new ServedCall(core, frame, () => calls.delete(stream));
    calls.set(stream, call);
    const route = routes[frame.method];
    if (route === void 0) {
      call.end(STATUS.UNIMPLEMENTED, "no such method");
    } else if (handlers >= most * HANDLERS_PER_CALL) {
      call.end(STATUS.RESOURCE_EXHAUSTED, "too many calls were cancelled");
    } else {
      handlers += 1;
      call.receive(frame);
      void call.serve(route).then(() => handlers -= 1);
      return;
    }
    call.receive(frame);
  };
  return {
    last: () => last,
    take(frame) {
      if (frame.kind === "open") {
        open2(frame);
        return;
      }
      const { stream } = frame;
      if (frame.kind === "end") throw violation("the end of its own call");
      if (stream > last) throw violation("a frame of a call that was never opened");
      const call = calls.get(stream);
      if (call !== void 0) call.take(frame);
      else if (frame.kind === "data") core.dropped(frame.message);
    },
    stop() {
      for (const call of calls.values()) call.abort();
      calls.clear();
    }
  };
}
var HANDLERS_PER_CALL;
var init_lane_callee = __esm({
  "packages/protocol/src/node/lane-callee.ts"() {
    "use strict";
    init_status();
    init_lane_credit();
    init_lane_served_call();
    HANDLERS_PER_CALL = 2;
  }
});

// packages/protocol/src/node/lane-messages.ts
function startMessages(call, messages, { encode }) {
  const source = messages[Symbol.asyncIterator]();
  let isDone = false;
  call.onceOver(() => {
    if (!isDone) void letGo3(source);
    isDone = true;
  });
  const run = async () => {
    await call.open();
    for (; ; ) {
      if (isDone) return;
      const next2 = await source.next();
      if (isDone) return;
      if (next2.done === true) break;
      await call.send(encode(next2.value));
    }
    isDone = true;
    await call.send(void 0);
  };
  run().catch((error) => call.fail(error, STATUS.CANCELLED));
}
async function letGo3(source) {
  try {
    await source.return?.();
  } catch {
  }
}
var init_lane_messages = __esm({
  "packages/protocol/src/node/lane-messages.ts"() {
    "use strict";
    init_status();
  }
});

// packages/protocol/src/node/lane-call.ts
var CANCEL_GRACE_MS, LaneCall, LONGEST_MS, NO_METADATA2;
var init_lane_call = __esm({
  "packages/protocol/src/node/lane-call.ts"() {
    "use strict";
    init_protocol_error();
    init_status();
    init_call_failure();
    init_lane_credit();
    CANCEL_GRACE_MS = 2e3;
    LaneCall = class {
      path;
      start;
      /** When its time is over; after a cancel, when it is forgotten. */
      endsAt = Number.POSITIVE_INFINITY;
      #core;
      #facts;
      #keeper;
      #outbox;
      #inbox;
      #stream = 0;
      #isOver = false;
      #stopped;
      constructor(core, facts, keeper) {
        this.path = facts.path;
        this.start = keeper.start;
        this.#core = core;
        this.#facts = facts;
        this.#keeper = keeper;
        this.#outbox = core.outbox(0);
        const { signal, timeoutMs } = facts.options;
        signal?.addEventListener("abort", this.#abort);
        if (timeoutMs !== void 0) {
          this.endsAt = performance.now() + timeoutMs;
          core.deadlines.add(this);
        }
      }
      #abort = () => this.fail(callCancelled(this.path), STATUS.CANCELLED);
      /** Opens it with its one message, or with none where messages follow. */
      open(message) {
        const { number: method, options } = this.#facts;
        const left = Math.ceil(this.endsAt - performance.now());
        return this.#outbox.send(message, message !== void 0, {
          begin: () => {
            this.#stream = this.#keeper.register();
            this.#inbox = this.#core.inbox(this.#stream);
            return this.#stream;
          },
          method,
          timeoutMs: Number.isFinite(left) ? Math.min(Math.max(1, left), LONGEST_MS) : 0,
          metadata: options.metadata ?? NO_METADATA2
        });
      }
      /** Sends a further message, or the end of its half. */
      send(message) {
        return this.#isOver ? void 0 : this.#outbox.send(message, message === void 0);
      }
      /** Hears, once, when nobody wants its messages any more. */
      onceOver(stopped) {
        if (this.#isOver) stopped();
        else this.#stopped = stopped;
      }
      get isOver() {
        return this.#isOver;
      }
      /** Gives credit back for an answer that was read. */
      read(charge) {
        this.#inbox?.read(charge);
      }
      /** Takes a frame of the other side and answers whether that was its end. Throws a ProtocolError `LANE_VIOLATED`. */
      take(frame) {
        switch (frame.kind) {
          case "data":
            this.#core.spend(frame.message);
            this.#receive(frame);
            return false;
          case "credit":
            this.#outbox.grant(frame.bytes);
            return false;
          case "end":
            this.#core.deadlines.remove(this);
            if (this.#isOver) return true;
            this.#close();
            this.#facts.reader.end(this.#failureOf(frame.status, frame.text));
            return true;
          case "open":
          case "cancel":
            throw violation(`${frame.kind} for a call of this side`);
          default:
            return frame;
        }
      }
      /** Ends it here and tells the other side; nothing when it is over. */
      fail(error, status) {
        if (this.#isOver) return;
        this.lose(error);
        this.#keeper.left(this.#stream);
        if (this.#stream === 0) return;
        this.#core.send({ kind: "cancel", stream: this.#stream, status, text: "" });
        this.endsAt = performance.now() + CANCEL_GRACE_MS;
        this.#core.deadlines.add(this);
      }
      /** Ends it here; there is nobody to tell. */
      lose(error) {
        this.#core.deadlines.remove(this);
        if (this.#isOver) return;
        this.#close();
        this.#inbox?.stop();
        this.#facts.reader.fail(error);
      }
      /** Nobody reads its answers any more. */
      leave() {
        if (!this.#isOver) this.fail(callCancelled(this.path), STATUS.CANCELLED);
        this.#inbox?.stop();
      }
      expire() {
        if (this.#isOver) this.#keeper.forget(this.#stream);
        else this.fail(callExpired(this.path), STATUS.DEADLINE_EXCEEDED);
      }
      #receive(frame) {
        if (frame.isLast) throw violation("the end of an answer that is no END");
        try {
          const whole = this.#inbox?.take(frame);
          if (whole !== void 0) this.#facts.reader.message(whole.message, whole.charge, this);
        } catch (error) {
          if (!(error instanceof ProtocolError) || error.code === "LANE_VIOLATED") throw error;
          this.fail(error, STATUS.RESOURCE_EXHAUSTED);
        }
      }
      #failureOf(status, text) {
        if (status !== STATUS.OK) return callEnded(this.path, status, text);
        if (this.#inbox?.isPartial !== true) return void 0;
        return new ProtocolError("FRAME_MALFORMED", "Cannot read a message: it was cut short", {
          status: STATUS.INTERNAL
        });
      }
      #close() {
        this.#isOver = true;
        this.#outbox.stop();
        this.#facts.options.signal?.removeEventListener("abort", this.#abort);
        this.#stopped?.();
      }
    };
    LONGEST_MS = 4294967295;
    NO_METADATA2 = Object.freeze({});
  }
});

// packages/protocol/src/node/lane-caller.ts
function createLaneCaller(core, methods2, first, most) {
  const numbers = new Map(methods2.map((path, number) => [path, number]));
  const calls = /* @__PURE__ */ new Map();
  const waiting = /* @__PURE__ */ new Set();
  const forgotten = /* @__PURE__ */ new Set();
  let running = 0;
  let next2 = first;
  let ended;
  const free = () => {
    running -= 1;
    for (const call of waiting) {
      waiting.delete(call);
      running += 1;
      call.start();
      return;
    }
  };
  const forget = (stream) => {
    if (!calls.delete(stream)) return;
    forgotten.add(stream);
    free();
    if (forgotten.size > MOST_FORGOTTEN)
      core.violate(violation("no end of calls that were cancelled"));
  };
  const begin = (method, options, reader, start) => {
    const number = numbers.get(method.path);
    if (number === void 0) {
      throw callEnded(method.path, STATUS.UNIMPLEMENTED, "the lane does not carry it");
    }
    if (options.signal?.aborted === true) throw callCancelled(method.path);
    if (options.timeoutMs !== void 0 && options.timeoutMs <= 0) throw callExpired(method.path);
    if (ended !== void 0) throw ended(method.path);
    if (options.metadata !== void 0) encodeMetadata(options.metadata);
    const call = new LaneCall(
      core,
      { path: method.path, number, options, reader },
      {
        start: () => start(call),
        register: () => {
          const stream = next2;
          next2 += 2;
          calls.set(stream, call);
          return stream;
        },
        left: (stream) => {
          if (stream === 0) {
            if (!waiting.delete(call)) free();
          }
        },
        forget
      }
    );
    if (running < most) {
      running += 1;
      call.start();
    } else {
      waiting.add(call);
    }
    return call;
  };
  const unaryAnswer = (method, options, start) => new Promise((resolve, reject) => {
    let answer;
    const reader = {
      message(bytes, charge, call) {
        call.read(charge);
        if (answer !== void 0) call.fail(misframed("more than one message"), STATUS.INTERNAL);
        answer = bytes;
      },
      end(error) {
        if (error !== void 0) return reject(error);
        if (answer === void 0) return reject(misframed("no message"));
        try {
          resolve(decodedAnswer(method, answer));
        } catch (failure) {
          reject(failure);
        }
      },
      fail: reject
    };
    begin(method, options, reader, start);
  });
  async function* answers(method, options, prepare) {
    const start = prepare();
    const queue = new MessageQueue((charge) => call.read(charge));
    const reader = {
      message: (bytes, charge) => queue.push(bytes, charge),
      end: (error) => queue.end(error),
      fail: (error) => queue.fail(() => error)
    };
    const call = begin(method, options, reader, start);
    try {
      for (; ; ) {
        const pulled = await queue.next();
        if (pulled.done === true) return;
        yield decodedAnswer(method, pulled.value);
      }
    } finally {
      call.leave();
    }
  }
  return {
    unary: async (method, message, options = {}) => {
      refuseKind2(method.kind, "unary");
      const bytes = method.encode(message);
      return await unaryAnswer(method, options, (call) => void call.open(bytes));
    },
    stream: (method, message, options = {}) => {
      refuseKind2(method.kind, "server-stream");
      return answers(method, options, () => {
        const bytes = method.encode(message);
        return (call) => void call.open(bytes);
      });
    },
    clientStream: async (method, messages, options = {}) => {
      refuseKind2(method.kind, "client-stream");
      return await unaryAnswer(method, options, (call) => startMessages(call, messages, method));
    },
    bidirectional: (method, messages, options = {}) => {
      refuseKind2(method.kind, "bidirectional");
      return answers(method, options, () => (call) => startMessages(call, messages, method));
    },
    take(frame) {
      const { stream } = frame;
      const call = calls.get(stream);
      if (call === void 0) {
        if (!forgotten.has(stream)) throw violation("a frame of a call that does not run");
        if (frame.kind === "end") forgotten.delete(stream);
        if (frame.kind === "data") core.dropped(frame.message);
        return;
      }
      if (call.take(frame)) {
        calls.delete(stream);
        free();
      }
    },
    leave(lastStream) {
      ended ??= notRun;
      for (const call of waiting) call.fail(notRun(call.path), STATUS.CANCELLED);
      for (const [stream, call] of calls) {
        if (stream > lastStream) call.fail(notRun(call.path), STATUS.CANCELLED);
      }
    },
    fail(error) {
      ended = error;
      for (const call of waiting) call.lose(error(call.path));
      for (const call of calls.values()) call.lose(error(call.path));
      waiting.clear();
      calls.clear();
      forgotten.clear();
    }
  };
}
var notRun, MOST_FORGOTTEN;
var init_lane_caller = __esm({
  "packages/protocol/src/node/lane-caller.ts"() {
    "use strict";
    init_lane_frames();
    init_status();
    init_call_failure();
    init_lane_messages();
    init_lane_call();
    init_lane_credit();
    init_message_queue();
    notRun = (path) => callEnded(path, STATUS.UNAVAILABLE, "the other side leaves");
    MOST_FORGOTTEN = 1024;
  }
});

// packages/protocol/src/node/lane-deadlines.ts
function createDeadlines() {
  const waiting = /* @__PURE__ */ new Set();
  let timer;
  let armedFor = Number.POSITIVE_INFINITY;
  const arm = (at) => {
    clearTimeout(timer);
    armedFor = at;
    timer = setTimeout(fire, Math.min(Math.max(1, Math.ceil(at - performance.now())), LONGEST_MS2));
    timer.unref();
  };
  const fire = () => {
    armedFor = Number.POSITIVE_INFINITY;
    const now = performance.now();
    let next2 = Number.POSITIVE_INFINITY;
    for (const ending of waiting) {
      if (ending.endsAt <= now) {
        waiting.delete(ending);
        ending.expire();
      } else {
        next2 = Math.min(next2, ending.endsAt);
      }
    }
    if (next2 < armedFor) arm(next2);
  };
  return {
    add(ending) {
      waiting.add(ending);
      if (ending.endsAt < armedFor) arm(ending.endsAt);
    },
    remove: (ending) => void waiting.delete(ending),
    clear() {
      waiting.clear();
      clearTimeout(timer);
      armedFor = Number.POSITIVE_INFINITY;
    }
  };
}
var LONGEST_MS2;
var init_lane_deadlines = __esm({
  "packages/protocol/src/node/lane-deadlines.ts"() {
    "use strict";
    LONGEST_MS2 = 2147483647;
  }
});

// packages/protocol/src/node/lane-inbox.ts
var ASSEMBLING_TIMES, Inbox, tooLarge2;
var init_lane_inbox = __esm({
  "packages/protocol/src/node/lane-inbox.ts"() {
    "use strict";
    init_lane_frames();
    init_protocol_error();
    init_status();
    init_lane_credit();
    ASSEMBLING_TIMES = 4;
    Inbox = class {
      #own;
      #shared;
      #buffer;
      #size = 0;
      /** What unread bytes cost that no credit was given back for. */
      #unread = 0;
      #unreadPart = 0;
      #isLast = false;
      #isOver = false;
      constructor(own, shared) {
        this.#own = own;
        this.#shared = shared;
      }
      /** Whether the other half has ended. */
      get isLast() {
        return this.#isLast;
      }
      /** Whether a message has begun and not ended. */
      get isPartial() {
        return this.#size > 0;
      }
      /**
       * Takes a frame and answers the message that is now whole, and what reading it gives back.
       *
       * @throws {@link ProtocolError} `LANE_VIOLATED`; `MESSAGE_TOO_LARGE`, which concerns this call alone
       */
      take(part) {
        const { message, hasMore, isLast } = part;
        if (this.#isLast) throw violation("more after the end of its half of a call");
        const charge = chargeOf(message?.byteLength ?? 0);
        this.#own.spend(charge);
        this.#isLast = isLast;
        if (this.#isOver || message === void 0) {
          if (message === void 0 && this.#size > 0) throw violation("half a message");
          this.#giveBack(charge);
          return void 0;
        }
        const size = this.#size + message.byteLength;
        if (size > this.#shared.maxMessageBytes) {
          this.#giveBack(charge);
          throw tooLarge2(`over ${this.#shared.maxMessageBytes} bytes`);
        }
        if (hasMore) {
          if (this.#unread === 0) this.#giveBack(charge);
          else this.#unreadPart += charge;
          this.#append(message, size);
          return void 0;
        }
        const whole = this.#size === 0 ? message : this.#append(message, size).subarray(0, size);
        const owed = this.#unreadPart + charge;
        this.#unread += owed;
        this.#drop();
        return { message: whole, charge: owed };
      }
      /** Gives credit back for a message that was read. */
      read(charge) {
        if (this.#isOver) return;
        this.#unread -= charge;
        this.#giveBack(charge);
        if (this.#unread > 0 || this.#unreadPart === 0) return;
        this.#giveBack(this.#unreadPart);
        this.#unreadPart = 0;
      }
      /** Nobody reads any more: what waits and what still comes costs the other calls nothing. */
      stop() {
        if (this.#isOver) return;
        this.#isOver = true;
        this.#shared.lane.giveBack(this.#unread + this.#unreadPart);
        this.#drop();
      }
      #giveBack(charge) {
        this.#shared.lane.giveBack(charge);
        if (!this.#isLast && !this.#isOver) this.#own.giveBack(charge);
      }
      /** Adds a part to the message, in one growing memory: a list of tiny parts would cost many times their size. */
      #append(message, size) {
        const { maxMessageBytes } = this.#shared;
        const assembling = this.#shared.assembling + message.byteLength;
        if (assembling > maxMessageBytes * ASSEMBLING_TIMES) {
          throw tooLarge2("too many large messages at once");
        }
        this.#shared.assembling = assembling;
        let buffer = this.#buffer ?? new Uint8Array(Math.min(message.byteLength * 4, maxMessageBytes));
        if (buffer.byteLength < size) {
          const larger = new Uint8Array(
            Math.min(Math.max(size, buffer.byteLength * 2), maxMessageBytes)
          );
          larger.set(buffer.subarray(0, this.#size));
          buffer = larger;
        }
        buffer.set(message, this.#size);
        this.#buffer = buffer;
        this.#size = size;
        return buffer;
      }
      #drop() {
        if (this.#size === 0) return;
        this.#shared.assembling -= this.#size;
        this.#buffer = void 0;
        this.#size = 0;
        this.#unreadPart = 0;
      }
    };
    tooLarge2 = (found) => new ProtocolError("MESSAGE_TOO_LARGE", `Cannot read a message: ${found}`, {
      status: STATUS.RESOURCE_EXHAUSTED
    });
  }
});

// packages/protocol/src/node/lane-outbox.ts
import { setImmediate as nextTurn } from "node:timers/promises";
var SMALLEST_PART, Outbox;
var init_lane_outbox = __esm({
  "packages/protocol/src/node/lane-outbox.ts"() {
    "use strict";
    init_lane_frames();
    init_lane_credit();
    SMALLEST_PART = 4096;
    Outbox = class {
      #shared;
      #stream;
      #credit;
      #isOver = false;
      #wake;
      /** `stream` is zero for a call that is still to be opened. */
      constructor(stream, credit, shared) {
        this.#stream = stream;
        this.#credit = credit;
        this.#shared = shared;
      }
      /**
       * Sends one message, or none but the beginning or the end of the half. Answers a promise where it has to wait for the other side; what
       * follows waits for that.
       */
      send(message, isLast, opening) {
        const size = message?.byteLength ?? 0;
        const isFree = this.#shared.waiting.size === 0 && !this.#shared.isFull();
        if (!isFree || size > this.#room()) return this.#sendParts(message, isLast, opening);
        this.#emit(message, false, isLast, opening);
        return void 0;
      }
      /** Takes credit. Throws a ProtocolError `LANE_VIOLATED` for more than there can be. */
      grant(bytes) {
        this.#credit = grown(this.#credit, bytes);
        this.wake();
      }
      /** Looks again whether it may send. */
      wake() {
        this.#shared.waiting.delete(this);
        this.#wake?.();
      }
      /** Sends nothing more. */
      stop() {
        this.#isOver = true;
        this.wake();
      }
      /** The largest part that may be sent now; negative when not even an empty one may. */
      #room() {
        const { left, partBytes } = this.#shared;
        return Math.min(partBytes, Math.min(this.#credit, left) - FRAME_COST);
      }
      async #sendParts(message, isLast, opening) {
        const size = message?.byteLength ?? 0;
        let at = 0;
        let beginning = opening;
        for (; ; ) {
          const least = Math.min(size - at, SMALLEST_PART);
          while (!this.#isOver && (this.#shared.isFull() || this.#room() < least)) {
            await this.#more();
          }
          if (this.#isOver) return;
          const part = message?.subarray(at, at + this.#room());
          at += part?.byteLength ?? 0;
          const hasMore = at < size;
          this.#emit(part, hasMore, isLast && !hasMore, beginning);
          beginning = void 0;
          if (!hasMore) return;
          await nextTurn();
        }
      }
      #emit(message, hasMore, isLast, opening) {
        const charge = chargeOf(message?.byteLength ?? 0);
        this.#credit -= charge;
        this.#shared.left -= charge;
        const carried = { hasMore, isLast, ...message === void 0 ? {} : { message } };
        if (opening === void 0) {
          this.#shared.send({ kind: "data", stream: this.#stream, ...carried });
          return;
        }
        const { begin, method, timeoutMs, metadata } = opening;
        this.#stream = begin();
        const head = { method, timeoutMs, metadata };
        this.#shared.send({ kind: "open", stream: this.#stream, ...head, ...carried });
      }
      #more() {
        return new Promise((resolve) => {
          this.#wake = resolve;
          this.#shared.waiting.add(this);
        });
      }
    };
  }
});

// packages/protocol/src/node/lane-writer.ts
function createLaneWriter(duplex, drained2) {
  let frames = [];
  let bytes = 0;
  let acts = [];
  let isScheduled = false;
  const flush = () => {
    isScheduled = false;
    if (frames.length === 0 || !duplex.writable) return;
    const [only] = frames;
    const whole = frames.length === 1 && only ? only : Buffer.concat(frames, bytes);
    const after2 = acts;
    frames = [];
    bytes = 0;
    acts = [];
    duplex.write(whole, () => {
      for (const act of after2) act();
    });
  };
  duplex.on("drain", drained2);
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
    flush
  };
}
var init_lane_writer = __esm({
  "packages/protocol/src/node/lane-writer.ts"() {
    "use strict";
    init_lane_frames();
  }
});

// packages/protocol/src/node/lane-core.ts
function createLaneCore(duplex, own, peer, maxMessageBytes, violate) {
  const writer = createLaneWriter(duplex, () => {
    for (const outbox of credit.waiting) outbox.wake();
  });
  const credit = {
    left: peer.laneCreditBytes,
    waiting: /* @__PURE__ */ new Set(),
    partBytes: Math.min(PART_BYTES2, peer.maxFrameBytes - AROUND_BYTES),
    send: (frame) => writer.send(frame),
    isFull: () => writer.backlog() > FULL_BYTES
  };
  const lane = new Allowance(0, own.laneCreditBytes, (frame) => writer.send(frame));
  const shared = { lane, maxMessageBytes, assembling: 0 };
  return {
    deadlines: createDeadlines(),
    send: (frame) => writer.send(frame),
    flush: () => writer.flush(),
    onceOut: (act) => writer.onceOut(act),
    backlog: () => writer.backlog(),
    outbox: (stream) => new Outbox(stream, peer.streamCreditBytes, credit),
    inbox: (stream) => new Inbox(
      new Allowance(stream, own.streamCreditBytes, (frame) => writer.send(frame)),
      shared
    ),
    spend: (message) => lane.spend(chargeOf(message?.byteLength ?? 0)),
    dropped(message) {
      const charge = chargeOf(message?.byteLength ?? 0);
      lane.spend(charge);
      lane.giveBack(charge);
    },
    grant(bytes) {
      credit.left = grown(credit.left, bytes);
      for (const outbox of credit.waiting) outbox.wake();
    },
    violate
  };
}
var PART_BYTES2, AROUND_BYTES, FULL_BYTES;
var init_lane_core = __esm({
  "packages/protocol/src/node/lane-core.ts"() {
    "use strict";
    init_lane_frames();
    init_lane_credit();
    init_lane_deadlines();
    init_lane_inbox();
    init_lane_outbox();
    init_lane_writer();
    PART_BYTES2 = 65536;
    AROUND_BYTES = 16384 + 64;
    FULL_BYTES = 1048576;
  }
});

// packages/protocol/src/node/lane-terms.ts
function isUsableTerms(terms) {
  const { maxFrameBytes, streamCreditBytes, laneCreditBytes } = terms;
  return [maxFrameBytes, streamCreditBytes, laneCreditBytes].every(
    (bytes) => Number.isInteger(bytes) && bytes >= LEAST_BYTES && bytes <= MOST_BYTES
  ) && laneCreditBytes >= streamCreditBytes;
}
var LANE_VERSION, LANE_TERMS, LANE_CALLS, LEAST_BYTES, MOST_BYTES;
var init_lane_terms = __esm({
  "packages/protocol/src/node/lane-terms.ts"() {
    "use strict";
    init_limits();
    LANE_VERSION = 1;
    LANE_TERMS = Object.freeze({
      maxFrameBytes: 131072,
      streamCreditBytes: LIMITS.streamWindowBytes,
      laneCreditBytes: LIMITS.connectionWindowBytes
    });
    LANE_CALLS = Object.freeze({ host: LIMITS.streamsPerConnection, plugin: 128 });
    LEAST_BYTES = 32768;
    MOST_BYTES = 2147483647;
  }
});

// packages/protocol/src/node/lane.ts
function openLane(duplex, options) {
  const { role, methods: methods2, routes, peer } = options;
  const { maxMessageBytes } = grpcLimits(options);
  const ours = role === "host" ? 1 : 2;
  const other = role === "host" ? "plugin" : "host";
  let violated;
  let isPongOut = true;
  let pinging;
  let pings = 0n;
  const violate = (error) => {
    violated ??= error;
    duplex.destroy();
    over();
  };
  const core = createLaneCore(duplex, LANE_TERMS, peer, maxMessageBytes, violate);
  const caller = createLaneCaller(core, methods2, ours, LANE_CALLS[role]);
  const callee = createLaneCallee(core, routes, LANE_CALLS[other]);
  const carried = new Set(methods2);
  const endOf = (path) => violated === void 0 ? callEnded(path, STATUS.UNAVAILABLE, "the connection was lost") : new ProtocolError("LANE_VIOLATED", violated.message, {
    cause: violated,
    status: STATUS.INTERNAL
  });
  const over = () => {
    caller.fail(endOf);
    callee.stop();
    core.deadlines.clear();
    pinging?.reject(endOf("the lane"));
    pinging = void 0;
  };
  const take = (frame) => {
    switch (frame.kind) {
      case "open":
      case "data":
      case "end":
      case "cancel":
        (frame.stream % 2 === ours % 2 ? caller : callee).take(frame);
        return;
      case "credit":
        if (frame.stream === 0) core.grant(frame.bytes);
        else (frame.stream % 2 === ours % 2 ? caller : callee).take(frame);
        return;
      case "ping":
        if (!isPongOut) throw violation("a second ping before the answer to the first");
        isPongOut = false;
        core.send({ kind: "pong", value: frame.value });
        core.onceOut(() => {
          isPongOut = true;
        });
        return;
      case "pong":
        if (pinging === void 0 || frame.value !== pings) throw violation("an answer to no ping");
        pinging.resolve();
        pinging = void 0;
        return;
      case "goaway":
        caller.leave(frame.lastStream);
        return;
      default:
        frame;
    }
  };
  const reader = createLaneReader(LANE_TERMS.maxFrameBytes, take);
  duplex.on("data", (bytes) => {
    if (violated !== void 0) return;
    try {
      reader.push(bytes);
    } catch (error) {
      violate(error instanceof ProtocolError ? error : violation("what cannot be read"));
      return;
    }
    if (core.backlog() > MOST_BACKLOG_BYTES) duplex.pause();
  });
  duplex.on("drain", () => duplex.resume());
  duplex.on("error", () => void 0);
  duplex.once("end", over);
  const closed = new Promise((resolve) => {
    duplex.once("close", () => {
      over();
      resolve();
    });
    if (duplex.destroyed) resolve();
  });
  let closing;
  const close = async () => {
    if (!duplex.destroyed) {
      core.send({ kind: "goaway", lastStream: callee.last(), text: "" });
      core.flush();
      duplex.end();
    }
    over();
    const stop = after(LINGER_MS4, () => duplex.destroy());
    await closed;
    stop();
  };
  const closeOnce = () => closing ??= close();
  return {
    unary: caller.unary,
    stream: caller.stream,
    clientStream: caller.clientStream,
    bidirectional: caller.bidirectional,
    carries: (path) => carried.has(path),
    violation: () => violated,
    async ping({ signal, timeoutMs } = {}) {
      if (pinging === void 0) {
        if (duplex.destroyed) throw endOf("the lane");
        pinging = Promise.withResolvers();
        pings += 1n;
        pinging.promise.catch(() => void 0);
        core.send({ kind: "ping", value: pings });
      }
      const interruption = createInterruption();
      const abort = () => interruption.interrupt(callCancelled("the lane"));
      if (signal?.aborted === true) abort();
      signal?.addEventListener("abort", abort, { once: true });
      const expire = () => interruption.interrupt(callExpired("the lane"));
      const stop = timeoutMs === void 0 ? void 0 : after(timeoutMs, expire);
      try {
        await interruption.unless(pinging.promise);
      } finally {
        stop?.();
        signal?.removeEventListener("abort", abort);
      }
    },
    closed,
    close: closeOnce,
    [Symbol.asyncDispose]: closeOnce
  };
}
var MOST_BACKLOG_BYTES, LINGER_MS4;
var init_lane = __esm({
  "packages/protocol/src/node/lane.ts"() {
    "use strict";
    init_lane_reader();
    init_protocol_error();
    init_status();
    init_call_failure();
    init_grpc_options();
    init_interruption();
    init_lane_callee();
    init_lane_caller();
    init_lane_core();
    init_lane_credit();
    init_lane_terms();
    init_timeout();
    MOST_BACKLOG_BYTES = 4194304;
    LINGER_MS4 = 250;
  }
});

// packages/protocol/src/node/mux-frames.ts
function createMuxFrameReader(take) {
  const header = new Uint8Array(HEADER_BYTES2);
  let held = 0;
  let body;
  return {
    push(bytes) {
      for (let at = 0; at < bytes.byteLength; ) {
        if (body !== void 0) {
          const part2 = bytes.subarray(at, at + body.left);
          const { stream } = body;
          at += part2.byteLength;
          body.left -= part2.byteLength;
          if (body.left === 0) body = void 0;
          take({ kind: "body", stream, part: part2 });
          continue;
        }
        const part = bytes.subarray(at, at + HEADER_BYTES2 - held);
        header.set(part, held);
        held += part.byteLength;
        at += part.byteLength;
        if (held < HEADER_BYTES2) return;
        held = 0;
        const event = eventOf(header);
        if (event.kind === "data" && event.bytes > 0)
          body = { stream: event.stream, left: event.bytes };
        take(event);
      }
    }
  };
}
function eventOf(header) {
  const view = new DataView(header.buffer);
  const [version, type = -1] = header;
  const flags = view.getUint16(2);
  const stream = view.getUint32(4);
  const bytes = view.getUint32(8);
  if (version !== 0) throw muxViolated(`a frame has version ${version}, not 0`);
  if ((flags & ~ALL_FLAGS) !== 0) throw muxViolated(`a frame has the unknown flags ${flags}`);
  switch (type) {
    case DATA:
      if (bytes > LIMITS.muxFrameBytes)
        throw muxViolated(
          `a frame has a body of ${bytes} bytes, at most ${LIMITS.muxFrameBytes} are taken`
        );
      return { kind: "data", stream, flags, bytes };
    case WINDOW:
      return { kind: "window", stream, flags, bytes };
    case PING:
      if (stream !== 0) throw muxViolated(`a ping belongs to stream ${stream}`);
      return { kind: "ping", isAnswer: (flags & MUX_FLAG.ACK) !== 0, value: bytes };
    case GOAWAY:
      if (stream !== 0) throw muxViolated(`a farewell belongs to stream ${stream}`);
      return { kind: "goaway", reason: bytes };
    default:
      throw muxViolated(`a frame has the unknown type ${type}`);
  }
}
var MUX_FLAG, ALL_FLAGS, HEADER_BYTES2, DATA, WINDOW, PING, GOAWAY, written, muxFrame, muxViolated;
var init_mux_frames = __esm({
  "packages/protocol/src/node/mux-frames.ts"() {
    "use strict";
    init_limits();
    init_protocol_error();
    MUX_FLAG = Object.freeze({ SYN: 1, ACK: 2, FIN: 4, RST: 8 });
    ALL_FLAGS = 15;
    HEADER_BYTES2 = 12;
    DATA = 0;
    WINDOW = 1;
    PING = 2;
    GOAWAY = 3;
    written = (type, flags, stream, value) => {
      const header = new Uint8Array(HEADER_BYTES2);
      const view = new DataView(header.buffer);
      view.setUint8(1, type);
      view.setUint16(2, flags);
      view.setUint32(4, stream);
      view.setUint32(8, value);
      return header;
    };
    muxFrame = Object.freeze({
      data: (stream, bytes) => written(DATA, 0, stream, bytes),
      window: (stream, flags, bytes) => written(WINDOW, flags, stream, bytes),
      pong: (value) => written(PING, MUX_FLAG.ACK, 0, value),
      goaway: (reason) => written(GOAWAY, 0, 0, reason)
    });
    muxViolated = (found) => new ProtocolError("MUX_VIOLATED", `Cannot use a multiplexed connection: ${found}`);
  }
});

// packages/protocol/src/node/mux-stream.ts
import { Duplex } from "node:stream";
function createMuxStream(id, wire2) {
  let sendable = LIMITS.muxFrameBytes;
  let unsent;
  let isOurHalfOver = false;
  let takeable = LIMITS.muxFrameBytes;
  let announced = 0;
  let consumed = 0;
  let isLastAnnounced = false;
  let isTheirHalfOver = false;
  let isWanted = false;
  let isSilent = false;
  const queue = [];
  const send2 = (bytes, done) => {
    const part = bytes.subarray(0, sendable);
    const rest = bytes.subarray(part.byteLength);
    sendable -= part.byteLength;
    if (rest.byteLength > 0) unsent = { bytes: rest, done };
    const last = rest.byteLength === 0 ? done : void 0;
    if (part.byteLength > 0) wire2.write([muxFrame.data(id, part.byteLength), part], last);
    else last?.();
  };
  const deliver = () => {
    const part = isWanted ? queue.shift() : void 0;
    if (part !== void 0) {
      isWanted = false;
      consumed += part.byteLength;
      if (consumed >= LIMITS.muxFrameBytes / 2 && !isLastAnnounced) {
        const bytes = consumed;
        takeable += bytes;
        consumed = 0;
        wire2.write([muxFrame.window(id, 0, bytes)]);
      }
      duplex.push(part);
      return;
    }
    if (!isWanted || !isTheirHalfOver) return;
    isWanted = false;
    duplex.push(null);
  };
  const endTheirs = () => {
    if (announced > 0 || !isLastAnnounced) return;
    isTheirHalfOver = true;
    deliver();
  };
  const duplex = new Duplex({
    allowHalfOpen: false,
    readableHighWaterMark: READ_AHEAD_BYTES,
    read() {
      isWanted = true;
      deliver();
    },
    write(chunk, _encoding, done) {
      send2(chunk, done);
    },
    final(done) {
      isOurHalfOver = true;
      wire2.write([muxFrame.window(id, MUX_FLAG.FIN, 0)], done);
    },
    destroy(error, done) {
      queue.length = 0;
      if (!isSilent && !(isOurHalfOver && isTheirHalfOver))
        wire2.write([muxFrame.window(id, MUX_FLAG.RST, 0)]);
      unsent?.done(error ?? new Error("the stream was closed"));
      unsent = void 0;
      wire2.forget();
      done(error);
    }
  });
  duplex.on("error", () => void 0);
  return {
    duplex,
    announce(bytes, isLast) {
      if (isLastAnnounced && (bytes > 0 || isLast))
        throw muxViolated(`stream ${id} goes on after its end`);
      if (bytes > takeable)
        throw muxViolated(`stream ${id} sends ${bytes} bytes where ${takeable} are allowed`);
      takeable -= bytes;
      announced += bytes;
      isLastAnnounced ||= isLast;
      endTheirs();
    },
    receive(part) {
      announced -= part.byteLength;
      enqueue(queue, part);
      deliver();
      endTheirs();
    },
    credit(bytes) {
      if (sendable + bytes > LARGEST_WINDOW)
        throw muxViolated(`the window of stream ${id} overflows`);
      sendable += bytes;
      const waiting = unsent;
      if (waiting === void 0 || bytes === 0) return;
      unsent = void 0;
      send2(waiting.bytes, waiting.done);
    },
    abandon(error) {
      isSilent = true;
      duplex.destroy(error);
    }
  };
}
function enqueue(queue, part) {
  let last = part;
  for (let before = queue.at(-1); before !== void 0; before = queue.at(-1)) {
    if (before.byteLength >= SMALL_BYTES || before.byteLength > last.byteLength) break;
    queue.pop();
    last = Buffer.concat([before, last]);
  }
  queue.push(last);
}
var LARGEST_WINDOW, SMALL_BYTES, READ_AHEAD_BYTES;
var init_mux_stream = __esm({
  "packages/protocol/src/node/mux-stream.ts"() {
    "use strict";
    init_limits();
    init_mux_frames();
    LARGEST_WINDOW = 4294967295;
    SMALL_BYTES = 4096;
    READ_AHEAD_BYTES = 16384;
  }
});

// packages/protocol/src/node/mux-session.ts
function createMuxSession(connection, { side, accept }) {
  const streams = /* @__PURE__ */ new Map();
  const expected = [];
  const ended = Promise.withResolvers();
  const ownRest = side === "host" ? 1 : 0;
  const isOwn = (id) => id % 2 === ownRest;
  let nextOwn = side === "host" ? 1 : 2;
  let highest = 0;
  let theirs = 0;
  let answers = 0;
  let isLeaving = false;
  let isOver = false;
  const write = (parts, done) => {
    if (isOver || !connection.writable) {
      done?.(new Error("the multiplexed connection is over"));
      return;
    }
    connection.cork();
    parts.forEach((part, at) => connection.write(part, at === parts.length - 1 ? done : void 0));
    connection.uncork();
  };
  const answer = (frame) => {
    answers += 1;
    if (answers > MAX_ANSWERS) throw muxViolated(`${answers} answers are not read`);
    write([frame], () => answers -= 1);
  };
  const begin = (id) => {
    const forget = () => {
      if (streams.delete(id) && !isOwn(id)) theirs -= 1;
    };
    const stream = createMuxStream(id, { write, forget });
    streams.set(id, stream);
    if (!isOwn(id)) theirs += 1;
    return stream;
  };
  const over = (fault) => {
    if (isOver) return;
    isOver = true;
    const lost = fault ?? new Error("the multiplexed connection is over");
    for (const stream of streams.values()) stream.abandon(lost);
    if (fault === void 0) connection.end();
    else connection.destroy();
    ended.resolve(fault);
  };
  const admitted = (id) => {
    if (isOwn(id) || id <= highest)
      throw muxViolated(`stream ${id} cannot be opened by the other side`);
    highest = id;
    const take = expected.shift() ?? accept;
    if (take === void 0 || theirs >= LIMITS.muxStreams || isLeaving) {
      answer(muxFrame.window(id, MUX_FLAG.RST, 0));
      return void 0;
    }
    const stream = begin(id);
    answer(muxFrame.window(id, MUX_FLAG.ACK, 0));
    take(stream.duplex);
    return stream;
  };
  const streamOf2 = ({ stream: id, flags }) => {
    if (id === 0) throw muxViolated("a frame of data belongs to no stream");
    if ((flags & MUX_FLAG.SYN) !== 0) return admitted(id);
    const neverBegan = isOwn(id) ? id >= nextOwn : id > highest;
    if (neverBegan) throw muxViolated(`stream ${id} was never opened`);
    return streams.get(id);
  };
  const takeFrame = (frame) => {
    const stream = streamOf2(frame);
    if (stream === void 0) return;
    if ((frame.flags & MUX_FLAG.RST) !== 0) {
      stream.abandon(new Error("the other side reset the stream"));
      return;
    }
    const isLast = (frame.flags & MUX_FLAG.FIN) !== 0;
    if (frame.kind === "window") stream.credit(frame.bytes);
    if (frame.kind === "data" || isLast)
      stream.announce(frame.kind === "data" ? frame.bytes : 0, isLast);
  };
  const takeEvent = (event) => {
    if (isOver) return;
    switch (event.kind) {
      case "data":
      case "window":
        takeFrame(event);
        break;
      case "body":
        streams.get(event.stream)?.receive(event.part);
        break;
      case "ping":
        if (!event.isAnswer) answer(muxFrame.pong(event.value));
        break;
      case "goaway":
        isLeaving = true;
        if (event.reason !== 0) throw muxViolated(`the other side gave up, reason ${event.reason}`);
        break;
      default:
        event;
    }
  };
  const reader = createMuxFrameReader(takeEvent);
  const arrived = [];
  let isReading = false;
  connection.on("data", (bytes) => {
    arrived.push(bytes);
    if (isReading) return;
    isReading = true;
    try {
      for (let next2 = arrived.shift(); next2 !== void 0; next2 = arrived.shift())
        reader.push(next2);
    } catch (error) {
      over(error instanceof ProtocolError ? error : muxViolated("a stream could not be taken"));
    }
    isReading = false;
  });
  connection.on("error", () => over(void 0));
  connection.once("end", () => over(void 0)).once("close", () => over(void 0));
  const close = async () => {
    write([muxFrame.goaway(0)]);
    over(void 0);
    if (connection.destroyed) return;
    const gone = new Promise((resolve) => connection.once("close", resolve));
    const stop = after(LINGER_MS5, () => connection.destroy());
    await gone;
    stop();
  };
  let closing;
  const closeOnce = () => closing ??= close();
  return {
    closed: ended.promise,
    open() {
      if (isOver || isLeaving) throw unopened("it is over, or ending");
      const ours = streams.size - theirs;
      if (ours >= LIMITS.muxStreams) throw unopened(`it has ${ours} streams`);
      const id = nextOwn;
      nextOwn += 2;
      const { duplex } = begin(id);
      write([muxFrame.window(id, MUX_FLAG.SYN, 0)]);
      return duplex;
    },
    expect(take) {
      expected.push(take);
      return () => {
        const at = expected.indexOf(take);
        if (at !== -1) expected.splice(at, 1);
      };
    },
    close: closeOnce,
    [Symbol.asyncDispose]: closeOnce
  };
}
var MAX_ANSWERS, LINGER_MS5, unopened;
var init_mux_session = __esm({
  "packages/protocol/src/node/mux-session.ts"() {
    "use strict";
    init_limits();
    init_protocol_error();
    init_status();
    init_mux_frames();
    init_mux_stream();
    init_timeout();
    MAX_ANSWERS = 256;
    LINGER_MS5 = 250;
    unopened = (found) => new ProtocolError(
      "CONNECT_FAILED",
      `Cannot open a stream of a multiplexed connection: ${found}`,
      {
        status: STATUS.UNAVAILABLE
      }
    );
  }
});

// packages/protocol/src/node/index.ts
var node_exports = {};
__export(node_exports, {
  LANE_TERMS: () => LANE_TERMS,
  LANE_VERSION: () => LANE_VERSION,
  bidirectionalRoute: () => bidirectionalRoute,
  certificateFault: () => certificateFault,
  certificatePem: () => certificatePem,
  clientMethod: () => clientMethod,
  clientStreamRoute: () => clientStreamRoute,
  connectMutualTls: () => connectMutualTls,
  createGrpcServer: () => createGrpcServer,
  createMutualTlsServer: () => createMutualTlsServer,
  createMuxSession: () => createMuxSession,
  createOneTimeCertificate: () => createOneTimeCertificate,
  isUsableTerms: () => isUsableTerms,
  openGrpcBroker: () => openGrpcBroker,
  openGrpcChannel: () => openGrpcChannel,
  openLane: () => openLane,
  serveGrpcBroker: () => serveGrpcBroker,
  serverMethod: () => serverMethod,
  streamRoute: () => streamRoute,
  unaryRoute: () => unaryRoute
});
var init_node = __esm({
  "packages/protocol/src/node/index.ts"() {
    "use strict";
    init_broker();
    init_grpc_channel();
    init_grpc_server();
    init_lane();
    init_lane_terms();
    init_mux_session();
    init_mutual_tls();
    init_one_time_certificate();
    init_method();
    init_route();
  }
});

// packages/protocol/src/gen/common/v1/common_pb.ts
var file_common_v1_common, Role;
var init_common_pb = __esm({
  "packages/protocol/src/gen/common/v1/common_pb.ts"() {
    "use strict";
    init_codegenv2();
    init_wkt();
    file_common_v1_common = /* @__PURE__ */ fileDesc(
      "ChZjb21tb24vdjEvY29tbW9uLnByb3RvEgljb21tb24udjEivgIKB01lc3NhZ2USCgoCaWQYASABKAkSEgoKc2Vzc2lvbl9pZBgCIAEoCRIdCgRyb2xlGAMgASgOMg8uY29tbW9uLnYxLlJvbGUSDwoHY29udGVudBgEIAEoCRIUCgx0b29sX2NhbGxfaWQYBSABKAkSEQoJdG9vbF9uYW1lGAYgASgJEi4KCmNyZWF0ZWRfYXQYByABKAsyGi5nb29nbGUucHJvdG9idWYuVGltZXN0YW1wEjIKCG1ldGFkYXRhGAggAygLMiAuY29tbW9uLnYxLk1lc3NhZ2UuTWV0YWRhdGFFbnRyeRIlCgVwYXJ0cxgJIAMoCzIWLmNvbW1vbi52MS5Db250ZW50UGFydBovCg1NZXRhZGF0YUVudHJ5EgsKA2tleRgBIAEoCRINCgV2YWx1ZRgCIAEoCToCOAEiVwoLQ29udGVudFBhcnQSEQoJbWltZV90eXBlGAEgASgJEg4KBHRleHQYAiABKAlIABIOCgRkYXRhGAMgASgMSAASDQoDdXJsGAQgASgJSABCBgoEYm9keSLSAQoOVG9vbERlZmluaXRpb24SDAoEbmFtZRgBIAEoCRITCgtkZXNjcmlwdGlvbhgCIAEoCRItCgxpbnB1dF9zY2hlbWEYAyABKAsyFy5nb29nbGUucHJvdG9idWYuU3RydWN0Ei4KDW91dHB1dF9zY2hlbWEYBCABKAsyFy5nb29nbGUucHJvdG9idWYuU3RydWN0Eg0KBXRpdGxlGAUgASgJEi8KC2Fubm90YXRpb25zGAYgASgLMhouY29tbW9uLnYxLlRvb2xBbm5vdGF0aW9ucyKxAQoPVG9vbEFubm90YXRpb25zEhYKCXJlYWRfb25seRgBIAEoCEgAiAEBEhgKC2Rlc3RydWN0aXZlGAIgASgISAGIAQESFwoKaWRlbXBvdGVudBgDIAEoCEgCiAEBEhcKCm9wZW5fd29ybGQYBCABKAhIA4gBAUIMCgpfcmVhZF9vbmx5Qg4KDF9kZXN0cnVjdGl2ZUINCgtfaWRlbXBvdGVudEINCgtfb3Blbl93b3JsZCI3CghUb29sQ2FsbBIKCgJpZBgBIAEoCRIMCgRuYW1lGAIgASgJEhEKCWFyZ3VtZW50cxgDIAEoCSJhCgxVc2VySWRlbnRpdHkSDwoHdXNlcl9pZBgBIAEoCRIQCghwbGF0Zm9ybRgCIAEoCRIYChBwbGF0Zm9ybV91c2VyX2lkGAMgASgJEhQKDGRpc3BsYXlfbmFtZRgEIAEoCSL7AQoTQ2hhbm5lbENhcGFiaWxpdGllcxIWCg5zdXBwb3J0c19tZWRpYRgBIAEoCBIaChJzdXBwb3J0c19yZWFjdGlvbnMYAiABKAgSGAoQc3VwcG9ydHNfdGhyZWFkcxgDIAEoCBIYChBzdXBwb3J0c19lZGl0aW5nGAQgASgIEhcKD3N1cHBvcnRzX3R5cGluZxgFIAEoCBIWCg5zdXBwb3J0c192b2ljZRgGIAEoCBIaChJzdXBwb3J0c19yaWNoX3RleHQYByABKAgSGgoSbWF4X21lc3NhZ2VfbGVuZ3RoGAggASgFEhMKC21lZGlhX3R5cGVzGAkgAygJIrIBChFNb2RlbENhcGFiaWxpdGllcxIWCg5zdXBwb3J0c190b29scxgBIAEoCBIXCg9zdXBwb3J0c192aXNpb24YAiABKAgSGgoSc3VwcG9ydHNfc3RyZWFtaW5nGAMgASgIEhkKEXN1cHBvcnRzX3RoaW5raW5nGAQgASgIEhoKEm1heF9jb250ZXh0X3Rva2VucxgFIAEoBRIZChFtYXhfb3V0cHV0X3Rva2VucxgGIAEoBSJrCgVVc2FnZRIUCgxpbnB1dF90b2tlbnMYASABKAUSFQoNb3V0cHV0X3Rva2VucxgCIAEoBRIZChFjYWNoZV9yZWFkX3Rva2VucxgDIAEoBRIaChJjYWNoZV93cml0ZV90b2tlbnMYBCABKAUiZQoHRmFpbHVyZRIMCgRjb2RlGAEgASgJEg8KB21lc3NhZ2UYAiABKAkSEQoJcmV0cnlhYmxlGAMgASgIEigKB2RldGFpbHMYBCABKAsyFy5nb29nbGUucHJvdG9idWYuU3RydWN0Kl8KBFJvbGUSFAoQUk9MRV9VTlNQRUNJRklFRBAAEg0KCVJPTEVfVVNFUhABEhIKDlJPTEVfQVNTSVNUQU5UEAISDwoLUk9MRV9TWVNURU0QAxINCglST0xFX1RPT0wQBGIGcHJvdG8z",
      [file_google_protobuf_struct, file_google_protobuf_timestamp]
    );
    Role = {
      /**
       * @generated from enum value: ROLE_UNSPECIFIED = 0;
       */
      UNSPECIFIED: 0,
      /**
       * @generated from enum value: ROLE_USER = 1;
       */
      USER: 1,
      /**
       * @generated from enum value: ROLE_ASSISTANT = 2;
       */
      ASSISTANT: 2,
      /**
       * @generated from enum value: ROLE_SYSTEM = 3;
       */
      SYSTEM: 3,
      /**
       * @generated from enum value: ROLE_TOOL = 4;
       */
      TOOL: 4
    };
  }
});

// packages/protocol/src/gen/plugin/v1/plugin_pb.ts
var file_plugin_v1_plugin, HealthStatus, PresenceStatus, PluginLifecycle, Tool, Channel, Provider, CallControl, ChannelProfile, Lane, HostCallbacks;
var init_plugin_pb2 = __esm({
  "packages/protocol/src/gen/plugin/v1/plugin_pb.ts"() {
    "use strict";
    init_codegenv2();
    init_common_pb();
    init_wkt();
    file_plugin_v1_plugin = /* @__PURE__ */ fileDesc(
      "ChZwbHVnaW4vdjEvcGx1Z2luLnByb3RvEglwbHVnaW4udjEigwEKC0luaXRSZXF1ZXN0EicKBmNvbmZpZxgBIAEoCzIXLmdvb2dsZS5wcm90b2J1Zi5TdHJ1Y3QSHQoEaG9zdBgCIAEoCzIPLnBsdWdpbi52MS5QZWVyEhAKCGZlYXR1cmVzGAMgAygJEhoKEmNhbGxiYWNrX2Jyb2tlcl9pZBgEIAEoDSJcCgxJbml0UmVzcG9uc2USCgoCb2sYASABKAgSDQoFZXJyb3IYAiABKAkSHwoGcGx1Z2luGAMgASgLMg8ucGx1Z2luLnYxLlBlZXISEAoIZmVhdHVyZXMYBCADKAkiJQoEUGVlchIMCgRuYW1lGAEgASgJEg8KB3ZlcnNpb24YAiABKAkiDwoNSGVhbHRoUmVxdWVzdCJ+Cg5IZWFsdGhSZXNwb25zZRInCgZzdGF0dXMYASABKA4yFy5wbHVnaW4udjEuSGVhbHRoU3RhdHVzEg8KB21lc3NhZ2UYAiABKAkSFwoPY2FsbHNfaW5fZmxpZ2h0GAMgASgNEhkKEWV2ZW50X2xvb3BfbGFnX21zGAQgASgNIjoKD1NodXRkb3duUmVxdWVzdBIXCg90aW1lb3V0X3NlY29uZHMYASABKAUSDgoGcmVhc29uGAIgASgJIiEKEFNodXRkb3duUmVzcG9uc2USDQoFY2xlYW4YASABKAgiEQoPRGVzY3JpYmVSZXF1ZXN0IjwKEERlc2NyaWJlUmVzcG9uc2USKAoFdG9vbHMYASADKAsyGS5jb21tb24udjEuVG9vbERlZmluaXRpb24ingEKDkV4ZWN1dGVSZXF1ZXN0EhEKCXRvb2xfbmFtZRgBIAEoCRIRCglhcmd1bWVudHMYAiABKAkSEgoKc2Vzc2lvbl9pZBgDIAEoCRIXCg90aW1lb3V0X3NlY29uZHMYBCABKAUSDwoHY2FsbF9pZBgFIAEoCRIOCgZhY2NlcHQYBiADKAkSGAoQbWF4X3Jlc3VsdF9ieXRlcxgHIAEoBCLzAQoMRXhlY3V0ZUNodW5rEg4KBHRleHQYASABKAlIABIPCgVlcnJvchgCIAEoCUgAEg4KBGRvbmUYAyABKAhIABIrCghwcm9ncmVzcxgEIAEoCzIXLnBsdWdpbi52MS5Ub29sUHJvZ3Jlc3NIABIsCgpzdHJ1Y3R1cmVkGAUgASgLMhYuZ29vZ2xlLnByb3RvYnVmLlZhbHVlSAASJwoGYmluYXJ5GAYgASgLMhUucGx1Z2luLnYxLkJpbmFyeVBhcnRIABIlCgdmYWlsdXJlGAcgASgLMhIuY29tbW9uLnYxLkZhaWx1cmVIAEIHCgVjaHVuayJBCgxUb29sUHJvZ3Jlc3MSEQoJY29tcGxldGVkGAEgASgBEg0KBXRvdGFsGAIgASgBEg8KB21lc3NhZ2UYAyABKAkiWgoKQmluYXJ5UGFydBIPCgdwYXJ0X2lkGAEgASgJEhEKCW1pbWVfdHlwZRgCIAEoCRIMCgRuYW1lGAMgASgJEgwKBGRhdGEYBCABKAwSDAoEbGFzdBgFIAEoCCIOCgxTdGFydFJlcXVlc3QiywIKDkluYm91bmRNZXNzYWdlEhIKCm1lc3NhZ2VfaWQYASABKAkSEgoKY2hhbm5lbF9pZBgCIAEoCRInCgZzZW5kZXIYAyABKAsyFy5jb21tb24udjEuVXNlcklkZW50aXR5Eg8KB2NvbnRlbnQYBCABKAkSEQoJdGhyZWFkX2lkGAUgASgJEikKBW1lZGlhGAYgAygLMhoucGx1Z2luLnYxLk1lZGlhQXR0YWNobWVudBItCgl0aW1lc3RhbXAYByABKAsyGi5nb29nbGUucHJvdG9idWYuVGltZXN0YW1wEjkKCG1ldGFkYXRhGAggAygLMicucGx1Z2luLnYxLkluYm91bmRNZXNzYWdlLk1ldGFkYXRhRW50cnkaLwoNTWV0YWRhdGFFbnRyeRILCgNrZXkYASABKAkSDQoFdmFsdWUYAiABKAk6AjgBImUKD01lZGlhQXR0YWNobWVudBILCgN1cmwYASABKAkSEQoJbWltZV90eXBlGAIgASgJEhAKCGZpbGVuYW1lGAMgASgJEhIKCnNpemVfYnl0ZXMYBCABKAMSDAoEZGF0YRgFIAEoDCLRAQoLU2VuZFJlcXVlc3QSEgoKY2hhbm5lbF9pZBgBIAEoCRIPCgdjb250ZW50GAIgASgJEhEKCXRocmVhZF9pZBgDIAEoCRIpCgVtZWRpYRgEIAMoCzIaLnBsdWdpbi52MS5NZWRpYUF0dGFjaG1lbnQSGAoQdHlwaW5nX2luZGljYXRvchgFIAEoCBIbChNyZXBseV90b19tZXNzYWdlX2lkGAYgASgJEg8KB2NhbGxfaWQYByABKAkSFwoPaWRlbXBvdGVuY3lfa2V5GAggASgJImsKDFNlbmRSZXNwb25zZRIKCgJvaxgBIAEoCBIbChNwbGF0Zm9ybV9tZXNzYWdlX2lkGAIgASgJEg0KBWVycm9yGAMgASgJEiMKB2ZhaWx1cmUYBCABKAsyEi5jb21tb24udjEuRmFpbHVyZSJWChVVcGRhdGVQcmVzZW5jZVJlcXVlc3QSEgoKY2hhbm5lbF9pZBgBIAEoCRIpCgZzdGF0dXMYAiABKA4yGS5wbHVnaW4udjEuUHJlc2VuY2VTdGF0dXMiJAoWVXBkYXRlUHJlc2VuY2VSZXNwb25zZRIKCgJvaxgBIAEoCCIuChJHZXRJZGVudGl0eVJlcXVlc3QSGAoQcGxhdGZvcm1fdXNlcl9pZBgBIAEoCSITChFMaXN0TW9kZWxzUmVxdWVzdCI6ChJMaXN0TW9kZWxzUmVzcG9uc2USJAoGbW9kZWxzGAEgAygLMhQucGx1Z2luLnYxLk1vZGVsSW5mbyJrCglNb2RlbEluZm8SCgoCaWQYASABKAkSDAoEbmFtZRgCIAEoCRIQCghwcm92aWRlchgDIAEoCRIyCgxjYXBhYmlsaXRpZXMYBCABKAsyHC5jb21tb24udjEuTW9kZWxDYXBhYmlsaXRpZXMizQEKC0NoYXRSZXF1ZXN0Eg0KBW1vZGVsGAEgASgJEiQKCG1lc3NhZ2VzGAIgAygLMhIuY29tbW9uLnYxLk1lc3NhZ2USKAoFdG9vbHMYAyADKAsyGS5jb21tb24udjEuVG9vbERlZmluaXRpb24SFQoNc3lzdGVtX3Byb21wdBgEIAEoCRInCgdvcHRpb25zGAUgASgLMhYucGx1Z2luLnYxLkNoYXRPcHRpb25zEg8KB2NhbGxfaWQYBiABKAkSDgoGYWNjZXB0GAcgAygJIl4KC0NoYXRPcHRpb25zEhMKC3RlbXBlcmF0dXJlGAEgASgCEhIKCm1heF90b2tlbnMYAiABKAUSFgoOc3RvcF9zZXF1ZW5jZXMYAyADKAkSDgoGc3RyZWFtGAQgASgIIqACCglDaGF0RXZlbnQSKgoKdGV4dF9kZWx0YRgBIAEoCzIULnBsdWdpbi52MS5UZXh0RGVsdGFIABIoCgl0b29sX2NhbGwYAiABKAsyEy5jb21tb24udjEuVG9vbENhbGxIABIhCgV1c2FnZRgDIAEoCzIQLmNvbW1vbi52MS5Vc2FnZUgAEg4KBGRvbmUYBCABKAhIABIPCgVlcnJvchgFIAEoCUgAEjIKDnRoaW5raW5nX2RlbHRhGAYgASgLMhgucGx1Z2luLnYxLlRoaW5raW5nRGVsdGFIABIVCgtzdG9wX3JlYXNvbhgHIAEoCUgAEiUKB2ZhaWx1cmUYCCABKAsyEi5jb21tb24udjEuRmFpbHVyZUgAQgcKBWV2ZW50IhkKCVRleHREZWx0YRIMCgR0ZXh0GAEgASgJIh0KDVRoaW5raW5nRGVsdGESDAoEdGV4dBgBIAEoCSIPCg1TdGF0dXNSZXF1ZXN0IsYBCg5TdGF0dXNSZXNwb25zZRIRCglhdmFpbGFibGUYASABKAgSEAoIcHJvdmlkZXIYAiABKAkSDwoHbWVzc2FnZRgDIAEoCRIVCg1mYWlsdXJlX2NvdW50GAQgASgDEjMKD2xhc3RfZmFpbHVyZV9hdBgFIAEoCzIaLmdvb2dsZS5wcm90b2J1Zi5UaW1lc3RhbXASMgoOY29vbGRvd25fdW50aWwYBiABKAsyGi5nb29nbGUucHJvdG9idWYuVGltZXN0YW1wIjAKDUNhbmNlbFJlcXVlc3QSDwoHY2FsbF9pZBgBIAEoCRIOCgZyZWFzb24YAiABKAkiHwoOQ2FuY2VsUmVzcG9uc2USDQoFa25vd24YASABKAgiGAoWRGVzY3JpYmVQcm9maWxlUmVxdWVzdCJ0Cg9PcGVuTGFuZVJlcXVlc3QSEAoIdmVyc2lvbnMYASADKA0SFwoPbWF4X2ZyYW1lX2J5dGVzGAIgASgNEhsKE3N0cmVhbV9jcmVkaXRfYnl0ZXMYAyABKA0SGQoRbGFuZV9jcmVkaXRfYnl0ZXMYBCABKA0ihQEKEE9wZW5MYW5lUmVzcG9uc2USDwoHdmVyc2lvbhgBIAEoDRIPCgdtZXRob2RzGAIgAygJEhcKD21heF9mcmFtZV9ieXRlcxgDIAEoDRIbChNzdHJlYW1fY3JlZGl0X2J5dGVzGAQgASgNEhkKEWxhbmVfY3JlZGl0X2J5dGVzGAUgASgNIiwKDEt2R2V0UmVxdWVzdBIPCgdjYWxsX2lkGAEgASgJEgsKA2tleRgCIAEoCSI+Cg1LdkdldFJlc3BvbnNlEg0KBWZvdW5kGAEgASgIEg0KBXZhbHVlGAIgASgMEg8KB3ZlcnNpb24YAyABKAQibwoMS3ZQdXRSZXF1ZXN0Eg8KB2NhbGxfaWQYASABKAkSCwoDa2V5GAIgASgJEg0KBXZhbHVlGAMgASgMEh0KEGV4cGVjdGVkX3ZlcnNpb24YBCABKARIAIgBAUITChFfZXhwZWN0ZWRfdmVyc2lvbiIwCg1LdlB1dFJlc3BvbnNlEg4KBnN0b3JlZBgBIAEoCBIPCgd2ZXJzaW9uGAIgASgEIi8KD0t2RGVsZXRlUmVxdWVzdBIPCgdjYWxsX2lkGAEgASgJEgsKA2tleRgCIAEoCSIjChBLdkRlbGV0ZVJlc3BvbnNlEg8KB2RlbGV0ZWQYASABKAgiUwoNS3ZMaXN0UmVxdWVzdBIPCgdjYWxsX2lkGAEgASgJEg4KBnByZWZpeBgCIAEoCRISCgpwYWdlX3Rva2VuGAMgASgJEg0KBWxpbWl0GAQgASgNIjcKDkt2TGlzdFJlc3BvbnNlEgwKBGtleXMYASADKAkSFwoPbmV4dF9wYWdlX3Rva2VuGAIgASgJIjEKEVJlYWRDb25maWdSZXF1ZXN0Eg8KB2NhbGxfaWQYASABKAkSCwoDa2V5GAIgASgJIkoKElJlYWRDb25maWdSZXNwb25zZRINCgVmb3VuZBgBIAEoCBIlCgV2YWx1ZRgCIAEoCzIWLmdvb2dsZS5wcm90b2J1Zi5WYWx1ZSJcChJSZWFkU2Vzc2lvblJlcXVlc3QSDwoHY2FsbF9pZBgBIAEoCRISCgpzZXNzaW9uX2lkGAIgASgJEhIKCnBhZ2VfdG9rZW4YAyABKAkSDQoFbGltaXQYBCABKA0iVAoTUmVhZFNlc3Npb25SZXNwb25zZRIkCghtZXNzYWdlcxgBIAMoCzISLmNvbW1vbi52MS5NZXNzYWdlEhcKD25leHRfcGFnZV90b2tlbhgCIAEoCSJLChJTZW5kTWVzc2FnZVJlcXVlc3QSDwoHY2FsbF9pZBgBIAEoCRIkCgRzZW5kGAIgASgLMhYucGx1Z2luLnYxLlNlbmRSZXF1ZXN0IksKD0NhbGxUb29sUmVxdWVzdBIPCgdjYWxsX2lkGAEgASgJEicKBGNhbGwYAiABKAsyGS5wbHVnaW4udjEuRXhlY3V0ZVJlcXVlc3QiTAoTQ2FsbGJhY2tDaGF0UmVxdWVzdBIPCgdjYWxsX2lkGAEgASgJEiQKBGNoYXQYAiABKAsyFi5wbHVnaW4udjEuQ2hhdFJlcXVlc3QqgQEKDEhlYWx0aFN0YXR1cxIdChlIRUFMVEhfU1RBVFVTX1VOU1BFQ0lGSUVEEAASGQoVSEVBTFRIX1NUQVRVU19IRUFMVEhZEAESGgoWSEVBTFRIX1NUQVRVU19ERUdSQURFRBACEhsKF0hFQUxUSF9TVEFUVVNfVU5IRUFMVEhZEAMqhgEKDlByZXNlbmNlU3RhdHVzEh8KG1BSRVNFTkNFX1NUQVRVU19VTlNQRUNJRklFRBAAEhoKFlBSRVNFTkNFX1NUQVRVU19PTkxJTkUQARIaChZQUkVTRU5DRV9TVEFUVVNfVFlQSU5HEAISGwoXUFJFU0VOQ0VfU1RBVFVTX09GRkxJTkUQAzLOAQoPUGx1Z2luTGlmZWN5Y2xlEjcKBEluaXQSFi5wbHVnaW4udjEuSW5pdFJlcXVlc3QaFy5wbHVnaW4udjEuSW5pdFJlc3BvbnNlEj0KBkhlYWx0aBIYLnBsdWdpbi52MS5IZWFsdGhSZXF1ZXN0GhkucGx1Z2luLnYxLkhlYWx0aFJlc3BvbnNlEkMKCFNodXRkb3duEhoucGx1Z2luLnYxLlNodXRkb3duUmVxdWVzdBobLnBsdWdpbi52MS5TaHV0ZG93blJlc3BvbnNlMowBCgRUb29sEkMKCERlc2NyaWJlEhoucGx1Z2luLnYxLkRlc2NyaWJlUmVxdWVzdBobLnBsdWdpbi52MS5EZXNjcmliZVJlc3BvbnNlEj8KB0V4ZWN1dGUSGS5wbHVnaW4udjEuRXhlY3V0ZVJlcXVlc3QaFy5wbHVnaW4udjEuRXhlY3V0ZUNodW5rMAEynwIKB0NoYW5uZWwSPQoFU3RhcnQSFy5wbHVnaW4udjEuU3RhcnRSZXF1ZXN0GhkucGx1Z2luLnYxLkluYm91bmRNZXNzYWdlMAESNwoEU2VuZBIWLnBsdWdpbi52MS5TZW5kUmVxdWVzdBoXLnBsdWdpbi52MS5TZW5kUmVzcG9uc2USVQoOVXBkYXRlUHJlc2VuY2USIC5wbHVnaW4udjEuVXBkYXRlUHJlc2VuY2VSZXF1ZXN0GiEucGx1Z2luLnYxLlVwZGF0ZVByZXNlbmNlUmVzcG9uc2USRQoLR2V0SWRlbnRpdHkSHS5wbHVnaW4udjEuR2V0SWRlbnRpdHlSZXF1ZXN0GhcuY29tbW9uLnYxLlVzZXJJZGVudGl0eTLMAQoIUHJvdmlkZXISSQoKTGlzdE1vZGVscxIcLnBsdWdpbi52MS5MaXN0TW9kZWxzUmVxdWVzdBodLnBsdWdpbi52MS5MaXN0TW9kZWxzUmVzcG9uc2USNgoEQ2hhdBIWLnBsdWdpbi52MS5DaGF0UmVxdWVzdBoULnBsdWdpbi52MS5DaGF0RXZlbnQwARI9CgZTdGF0dXMSGC5wbHVnaW4udjEuU3RhdHVzUmVxdWVzdBoZLnBsdWdpbi52MS5TdGF0dXNSZXNwb25zZTJMCgtDYWxsQ29udHJvbBI9CgZDYW5jZWwSGC5wbHVnaW4udjEuQ2FuY2VsUmVxdWVzdBoZLnBsdWdpbi52MS5DYW5jZWxSZXNwb25zZTJfCg5DaGFubmVsUHJvZmlsZRJNCghEZXNjcmliZRIhLnBsdWdpbi52MS5EZXNjcmliZVByb2ZpbGVSZXF1ZXN0Gh4uY29tbW9uLnYxLkNoYW5uZWxDYXBhYmlsaXRpZXMyRwoETGFuZRI/CgRPcGVuEhoucGx1Z2luLnYxLk9wZW5MYW5lUmVxdWVzdBobLnBsdWdpbi52MS5PcGVuTGFuZVJlc3BvbnNlMu4ECg1Ib3N0Q2FsbGJhY2tzEjoKBUt2R2V0EhcucGx1Z2luLnYxLkt2R2V0UmVxdWVzdBoYLnBsdWdpbi52MS5LdkdldFJlc3BvbnNlEjoKBUt2UHV0EhcucGx1Z2luLnYxLkt2UHV0UmVxdWVzdBoYLnBsdWdpbi52MS5LdlB1dFJlc3BvbnNlEkMKCEt2RGVsZXRlEhoucGx1Z2luLnYxLkt2RGVsZXRlUmVxdWVzdBobLnBsdWdpbi52MS5LdkRlbGV0ZVJlc3BvbnNlEj0KBkt2TGlzdBIYLnBsdWdpbi52MS5Ldkxpc3RSZXF1ZXN0GhkucGx1Z2luLnYxLkt2TGlzdFJlc3BvbnNlEkkKClJlYWRDb25maWcSHC5wbHVnaW4udjEuUmVhZENvbmZpZ1JlcXVlc3QaHS5wbHVnaW4udjEuUmVhZENvbmZpZ1Jlc3BvbnNlEkwKC1JlYWRTZXNzaW9uEh0ucGx1Z2luLnYxLlJlYWRTZXNzaW9uUmVxdWVzdBoeLnBsdWdpbi52MS5SZWFkU2Vzc2lvblJlc3BvbnNlEkUKC1NlbmRNZXNzYWdlEh0ucGx1Z2luLnYxLlNlbmRNZXNzYWdlUmVxdWVzdBoXLnBsdWdpbi52MS5TZW5kUmVzcG9uc2USQQoIQ2FsbFRvb2wSGi5wbHVnaW4udjEuQ2FsbFRvb2xSZXF1ZXN0GhcucGx1Z2luLnYxLkV4ZWN1dGVDaHVuazABEj4KBENoYXQSHi5wbHVnaW4udjEuQ2FsbGJhY2tDaGF0UmVxdWVzdBoULnBsdWdpbi52MS5DaGF0RXZlbnQwAWIGcHJvdG8z",
      [file_common_v1_common, file_google_protobuf_struct, file_google_protobuf_timestamp]
    );
    HealthStatus = {
      /**
       * @generated from enum value: HEALTH_STATUS_UNSPECIFIED = 0;
       */
      UNSPECIFIED: 0,
      /**
       * @generated from enum value: HEALTH_STATUS_HEALTHY = 1;
       */
      HEALTHY: 1,
      /**
       * @generated from enum value: HEALTH_STATUS_DEGRADED = 2;
       */
      DEGRADED: 2,
      /**
       * @generated from enum value: HEALTH_STATUS_UNHEALTHY = 3;
       */
      UNHEALTHY: 3
    };
    PresenceStatus = {
      /**
       * @generated from enum value: PRESENCE_STATUS_UNSPECIFIED = 0;
       */
      UNSPECIFIED: 0,
      /**
       * @generated from enum value: PRESENCE_STATUS_ONLINE = 1;
       */
      ONLINE: 1,
      /**
       * @generated from enum value: PRESENCE_STATUS_TYPING = 2;
       */
      TYPING: 2,
      /**
       * @generated from enum value: PRESENCE_STATUS_OFFLINE = 3;
       */
      OFFLINE: 3
    };
    PluginLifecycle = /* @__PURE__ */ serviceDesc(file_plugin_v1_plugin, 0);
    Tool = /* @__PURE__ */ serviceDesc(file_plugin_v1_plugin, 1);
    Channel = /* @__PURE__ */ serviceDesc(file_plugin_v1_plugin, 2);
    Provider = /* @__PURE__ */ serviceDesc(file_plugin_v1_plugin, 3);
    CallControl = /* @__PURE__ */ serviceDesc(file_plugin_v1_plugin, 4);
    ChannelProfile = /* @__PURE__ */ serviceDesc(file_plugin_v1_plugin, 5);
    Lane = /* @__PURE__ */ serviceDesc(file_plugin_v1_plugin, 6);
    HostCallbacks = /* @__PURE__ */ serviceDesc(file_plugin_v1_plugin, 7);
  }
});

// packages/plugin-sdk/src/served-plugin.ts
function onceEnded({ signal }, act) {
  if (signal.aborted) act();
  else signal.addEventListener("abort", act, { once: true });
}
var init_served_plugin = __esm({
  "packages/plugin-sdk/src/served-plugin.ts"() {
    "use strict";
  }
});

// packages/plugin-sdk/src/thrown.ts
function wordsOf2(error, work) {
  return error instanceof PluginFailure ? error.message : `${work} failed with ${className(error)}`;
}
function className(error) {
  if (!(error instanceof Error)) return `a thrown ${error === null ? "null" : typeof error}`;
  const name = Reflect.get(Object(error.constructor), "name");
  return typeof name === "string" && /^[\w$]{1,64}$/u.test(name) ? name : "Error";
}
var init_thrown = __esm({
  "packages/plugin-sdk/src/thrown.ts"() {
    "use strict";
    init_plugin_failure();
  }
});

// packages/plugin-sdk/src/trace.ts
function traceOf(metadata) {
  const { traceparent = "", tracestate = "" } = metadata;
  if (!TRACEPARENT.test(traceparent)) return void 0;
  const kept = tracestate !== "" && tracestate.length <= MAX_TRACESTATE_CHARACTERS;
  return Object.freeze({ traceparent, ...kept ? { tracestate } : {} });
}
var TRACEPARENT, MAX_TRACESTATE_CHARACTERS;
var init_trace = __esm({
  "packages/plugin-sdk/src/trace.ts"() {
    "use strict";
    TRACEPARENT = /^(?!ff)[\da-f]{2}-(?!0{32})[\da-f]{32}-(?!0{16})[\da-f]{16}-[\da-f]{2}$/u;
    MAX_TRACESTATE_CHARACTERS = 512;
  }
});

// packages/plugin-sdk/src/operation.ts
function createGate({ calls, lifetime }, initialisation) {
  return {
    enter(callId, route) {
      if (lifetime.isStopping()) throw refused(STATUS.UNAVAILABLE, "the plugin stops");
      if (!initialisation.isDone()) {
        throw refused(STATUS.FAILED_PRECONDITION, "Init has not ended well");
      }
      const running = calls.begin(callId);
      const host = initialisation.hostFor()?.(callId, running.signal);
      onceEnded(route, () => running.abort(cancelled("the host no longer waits for the call")));
      return host === void 0 ? running : { ...running, host };
    }
  };
}
function operationContext({ log, now = Date.now }, route, running) {
  const { timeoutMs } = route;
  const trace = traceOf(route.metadata);
  return Object.freeze({
    signal: running.signal,
    log,
    ...running.host === void 0 ? {} : { host: running.host },
    ...timeoutMs === void 0 ? {} : { deadline: new Date(now() + timeoutMs) },
    ...trace === void 0 ? {} : { trace }
  });
}
function failureIn(error, work, { log }) {
  if (error instanceof PluginFailure) {
    const { code, message, retryable } = error;
    return { code, message, retryable };
  }
  log.error(`${work} failed`, { error });
  return { code: "internal", message: wordsOf2(error, work), retryable: false };
}
var failedCall, refused;
var init_operation = __esm({
  "packages/plugin-sdk/src/operation.ts"() {
    "use strict";
    init_src();
    init_plugin_failure();
    init_running_calls();
    init_served_plugin();
    init_thrown();
    init_trace();
    failedCall = ({ code, message }) => refused(code === "internal" ? STATUS.INTERNAL : STATUS.FAILED_PRECONDITION, message);
    refused = (status, found) => new ProtocolError("CALL_FAILED", `Cannot serve the call: ${found}`, { status });
  }
});

// packages/plugin-sdk/src/wire-instant.ts
function instantOf(date) {
  const ms = date.getTime();
  if (!Number.isFinite(ms)) throw new TypeError("Cannot tell an instant: the date is invalid");
  const seconds = Math.floor(ms / 1e3);
  return { seconds: BigInt(seconds), nanos: (ms - seconds * 1e3) * 1e6 };
}
var init_wire_instant = __esm({
  "packages/plugin-sdk/src/wire-instant.ts"() {
    "use strict";
  }
});

// packages/plugin-sdk/src/channel-routes.ts
function channelRoutes(served, channel, gate) {
  return [
    unaryRoute(serverMethod(ChannelProfile.method.describe), async () => {
      const { mediaTypes = [], ...supported } = channel.capabilities ?? {};
      return { ...supported, mediaTypes: [...mediaTypes] };
    }),
    streamRoute(serverMethod(Channel.method.start), async function* (_, route) {
      const running = gate.enter("", route);
      try {
        for await (const message of channel.inbound(operationContext(served, route, running))) {
          yield wireInbound(message);
        }
      } catch (error) {
        throw failedCall(failureIn(error, "inbound", served));
      } finally {
        running.end();
      }
    }),
    unaryRoute(serverMethod(Channel.method.send), async (request, route) => {
      const running = gate.enter(request.callId, route);
      try {
        const context = operationContext(served, route, running);
        const { platformMessageId } = await channel.send(outboundMessage(request), context);
        return { ok: true, platformMessageId };
      } catch (error) {
        const failure = failureIn(error, "send", served);
        return { ok: false, error: failure.message, failure };
      } finally {
        running.end();
      }
    }),
    unaryRoute(serverMethod(Channel.method.updatePresence), async (request, route) => {
      if (channel.presence === void 0)
        throw refused(STATUS.UNIMPLEMENTED, "this channel has no presence");
      const running = gate.enter("", route);
      try {
        const status = presenceOf(request.status);
        const context = operationContext(served, route, running);
        await channel.presence(request.channelId, status, context);
        return { ok: true };
      } catch (error) {
        throw failedCall(failureIn(error, "presence", served));
      } finally {
        running.end();
      }
    }),
    unaryRoute(serverMethod(Channel.method.getIdentity), async (request, route) => {
      if (channel.identity === void 0)
        throw refused(STATUS.UNIMPLEMENTED, "this channel looks nobody up");
      const running = gate.enter("", route);
      try {
        const context = operationContext(served, route, running);
        return wireIdentity(await channel.identity(request.platformUserId, context));
      } catch (error) {
        throw failedCall(failureIn(error, "identity", served));
      } finally {
        running.end();
      }
    })
  ];
}
function wireInbound(message) {
  const { messageId, channelId, content, threadId = "", sender, media = [] } = message;
  const { timestamp, metadata = {} } = message;
  return {
    messageId,
    channelId,
    content,
    threadId,
    media: media.map(wireMedia),
    metadata: { ...metadata },
    ...sender === void 0 ? {} : { sender: wireIdentity(sender) },
    ...timestamp === void 0 ? {} : { timestamp: instantOf(timestamp) }
  };
}
function outboundMessage(request) {
  const { channelId, content, threadId, typingIndicator } = request;
  const { replyToMessageId, idempotencyKey, media } = request;
  return Object.freeze({
    channelId,
    content,
    threadId,
    typingIndicator,
    replyToMessageId,
    idempotencyKey,
    media: media.map(mediaOf)
  });
}
function presenceOf(status) {
  const presence = presences.get(status);
  if (presence !== void 0) return presence;
  throw refused(STATUS.INVALID_ARGUMENT, "no presence that this version knows is named");
}
var wireIdentity, wireMedia, mediaOf, presences;
var init_channel_routes = __esm({
  "packages/plugin-sdk/src/channel-routes.ts"() {
    "use strict";
    init_src();
    init_node();
    init_plugin_pb2();
    init_operation();
    init_wire_instant();
    wireIdentity = ({
      userId = "",
      platform,
      platformUserId,
      displayName = ""
    }) => ({ userId, platform, platformUserId, displayName });
    wireMedia = ({ url, mimeType, filename = "", sizeBytes = 0 }) => ({
      url,
      mimeType,
      filename,
      sizeBytes: BigInt(sizeBytes)
    });
    mediaOf = ({ url, mimeType, filename, sizeBytes }) => ({
      url,
      mimeType,
      filename,
      sizeBytes: Number(sizeBytes)
    });
    presences = /* @__PURE__ */ new Map([
      [PresenceStatus.ONLINE, "online"],
      [PresenceStatus.TYPING, "typing"],
      [PresenceStatus.OFFLINE, "offline"]
    ]);
  }
});

// packages/plugin-sdk/src/parse-arguments.ts
function parseArguments(text) {
  if (text === "") return {};
  if (text.length > MAX_CHARACTERS) {
    throw refused2(`they have ${text.length} characters, at most ${MAX_CHARACTERS} are read`);
  }
  if (isDeeperThan(MAX_DEPTH, text)) throw refused2(`they are nested more than ${MAX_DEPTH} deep`);
  const value = parsedJson(text);
  if (!isObject(value)) throw refused2("they are no JSON object");
  return value;
}
function parsedJson(text) {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw refused2("they are not JSON", error);
  }
}
var MAX_CHARACTERS, MAX_DEPTH, refused2;
var init_parse_arguments = __esm({
  "packages/plugin-sdk/src/parse-arguments.ts"() {
    "use strict";
    init_json();
    init_plugin_failure();
    MAX_CHARACTERS = 4194304;
    MAX_DEPTH = 64;
    refused2 = (found, cause) => new PluginFailure("invalid_arguments", `Cannot read the arguments: ${found}`, { cause });
  }
});

// packages/plugin-sdk/src/progress-notes.ts
function createProgressNotes() {
  let notes = [];
  let woken = Promise.withResolvers();
  return {
    add(completed, total = 0, message = "") {
      if (!Number.isFinite(completed) || !Number.isFinite(total)) {
        throw new TypeError(
          `Cannot tell progress: ${completed} of ${total} are not two finite numbers`
        );
      }
      notes.push({ completed, total, message });
      if (notes.length > MAX_WAITING) notes.shift();
      woken.resolve();
    },
    take() {
      const taken = notes;
      notes = [];
      woken = Promise.withResolvers();
      return taken;
    },
    waiting: () => woken.promise,
    wake: () => woken.resolve()
  };
}
var MAX_WAITING;
var init_progress_notes = __esm({
  "packages/plugin-sdk/src/progress-notes.ts"() {
    "use strict";
    MAX_WAITING = 64;
  }
});

// packages/plugin-sdk/src/result-chunks.ts
function createResultChunks(accept) {
  let parts = 0;
  let structured = false;
  const structuredChunk = (value) => {
    if (structured) throw new TypeError("Cannot answer with a second structured value");
    structured = true;
    const json = JSON.stringify(value);
    if (json === void 0)
      throw new TypeError("Cannot answer with a structured value that JSON cannot hold");
    if (isDeeperThan(MAX_STRUCTURED_DEPTH, json)) {
      throw new TypeError(
        `Cannot answer with a structured value nested more than ${MAX_STRUCTURED_DEPTH} deep`
      );
    }
    return accept.has("structured") ? { chunk: { case: "structured", value: fromJson(ValueSchema, JSON.parse(json)) } } : textChunk(json);
  };
  const binaryChunks = (binary) => {
    const { mimeType, name = "", data } = binary;
    if (typeof mimeType !== "string" || mimeType === "" || !(data instanceof Uint8Array)) {
      throw new TypeError(
        "Cannot answer with a file that has no mimeType or whose data are no bytes"
      );
    }
    parts += 1;
    const partId = String(parts);
    const count = Math.max(1, Math.ceil(data.byteLength / PART_BYTES3));
    return Array.from({ length: count }, (_, index) => {
      const piece = data.subarray(index * PART_BYTES3, (index + 1) * PART_BYTES3);
      const value = { partId, mimeType, name, data: piece, last: index === count - 1 };
      return { chunk: { case: "binary", value } };
    });
  };
  return {
    output(output) {
      const [arm, ...others] = ["text", "structured", "binary"].filter((name) => name in output);
      if (arm === void 0 || others.length > 0) {
        throw new TypeError(
          "Cannot answer with what is not exactly one of text, structured and binary"
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
        last: true
      };
    },
    progress: (value) => accept.has("progress") ? [{ chunk: { case: "progress", value } }] : [],
    failure: (value) => accept.has("failure") ? { chunk: { case: "failure", value } } : errorChunk(value.message),
    done: () => ({ chunk: { case: "done", value: true } })
  };
}
var PART_BYTES3, MAX_STRUCTURED_DEPTH, textChunk, errorChunk;
var init_result_chunks = __esm({
  "packages/plugin-sdk/src/result-chunks.ts"() {
    "use strict";
    init_esm();
    init_wkt();
    init_json();
    PART_BYTES3 = 262144;
    MAX_STRUCTURED_DEPTH = 48;
    textChunk = (value) => ({ chunk: { case: "text", value } });
    errorChunk = (value) => ({ chunk: { case: "error", value } });
  }
});

// packages/plugin-sdk/src/execute.ts
async function* execute(call) {
  const { tool, request, running, log } = call;
  const chunks = createResultChunks(new Set(request.accept));
  const notes = createProgressNotes();
  const timer = ownTimer(call);
  try {
    const outputs = tool.run(parseArguments(request.arguments), contextOf(call, notes));
    for await (const step of interleaved(outputs, notes)) {
      if ("note" in step) {
        yield* chunks.progress(step.note);
        continue;
      }
      const said = chunks.output(step.output);
      yield* said.chunks;
      if (said.last) return;
    }
    yield chunks.done();
  } catch (error) {
    const failure = failureOf(error, running.signal);
    if (failure.code === "internal") log.error("A tool failed", { tool: tool.name, error });
    yield chunks.failure(failure);
  } finally {
    clearTimeout(timer);
  }
}
function ownTimer({ request, route, running }) {
  if (route.timeoutMs !== void 0 || request.timeoutSeconds <= 0) return void 0;
  const longestMs = 2147483647;
  return setTimeout(
    () => running.abort(new DOMException("the time of the call is over", "TimeoutError")),
    Math.min(request.timeoutSeconds * 1e3, longestMs)
  );
}
function contextOf(call, notes) {
  const { request, route, running, log, now = Date.now } = call;
  const fallbackMs = request.timeoutSeconds > 0 ? request.timeoutSeconds * 1e3 : void 0;
  const timeoutMs = route.timeoutMs ?? fallbackMs;
  const trace = traceOf(route.metadata);
  return Object.freeze({
    signal: running.signal,
    log,
    ...running.host === void 0 ? {} : { host: running.host },
    progress: (completed, total, message) => notes.add(completed, total, message),
    ...timeoutMs === void 0 ? {} : { deadline: new Date(now() + timeoutMs) },
    ...trace === void 0 ? {} : { trace }
  });
}
async function* interleaved(outputs, notes) {
  const iterator = outputs[Symbol.asyncIterator]();
  const pulled = {};
  const pull = async () => {
    [pulled.result] = await Promise.allSettled([iterator.next()]);
    notes.wake();
  };
  try {
    void pull();
    for (; ; ) {
      await notes.waiting();
      const { result } = pulled;
      for (const note of notes.take()) yield { note };
      if (result === void 0) continue;
      if (result.status === "rejected") throw result.reason;
      if (result.value.done === true) return;
      yield { output: result.value.value };
      pulled.result = void 0;
      void pull();
    }
  } finally {
    await iterator.return?.();
  }
}
function failureOf(error, signal) {
  if (error instanceof PluginFailure) {
    const { code, message, retryable } = error;
    return { code, message, retryable };
  }
  if (signal.aborted) {
    const isOver = signal.reason instanceof DOMException && signal.reason.name === "TimeoutError";
    return isOver ? { code: "deadline_exceeded", message: "The time of the call is over", retryable: true } : { code: "cancelled", message: "The call was cancelled", retryable: true };
  }
  return { code: "internal", message: wordsOf2(error, "The tool"), retryable: false };
}
var init_execute = __esm({
  "packages/plugin-sdk/src/execute.ts"() {
    "use strict";
    init_parse_arguments();
    init_plugin_failure();
    init_progress_notes();
    init_result_chunks();
    init_thrown();
    init_trace();
  }
});

// packages/plugin-sdk/src/lane-service.ts
function createLaneService({ link }) {
  let lane;
  const open2 = (request, routes) => {
    const { versions, maxFrameBytes, streamCreditBytes, laneCreditBytes } = request;
    const peer = { maxFrameBytes, streamCreditBytes, laneCreditBytes };
    if (link === void 0) throw refused(STATUS.UNIMPLEMENTED, "the host shares no descriptor 3");
    if (lane !== void 0) throw refused(STATUS.FAILED_PRECONDITION, "the lane is open already");
    if (!versions.includes(LANE_VERSION) || !isUsableTerms(peer)) {
      throw refused(STATUS.UNIMPLEMENTED, "the host offers no lane that this SDK can run on");
    }
    lane = openLane(link, { role: "plugin", methods: CALLBACK_PATHS, routes, peer });
    return { version: LANE_VERSION, methods: routes.map(({ path }) => path), ...LANE_TERMS };
  };
  return {
    isPossible: link !== void 0,
    routes: (carried) => link === void 0 ? [] : [
      unaryRoute(
        serverMethod(Lane.method.open),
        async (request) => open2(request, carried)
      )
    ],
    callbacks(before) {
      const current = () => {
        const calls = lane ?? before;
        if (calls !== void 0) return calls;
        throw new ProtocolError("CALL_FAILED", "it answers once init has ended", {
          status: STATUS.UNAVAILABLE
        });
      };
      return {
        unary: async (method, message, options) => await current().unary(method, message, options),
        stream: (method, message, options) => current().stream(method, message, options)
      };
    }
  };
}
var LANE_FEATURE, CALLBACK_PATHS;
var init_lane_service = __esm({
  "packages/plugin-sdk/src/lane-service.ts"() {
    "use strict";
    init_src();
    init_node();
    init_plugin_pb2();
    init_operation();
    LANE_FEATURE = "lane.framed/1";
    CALLBACK_PATHS = HostCallbacks.methods.map(
      ({ name }) => `/${HostCallbacks.typeName}/${name}`
    );
  }
});

// packages/plugin-sdk/src/host-messages.ts
async function* callToolOutputs(chunks) {
  const parts = /* @__PURE__ */ new Map();
  for await (const { chunk } of chunks) {
    switch (chunk.case) {
      case "text":
        yield { text: chunk.value };
        break;
      case "structured":
        yield { structured: toJson(ValueSchema, chunk.value) };
        break;
      case "binary": {
        const { partId, mimeType, name, data, last } = chunk.value;
        const pieces = [...parts.get(partId) ?? [], data];
        parts.set(partId, pieces);
        if (!last) break;
        parts.delete(partId);
        const whole = Uint8Array.from(Buffer.concat(pieces));
        yield { binary: { mimeType, data: whole, ...name === "" ? {} : { name } } };
        break;
      }
      case "error":
        throw failed2(chunk.value);
      case "failure":
        throw failed2(chunk.value.message);
      case "done":
      case "progress":
      case void 0:
        break;
      default:
        chunk;
    }
  }
}
async function* chatOutputs(events) {
  for await (const { event } of events) {
    switch (event.case) {
      case "textDelta":
        yield { text: event.value.text };
        break;
      case "thinkingDelta":
        yield { thinking: event.value.text };
        break;
      case "toolCall": {
        const { id, name, arguments: args } = event.value;
        yield { toolCall: { id, name, arguments: JSON.parse(args) } };
        break;
      }
      case "usage": {
        const { inputTokens, outputTokens, cacheReadTokens, cacheWriteTokens } = event.value;
        yield { usage: { inputTokens, outputTokens, cacheReadTokens, cacheWriteTokens } };
        break;
      }
      case "error":
        throw failed2(event.value);
      case "failure":
        throw failed2(event.value.message);
      case "done":
      case "stopReason":
      case void 0:
        break;
      default:
        event;
    }
  }
}
function wireChat(request) {
  const { model, messages, tools = [], systemPrompt = "", stopSequences = [] } = request;
  const { temperature = 0, maxTokens = 0 } = request;
  return {
    model,
    systemPrompt,
    messages: messages.map(wireTurn),
    tools: tools.map(({ name, description, inputSchema }) => ({
      name,
      description,
      inputSchema: wireObject(inputSchema)
    })),
    options: { stream: true, temperature, maxTokens, stopSequences: [...stopSequences] },
    accept: ["failure", "thinking_delta"]
  };
}
function wireTurn({ role, ...words }) {
  return { ...words, role: ROLES[role] };
}
var wireMessage, ROLES, wireObject, failed2;
var init_host_messages = __esm({
  "packages/plugin-sdk/src/host-messages.ts"() {
    "use strict";
    init_esm();
    init_wkt();
    init_common_pb();
    init_plugin_sdk_error();
    wireMessage = ({
      media = [],
      ...message
    }) => ({
      ...message,
      media: media.map((file) => ({ ...file, sizeBytes: BigInt(file.sizeBytes) }))
    });
    ROLES = {
      user: Role.USER,
      assistant: Role.ASSISTANT,
      system: Role.SYSTEM,
      tool: Role.TOOL
    };
    wireObject = (json) => JSON.parse(JSON.stringify(json));
    failed2 = (found) => new PluginSdkError("CALLBACK_FAILED", `Cannot get an answer of the host: ${found}`);
  }
});

// packages/plugin-sdk/src/host-client.ts
async function dialHost(broker, id) {
  const signal = AbortSignal.timeout(CONNECT_MS);
  const stream = await broker.dial(id, { signal });
  return await openGrpcChannel(async () => stream, { signal });
}
function openHost(channel) {
  return (callId, callSignal) => hostOf(channel, callId, callSignal);
}
function hostOf(channel, callId, signal) {
  const options = {
    timeoutMs: TIMEOUT_MS,
    ...signal === void 0 ? {} : { signal }
  };
  return Object.freeze({
    kv: Object.freeze({
      get: (key) => asked(async () => {
        const got = await channel.unary(methods.kvGet, { callId, key }, options);
        if (!got.found) return void 0;
        return { value: Uint8Array.from(got.value), version: Number(got.version) };
      }),
      put: (key, value, { expectedVersion } = {}) => asked(async () => {
        const expected = expectedVersion === void 0 ? {} : { expectedVersion: BigInt(expectedVersion) };
        const request = { callId, key, value: Uint8Array.from(value), ...expected };
        const { stored, version } = await channel.unary(methods.kvPut, request, options);
        return { stored, version: Number(version) };
      }),
      delete: (key) => asked(async () => {
        const { deleted } = await channel.unary(methods.kvDelete, { callId, key }, options);
        return deleted;
      }),
      list: (prefix, page = {}) => asked(async () => {
        const { keys, nextPageToken } = await channel.unary(
          methods.kvList,
          { callId, prefix, ...page },
          options
        );
        return { keys, ...next(nextPageToken) };
      })
    }),
    readConfig: (key) => asked(async () => {
      const { found, value } = await channel.unary(methods.readConfig, { callId, key }, options);
      return found ? jsonOf2(value) : void 0;
    }),
    readSession: (sessionId, page = {}) => asked(async () => {
      const { messages, nextPageToken } = await channel.unary(
        methods.readSession,
        { callId, sessionId, ...page },
        options
      );
      return {
        messages: messages.map(sessionMessage),
        ...next(nextPageToken)
      };
    }),
    sendMessage: (message) => asked(async () => {
      const send2 = wireMessage(message);
      const answer = await channel.unary(methods.sendMessage, { callId, send: send2 }, options);
      if (!answer.ok) throw failed3(answer.failure?.message ?? answer.error);
      return { platformMessageId: answer.platformMessageId };
    }),
    callTool: (toolName, input) => asking(() => {
      const accept = ["structured", "binary", "failure"];
      const call = { toolName, arguments: JSON.stringify(input), accept };
      return callToolOutputs(channel.stream(methods.callTool, { callId, call }, options));
    }),
    chat: (request) => asking(() => {
      const chat = wireChat(request);
      return chatOutputs(channel.stream(methods.chat, { callId, chat }, options));
    })
  });
}
async function asked(work) {
  try {
    return await work();
  } catch (error) {
    throw callbackError(error);
  }
}
async function* asking(work) {
  try {
    yield* work();
  } catch (error) {
    throw callbackError(error);
  }
}
function callbackError(error) {
  if (!(error instanceof ProtocolError)) return error;
  if (error.status !== STATUS.PERMISSION_DENIED) return failed3(error.message, error);
  return new PluginSdkError("CALLBACK_DENIED", "Cannot ask the host: it does not allow this", {
    cause: error
  });
}
function sessionMessage(message) {
  const { id, role, content, toolCallId, toolName, createdAt } = message;
  return {
    id,
    role: ROLES2.get(role) ?? "user",
    content,
    toolCallId,
    toolName,
    ...createdAt === void 0 ? {} : { createdAt: timestampDate(createdAt) }
  };
}
var wire, methods, CONNECT_MS, TIMEOUT_MS, failed3, next, jsonOf2, ROLES2;
var init_host_client = __esm({
  "packages/plugin-sdk/src/host-client.ts"() {
    "use strict";
    init_esm();
    init_wkt();
    init_src();
    init_common_pb();
    init_node();
    init_plugin_pb2();
    init_host_messages();
    init_plugin_sdk_error();
    ({ method: wire } = HostCallbacks);
    methods = {
      kvGet: clientMethod(wire.kvGet),
      kvPut: clientMethod(wire.kvPut),
      kvDelete: clientMethod(wire.kvDelete),
      kvList: clientMethod(wire.kvList),
      readConfig: clientMethod(wire.readConfig),
      readSession: clientMethod(wire.readSession),
      sendMessage: clientMethod(wire.sendMessage),
      callTool: clientMethod(wire.callTool),
      chat: clientMethod(wire.chat)
    };
    CONNECT_MS = 5e3;
    TIMEOUT_MS = 6e4;
    failed3 = (found, cause) => new PluginSdkError("CALLBACK_FAILED", `Cannot get an answer of the host: ${found}`, { cause });
    next = (token) => token === "" ? {} : { nextPageToken: token };
    jsonOf2 = (value) => value === void 0 ? null : toJson(ValueSchema, value);
    ROLES2 = /* @__PURE__ */ new Map([
      [Role.USER, "user"],
      [Role.ASSISTANT, "assistant"],
      [Role.SYSTEM, "system"],
      [Role.TOOL, "tool"]
    ]);
  }
});

// packages/plugin-sdk/src/lifecycle-routes.ts
import { setImmediate as nextTurn2 } from "node:timers/promises";
function lifecycleRoutes(served, broker, lane) {
  const { plugin, lifetime, log, isDebugged: isDebugged2 } = served;
  let begun = false;
  let isDone = plugin.init === void 0;
  let hostFor;
  const reach = async (id) => {
    if (id === 0) return lane.isPossible ? openHost(lane.callbacks(void 0)) : void 0;
    try {
      const channel = await dialHost(broker, id);
      return openHost(lane.isPossible ? lane.callbacks(channel) : channel);
    } catch (error) {
      log.warn("The host offers to answer questions and cannot be reached", { error });
      return void 0;
    }
  };
  const init = async ({ config = {}, features, callbackBrokerId }, signal) => {
    if (begun && !isDebugged2) return "Init was called before";
    begun = true;
    if (features.includes(CALLBACKS)) hostFor = await reach(callbackBrokerId);
    const own = hostFor === void 0 ? {} : { host: hostFor("") };
    try {
      await plugin.init?.(frozenJsonObject(config) ?? {}, { signal, log, broker, ...own });
      isDone = true;
      return "";
    } catch (error) {
      log.error("init failed", { error });
      return wordsOf2(error, "init");
    }
  };
  const routes = [
    unaryRoute(serverMethod(PluginLifecycle.method.init), async (request, { signal }) => {
      const error = await init(request, signal);
      const { name, version } = plugin;
      return {
        ok: error === "",
        error,
        plugin: { name, version },
        features: [
          ...FEATURES,
          ...hostFor === void 0 ? [] : [CALLBACKS],
          ...lane.isPossible ? [LANE_FEATURE] : []
        ]
      };
    }),
    unaryRoute(serverMethod(PluginLifecycle.method.health), () => healthOf(served)),
    unaryRoute(
      serverMethod(PluginLifecycle.method.shutdown),
      async ({ timeoutSeconds, reason }, route) => {
        const clean = await lifetime.stop(
          reason === "" ? "the host shuts it down" : reason,
          graceOf(timeoutSeconds)
        );
        onceEnded(route, () => lifetime.exit());
        return { clean };
      }
    )
  ];
  return { initialisation: { isDone: () => isDone, hostFor: () => hostFor }, routes };
}
async function healthOf({ plugin, calls, log }) {
  const asked2 = performance.now();
  await nextTurn2();
  const eventLoopLagMs = Math.round(performance.now() - asked2);
  const own = await ownHealth(plugin, log);
  return { ...own, callsInFlight: calls.count(), eventLoopLagMs };
}
async function ownHealth(plugin, log) {
  try {
    const { status, message = "" } = await plugin.health?.() ?? { status: "healthy" };
    return { status: wireStatus(status), message };
  } catch (error) {
    log.error("health failed", { error });
    return { status: HealthStatus.UNHEALTHY, message: wordsOf2(error, "health") };
  }
}
function wireStatus(status) {
  switch (status) {
    case "healthy":
      return HealthStatus.HEALTHY;
    case "degraded":
      return HealthStatus.DEGRADED;
    case "unhealthy":
      return HealthStatus.UNHEALTHY;
    default:
      status;
      throw new TypeError("Cannot tell how the plugin is: its status is not one of three");
  }
}
var FEATURES, CALLBACKS, DEFAULT_GRACE_MS, LONGEST_GRACE_MS, graceOf;
var init_lifecycle_routes = __esm({
  "packages/plugin-sdk/src/lifecycle-routes.ts"() {
    "use strict";
    init_node();
    init_plugin_pb2();
    init_host_client();
    init_json();
    init_lane_service();
    init_served_plugin();
    init_thrown();
    FEATURES = ["tool.chunks/1", "call.cancel/1"];
    CALLBACKS = "host.callbacks/1";
    DEFAULT_GRACE_MS = 2e3;
    LONGEST_GRACE_MS = 6e5;
    graceOf = (timeoutSeconds) => timeoutSeconds > 0 ? Math.min(timeoutSeconds * 1e3, LONGEST_GRACE_MS) : DEFAULT_GRACE_MS;
  }
});

// packages/plugin-sdk/src/provider-routes.ts
function providerRoutes(served, provider, gate) {
  const { name } = served.plugin;
  return [
    unaryRoute(serverMethod(Provider.method.listModels), async (_, route) => {
      const running = gate.enter("", route);
      try {
        const models = await provider.models(operationContext(served, route, running));
        return { models: models.map(wireModel) };
      } catch (error) {
        throw failedCall(failureIn(error, "models", served));
      } finally {
        running.end();
      }
    }),
    streamRoute(serverMethod(Provider.method.chat), async function* (request, route) {
      const running = gate.enter(request.callId, route);
      const accept = new Set(request.accept);
      try {
        const context = operationContext(served, route, running);
        for await (const output of provider.chat(chatRequest(request), context)) {
          const event = wireEvent(output, accept);
          if (event) yield { event };
        }
        yield { event: { case: "done", value: true } };
      } catch (error) {
        const failure = failureIn(error, "chat", served);
        yield accept.has("failure") ? { event: { case: "failure", value: failure } } : { event: { case: "error", value: failure.message } };
      } finally {
        running.end();
      }
    }),
    unaryRoute(serverMethod(Provider.method.status), async (_, route) => {
      const running = gate.enter("", route);
      try {
        const asked2 = await provider.status?.(operationContext(served, route, running));
        const { available, message = "", failureCount = 0 } = asked2 ?? { available: true };
        const { lastFailureAt, cooldownUntil } = asked2 ?? {};
        return {
          available,
          message,
          provider: name,
          failureCount: BigInt(failureCount),
          ...lastFailureAt === void 0 ? {} : { lastFailureAt: instantOf(lastFailureAt) },
          ...cooldownUntil === void 0 ? {} : { cooldownUntil: instantOf(cooldownUntil) }
        };
      } catch (error) {
        throw failedCall(failureIn(error, "status", served));
      } finally {
        running.end();
      }
    })
  ];
}
function wireEvent(output, accept) {
  if ("text" in output) return { case: "textDelta", value: { text: output.text } };
  if ("toolCall" in output) {
    const { id, name, arguments: args } = output.toolCall;
    return { case: "toolCall", value: { id, name, arguments: JSON.stringify(args) } };
  }
  if ("usage" in output) {
    const { inputTokens, outputTokens, cacheReadTokens = 0, cacheWriteTokens = 0 } = output.usage;
    return {
      case: "usage",
      value: { inputTokens, outputTokens, cacheReadTokens, cacheWriteTokens }
    };
  }
  return accept.has("thinking_delta") ? { case: "thinkingDelta", value: { text: output.thinking } } : void 0;
}
function chatRequest(request) {
  const { model, messages, tools, systemPrompt, options } = request;
  return Object.freeze({
    model,
    systemPrompt,
    messages: messages.map(({ role, content, toolCallId, toolName }) => ({
      // A role of a later version is somebody who asks.
      role: roles.get(role) ?? "user",
      content,
      toolCallId,
      toolName
    })),
    tools: tools.map(({ name, description, inputSchema }) => ({
      name,
      description,
      inputSchema: objectOf(inputSchema)
    })),
    temperature: options?.temperature ?? 0,
    maxTokens: options?.maxTokens ?? 0,
    stopSequences: options?.stopSequences ?? []
  });
}
var wireModel, objectOf, roles;
var init_provider_routes = __esm({
  "packages/plugin-sdk/src/provider-routes.ts"() {
    "use strict";
    init_common_pb();
    init_node();
    init_plugin_pb2();
    init_operation();
    init_wire_instant();
    wireModel = ({ id, name, provider, capabilities }) => ({
      id,
      name,
      provider,
      ...capabilities === void 0 ? {} : { capabilities: { ...capabilities } }
    });
    objectOf = (value) => value ?? {};
    roles = /* @__PURE__ */ new Map([
      [Role.USER, "user"],
      [Role.ASSISTANT, "assistant"],
      [Role.SYSTEM, "system"],
      [Role.TOOL, "tool"]
    ]);
  }
});

// packages/plugin-sdk/src/services.ts
var services_exports = {};
__export(services_exports, {
  createServices: () => createServices
});
function createServices(served) {
  const { broker, route } = serveGrpcBroker(served.brokered);
  const lane = createLaneService(served);
  const { initialisation, routes } = lifecycleRoutes(served, broker, lane);
  const gate = createGate(served, initialisation);
  const { tools, channel, provider } = served.plugin;
  const kinds = [
    ...tools === void 0 ? [] : toolRoutes(served, tools, gate),
    ...channel === void 0 ? [] : channelRoutes(served, channel, gate),
    ...provider === void 0 ? [] : providerRoutes(served, provider, gate),
    cancelRoute(served)
  ];
  const server = createGrpcServer([
    route,
    ...routes,
    ...kinds,
    ...lane.routes(kinds),
    ...controlRoutes(served)
  ]);
  return { server, broker };
}
function toolRoutes(served, offered, gate) {
  const { log, now } = served;
  const tools = new Map(offered.map((tool) => [tool.name, tool]));
  return [
    unaryRoute(serverMethod(Tool.method.describe), async () => ({
      tools: offered.map(definitionOf)
    })),
    streamRoute(serverMethod(Tool.method.execute), async function* (request, route) {
      const tool = tools.get(request.toolName);
      if (tool === void 0) throw refused(STATUS.NOT_FOUND, "no tool has this name");
      const running = gate.enter(request.callId, route);
      try {
        yield* execute({ tool, request, route, running, log, now });
      } finally {
        running.end();
      }
    })
  ];
}
function definitionOf({ name, description, title: title2, input, output, annotations }) {
  return {
    name,
    description,
    inputSchema: wireObject2(input),
    ...output === void 0 ? {} : { outputSchema: wireObject2(output) },
    ...title2 === void 0 ? {} : { title: title2 },
    ...annotations === void 0 ? {} : { annotations }
  };
}
function controlRoutes({ lifetime, log, printed }) {
  return [
    unaryRoute(serverMethod(Health.method.check), async ({ service }) => {
      if (service !== "plugin") throw refused(STATUS.NOT_FOUND, "only plugin is known");
      return { status: HealthCheckResponse_ServingStatus.SERVING };
    }),
    unaryRoute(serverMethod(GRPCController.method.shutdown), async (_, route) => {
      await lifetime.stop("the host shuts it down", CONTROLLER_GRACE_MS);
      onceEnded(route, () => lifetime.exit());
      return {};
    }),
    streamRoute(serverMethod(GRPCStdio.method.streamStdio), async function* (_, { signal }) {
      for await (const { stream, data } of printed.read(signal)) {
        const droppedBytes = printed.takeDropped();
        if (droppedBytes > 0) log.warn("Printed output was dropped", { bytes: droppedBytes });
        yield { channel: stream === "stdout" ? StdioData_Channel.STDOUT : StdioData_Channel.STDERR, data };
      }
    })
  ];
}
var wireObject2, cancelRoute, CONTROLLER_GRACE_MS;
var init_services = __esm({
  "packages/plugin-sdk/src/services.ts"() {
    "use strict";
    init_src();
    init_goplugin();
    init_node();
    init_plugin_pb2();
    init_channel_routes();
    init_execute();
    init_lane_service();
    init_lifecycle_routes();
    init_operation();
    init_provider_routes();
    init_served_plugin();
    wireObject2 = (json) => JSON.parse(JSON.stringify(json));
    cancelRoute = ({ calls }) => unaryRoute(serverMethod(CallControl.method.cancel), async ({ callId }) => ({
      known: calls.cancel(callId)
    }));
    CONTROLLER_GRACE_MS = 1500;
  }
});

// packages/plugin-sdk/src/reattach-line.ts
var reattach_line_exports = {};
__export(reattach_line_exports, {
  reattachLine: () => reattachLine
});
function reattachLine(name, version, address) {
  const startTime = ownStartTime();
  return formatReattach(name, {
    version,
    pid: process.pid,
    ...startTime === void 0 ? {} : { startTime },
    isTest: true,
    address
  });
}
function ownStartTime() {
  try {
    const stat2 = readFileSync2("/proc/self/stat", "utf8");
    return stat2.slice(stat2.lastIndexOf(")") + 2).split(" ")[19];
  } catch {
    return void 0;
  }
}
var readFileSync2;
var init_reattach_line = __esm({
  "packages/plugin-sdk/src/reattach-line.ts"() {
    "use strict";
    init_src();
    ({ readFileSync: readFileSync2 } = process.getBuiltinModule("node:fs"));
  }
});

// packages/plugin-sdk/src/secure-connections.ts
var secure_connections_exports = {};
__export(secure_connections_exports, {
  secureConnections: () => secureConnections
});
function secureConnections(hostCertificate) {
  const tls = { own: createOneTimeCertificate(), peer: certificateOf(hostCertificate) };
  return {
    certificate: tls.own.certificate,
    tls,
    guard: (accept) => createMutualTlsServer(tls, accept).accept
  };
}
function certificateOf(text) {
  const { X509Certificate } = process.getBuiltinModule("node:crypto");
  try {
    if (text.length > MAX_CHARACTERS2) throw new RangeError(`${text.length} characters`);
    return new Uint8Array(new X509Certificate(text).raw);
  } catch (error) {
    const state = error instanceof Error ? error.message : "unknown failure";
    throw new PluginSdkError(
      "CERTIFICATE_MALFORMED",
      `Cannot serve the plugin: PLUGIN_CLIENT_CERT is no certificate (${state}); the host sets it`
    );
  }
}
var MAX_CHARACTERS2;
var init_secure_connections = __esm({
  "packages/plugin-sdk/src/secure-connections.ts"() {
    "use strict";
    init_node();
    init_plugin_sdk_error();
    MAX_CHARACTERS2 = 16384;
  }
});

// apps/gateway/src/sample/notes.ts
import { open, readdir, readFile, rename, rm, stat } from "node:fs/promises";
import { join as join3 } from "node:path";

// packages/plugin-sdk/src/channel.ts
var isChannel = (value) => typeof value === "object" && value !== null && defined.has(value);
var defined = /* @__PURE__ */ new WeakSet();

// packages/plugin-sdk/src/index.ts
init_json();

// packages/plugin-sdk/src/log.ts
init_src();
import { inspect } from "node:util";
var MAX_PENDING_BYTES = 1048576;
var MAX_MESSAGE_CHARACTERS = 8192;
function createLog(module, sink, now) {
  let dropped = 0;
  const write = (level, message, fields) => {
    if (sink.pending() > MAX_PENDING_BYTES) {
      dropped += 1;
      return;
    }
    const before = dropped;
    dropped = 0;
    const lost = before === 0 ? {} : { dropped_lines: before };
    sink.write(logLine({ level, message, module, at: now() }, { ...fields, ...lost }));
  };
  return Object.freeze({
    debug: (message, fields = {}) => write("debug", message, fields),
    info: (message, fields = {}) => write("info", message, fields),
    warn: (message, fields = {}) => write("warn", message, fields),
    error: (message, fields = {}) => write("error", message, fields)
  });
}
function logLine({ level, message, module, at }, fields) {
  const parts = [
    member("@level", JSON.stringify(level)),
    member("@message", JSON.stringify(message.slice(0, MAX_MESSAGE_CHARACTERS))),
    member("@module", JSON.stringify(module)),
    // Go hosts read exactly six digits of a second.
    member("@timestamp", JSON.stringify(at.toISOString().replace("Z", "000Z")))
  ];
  const mark = member("truncated", "true");
  let size = parts.reduce((sum, part) => sum + Buffer.byteLength(part) + 1, mark.length + 3);
  let truncated = message.length > MAX_MESSAGE_CHARACTERS;
  for (const [name, value] of Object.entries(fields)) {
    const part = member(name.replace(/^@/u, ""), jsonOf(value));
    size += Buffer.byteLength(part) + 1;
    if (size > LIMITS.logLineBytes || parts.length >= LIMITS.logFields) {
      truncated = true;
      break;
    }
    parts.push(part);
  }
  if (truncated) parts.push(mark);
  return `{${parts.join(",")}}
`;
}
var member = (name, json) => `${JSON.stringify(name)}:${json}`;
function jsonOf(value) {
  try {
    if (value instanceof Error) return JSON.stringify(inspect(value));
    return JSON.stringify(value) ?? JSON.stringify(typeof value);
  } catch {
    return JSON.stringify(typeof value);
  }
}

// packages/plugin-sdk/src/index.ts
init_plugin_failure();

// packages/plugin-sdk/src/provider.ts
var isProvider = (value) => typeof value === "object" && value !== null && defined2.has(value);
var defined2 = /* @__PURE__ */ new WeakSet();

// packages/plugin-sdk/src/tool.ts
init_json();
init_plugin_failure();
function defineTool(options) {
  const { name, title: title2, description, annotations } = options;
  if (typeof name !== "string" || !NAME.test(name)) {
    throw new TypeError(
      `Cannot define tool ${JSON.stringify(name)}: a name is 1 to 128 of A-Z a-z 0-9 _ . -`
    );
  }
  const refuse2 = (found) => {
    throw new TypeError(`Cannot define tool ${JSON.stringify(name)}: ${found}`);
  };
  if (typeof description !== "string" || description === "") refuse2("it has no description");
  if (title2 !== void 0 && typeof title2 !== "string") refuse2("its title is no text");
  if (typeof options.parse !== "function") refuse2("parse is no function");
  if (typeof options.run !== "function") refuse2("run is no function");
  for (const [claim, value] of Object.entries(annotations ?? {})) {
    if (!CLAIMS.has(claim)) refuse2(`no annotation is named ${JSON.stringify(claim)}`);
    if (typeof value !== "boolean") refuse2(`annotation ${claim} is neither true nor false`);
  }
  const tool = Object.freeze({
    name,
    description,
    input: schemaOf(options.input) ?? refuse2('input is no JSON object with type: "object"'),
    ...title2 === void 0 ? {} : { title: title2 },
    ...options.output === void 0 ? {} : {
      output: schemaOf(options.output) ?? refuse2('output is no JSON object with type: "object"')
    },
    ...annotations === void 0 ? {} : { annotations: Object.freeze({ ...annotations }) },
    async *run(input, context) {
      yield* options.run(parsed(options, input), context);
    }
  });
  defined3.add(tool);
  return tool;
}
var isTool = (value) => typeof value === "object" && value !== null && defined3.has(value);
var defined3 = /* @__PURE__ */ new WeakSet();
var NAME = /^[A-Za-z0-9_.-]{1,128}$/u;
var CLAIMS = /* @__PURE__ */ new Set(["readOnly", "destructive", "idempotent", "openWorld"]);
function schemaOf(schema) {
  try {
    const copy = frozenJsonObject(schema);
    return copy?.["type"] === "object" ? copy : void 0;
  } catch {
    return void 0;
  }
}
function parsed({ parse }, input) {
  try {
    return parse(input);
  } catch (error) {
    if (error instanceof PluginFailure) throw error;
    const why = error instanceof Error ? error.message : "the arguments are not what it takes";
    throw new PluginFailure("invalid_arguments", why, { cause: error });
  }
}

// packages/plugin-sdk/src/plugin-options.ts
function checkPlugin(options) {
  const { name, version, tools, channel, provider } = options;
  if (typeof name !== "string" || name === "") {
    throw new TypeError("Cannot serve a plugin: it has no name");
  }
  const refuse2 = (found) => {
    throw new TypeError(`Cannot serve plugin ${JSON.stringify(name)}: ${found}`);
  };
  if (typeof version !== "string" || version === "") refuse2("it has no version");
  if (tools === void 0 && channel === void 0 && provider === void 0) {
    refuse2("it offers nothing: no tools, no channel and no provider");
  }
  if (tools !== void 0 && (!Array.isArray(tools) || !tools.every(isTool))) {
    refuse2("tools is no list of what defineTool made");
  }
  if (channel !== void 0 && !isChannel(channel))
    refuse2("channel is not what defineChannel made");
  if (provider !== void 0 && !isProvider(provider)) {
    refuse2("provider is not what defineProvider made");
  }
  for (const hook of ["init", "health", "shutdown"]) {
    if (!["function", "undefined"].includes(typeof options[hook])) {
      refuse2(`${hook} is no function`);
    }
  }
  const names2 = (tools ?? []).map((tool) => tool.name);
  const twice = names2.find((tool, at) => names2.indexOf(tool) !== at);
  if (twice !== void 0) refuse2(`two of its tools are named ${JSON.stringify(twice)}`);
}

// packages/plugin-sdk/src/index.ts
init_plugin_sdk_error();

// packages/plugin-sdk/src/serve.ts
init_src();

// packages/plugin-sdk/src/brokered-connections.ts
import { once as once2 } from "node:events";
import { connect } from "node:net";

// packages/plugin-sdk/src/plugin-socket.ts
init_plugin_sdk_error();
import { once } from "node:events";
import { createServer } from "node:net";
import { join } from "node:path";
var { chmodSync, chownSync, readFileSync } = process.getBuiltinModule("node:fs");
var MAX_PATH_BYTES = process.platform === "darwin" ? 103 : 107;
async function listenOnSocket(terms) {
  const { socketDirectory, socketGroup } = terms;
  const unique = `${process.pid}-${Math.random().toString(36).slice(2, 10)}`;
  const address = join(socketDirectory, `sigil-${unique}.sock`);
  const server = createServer();
  try {
    const size = Buffer.byteLength(address);
    if (size > MAX_PATH_BYTES) {
      throw new RangeError(
        `its path would have ${size} bytes, at most ${MAX_PATH_BYTES} are possible`
      );
    }
    const group = socketGroup === void 0 ? void 0 : groupId(socketGroup);
    const listening = once(server, "listening");
    withPrivateUmask(() => server.listen(address));
    await listening;
    if (group !== void 0) {
      chownSync(address, process.getuid?.() ?? -1, group);
      chmodSync(address, 432);
    }
    return { server, address };
  } catch (error) {
    server.close();
    throw new PluginSdkError(
      "LISTEN_FAILED",
      `Cannot listen on a socket in ${socketDirectory}: ${error instanceof Error ? error.message : "unknown reason"}; the host sets the folder by PLUGIN_UNIX_SOCKET_DIR or TMPDIR`,
      { cause: error }
    );
  }
}
function withPrivateUmask(make) {
  const before = process.umask(127);
  try {
    make();
  } finally {
    process.umask(before);
  }
}
function groupId(group) {
  if (/^\d{1,10}$/u.test(group)) return Number(group);
  const line = readFileSync("/etc/group", "utf8").split("\n").map((text) => text.split(":")).find(([name]) => name === group);
  const id = Number(line?.[2] ?? Number.NaN);
  if (Number.isInteger(id)) return id;
  throw new RangeError(
    `PLUGIN_UNIX_SOCKET_GROUP names ${JSON.stringify(group.slice(0, 100))}, which /etc/group does not have; an id works everywhere`
  );
}

// packages/plugin-sdk/src/brokered-connections.ts
function brokeredConnections(terms, tls) {
  return {
    ...tls === void 0 ? {} : { tls },
    async listen(accept) {
      const { server, address } = await listenOnSocket(terms);
      server.on("connection", (connection) => accept(connection.on("error", () => void 0)));
      return {
        address: { network: "unix", address },
        close: async () => void server.close()
      };
    },
    // The host started this process and sees all that it does; where it listens is its to say.
    async connect({ network, address }, signal) {
      if (network !== "unix") throw new TypeError("the host listens on TCP, which is not spoken");
      const socket = connect(address);
      socket.on("error", () => void 0);
      try {
        await once2(socket, "connect", { signal });
        return socket;
      } catch (error) {
        socket.destroy();
        throw error;
      }
    }
  };
}

// packages/plugin-sdk/src/captured-output.ts
init_src();

// packages/plugin-sdk/src/host-terms.ts
init_src();
init_plugin_sdk_error();
var isStartedByHost = (environment) => environment[handshake.magicCookieKey] === handshake.magicCookieValue;
var isDebugged = (environment) => !isStartedByHost(environment) && environment["SIGIL_PLUGIN_DEBUG"] === "1";
function hostTerms(environment, plugin) {
  const failed4 = (code, found) => new PluginSdkError(code, `Cannot serve plugin ${JSON.stringify(plugin)}: ${found}`);
  const { PLUGIN_UNIX_SOCKET_DIR: directory, TMPDIR: temporary } = environment;
  if (isDebugged(environment)) {
    return Object.freeze({
      version: handshake.protocolVersion,
      socketDirectory: isSet(temporary) ? temporary : "/tmp",
      hasLifeline: false,
      isDebugged: true
    });
  }
  if (!isStartedByHost(environment)) {
    throw failed4(
      "NOT_A_PLUGIN_HOST",
      "this program is a plugin and was not started by a plugin host; start it with one, such as createProcessHost of @sigilrt/process-host, or set SIGIL_PLUGIN_DEBUG=1 and attach a host"
    );
  }
  const offered = offeredVersions(environment["PLUGIN_PROTOCOL_VERSIONS"]);
  if (offered === void 0) {
    throw failed4(
      "VERSIONS_MALFORMED",
      `PLUGIN_PROTOCOL_VERSIONS is ${quoted2(environment["PLUGIN_PROTOCOL_VERSIONS"])}, not a list of numbers such as 1,2; the host sets it`
    );
  }
  if (!offered.includes(handshake.protocolVersion)) {
    throw failed4(
      "VERSION_UNSUPPORTED",
      `the host offers version ${offered.join(", ")} and this SDK speaks ${handshake.protocolVersion}; in the host set versions: [${handshake.protocolVersion}] (launch of createProcessHost) or VersionedPlugins (plugin.ClientConfig in Go)`
    );
  }
  const group = environment["PLUGIN_UNIX_SOCKET_GROUP"];
  const certificate = environment["PLUGIN_CLIENT_CERT"];
  const multiplex = environment["PLUGIN_MULTIPLEX_GRPC"];
  return Object.freeze({
    version: handshake.protocolVersion,
    socketDirectory: isSet(directory) ? directory : isSet(temporary) ? temporary : "/tmp",
    ...isSet(group) ? { socketGroup: group } : {},
    ...isSet(certificate) ? { clientCertificate: certificate } : {},
    // Any value wants an answer in the handshake; these ask for it.
    ...isSet(multiplex) ? { multiplex: /^(?:1|t|true)$/iu.test(multiplex) } : {},
    hasLifeline: environment["SIGIL_LANE_FD"] === "3",
    isDebugged: false
  });
}
var isSet = (value) => value !== void 0 && value !== "";
var MAX_VERSIONS_CHARACTERS = 1024;
function offeredVersions(text) {
  if (!isSet(text)) return [handshake.protocolVersion];
  if (text.length > MAX_VERSIONS_CHARACTERS || !/^\d{1,9}(?:,\d{1,9})*$/u.test(text))
    return void 0;
  return text.split(",").map(Number);
}
var quoted2 = (text = "") => JSON.stringify(text.slice(0, 200));

// packages/plugin-sdk/src/output-ring.ts
var PIECE_BYTES = 64;
function createOutputRing(maxBytes) {
  const queues = { stdout: createQueue(maxBytes), stderr: createQueue(maxBytes) };
  let printed = 0;
  let dropped = 0;
  let ended = false;
  let wake = Promise.withResolvers();
  const take = () => {
    const older = queues.stdout.headOrder() < queues.stderr.headOrder() ? "stdout" : "stderr";
    const data = queues[older].take();
    return data === void 0 ? void 0 : { stream: older, data };
  };
  const notify = () => {
    wake.resolve();
    wake = Promise.withResolvers();
  };
  return {
    push(stream, data) {
      printed += 1;
      dropped += queues[stream].push(data, printed);
      notify();
    },
    take,
    takeDropped() {
      const count = dropped;
      dropped = 0;
      return count;
    },
    async *read(signal) {
      signal.addEventListener("abort", notify, { once: true });
      while (!signal.aborted) {
        const chunk = take();
        if (chunk !== void 0) yield chunk;
        else if (ended) return;
        else await wake.promise;
      }
    },
    end() {
      ended = true;
      notify();
    }
  };
}
function createQueue(maxBytes) {
  const pieces = [];
  let used = 0;
  const isFull = () => used > maxBytes;
  const take = () => {
    const data = pieces.shift()?.data;
    if (data !== void 0) used -= data.byteLength + PIECE_BYTES;
    return data;
  };
  return {
    push(data, order) {
      const tail = data.subarray(Math.max(0, data.byteLength + PIECE_BYTES - maxBytes));
      let gone = data.byteLength - tail.byteLength;
      pieces.push({ data: tail, order });
      used += tail.byteLength + PIECE_BYTES;
      while (isFull()) gone += take()?.byteLength ?? 0;
      return gone;
    },
    take,
    headOrder: () => pieces[0]?.order ?? Number.POSITIVE_INFINITY
  };
}

// packages/plugin-sdk/src/captured-output.ts
var { writeSync } = process.getBuiltinModule("node:fs");
function capturedOutput() {
  return captured ??= capture();
}
var captured;
function capture() {
  const printed = createOutputRing(LIMITS.stdioRingBytes);
  const { stderr } = process;
  const writeLog = stderr.write.bind(stderr);
  stderr.on("error", () => void 0);
  process.stdout.write = writerInto(printed, "stdout");
  stderr.write = writerInto(printed, "stderr");
  process.once("exit", () => {
    for (let chunk = printed.take(); chunk !== void 0; chunk = printed.take()) {
      try {
        writeSync(2, chunk.data);
      } catch {
        return;
      }
    }
  });
  return {
    printed,
    log: { write: (line) => void writeLog(line), pending: () => stderr.writableLength }
  };
}
function writerInto(printed, stream) {
  return (data, encodingOrDone, done) => {
    const encoding = typeof encodingOrDone === "string" ? encodingOrDone : "utf8";
    printed.push(
      stream,
      typeof data === "string" ? Buffer.from(data, encoding) : Buffer.from(data)
    );
    const written2 = typeof encodingOrDone === "function" ? encodingOrDone : done;
    if (written2 !== void 0) process.nextTick(written2, null);
    return true;
  };
}
if (isStartedByHost(process.env) || isDebugged(process.env)) capturedOutput();

// packages/plugin-sdk/src/lifeline.ts
import { Socket } from "node:net";
var WATCH_MS = 1e3;
var LANE_DESCRIPTOR = 3;
function watchHost(hasLifeline, log, lost) {
  if (hasLifeline) {
    const link = watchDescriptor(lost);
    if (link !== void 0) return link;
    log.warn("SIGIL_LANE_FD names descriptor 3, which is no open socket or pipe");
  }
  watchParent(lost);
  return void 0;
}
function watchDescriptor(lost) {
  try {
    const link = new Socket({ fd: LANE_DESCRIPTOR, readable: true, writable: true });
    link.on("error", () => void 0);
    link.once("close", lost);
    link.resume();
    return link;
  } catch {
    return void 0;
  }
}
function watchParent(lost) {
  const parent = process.ppid;
  if (parent <= 1) return;
  const watch = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(watch);
    lost();
  }, WATCH_MS);
  watch.unref();
}

// packages/plugin-sdk/src/lifetime.ts
init_running_calls();
var LINGER_MS = 500;
function createLifetime(parts) {
  const { plugin, calls, log, printed, release, leave = () => process.exit(0) } = parts;
  const ended = Promise.withResolvers();
  let stopped;
  const exit = () => {
    release();
    ended.resolve();
    setImmediate(leave);
  };
  const stop = async (why, graceMs) => {
    calls.abortAll(cancelled(`the plugin stops: ${why}`));
    const isClean = await withinGrace(async (signal) => plugin.shutdown?.(signal), graceMs, log);
    printed.end();
    setTimeout(exit, LINGER_MS);
    return isClean;
  };
  return {
    isStopping: () => stopped !== void 0,
    stop: (why, graceMs) => stopped ??= stop(why, graceMs),
    exit,
    ended: ended.promise
  };
}
async function withinGrace(work, graceMs, log) {
  const grace = new AbortController();
  const over = Promise.withResolvers();
  const timer = setTimeout(() => {
    log.warn("shutdown did not end in time", { graceMs });
    grace.abort(new DOMException("the time to shut down is over", "TimeoutError"));
    over.resolve(false);
  }, graceMs);
  const done = work(grace.signal).then(
    () => true,
    (error) => {
      log.error("shutdown failed", { error });
      return false;
    }
  );
  const isClean = await Promise.race([done, over.promise]);
  clearTimeout(timer);
  return isClean;
}

// packages/plugin-sdk/src/serve.ts
init_plugin_sdk_error();

// packages/plugin-sdk/src/one-connection.ts
function oneConnection(accept) {
  const first = Promise.withResolvers();
  let isTaken = false;
  return {
    take(connection) {
      if (isTaken) connection.destroy();
      isTaken = true;
      first.resolve(connection);
    },
    async brokered(tls) {
      const { createMuxSession: createMuxSession2 } = await Promise.resolve().then(() => (init_node(), node_exports));
      const session = createMuxSession2(await first.promise, { side: "plugin", accept });
      return { session, ...tls === void 0 ? {} : { tls } };
    }
  };
}

// packages/plugin-sdk/src/serve.ts
init_running_calls();
var { writeSync: writeSync2 } = process.getBuiltinModule("node:fs");
var GRACE_MS = 1500;
async function serve2(plugin) {
  checkPlugin(plugin);
  const terms = hostTerms(process.env, plugin.name);
  if (isServing) throw new TypeError("Cannot serve a second plugin: one process serves one");
  isServing = true;
  const { printed, log: sink } = capturedOutput();
  const log = createLog(plugin.name, sink, () => /* @__PURE__ */ new Date());
  const calls = createRunningCalls();
  const secure = await secured(terms);
  const { server, address } = await listenOnSocket(terms);
  let services;
  const release = () => {
    server.close();
    void services?.broker.close();
  };
  const lifetime = createLifetime({ plugin, calls, log, printed, release });
  const grpc = Promise.withResolvers();
  const accept = (connection) => {
    connection.on("error", () => void 0);
    grpc.promise.then(
      (ready) => ready.server.accept(connection),
      () => connection.destroy()
    );
  };
  const enter = secure ? secure.guard(accept) : accept;
  const one = terms.multiplex === true ? oneConnection(enter) : void 0;
  const take = one === void 0 ? enter : (stream) => one.take(stream);
  server.on("connection", (connection) => take(connection.on("error", () => void 0)));
  const stopAndExit = async (why) => {
    await lifetime.stop(why, GRACE_MS);
    lifetime.exit();
  };
  const { isDebugged: isDebugged2 } = terms;
  const hostGone = () => void stopAndExit("the host is gone");
  const link = isDebugged2 ? void 0 : watchHost(terms.hasLifeline, log, hostGone);
  process.on("SIGTERM", () => void stopAndExit("SIGTERM"));
  process.on("SIGINT", () => isDebugged2 ? void stopAndExit("SIGINT") : void 0);
  try {
    if (isDebugged2) await greetPerson(plugin.name, terms, address);
    else greet(terms, address, secure?.certificate);
  } catch (error) {
    server.close();
    throw error;
  }
  const making = one?.brokered(secure?.tls) ?? brokeredConnections(terms, secure?.tls);
  grpc.resolve(
    Promise.all([Promise.resolve().then(() => (init_services(), services_exports)), making]).then(
      ([{ createServices: createServices2 }, brokered]) => createServices2({ plugin, calls, lifetime, log, printed, link, isDebugged: isDebugged2, brokered })
    )
  );
  services = await Promise.race([grpc.promise, lifetime.ended.then(() => void 0)]);
  await lifetime.ended;
}
var isServing = false;
async function greetPerson(name, { version }, address) {
  const { reattachLine: reattachLine2 } = await Promise.resolve().then(() => (init_reattach_line(), reattach_line_exports));
  writeSync2(1, `${reattachLine2(name, version, address)}
`);
}
async function secured({ clientCertificate }) {
  if (clientCertificate === void 0) return void 0;
  const { secureConnections: secureConnections2 } = await Promise.resolve().then(() => (init_secure_connections(), secure_connections_exports));
  return secureConnections2(clientCertificate);
}
function greet({ version, multiplex }, address, certificate) {
  try {
    const line = formatHandshake({
      coreVersion: 1,
      version,
      network: "unix",
      address,
      protocol: "grpc",
      ...certificate === void 0 ? {} : { certificate },
      ...multiplex === void 0 ? {} : { multiplex }
    });
    writeSync2(1, `${line}
`);
  } catch (error) {
    throw new PluginSdkError(
      "LISTEN_FAILED",
      `Cannot tell the host the address of the plugin: ${error instanceof Error ? error.message : "unknown reason"}`,
      { cause: error }
    );
  }
}

// apps/gateway/src/sample/notes.ts
var folder = "/data/plugins/self";
var MAX_TEXT = 65536;
var MAX_NOTES = 1e3;
var title = {
  type: "string",
  pattern: "^[A-Za-z0-9][A-Za-z0-9 _-]{0,63}$",
  description: "Letters, digits, spaces, hyphens"
};
var fileOf = (name) => join3(folder, `${name}.txt`);
function parseTitle(input) {
  const { title: found } = Object(input);
  if (typeof found === "string" && new RegExp(title.pattern, "u").test(found)) {
    return { title: found };
  }
  throw new Error('"title" must be 1 to 64 letters, digits, spaces and hyphens');
}
function parseNote(input) {
  const { text } = Object(input);
  if (typeof text === "string" && text.length <= MAX_TEXT) return { ...parseTitle(input), text };
  throw new Error(`"text" must be a text of at most ${MAX_TEXT} characters`);
}
var add = defineTool({
  name: "add",
  description: "Keeps a note under a title; one of the same title is replaced",
  input: {
    type: "object",
    properties: { title, text: { type: "string", maxLength: MAX_TEXT } },
    required: ["title", "text"]
  },
  annotations: { destructive: true, idempotent: true },
  parse: parseNote,
  async *run(note, { log }) {
    if ((await readdir(folder)).length >= MAX_NOTES) {
      throw new PluginFailure("full", `There are ${MAX_NOTES} notes; remove one first`);
    }
    const draft = join3(folder, `.${note.title}.draft`);
    const file = await open(draft, "w", 384);
    try {
      await file.writeFile(note.text);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(draft, fileOf(note.title));
    log.info("kept a note", { characters: note.text.length });
    yield { text: `Kept "${note.title}"` };
  }
});
var list = defineTool({
  name: "list",
  description: "Lists the titles of all notes, newest first",
  input: { type: "object", properties: {} },
  annotations: { readOnly: true },
  parse: () => void 0,
  async *run() {
    const names2 = (await readdir(folder)).filter((name) => /^[^.].*\.txt$/u.test(name));
    const notes = await Promise.all(
      names2.map(async (name) => ({
        title: name.slice(0, -".txt".length),
        changed: (await stat(join3(folder, name))).mtimeMs
      }))
    );
    const titles = notes.toSorted((left, right) => right.changed - left.changed);
    yield { structured: { titles: titles.map((note) => note.title) } };
  }
});
var read = defineTool({
  name: "read",
  description: "Reads the note of a title",
  input: { type: "object", properties: { title }, required: ["title"] },
  annotations: { readOnly: true },
  parse: parseTitle,
  async *run(note) {
    yield { text: await readFile(fileOf(note.title), "utf8").catch(() => absent(note.title)) };
  }
});
var remove = defineTool({
  name: "remove",
  description: "Removes the note of a title",
  input: { type: "object", properties: { title }, required: ["title"] },
  annotations: { destructive: true, idempotent: true },
  parse: parseTitle,
  async *run(note) {
    await rm(fileOf(note.title)).catch(() => absent(note.title));
    yield { text: `Removed "${note.title}"` };
  }
});
function absent(name) {
  throw new PluginFailure("not_found", `There is no note "${name}"`);
}
await serve2({ name: "notes", version: "1.0.0", tools: [add, list, read, remove] });
