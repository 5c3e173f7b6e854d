import type { Client } from "@modelcontextprotocol/client";
import type {
  HostAnswer,
  HostAsk,
  OfferedPrompt,
  OfferedResource,
  Offers,
} from "@sigilrt/lifecycle";
import { plain } from "./content.ts";

/** More of a kind than this is not shown, and nothing that is larger than this: a list is no place to hide in. */
const MOST = 1_000;
const MOST_BYTES = 16_384;

interface Asking {
  readonly signal?: AbortSignal;
  readonly timeout: number;
}

/** What one server offers beside tools; asked anew when the server says that it changed, and each time where it never says so. */
export class OfferedByServer {
  readonly #client: Client;
  #known: Promise<Offers> | undefined;

  constructor(client: Client) {
    this.#client = client;
    const forget = (): void => void (this.#known = undefined);
    client.setNotificationHandler("notifications/prompts/list_changed", forget);
    client.setNotificationHandler("notifications/resources/list_changed", forget);
  }

  /** Lists it. @throws what the client throws */
  async list(options: Asking): Promise<Offers> {
    const { prompts, resources } = this.#client.getServerCapabilities() ?? {};
    const tells =
      (!prompts || prompts.listChanged === true) && (!resources || resources.listChanged === true);
    if (!tells) return this.#list(options);
    const known = (this.#known ??= this.#list(options));
    known.catch(() => {
      if (this.#known === known) this.#known = undefined;
    });
    return known;
  }

  async #list(options: Asking): Promise<Offers> {
    const client = this.#client;
    const { prompts, resources } = client.getServerCapabilities() ?? {};
    const listed = prompts ? (await client.listPrompts({}, options)).prompts : [];
    const single = resources ? (await client.listResources({}, options)).resources : [];
    const families = resources
      ? await client.listResourceTemplates({}, options).then(
          ({ resourceTemplates }) => resourceTemplates,
          // Many servers have resources and know nothing of templates.
          () => [],
        )
      : [];
    return {
      prompts: bounded(listed.map((prompt) => promptOf(prompt))),
      resources: bounded(single.map(({ uri, ...resource }) => resourceOf(uri, resource))),
      templates: bounded(
        families.map(({ uriTemplate, ...family }) => resourceOf(uriTemplate, family)),
      ),
    };
  }
}

/** Asks a server for a prompt, a resource or a completion. @throws what the client throws, but for an error of the server's */
export async function askServer(
  client: Client,
  { kind, name, arguments: args, completing }: HostAsk,
  options: Asking,
): Promise<HostAnswer> {
  if (completing) {
    const { argument, value } = completing;
    if (!client.getServerCapabilities()?.completions)
      return { isError: false, value: noCompletion };
    const ref: CompleteParams["ref"] =
      kind === "prompt" ? { type: "ref/prompt", name } : { type: "ref/resource", uri: name };
    const params = { ref, argument: { name: argument, value } };
    return { isError: false, value: plain(await client.complete(params, options)) };
  }
  if (kind === "resource") {
    return { isError: false, value: plain(await client.readResource({ uri: name }, options)) };
  }
  // The protocol fills prompts in with texts alone.
  const texts = Object.fromEntries(
    Object.entries(args).map(([key, text]) => [
      key,
      typeof text === "string" ? text : JSON.stringify(text),
    ]),
  );
  const params = Object.keys(texts).length === 0 ? { name } : { name, arguments: texts };
  return { isError: false, value: plain(await client.getPrompt(params, options)) };
}

type CompleteParams = Parameters<Client["complete"]>[0];

const noCompletion = { completion: { values: [] } };

const bounded = <T extends object>(offers: readonly T[]): readonly T[] =>
  offers.filter((offer) => Buffer.byteLength(JSON.stringify(offer)) <= MOST_BYTES).slice(0, MOST);

type Listed = {
  readonly name: string;
  readonly title?: string | undefined;
  readonly description?: string | undefined;
  readonly mimeType?: string | undefined;
  readonly size?: number | undefined;
};

function resourceOf(
  uri: string,
  { name, title, description, mimeType, size }: Listed,
): OfferedResource {
  return {
    uri,
    name,
    ...(title === undefined ? {} : { title }),
    ...(description === undefined ? {} : { description }),
    ...(mimeType === undefined ? {} : { mimeType }),
    ...(size === undefined ? {} : { size }),
  };
}

type Prompt = Awaited<ReturnType<Client["listPrompts"]>>["prompts"][number];

function promptOf({ name, title, description, arguments: wanted }: Prompt): OfferedPrompt {
  return {
    name,
    ...(title === undefined ? {} : { title }),
    ...(description === undefined ? {} : { description }),
    ...(wanted === undefined
      ? {}
      : {
          arguments: wanted.map(({ name: argument, description: about, required }) => ({
            name: argument,
            ...(about === undefined ? {} : { description: about }),
            ...(required === undefined ? {} : { required }),
          })),
        }),
  };
}
