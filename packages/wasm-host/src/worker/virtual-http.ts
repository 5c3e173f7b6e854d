import { refusal } from "./resources.ts";
import { Pollable } from "./virtual-clock.ts";

/** `wasi:http` through which no request leaves: it is made of parts that keep nothing, and refused when it is sent. */
export function createVirtualHttp(
  discard: () => object,
): Readonly<Record<string, Readonly<Record<string, unknown>>>> {
  class OutgoingBody {
    /** Forgets what is written. */
    write(): object {
      return discard();
    }

    /** Ends it. */
    static finish(): void {}
  }
  class OutgoingRequest extends Message {
    /** A body that forgets. */
    body(): OutgoingBody {
      return new OutgoingBody();
    }
  }
  class OutgoingResponse extends OutgoingRequest {}
  const types = {
    Fields,
    OutgoingBody,
    OutgoingRequest,
    OutgoingResponse,
    RequestOptions,
    // Nobody makes one of these.
    IncomingRequest: Message,
    IncomingResponse: class IncomingResponse extends FutureNothing {},
    IncomingBody: class IncomingBody extends FutureNothing {},
    ResponseOutparam: class ResponseOutparam extends FutureNothing {},
    FutureTrailers: FutureNothing,
    FutureIncomingResponse: class FutureIncomingResponse extends FutureNothing {},
    httpErrorCode: () => undefined,
  };
  return {
    "http/types": types,
    "http/outgoing-handler": {
      handle: () => {
        throw refusal({ tag: "HTTP-request-denied" });
      },
    },
  };
}

/** Header fields that keep nothing. */
class Fields {
  /** Fields of a list, which is forgotten. */
  static fromList(): Fields {
    return new Fields();
  }

  /** No values. */
  get(): readonly never[] {
    return [];
  }

  /** Not there. */
  has(): boolean {
    return false;
  }

  /** Forgets it. */
  set(): void {}

  /** Forgets it. */
  delete(): void {}

  /** Forgets it. */
  append(): void {}

  /** No fields. */
  entries(): readonly never[] {
    return [];
  }

  /** As empty. */
  clone(): Fields {
    return new Fields();
  }
}

/** A request or a response whose parts are forgotten. */
class Message {
  /** As if nobody had set it. */
  method(): { readonly tag: "get" } {
    return { tag: "get" };
  }

  /** Forgets it. */
  setMethod(): void {}

  /** None. */
  pathWithQuery(): undefined {
    return undefined;
  }

  /** Forgets it. */
  setPathWithQuery(): void {}

  /** None. */
  scheme(): undefined {
    return undefined;
  }

  /** Forgets it. */
  setScheme(): void {}

  /** None. */
  authority(): undefined {
    return undefined;
  }

  /** Forgets it. */
  setAuthority(): void {}

  /** As if nobody had set it. */
  statusCode(): number {
    return 200;
  }

  /** Forgets it. */
  setStatusCode(): void {}

  /** None. */
  headers(): Fields {
    return new Fields();
  }
}

/** Times of a request that is never sent. */
class RequestOptions {
  /** None. */
  connectTimeout(): undefined {
    return undefined;
  }

  /** Forgets it. */
  setConnectTimeout(): void {}

  /** None. */
  firstByteTimeout(): undefined {
    return undefined;
  }

  /** Forgets it. */
  setFirstByteTimeout(): void {}

  /** None. */
  betweenBytesTimeout(): undefined {
    return undefined;
  }

  /** Forgets it. */
  setBetweenBytesTimeout(): void {}
}

/** What never comes. */
class FutureNothing {
  /** Ready: there is nothing to wait for. */
  subscribe(): Pollable {
    return new Pollable();
  }

  /** Nothing. */
  get(): undefined {
    return undefined;
  }
}
