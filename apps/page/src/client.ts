/** Who is signed in. */
export interface Who {
  readonly name: string;
  /** Whether the name is a person of the configuration; else who approves says who they are. */
  readonly isPerson: boolean;
}

/** What the gateway refused, in its words. */
export class Refused extends Error {
  override readonly name = "Refused";
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

const KEY = "sigil-key";

/** The key of the session: no other origin can read it, and without it the cookie opens nothing. */
const keyOf = (): string => sessionStorage.getItem(KEY) ?? "";

/** Signs in with what the start printed, or with an operator's token. @throws {@link Refused} */
export async function signIn(given: { link: string } | { token: string }): Promise<Who> {
  const { key, ...who } = await ask<Who & { key: string }>("POST", "/v1/session", given);
  sessionStorage.setItem(KEY, key);
  return who;
}

/** Ends the session here and there. */
export async function signOut(): Promise<void> {
  await ask("POST", "/v1/session/end", {});
  sessionStorage.removeItem(KEY);
}

/** Asks the gateway. @throws {@link Refused} */
export async function ask<T>(method: "GET" | "POST", path: string, body?: object): Promise<T> {
  const answer = await send(method, path, body, {});
  // The gateway that served this page is the one that answers.
  const value: T = await answer.json();
  return value;
}

/** Opens an answer that goes on, as its parts of text. @throws {@link Refused} */
export async function open(
  path: string,
  headers: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<ReadableStream<string>> {
  const { body } = await send("GET", path, undefined, headers, signal);
  if (!body) throw new Refused(0, "The gateway answered nothing");
  return body.pipeThrough(new TextDecoderStream());
}

async function send(
  method: string,
  path: string,
  body: object | undefined,
  headers: Readonly<Record<string, string>>,
  signal?: AbortSignal,
): Promise<Response> {
  const answer = await fetch(path, {
    method,
    headers: {
      "x-sigil-key": keyOf(),
      ...(body ? { "content-type": "application/json" } : {}),
      ...headers,
    },
    ...(body ? { body: JSON.stringify(body) } : {}),
    ...(signal ? { signal } : {}),
    credentials: "same-origin",
    redirect: "error",
  }).catch((cause: unknown) => {
    if (signal?.aborted === true) throw cause;
    throw new Refused(0, "The gateway does not answer");
  });
  if (answer.ok) return answer;
  const told: { error?: { message?: string } } = await answer.json().catch(() => ({}));
  throw new Refused(answer.status, told.error?.message ?? `The gateway answered ${answer.status}`);
}

/** What went wrong, for a person. */
export const messageOf = (error: unknown): string =>
  error instanceof Error ? error.message : "Something failed";
