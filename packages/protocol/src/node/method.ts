import {
  create,
  type DescMessage,
  type DescMethodBiDiStreaming,
  type DescMethodClientStreaming,
  type DescMethodServerStreaming,
  type DescMethodUnary,
  fromBinary,
  type MessageInitShape,
  type MessageShape,
  toBinary,
} from "@bufbuild/protobuf";

/** One method of a service as one side sees it: what it sends is `I`, what it receives is `O`. */
export interface Method<I, O> {
  /** `/package.Service/Method`. */
  readonly path: string;
  /** How many messages each side sends. */
  readonly kind: "unary" | "client-stream" | "server-stream" | "bidirectional";
  /** Writes a message that this side sends. */
  readonly encode: (message: I) => Uint8Array;
  /** Reads a message that this side receives; may throw. */
  readonly decode: (bytes: Uint8Array) => O;
}

type Served<I extends DescMessage, O extends DescMessage> =
  | DescMethodUnary<I, O>
  | DescMethodServerStreaming<I, O>
  | DescMethodClientStreaming<I, O>
  | DescMethodBiDiStreaming<I, O>;

/** Answers a generated method as its caller sees it. */
export function clientMethod<I extends DescMessage, O extends DescMessage>(
  method: Served<I, O>,
): Method<MessageInitShape<I>, MessageShape<O>> {
  return {
    path: pathOf(method),
    kind: KINDS[method.methodKind],
    encode: (message) => toBinary(method.input, create(method.input, message)),
    decode: (bytes) => fromBinary(method.output, bytes),
  };
}

/** Answers a generated method as its server sees it. */
export function serverMethod<I extends DescMessage, O extends DescMessage>(
  method: Served<I, O>,
): Method<MessageInitShape<O>, MessageShape<I>> {
  return {
    path: pathOf(method),
    kind: KINDS[method.methodKind],
    encode: (message) => toBinary(method.output, create(method.output, message)),
    decode: (bytes) => fromBinary(method.input, bytes),
  };
}

const pathOf = (method: {
  readonly parent: { readonly typeName: string };
  readonly name: string;
}): string => `/${method.parent.typeName}/${method.name}`;

const KINDS = {
  unary: "unary",
  server_streaming: "server-stream",
  client_streaming: "client-stream",
  bidi_streaming: "bidirectional",
} as const;
