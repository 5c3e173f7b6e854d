import type {
  ChannelHandle,
  ChatEvent,
  InboundMessage,
  ProviderHandle,
  ServiceHandle,
} from "@sigilrt/lifecycle";
import type { OpenRequest } from "./call.ts";
import { ManagerError } from "./manager-error.ts";
import type { Operation } from "./open-operation.ts";
import { OpenService, type ServiceContext } from "./open-service.ts";
import { hostFor } from "./start.ts";
import type { AdmittedPlugin } from "./verify.ts";

/**
 * Makes the handle of a plugin's service for one principal. Nothing is started: nobody was allowed anything yet.
 *
 * @throws {@link ManagerError} `TYPE_UNSUPPORTED` for another service than its type says, or why it cannot start
 */
export function openHandle(
  plugin: AdmittedPlugin,
  { plugin: name, kind, principal }: OpenRequest,
  signal: AbortSignal | undefined,
  context: ServiceContext,
): ServiceHandle {
  const { type } = plugin.manifest;
  if (type !== kind) {
    const message = `Cannot open the ${kind} of "${name}": its type is ${type}`;
    throw new ManagerError("TYPE_UNSUPPORTED", message, { plugin: name });
  }
  hostFor(plugin, context.standing.settings);
  const request = { plugin: name, principal };
  switch (kind) {
    case "channel":
      return channelOf(new OpenService({ ...request, kind }, signal, context));
    case "provider":
      return providerOf(new OpenService({ ...request, kind }, signal, context));
    default:
      return kind satisfies never;
  }
}

/** The handle of a channel: each message and each operation is decided and recorded. */
function channelOf(service: OpenService<"channel">): ChannelHandle {
  return {
    kind: "channel",
    inbound: ({ signal }) => inbound(service, signal),
    send: (message, { signal, deadlineAt }) =>
      service.ask({ operation: "send", signal, deadlineAt }, (channel, operation) =>
        channel.send(message, operation.limits(deadlineAt)),
      ),
    presence: (channelId, status, { signal, deadlineAt }) =>
      service.ask({ operation: "presence", signal, deadlineAt }, (channel, operation) =>
        channel.presence(channelId, status, operation.limits(deadlineAt)),
      ),
    identity: (platformUserId, { signal, deadlineAt }) =>
      service.ask({ operation: "identity", signal, deadlineAt }, (channel, operation) =>
        channel.identity(platformUserId, operation.limits(deadlineAt)),
      ),
    [Symbol.asyncDispose]: () => service[Symbol.asyncDispose](),
  };
}

/** The handle of a provider: each operation is decided and recorded. */
function providerOf(service: OpenService<"provider">): ProviderHandle {
  return {
    kind: "provider",
    models: ({ signal, deadlineAt }) =>
      service.ask({ operation: "models", signal, deadlineAt }, (provider, operation) =>
        provider.models(operation.limits(deadlineAt)),
      ),
    async *chat(request, { signal, deadlineAt }) {
      yield* service.stream({ operation: "chat", signal, deadlineAt }, (provider, operation) =>
        chat(provider.chat(request, operation.limits(deadlineAt)), operation),
      );
    },
    status: ({ signal, deadlineAt }) =>
      service.ask({ operation: "status", signal, deadlineAt }, (provider, operation) =>
        provider.status(operation.limits(deadlineAt)),
      ),
    [Symbol.asyncDispose]: () => service[Symbol.asyncDispose](),
  };
}

/** An answer that ends as an error has failed, on record. */
async function* chat(
  events: AsyncIterable<ChatEvent>,
  operation: Operation,
): AsyncGenerator<ChatEvent> {
  for await (const event of events) {
    if (event.kind === "error") await operation.end({ kind: "failed", message: event.message });
    yield event;
  }
}

/** The messages that may be handed on. When the plugin is replaced, the reader goes on with the next version and does not notice. */
async function* inbound(
  service: OpenService<"channel">,
  signal: AbortSignal | undefined,
): AsyncGenerator<InboundMessage> {
  const asked = { operation: "receive", signal, isEndless: true } as const;
  for (let goesOn = true; goesOn;) {
    const messages = service.stream(asked, (channel, operation) =>
      channel.inbound({ signal: operation.signal }),
    );
    goesOn = yield* permitted(service, messages);
  }
}

/** What is denied stays behind, on record. */
async function* permitted(
  service: OpenService<"channel">,
  messages: AsyncGenerator<InboundMessage, boolean>,
): AsyncGenerator<InboundMessage, boolean> {
  try {
    for (;;) {
      // oxlint-disable-next-line no-await-in-loop -- pulled one by one
      const next = await messages.next();
      if (next.done === true) return next.value;
      // oxlint-disable-next-line no-await-in-loop -- decided before it is handed on
      if (await service.permits("receive")) yield next.value;
    }
  } finally {
    await messages.return(false);
  }
}
